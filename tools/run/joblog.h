#ifndef BROOD_TOOLS_RUN_JOBLOG_H
#define BROOD_TOOLS_RUN_JOBLOG_H

/* joblog - a line for each job that has ended, in GNU parallel's columns. */

#include "run/logfile.h"
#include "run/verdict.h"

/**
 * Open a job log and give it a header if it is empty.
 *
 * @name  "FILE", "+FILE" to append, "-" for standard output.
 *
 * Returns:   0 or a negative errno; log->name is for messages in any case.
 */
int joblog_open(struct logfile *log, const char *name);

/**
 * Add the line of one job.
 *
 * @received_bytes  of standard output.
 */
void joblog_add(struct logfile *log,
                const struct brood_result *result,
                const struct verdict *verdict,
                uint64_t received_bytes,
                const struct text *command);

#endif /* BROOD_TOOLS_RUN_JOBLOG_H */
