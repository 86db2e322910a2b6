#ifndef BROOD_CHILD_H
#define BROOD_CHILD_H

/*
 * child - one program, started now: its streams, its signals and its end.
 * What spawn() of Node's child_process is, and where not told otherwise with
 * its order of events:
 *     on_spawn -> (on_data, on_end, on_drain ...) and on_exit -> on_close
 *     on_error -> on_close                     if it could not be started
 *     on_close                                 if it was stopped before that
 * on_exit comes when the process has ended, on_close when its streams have too
 * (or the drain time has passed). on_close is always the last, and comes once.
 * A child does not take a slot of its pool. All callbacks are made from
 * brood_poll() and what runs it, in the owner's thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/export.h"
#include "brood/job.h"
#include "brood/result.h"

#ifdef __cplusplus
extern "C" {
#endif

struct brood;

/** A child. Opaque. */
struct brood_child;

/** How a child is started. Zero is the default everywhere. */
struct brood_child_options {
    /** sizeof(struct brood_child_options), or 0 for that of version 0.1. */
    size_t size;
    /** What to run, and its streams. Without clean_env its environment is that
     * of this process at the time of brood_spawn(), with env added. attempts,
     * hold, slot_mark and notify_start do not count. */
    struct brood_job job;

    /** The program has been started. */
    void (*on_spawn)(struct brood_child *child, void *user);
    /** It could not be started: step and error of @result say why. */
    void (*on_error)(struct brood_child *child,
                     const struct brood_result *result,
                     void *user);
    /** Output with the policy BROOD_OUTPUT_STREAM, as it comes; @stream is 1
     * or 2. When the callback is slow, the child waits. */
    void (*on_data)(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size_bytes,
                    void *user);
    /** Such a stream has come to its end. */
    void (*on_end)(struct brood_child *child, int stream, void *user);
    /** After a brood_child_write() that said 1 or -EAGAIN: no more than half
     * of write_high_bytes waits; or nothing is taken any more, and the next
     * write says -EPIPE. */
    void (*on_drain)(struct brood_child *child, void *user);
    /** The process has ended. @exit_status is -1 if @signal ended it; both say
     * nothing (-1, 0) if somebody else took its status. */
    void (*on_exit)(struct brood_child *child,
                    int exit_status,
                    int signal,
                    void *user);
    /** All is over. @result is valid until the callback returns. */
    void (*on_close)(struct brood_child *child,
                     const struct brood_result *result,
                     void *user);
    /** The answer to brood_child_peek(): the end of what it has written to
     * @stream so far. */
    void (*on_tail)(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size_bytes,
                    void *user);
    /** Yours; given to each callback. */
    void *user;

    /** Bytes written and not yet taken by the child, from which on
     * brood_child_write() says 1; 0: 1 MiB. */
    size_t write_high_bytes;
};

/**
 * Start a program and return at once.
 * That it cannot be started is not an error of this call: on_error tells.
 * @ret_child  set on success.
 * Returns:   0, or a negative error; on error *ret_child is untouched.
 * Errors:    those of brood_submit(), but for -EAGAIN.
 * Ownership: @options and all it points to are copied. The caller owns the
 *            child and ends it with brood_child_free(), at any time before
 *            brood_close(), which frees the handles that are left.
 * Threads:   owner only; callbacks may spawn.
 */
BROOD_API int brood_spawn(struct brood *pool,
                          const struct brood_child_options *options,
                          struct brood_child **ret_child);

/**
 * Free a child's handle.
 * No callback is made any more. A child that still runs is stopped by its
 * ladder and reaped, in the background; with new_session it is let go and
 * lives on, also after the end of this process.
 * @child  NULL is allowed.
 * Returns:   NULL.
 * Errors:    none.
 * Ownership: ends the caller's ownership.
 * Threads:   owner only; callbacks may free it.
 */
BROOD_API struct brood_child *brood_child_free(struct brood_child *child);

/**
 * Tell a child's process id.
 * Returns:   the id; 0 before on_spawn, and if it could not be started.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API int brood_child_pid(const struct brood_child *child);

/**
 * Send a signal to a child's process group (with same_group, to the child).
 * After SIGTERM, SIGINT, SIGHUP, SIGQUIT and SIGABRT comes SIGCONT, so that a
 * stopped child notices. A signal for a child that has not been started yet is
 * sent when it is.
 * @signal  0: send nothing, only say whether it is alive.
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH it has ended, or could not be started; -EINVAL no such
 *            signal; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may kill.
 */
BROOD_API int brood_child_kill(struct brood_child *child, int signal);

/**
 * End a child by its stop ladder; returns at once.
 * Its result has the outcome BROOD_CANCELLED.
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH it has ended; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may stop it.
 */
BROOD_API int brood_child_stop(struct brood_child *child);

/**
 * Ask for the end of what a child has written so far, as brood_peek().
 * Returns:   0, or a negative error.
 * Errors:    those of brood_peek().
 * Ownership: none.
 * Threads:   owner only; callbacks may ask.
 */
BROOD_API int brood_child_peek(struct brood_child *child,
                               int stream,
                               size_t size_bytes);

/**
 * Write to a child's standard input (BROOD_INPUT_STREAM).
 * Returns:   0; 1 it is queued, and it is time to wait for on_drain; or a
 *            negative error, and nothing was queued.
 * Errors:    -EAGAIN  twice write_high_bytes wait already;
 *            -EPIPE   the child has closed its input or ended, or
 *                     brood_child_end_input() was called;
 *            -EINVAL  its input is not BROOD_INPUT_STREAM; -ENOMEM.
 * Ownership: the bytes are copied.
 * Threads:   owner only; callbacks may write.
 */
BROOD_API int brood_child_write(struct brood_child *child,
                                const void *data,
                                size_t size_bytes);

/**
 * Say that no more is written: the child reads end-of-file after the rest.
 * Returns:   0, or a negative error.
 * Errors:    -EINVAL its input is not BROOD_INPUT_STREAM; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_child_end_input(struct brood_child *child);

/**
 * Stop on_data for a stream: the child waits once its pipe is full.
 * on_end and on_close wait too.
 * @stream  1 or 2.
 * Returns:   0, or a negative error.
 * Errors:    -EINVAL no such stream; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may pause.
 */
BROOD_API int brood_child_pause(struct brood_child *child, int stream);

/**
 * Go on with on_data for a stream.
 * What was held is delivered by the next brood_poll().
 * Returns:   0, or a negative error.
 * Errors:    -EINVAL no such stream; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may resume.
 */
BROOD_API int brood_child_resume(struct brood_child *child, int stream);

/**
 * Run the pool until a child's on_close has been called.
 * @timeout_ms  as in brood_poll().
 * Returns:   0, or a negative error.
 * Errors:    -ETIMEDOUT; -EDEADLK called from a callback; else as brood_run().
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API int brood_child_wait(struct brood_child *child, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_CHILD_H */
