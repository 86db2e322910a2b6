#ifndef BROOD_WARM_H
#define BROOD_WARM_H

/*
 * warm - a crew of long-lived children that work on tasks.
 * A task is a request of some bytes, its result the reply: it costs a message,
 * not a process. The children are forked programs that answer requests
 * (brood_parent_options.on_request), one after the other. Small tasks travel
 * many in one frame, as many ahead as a child works off in a moment; when some
 * take long (5 ms), one at a time.
 *     submit -> queue -> with a child -> result
 * A child that dies is replaced. If it had one task, that has died with it. Of
 * several nobody can know which killed it, since answers to some may have been
 * lost: each of them is tried again, alone. So a task may be begun twice.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brood/batch.h"
#include "brood/export.h"
#include "brood/job.h"

#ifdef __cplusplus
extern "C" {
#endif

struct brood;

/** A crew. Opaque. */
struct brood_warm;

/** What became of a task. */
enum brood_task_outcome {
    /** It was answered; status is what the child gave, 0 or negative. */
    BROOD_TASK_DONE,
    /** The child died while it worked on it. */
    BROOD_TASK_DIED,
    /** Its time limit has passed; the child was killed. */
    BROOD_TASK_TIMED_OUT,
    /** brood_warm_cancel() or brood_warm_close(). */
    BROOD_TASK_CANCELLED,
    /** No child can work: status says why. */
    BROOD_TASK_BROKEN,
};

/** The result of a task. */
struct brood_task_result {
    /** The task's number: from 1, as they were submitted. */
    uint64_t id;
    void *tag;
    enum brood_task_outcome outcome;
    /** With BROOD_TASK_DONE and _BROKEN: 0 or a negative errno. */
    int status;
    /** With BROOD_TASK_DIED: how the child ended, as in brood_result. */
    int exit_status;
    int signal;
    /** How often children began to work on it. */
    unsigned attempts;
    /** The child that had it last, and which of the crew's that is, from 1; 0:
     * none. */
    int pid;
    unsigned worker;
    /** When that began on it: nanoseconds since 1970, and from then to its
     * end, as the parent saw it: answers come in groups, unless one_by_one is
     * set. 0 unless on_start is set. */
    int64_t start_ns;
    int64_t duration_ns;
    /** What the child answered. */
    const void *data;
    size_t size_bytes;
};

/** How a crew is made. Zero is the default everywhere. */
struct brood_warm_options {
    /** sizeof(struct brood_warm_options), or 0 for that of version 0.1. */
    size_t size;
    /** The program of the children: argv or shell, environment, limits. */
    struct brood_job job;
    /** How many children; 0: as many as the pool has slots. */
    unsigned workers;
    /** The first request of each child, before any task; NULL: none. A reply
     * with a status other than 0 breaks the crew. */
    const void *init_data;
    size_t init_size_bytes;
    /** Time limit of that request in milliseconds; 0: none. A child that does
     * not reply in time is killed and breaks the crew with -ETIMEDOUT. */
    int64_t init_ms;
    /** Replace a child after so many tasks; 0: never. */
    uint64_t recycle_tasks;
    /** Replace a child between tasks when it takes so much memory (RSS); 0:
     * never. Looked at every 100 ms at most. */
    uint64_t recycle_rss_bytes;
    /** Replace a child that has had no task for so many milliseconds, when
     * there is one again; 0: never. */
    int64_t idle_ms;
    /** Results come in the order in which the tasks were submitted. */
    bool in_order;
    /** Time limit of a task in milliseconds; 0: none. */
    int64_t task_ms;
    /** How often to try a task, in all, until it is answered with status 0; 0
     * or 1: once. The result is the last try's. */
    unsigned attempts;
    /** Give a child its next task only when it has answered the one before, so
     * that nothing is begun behind a result at which on_result cancels. */
    bool one_by_one;
    /** Tasks that may wait before brood_warm_submit() says -EAGAIN; 0: 10,000.
     * It says 1 from half of that on. With in_order all count whose results
     * have not been delivered. */
    unsigned queue_max;
    /** Called when a child begins on a task, each time; outcome, status and
     * answer are not known yet. NULL: not wanted. */
    void (*on_start)(struct brood_warm *warm,
                     const struct brood_task_result *start,
                     void *user);
    /** Called once for each task when it has ended, although its result may
     * still wait for its turn (in_order); the answer is valid until it returns.
     * NULL: not wanted. */
    void (*on_end)(struct brood_warm *warm,
                   const struct brood_task_result *result,
                   void *user);
    /** Called once for each task, as they end. @result is valid until it
     * returns. May submit and cancel; must not close the crew. */
    void (*on_result)(struct brood_warm *warm,
                      const struct brood_task_result *result,
                      void *user);
    /** Yours. */
    void *user;
};

