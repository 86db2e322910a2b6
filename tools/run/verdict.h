#ifndef BROOD_TOOLS_RUN_VERDICT_H
#define BROOD_TOOLS_RUN_VERDICT_H

/* verdict - what a result means to a user of the shell. */

#include <stdbool.h>

#include <brood.h>

enum {
    VERDICT_SIGNAL_BASE = 128,
    VERDICT_NOT_FOUND = 127,
    VERDICT_NOT_STARTED = 126,
    /** Of a job that ended with 0 after its time was up, as timeout(1). */
    VERDICT_TIMED_OUT = 124,
    VERDICT_UNKNOWN = 255,
};

struct verdict {
    /** The job did not run to an end of its own: nothing to count or log. */
    bool void_result;
    /** The job's time was up. */
    bool timed_out;
    /** 0 only if the job did what it should; else 1-255. */
    int status;
    /** For the job log. */
    int exit_value;
    int signal;
};

/** @timed_out  it was cancelled because its time was up. */
struct verdict verdict_of(const struct brood_result *result, bool timed_out);

#endif /* BROOD_TOOLS_RUN_VERDICT_H */
