#ifndef BROOD_TOOLS_RUN_HALT_H
#define BROOD_TOOLS_RUN_HALT_H

/*
 * halt - when to stop early, and the exit status of the run.
 *
 *     halt_parse(&halt, "soon,fail=3")
 *     act = halt_count(&halt, failed, status)      after each job
 *     status = halt_status(&halt)                  at the end
 */

#include <stdbool.h>
#include <stdint.h>

enum halt_when {
    HALT_NEVER,
    /** Start no more jobs, and let those that run finish. */
    HALT_SOON,
    /** Kill those that run. */
    HALT_NOW,
};

enum halt_what {
    HALT_FAIL,
    HALT_SUCCESS,
    HALT_DONE
};

/** The most failed jobs that an exit status can tell; more is one more. */
enum {
    HALT_STATUS_MAX = 100
};

struct halt {
    enum halt_when when;
    enum halt_what what;
    /** How many of them, or how many percent of all jobs. */
    uint64_t limit;
    bool percent;
    /** Number of all jobs, for percentages: set it before halt_count(). */
    uint64_t total;

    uint64_t failed;
    uint64_t succeeded;
    bool reached;
    int status;
};

/**
 * Read "never", "now,fail=1", "soon,success=3", "now,done=20%", and the old
 * forms 0, 1, 2, -1, -2 and "20%".
 *
 * Returns:   0 and a new *ret with nothing counted; -EINVAL and *ret untouched.
 */
int halt_parse(const char *text, struct halt *ret);

/**
 * Count one job that has ended.
 *
 * @status  0 if it did what it should, else 1-255: what this run's exit status
 *          is if this job is the one that ends it.
 *
 * Returns:   what to do now; HALT_NEVER: go on. The limit is reached once.
 */
enum halt_when halt_count(struct halt *halt, int status);

/** The exit status of the run. */
int halt_status(const struct halt *halt);

#endif /* BROOD_TOOLS_RUN_HALT_H */
