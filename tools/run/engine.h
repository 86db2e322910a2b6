#ifndef BROOD_TOOLS_RUN_ENGINE_H
#define BROOD_TOOLS_RUN_ENGINE_H

/*
 * engine - what runs the jobs: a batch, a process for each; or a crew of warm
 * workers (--warm), for which a job is a task.
 */

#include <stdbool.h>

#include "run/run.h"

/** Make it, in the pool. Returns: 0 or a negative error. */
int engine_open(struct run *run);
void engine_free(struct run *run);

/** Queue a job. Returns: as brood_submit(). */
int engine_submit(struct run *run, struct run_job *job);
/** How many jobs it would take now. */
unsigned engine_room(const struct run *run);
/** No more will come. */
void engine_close(struct run *run);
/** All results have been delivered. */
bool engine_is_done(const struct run *run);

/** Finish what runs, and start no more. */
void engine_drain(struct run *run);
void engine_cancel_all(struct run *run);
/** Returns: 0 or a negative error. */
int engine_cancel(struct run *run, struct run_job *job);

#endif /* BROOD_TOOLS_RUN_ENGINE_H */
