#ifndef BROOD_TOOLS_RUN_CREW_H
#define BROOD_TOOLS_RUN_CREW_H

/* crew - jobs as tasks of warm workers (--warm). */

#include "run/run.h"

/** Make the crew. Returns: 0 or a negative error. */
int crew_open(struct run *run);
/** Queue a job. Returns: as brood_submit(). */
int crew_submit(struct run *run, struct run_job *job);

#endif /* BROOD_TOOLS_RUN_CREW_H */
