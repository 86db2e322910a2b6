#ifndef BROOD_CALL_H
#define BROOD_CALL_H

/*
 * call - a request to the other end of a channel, and its reply.
 * Both ends of a brood_fork() may call; requests and replies travel among the
 * messages, in order with them. Each call ends with on_reply, exactly once; to
 * free the child (or close the parent) cancels those that are left.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct brood_child;
struct brood_parent;

/** How a call is made. Zero is the default everywhere. */
struct brood_call {
    /** sizeof(struct brood_call), or 0 for that of version 0.1. */
    size_t size;
    /** The request. */
    const void *data;
    size_t size_bytes;
    /** When to give up, in milliseconds from now; 0: never. The other end is
     * told then, as when the call is cancelled. */
    int64_t deadline_ms;
    /** The end of the call. @status is 0 or what the other end gave with its
     * reply, a negative errno; or, with no data: -ETIMEDOUT the deadline has
     * passed; -ECANCELED it was cancelled; -ENOSYS the other end answers no
     * requests; -EPIPE the channel has ended. @data is valid until it returns;
     * may be NULL. */
    void (*on_reply)(int status,
                     const void *data,
                     size_t size_bytes,
                     void *user);
    /** Yours. */
    void *user;
};

/**
 * Send a request to a forked child.
 * @ret_id  set on success, for brood_call_cancel(); may be NULL.
 * Returns:   as brood_send().
 * Errors:    as brood_send(); -EINVAL a negative deadline too.
 * Ownership: the bytes are copied.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_call(struct brood_child *child,
                         const struct brood_call *call,
                         uint64_t *ret_id);

/**
 * Give up a call: its on_reply is called now, and the child is told.
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH there is no such call (any more); -EINVAL the child has no
 *            channel.
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_call_cancel(struct brood_child *child, uint64_t id);

/**
 * Answer a request that on_request brought.
 * @status  0 or a negative errno, for the caller's on_reply.
 * Returns:   as brood_send().
 * Errors:    as brood_send(); -EINVAL a status out of range (-4095 to 0) too.
 * Ownership: the bytes are copied.
 * Threads:   owner only; at any time, in any order.
 */
BROOD_API int brood_reply(struct brood_child *child,
                          uint64_t id,
                          int status,
                          const void *data,
                          size_t size_bytes);

/**
 * Send a request to the parent.
 * Returns:   as brood_parent_send().
 * Errors:    as brood_parent_send(); -EINVAL a negative deadline too.
 * Ownership: the bytes are copied.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_parent_call(struct brood_parent *parent,
                                const struct brood_call *call,
                                uint64_t *ret_id);

/**
 * Give up a call to the parent, as brood_call_cancel().
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH there is no such call (any more).
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_parent_call_cancel(struct brood_parent *parent,
                                       uint64_t id);

/**
 * Answer a request of the parent, as brood_reply().
 * Returns:   as brood_parent_send().
 * Errors:    as brood_parent_send(); -EINVAL a status out of range too.
 * Ownership: the bytes are copied.
 * Threads:   owner only; at any time, in any order.
 */
BROOD_API int brood_parent_reply(struct brood_parent *parent,
                                 uint64_t id,
                                 int status,
                                 const void *data,
                                 size_t size_bytes);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_CALL_H */
