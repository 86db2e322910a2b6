#ifndef BROOD_BATCH_H
#define BROOD_BATCH_H

/*
 * batch - jobs submitted and reported together.
 *
 *     submit -> QUEUED -> SENT (to a worker) -> RUNNING -> ended -> delivered
 *
 * Jobs start in the order of submission, and may end in any order. A batch is
 * closed when its last job has been submitted; it is done when it is closed
 * and each of its jobs' results has been delivered.
 *
 * Results come either through callbacks or, where on_result is NULL, through
 * brood_next().
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

/** A batch. Opaque. */
struct brood_batch;

/** The order in which results are delivered. */
enum brood_order {
    /** As the jobs end. */
    BROOD_ORDER_END,
    /** As the jobs were submitted; results that are early are held, their
     * output beyond a few MiB in one unlinked file. */
    BROOD_ORDER_SUBMIT,
};

/** How a batch is built. Zero is the default everywhere. */
struct brood_batch_options {
    /** sizeof(struct brood_batch_options), or 0 for that of version 0.1. */
    size_t size;

    /** Called once for each job, in the order @order; @result and all it
     * points to are valid until the callback returns. May submit and cancel;
     * must not free the batch or close the pool. */
    void (*on_result)(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user);
    /** Called as soon as the job has ended, whatever @order is, and before
     * its on_result. Its result's outputs are those of on_result. */
    void (*on_end)(struct brood_batch *batch,
                   const struct brood_result *result,
                   void *user);
    /** Called for jobs with notify_start, when the child has been started and
     * before any other callback for that attempt. Set in @start: id, seq, tag,
     * pid, slot, attempt, start_ns. */
    void (*on_start)(struct brood_batch *batch,
                     const struct brood_result *start,
                     void *user);
    /** Called for output with the policy BROOD_OUTPUT_STREAM, as it comes, in
     * pieces of any size; @stream is 1 (stdout) or 2 (stderr). When the
     * callback is slow, children wait. */
    void (*on_output)(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size_bytes,
                      void *user);
    /** Yours; given to each callback. */
    void *user;

    enum brood_order order;

    /** The environment of the jobs, NULL-terminated; NULL: that of this
     * process at the time of brood_batch_new(). */
    const char *const *env;
    /** The directory of the jobs; NULL: that of this process. */
    const char *dir;

    /** Jobs that may be queued, not yet with a worker; 0: 1,024. */
    unsigned queue_max;
    /** Bytes that queued jobs may take; 0: 4 MiB. One job is always taken. */
    size_t queue_max_bytes;
    /** With BROOD_ORDER_SUBMIT: results that may be held before submit says
     * -EAGAIN; 0: 100,000. */
    unsigned held_max;
    /** The least time between two starts in the batch, in milliseconds. */
    int64_t start_gap_ms;

    /** The answer to brood_peek(): the end of what @job has written to @stream
     * so far. @data is valid until the callback returns. */
    void (*on_tail)(struct brood_batch *batch,
                    const struct brood_result *job,
                    int stream,
                    const void *data,
                    size_t size_bytes,
                    void *user);
};

/**
 * Make a batch.
 *
 * @options    may be NULL.
 * @ret_batch  set on success.
 *
 * Returns:   0, or a negative error; on error *ret_batch is untouched.
 * Errors:    -EINVAL a negative time, an unknown order; -ENOMEM.
 * Ownership: @options and all it points to are copied. The caller owns the
 *            batch and ends it with brood_batch_free() before brood_close().
 * Threads:   owner only.
 */
BROOD_API int brood_batch_new(struct brood *pool,
                              const struct brood_batch_options *options,
                              struct brood_batch **ret_batch);

/**
 * Free a batch. Jobs that have not ended are stopped first, as brood_stop().
 *
 * @batch  NULL is allowed.
 *
 * Returns:   NULL.
 * Errors:    none.
 * Ownership: ends the caller's ownership.
 * Threads:   owner only; not from a callback.
 */
BROOD_API struct brood_batch *brood_batch_free(struct brood_batch *batch);