/**
 * Make a crew; its children are started with the first task.
 * @ret_warm  set on success.
 * Returns:   0, or a negative error; on error *ret_warm is untouched.
 * Errors:    -EINVAL neither argv nor a shell line, a negative time; -ENOMEM.
 * Ownership: init_data, and what job points to, stays the caller's until
 *            brood_warm_close(); the rest is copied. The caller ends it with
 *            brood_warm_close(), before brood_close().
 * Threads:   owner only.
 */
BROOD_API int brood_warm_open(struct brood *pool,
                              const struct brood_warm_options *options,
                              struct brood_warm **ret_warm);

/**
 * Cancel what is left, end the children and free the crew. Children that are
 * idle hear on_disconnect and have a second to end by themselves.
 * @warm  NULL is allowed.
 * Returns:   NULL.
 * Errors:    none.
 * Ownership: ends the caller's ownership.
 * Threads:   owner only; not from a callback.
 */
BROOD_API struct brood_warm *brood_warm_close(struct brood_warm *warm);

/**
 * Queue a task.
 * @tag     comes back with the result.
 * @ret_id  set on success; may be NULL.
 * Returns:   0; 1 it is queued, and half of the queue is full; or a negative
 *            error, and nothing was queued.
 * Errors:    -EAGAIN the queue is full: call brood_poll(), then again;
 *            -EMSGSIZE more than 64 MiB; -ENOMEM.
 * Ownership: the bytes are copied.
 * Threads:   owner only; callbacks may submit.
 */
BROOD_API int brood_warm_submit(struct brood_warm *warm,
                                const void *data,
                                size_t size_bytes,
                                void *tag,
                                uint64_t *ret_id);

/**
 * Cancel a task: it does not start; if a child is working on it, that child is
 * killed. Its result follows as usual. One that a child has at hand, behind
 * others, may be worked on all the same (one_by_one: none is).
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH no such task, or it has ended.
 * Ownership: none.
 * Threads:   owner only; callbacks may cancel.
 */
BROOD_API int brood_warm_cancel(struct brood_warm *warm, uint64_t id);

/**
 * Cancel all tasks that no child has yet; those that are being worked on go on.
 * Returns:   nothing; the results follow as usual, with attempts 0 or those
 *            made so far.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only; callbacks may cancel.
 */
BROOD_API void brood_warm_drain(struct brood_warm *warm);

/**
 * Cancel all tasks; children that work on one are killed.
 * Returns:   nothing; the results follow as usual.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only; callbacks may cancel.
 */
BROOD_API void brood_warm_cancel_all(struct brood_warm *warm);

/**
 * Say how many tasks brood_warm_submit() would take now.
 * Returns:   the number.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API unsigned brood_warm_room(const struct brood_warm *warm);

/**
 * Say how many tasks have been submitted whose results have not been delivered.
 * Returns:   the number.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API uint64_t brood_warm_pending(const struct brood_warm *warm);

/**
 * Run the pool until all tasks have their results.
 * Returns:   0, or a negative error.
 * Errors:    as brood_run().
 * Ownership: none.
 * Threads:   owner only; not from a callback.
 */
BROOD_API int brood_warm_run(struct brood_warm *warm);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_WARM_H */
