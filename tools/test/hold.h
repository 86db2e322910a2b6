#ifndef BROOD_TOOLS_TEST_HOLD_H
#define BROOD_TOOLS_TEST_HOLD_H

/*
 * hold - what keeps a test from starting until it is traced.
 *
 *     brood test-hold FILE NUMBER COMMAND [ARG...]
 *
 * runs in the process of the test, waits until nobody has a lock on that byte
 * of FILE, and becomes COMMAND. If it cannot, it leaves the error there: the
 * byte is an errno.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    HOLD_FAILED = 127,
};

/** That subcommand, which users do not call. Returns: the exit status. */
int hold_main(int argc, char **argv);

/** Whether a process still holds. */
bool hold_is_in(pid_t pid);

/** Take the lock on a byte, or give it back. @fd  of FILE. Returns: 0, or a
 * negative error. */
int hold_lock(int fd, size_t number, bool is_taken);
/** The error that a test has left, 0: none; it is forgotten. */
int hold_take_error(int fd, size_t number);

#endif /* BROOD_TOOLS_TEST_HOLD_H */
