#ifndef BROOD_TESTS_SUPPORT_CREW_H
#define BROOD_TESTS_SUPPORT_CREW_H

/* crew - a crew of warm workers (tests/children/forked/work.c) under test. */

#include <stdint.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    CREW_OUTCOMES = BROOD_TASK_BROKEN + 1,
    CREW_TEXT_SIZE = 32,
    CREW_PIDS_MAX = 64,
};

/** What its results were. */
struct crew {
    struct brood *pool;
    struct brood_warm *warm;
    unsigned n[CREW_OUTCOMES];
    uint64_t ids; /* their sum */
    uint64_t last_id;
    bool out_of_order;
    int status;
    int signal;
    int64_t duration_ns;
    unsigned attempts;
    unsigned n_starts;
    char last[CREW_TEXT_SIZE];
    int pids[CREW_PIDS_MAX];
    unsigned n_pids;
    int fds_before;
};

/** A pool of 2 slots; and its end, with nothing left behind. */
int crew_setup(void **state);
int crew_teardown(void **state);
/** Make the crew, of this program unless @options names another. */
void crew_open(struct crew *f, struct brood_warm_options options);
/** Submit a text, when there is room. Returns: the task's id. */
uint64_t crew_submit(struct crew *f, const char *text);

#endif /* BROOD_TESTS_SUPPORT_CREW_H */