/**
 * Queue one job and return at once.
 *
 * A job that cannot be started is not an error of this call: its result has
 * the outcome BROOD_SPAWN_FAILED.
 *
 * @job     what to run.
 * @ret_id  set on success to an id that this pool never uses again; may be
 *          NULL.
 *
 * Units:     times in @job are milliseconds.
 * Returns:   0, or a negative error; on error *ret_id is untouched and
 *            nothing was queued.
 * Errors:    -EINVAL     neither argv nor shell, or both; an empty argv; a
 *                        negative time; an unknown policy or signal; an env
 *                        string without '='; MERGE for stdout; a number out
 *                        of range, or twice among the fds; new_session with
 *                        same_group; argv0 with shell; a file without its
 *                        path.
 *            -EAGAIN     the queue is full: call brood_poll(), then again.
 *            -EBADF      input_fd, out_fd, err_fd or one of the fds is not
 *                        open.
 *            -ECANCELED  the batch is closed, drained or stopped.
 *            -E2BIG      the job is larger than 64 MiB.
 *            -ENOMEM, -EMFILE.
 * Ownership: the caller keeps @job and all it points to; all is copied.
 * Threads:   owner only; callbacks may submit.
 */
BROOD_API int brood_submit(struct brood_batch *batch,
                           const struct brood_job *job,
                           uint64_t *ret_id);

/**
 * Say how many jobs brood_submit() would take now.
 *
 * Returns:   the number; 0 when it would say -EAGAIN or -ECANCELED.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API unsigned brood_batch_room(const struct brood_batch *batch);

/**
 * Say that no more jobs will be submitted.
 *
 * Returns:   0.
 * Errors:    none; closing twice does nothing.
 * Ownership: none changes.
 * Threads:   owner only.
 */
BROOD_API int brood_batch_close(struct brood_batch *batch);

/**
 * Run a batch on the caller's thread until it is done.
 *
 * Returns when the batch is closed and all its results have been delivered;
 * if it has not been closed, when no submitted job is left. A batch without
 * on_result is run until brood_next() has something to give.
 *
 * Returns:   0, or a negative error.
 * Errors:    as brood_poll(), but for -EINTR, after which it goes on.
 * Ownership: none changes.
 * Threads:   owner only.
 */
BROOD_API int brood_run(struct brood_batch *batch);

/**
 * Take the next result of a batch that has no on_result.
 *
 * @timeout_ms  as in brood_poll().
 * @ret_result  set on success; valid until the next brood_next() on this
 *              batch, or brood_batch_free().
 *
 * Returns:   1 with a result; 0 when the batch is done (or, not closed, has
 *            no job left); or a negative error.
 * Errors:    -ETIMEDOUT nothing came in time; -EINVAL the batch has an
 *            on_result; else as brood_run().
 * Ownership: the batch owns the result.
 * Threads:   owner only.
 */
BROOD_API int brood_next(struct brood_batch *batch,
                         int timeout_ms,
                         const struct brood_result **ret_result);

/**
 * Cancel one job: keep it from starting, or stop its child by its ladder.
 *
 * Its result has the outcome BROOD_CANCELLED, unless it had ended before.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH no such job, or its result has come already; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may cancel.
 */
BROOD_API int brood_cancel(struct brood_batch *batch, uint64_t id);

/**
 * Cancel all jobs of a batch and return at once; the results follow as usual.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_cancel_all(struct brood_batch *batch);

/**
 * Finish what runs and take no more; returns at once.
 *
 * Jobs that have not started get a result with the outcome BROOD_SKIPPED.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_drain(struct brood_batch *batch);

/**
 * Cancel all jobs of a batch, and wait until their results are delivered.
 *
 * For a batch without on_result the results are dropped.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ENOMEM; -EDEADLK called from a callback.
 * Ownership: none changes; the batch can only be freed afterwards.
 * Threads:   owner only.
 */
BROOD_API int brood_stop(struct brood_batch *batch);

/**
 * Ask for the end of what a running job has written so far to a stream that is
 * captured; on_tail brings it, unless the job has ended meanwhile.
 *
 * @stream      1 (stdout, with stderr if that is merged into it) or 2 (stderr).
 * @size_bytes  the most to bring; beyond 64 KiB counts as that.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH it is not with a worker; -EINVAL no such stream; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only; callbacks may ask.
 */
BROOD_API int brood_peek(struct brood_batch *batch,
                         uint64_t id,
                         int stream,
                         size_t size_bytes);

/** How a batch stands. */
struct brood_batch_counts {
    /** Accepted by brood_submit(). */
    uint64_t submitted;
    /** Waiting, not with a worker. */
    uint64_t queued;
    /** With a worker, running or about to. */
    uint64_t with_workers;
    /** Ended, their results delivered or held. */
    uint64_t ended;
    /** Of these, delivered. */
    uint64_t delivered;
};

/**
 * Tell how a batch stands.
 *
 * Returns:   the counts.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API struct brood_batch_counts brood_batch_count(
    const struct brood_batch *batch);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_BATCH_H */
