#ifndef BROOD_TESTS_FORKED_H
#define BROOD_TESTS_FORKED_H

/*
 * forked - a host process of its own, for tests that change what belongs to
 * the whole process: limits, dispositions, descriptors, identity.
 */

#include <sys/types.h>

/** The status of a host that cannot do what its test needs. */
#define FORKED_SKIP 77

/** Start a host that runs a function and ends. Assertions in it end it. */
pid_t forked_start(void (*run)(void *), void *arg);
/** Run a host; what failed in it fails here, and a skip is one here. */
void forked_run(void (*run)(void *), void *arg);

#endif /* BROOD_TESTS_FORKED_H */
