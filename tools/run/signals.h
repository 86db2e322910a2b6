#ifndef BROOD_TOOLS_RUN_SIGNALS_H
#define BROOD_TOOLS_RUN_SIGNALS_H

/*
 * signals - those that the user sends to `brood run`, as a descriptor.
 *
 * They are blocked before any thread is started, so that none of them can end
 * the program in the middle of its work. One that was ignored when the program
 * started stays so (nohup, jobs in the background of a script).
 */

/**
 * Block INT, TERM, QUIT, HUP, USR1, TSTP and CONT, and ignore PIPE.
 *
 * Returns:   a descriptor, readable when one of them has come; or a negative
 *            errno.
 */
int signals_open(void);

/**
 * Take the next signal.
 *
 * Returns:   its number; 0 when none has come.
 */
int signals_next(int fd);

/** Stop this process until it gets SIGCONT. */
void signals_stop_here(void);

/** End this process as the signal does where nobody cares for it. */
_Noreturn void signals_die(int signal);

#endif /* BROOD_TOOLS_RUN_SIGNALS_H */
