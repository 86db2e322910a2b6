#ifndef BROOD_WORKERS_TREE_PROCESS_H
#define BROOD_WORKERS_TREE_PROCESS_H

/*
 * tree_process - one process as /proc shows it.
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tree_process {
    pid_t pid;
    pid_t parent;
    pid_t group;
    pid_t session;
    /** As in /proc/PID/stat: R S D T t Z X I ... */
    char state;
    /** Threads that live; 0 for a zombie. */
    int threads;
    /** Clock ticks from boot to its start. */
    uint64_t start_ticks;
};

/** A descriptor of /proc for tree_process_read(), or a negative errno. */
int tree_process_open(void);

/**
 * Look at one process.
 *
 * @proc  from tree_process_open().
 * @name  its directory: the pid in digits.
 *
 * Returns:   0; -ESRCH there is no such process, or none that we may see.
 */
int tree_process_read(int proc, const char *name, struct tree_process *ret);

/**
 * Read the text of a /proc/PID/stat. A name with blanks and parentheses in it
 * does no harm.
 *
 * Returns:   0, or -EBADMSG and *ret is untouched.
 */
int tree_process_parse(const char *text, size_t size, struct tree_process *ret);

/** It has not ended; a zombie has. */
bool tree_process_is_alive(const struct tree_process *p);

/** Both are one process: a pid alone may have been given out again. */
static inline bool tree_process_is_same(const struct tree_process *p,
                                        const struct tree_process *q)
{
    return p->pid == q->pid && p->start_ticks == q->start_ticks;
}

#endif /* BROOD_WORKERS_TREE_PROCESS_H */
