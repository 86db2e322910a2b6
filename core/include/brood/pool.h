#ifndef BROOD_POOL_H
#define BROOD_POOL_H

/*
 * pool - threads and slots.
 *
 * A pool has T worker threads and S slots, shared out over the threads. A slot
 * is the right to run one job now; one thread runs many children. The thread
 * that opened the pool is its owner: it alone calls the functions below, or
 * hands the whole pool to one other thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A pool. Opaque. */
struct brood;

/** How a pool is built. Zero is the default everywhere. */
struct brood_options {
    /** sizeof(struct brood_options), or 0 for the layout of version 0.1. */
    size_t size;
    /** Worker threads; 0: the processors this process may use. Never more
     * than there are slots. */
    unsigned threads;
    /** Jobs that run at once; 0: the processors this process may use. */
    unsigned slots;
    /** Output kept in memory, for each stream of a job, before it goes to an
     * unlinked file; 0: 64 KiB. */
    size_t output_memory_bytes;
    /** Where such files are made; NULL: TMPDIR, else /tmp. */
    const char *tmp_dir;
};

/**
 * Open a pool and start its threads.
 *
 * The soft limit of open files of this process is raised to the hard limit if
 * the slots need it; children get the old limit. Where even that does not
 * suffice for the slots asked for, the pool has fewer: see brood_slots().
 *
 * @options   may be NULL.
 * @ret_pool  set on success.
 *
 * Returns:   0, or a negative error; on error *ret_pool is untouched.
 * Errors:    -EINVAL  an option is out of range (more than 1,000,000 slots).
 *            -EMFILE  too few descriptors are left for even one slot.
 *            -ENOMEM, -EAGAIN  no memory, or no thread to be had.
 * Ownership: the caller owns the pool and ends it with brood_close().
 * Threads:   any thread; it becomes the owner.
 */
BROOD_API int brood_open(const struct brood_options *options,
                         struct brood **ret_pool);

/**
 * Stop all jobs of all batches, end the threads and free the pool.
 *
 * Results still to come are delivered to their batches' callbacks first.
 * Batches that were not freed are freed.
 *
 * @pool  NULL is allowed.
 *
 * Returns:   NULL, so that `pool = brood_close(pool)` leaves no stale pointer.
 * Errors:    none.
 * Ownership: ends the caller's ownership.
 * Threads:   owner only; not from a callback.
 */
BROOD_API struct brood *brood_close(struct brood *pool);

/**
 * Tell how many slots the pool really has.
 *
 * Returns:   the number, at least 1; less than asked for where the limit of
 *            open files allows no more.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API unsigned brood_slots(const struct brood *pool);

/**
 * Give a descriptor that is readable when brood_poll() has something to do.
 *
 * For a host's own event loop (epoll, poll, select): wait for it to become
 * readable, level-triggered, then call brood_poll(pool, 0). Never read it.
 *
 * Returns:   the descriptor.
 * Errors:    none.
 * Ownership: the pool owns it; it stays the same until brood_close().
 * Threads:   owner only.
 */
BROOD_API int brood_fd(const struct brood *pool);

/**
 * Hand out jobs, take in results and deliver callbacks.
 *
 * @timeout_ms  how long to wait if there is nothing to do: 0 not at all,
 *              negative for ever.
 *
 * Returns:   the number of callbacks made, or a negative error.
 * Errors:    -ENOMEM; -EINTR a signal handler ran while waiting; -EDEADLK
 *            called from a callback.
 * Ownership: none changes.
 * Threads:   owner only.
 */
BROOD_API int brood_poll(struct brood *pool, int timeout_ms);

/**
 * Send a signal to the process group of each running child.
 *
 * SIGTSTP and SIGSTOP also stop the clock of time limits until SIGCONT.
 *
 * Returns:   0, or a negative error.
 * Errors:    -EINVAL no such signal; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API int brood_signal(struct brood *pool, int signal);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_POOL_H */
