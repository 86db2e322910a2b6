#ifndef BROOD_TOOLS_TEST_TRACE_H
#define BROOD_TOOLS_TEST_TRACE_H

/*
 * trace - which file descriptors a process still has open when it ends.
 *
 * A zombie has none any more, so the kernel is asked to stop the process just
 * before (ptrace(2)). What is traced belongs to one thread; there is one for
 * each process, which sleeps until there is something to do. The process stays
 * a child of whoever started it, and is reaped by that one alone; who waits for
 * it without knowing that it has ended takes stops away from that thread.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum trace_state {
    /** Its end has not been seen, or its descriptors are not for us. */
    TRACE_NONE,
    /** What it had is known. */
    TRACE_SEEN,
    /** It may not be traced: error says why. */
    TRACE_REFUSED,
    /** It has LeakSanitizer, which has to trace it itself; it was let go. */
    TRACE_RIVAL,
};

/** A descriptor: a path, or a word such as "pipe:[4711]". */
struct trace_file {
    int fd;
    char *name;
};

/** Zeroed memory has seen nothing. What was found is valid once the thread
 * has ended. */
struct trace {
    enum trace_state state;
    int error;
    /** Those above 2, by number: the first, and how many there were. */
    struct trace_file *files;
    size_t n;
    size_t total;

    pid_t pid;
    /** Its first thread. */
    bool has_first_ended;
    void (*on_ready)(void *user);
    void *user;
    pthread_t thread;
    bool has_thread;
};

/**
 * Trace a child of this process, in a thread of its own.
 *
 * @trace     stays where it is until trace_join().
 * @on_ready  is called by that thread once the child is traced, or cannot be,
 *            and always; what is to be traced waits for it.
 *
 * Returns:   0, or a negative error; then @on_ready has not been called.
 * Errors:    -EAGAIN no more threads.
 * Ownership: @user stays the caller's.
 * Threads:   one at a time.
 */
int trace_start(struct trace *trace,
                pid_t pid,
                void (*on_ready)(void *user),
                void *user);
/** Wait for the thread; it ends by itself when the child has ended. */
void trace_join(struct trace *trace);
/** Forget what was found; it is joined. */
void trace_clear(struct trace *trace);

#endif /* BROOD_TOOLS_TEST_TRACE_H */
