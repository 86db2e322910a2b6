#ifndef BROOD_TESTS_UNIT_WORKERS_RUN_H
#define BROOD_TESTS_UNIT_WORKERS_RUN_H

/* run - run a program to its end and see what it wrote. */

#include "base/buf.h"

struct run {
    /** As waitpid(2) gives it. */
    int status;
    /** stdout and stderr, in the order written, and a NUL. */
    struct buf out;
};

/**
 * Run a program and wait for it.
 *
 * @path  the file; @dir where to run it, NULL is here.
 *
 * Returns:   0, or a negative errno when it could not be started.
 */
int run_program(const char *path,
                char *const *argv,
                char *const *envp,
                const char *dir,
                struct run *ret);
void run_clear(struct run *run);

#endif /* BROOD_TESTS_UNIT_WORKERS_RUN_H */
