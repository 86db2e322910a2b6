#ifndef BROOD_TESTS_SPAWNED_H
#define BROOD_TESTS_SPAWNED_H

/*
 * spawned - children of brood_spawn(), and all that is told of them.
 */

#include <brood.h>
#include <stdbool.h>

#include "base/buf.h"

enum {
    SPAWNED_LOG_SIZE = 64,
    SPAWNED_MAX = 16,
};

struct spawned {
    struct brood *pool;
    struct brood_child *child;
    /** What happened, in order: S spawn, X error, d data, e end, x exit, w
     * drain, c close. Data that follows data is not repeated. */
    char log[SPAWNED_LOG_SIZE];
    size_t n_log;
    /** What came of its streams, as it came or with the result. */
    struct buf text[2];
    int exit_status;
    int signal;
    /** As on_error and on_close had it, but for the bytes. */
    struct brood_result failure;
    struct brood_result result;
};

/** A pool with one slot, and children; what cmocka hands to a test. */
struct nest {
    struct brood *pool;
    struct spawned child[SPAWNED_MAX];
    int fds_before;
};

void nest_open(struct nest *n, const struct brood_options *options);
/** Free it all, and check that no child and no descriptor is left. */
void nest_close(struct nest *n);
int nest_setup(void **state);
int nest_teardown(void **state);

/** Start a child; the call must succeed. */
void spawned_start(struct nest *n,
                   struct spawned *s,
                   const struct brood_job *job);
/** The callbacks that keep the log, for one who adds to them. */
struct brood_child_options spawned_options(struct spawned *s,
                                           const struct brood_job *job);
/** Forget what was told, for the next child. */
void spawned_forget(struct spawned *s);
/** Run the pool until that has happened. */
void spawned_until(struct spawned *s, char what);
/** Run the pool until on_close. */
void spawned_wait(struct spawned *s);
/** Run the pool until so much has come of a stream. */
void spawned_until_bytes(struct spawned *s, int stream, size_t bytes);
/** Start a child and wait until all is over. */
void spawned_run(struct nest *n,
                 struct spawned *s,
                 const struct brood_job *job);

bool spawned_has(const struct spawned *s, char what);
/** A stream as text; valid until more comes. */
const char *spawned_text(struct spawned *s, int stream);
/** Deliver what there is to be delivered now. */
void nest_poll(struct nest *n);

#endif /* BROOD_TESTS_SPAWNED_H */
