#ifndef BROOD_TOOLS_RUN_EVENTS_H
#define BROOD_TOOLS_RUN_EVENTS_H

/* events - a line of JSON for each result, for scripts. */

#include <stdint.h>

#include "run/logfile.h"
#include "run/verdict.h"

/** What an event says besides the result. */
struct events_more {
    const struct text *command;
    uint64_t stdout_bytes;
    uint64_t stderr_bytes;
    /** The run's own time limit ended the job. */
    bool timed_out;
};

void events_add(struct logfile *log,
                const struct brood_result *result,
                const struct events_more *more);

/** Add how a job ended and what it used, as members, each behind a comma. */
void events_add_result(struct text *out,
                       const struct brood_result *result,
                       unsigned attempts);

#endif /* BROOD_TOOLS_RUN_EVENTS_H */
