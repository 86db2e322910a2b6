#ifndef BROOD_CHILD_SIDE_H
#define BROOD_CHILD_SIDE_H

/*
 * brood_child - the other end of brood_fork(): for the program that is forked.
 *
 *     struct brood_parent *parent = NULL;
 *
 *     brood_parent_open(&(struct brood_parent_options){
 *         .on_message = answer }, &parent);
 *     while (brood_parent_poll(parent, -1) >= 0) {
 *     }
 *     parent = brood_parent_close(parent);
 *
 * What was sent is on its way once brood_parent_close() has returned; a
 * program that ends without it loses what waits. All calls are made in one
 * thread. A program that was not forked by brood gets -ENOTCONN.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/call.h"
#include "brood/export.h"
#include "brood/pass.h"
#include "brood/submit.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The channel to the parent. Opaque. */
struct brood_parent;

/** How a child listens to its parent. Zero is the default everywhere. */
struct brood_parent_options {
    /** sizeof(struct brood_parent_options), or 0 for that of version 0.1. */
    size_t size;
    /** A message has come. @data is valid until the callback returns. */
    void (*on_message)(struct brood_parent *parent,
                       const void *data,
                       size_t size_bytes,
                       void *user);
    /** A message with descriptors has come (the parent's pass_fds). NULL: they
     * are closed, and on_message is called. */
    void (*on_fds)(struct brood_parent *parent,
                   const struct brood_passed *message,
                   void *user);
    /** The parent wants a brood_parent_reply() with this @id, now or later;
     * NULL: it is told that nobody answers. */
    void (*on_request)(struct brood_parent *parent,
                       uint64_t id,
                       const void *data,
                       size_t size_bytes,
                       void *user);
    /** The parent gave up the request @id: a reply would be ignored. */
    void (*on_cancel)(struct brood_parent *parent, uint64_t id, void *user);
    /** After a brood_parent_send(), brood_parent_call() or
     * brood_parent_reply() that said 1 or -EAGAIN: no more than half of
     * send_high_bytes waits. */
    void (*on_writable)(struct brood_parent *parent, void *user);
    /** No more messages come. @error is 0 if the parent disconnected,
     * -ECONNRESET if it is gone, else what was wrong with what it sent:
     * -EPROTO, -EBADMSG, -EMSGSIZE. */
    void (*on_disconnect)(struct brood_parent *parent, int error, void *user);
    /** Yours; given to each callback. */
    void *user;
    /** The largest message, both ways, in bytes; 0: 64 MiB. The smaller of
     * this and the parent's counts. */
    size_t message_max_bytes;
    /** Bytes that wait here from which on brood_parent_send() says 1; 0:
     * 1 MiB. */
    size_t send_high_bytes;
    /** How long brood_parent_close() waits for what was sent to be taken, in
     * milliseconds; 0: 5,000. */
    int64_t flush_ms;
};

/**
 * Join the parent that forked this program.
 * BROOD_CHANNEL and BROOD_LIFELINE are taken out of the environment, so that
 * children of this program do not join in its place. That is unsetenv(3): no
 * other thread may use getenv(3) or the like meanwhile.
 * @options     may be NULL.
 * @ret_parent  set on success.
 * Returns:   0, or a negative error.
 * Errors:    -ENOTCONN this program was not forked by brood, or has joined
 *            already; -EINVAL a size that is too small, or BROOD_CHANNEL names
 *            no channel; -ENOMEM; -EMFILE.
 * Ownership: the caller ends it with brood_parent_close().
 * Threads:   any, while no other uses the environment; it becomes the owner.
 */
BROOD_API int brood_parent_open(const struct brood_parent_options *options,
                                struct brood_parent **ret_parent);

/**
 * Disconnect, wait until the parent has taken what was sent, and free it.
 * @parent  NULL is allowed.
 * Returns:   NULL.
 * Errors:    none.
 * Ownership: ends the caller's ownership.
 * Threads:   owner only; not from a callback.
 */
BROOD_API struct brood_parent *brood_parent_close(struct brood_parent *parent);

/**
 * Give a descriptor that is readable when brood_parent_poll() has something to
 * do; level-triggered. Never read it.
 * Returns:   the descriptor.
 * Errors:    none.
 * Ownership: the library's.
 * Threads:   owner only.
 */
BROOD_API int brood_parent_fd(const struct brood_parent *parent);

/**
 * Send, receive and deliver callbacks.
 * @timeout_ms  how long to wait if there is nothing to do: 0 not at all,
 *              negative for ever.
 * Returns:   the number of callbacks made, or a negative error.
 * Errors:    -EPIPE disconnected, all callbacks have been made; -EINTR a
 *            signal handler ran; -EDEADLK called from a callback; -ENOMEM.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API int brood_parent_poll(struct brood_parent *parent, int timeout_ms);

/**
 * Send a message to the parent.
 * It leaves with the next brood_parent_poll(), at the latest.
 * Returns:   0; 1 it is queued, and it is time to wait for on_writable; or a
 *            negative error, and nothing was queued.
 * Errors:    -EMSGSIZE it is too large; -EPIPE disconnected; -EAGAIN four
 *            times send_high_bytes wait already; -ENOMEM.
 * Ownership: the bytes are copied.
 * Threads:   owner only; callbacks may send.
 */
BROOD_API int brood_parent_send(struct brood_parent *parent,
                                const void *data,
                                size_t size_bytes);

/**
 * Send a message with descriptors, if the parent's pass_fds was set.
 * @fds  1 to BROOD_PASS_MAX.
 * Returns:   as brood_parent_send().
 * Errors:    as brood_parent_send(), and nothing was sent: -EAGAIN the parent
 *            has to take earlier ones first, too; -EINVAL no pass_fds, none or
 *            too many; -EBADF.
 * Ownership: the caller keeps its descriptors, and may close them at once.
 * Threads:   owner only; callbacks may send.
 */
BROOD_API int brood_parent_send_fds(struct brood_parent *parent,
                                    const void *data,
                                    size_t size_bytes,
                                    const int *fds,
                                    unsigned n_fds);

/**
 * Say that no more is sent; messages from the parent still arrive.
 * Returns:   0, or a negative error.
 * Errors:    -ENOTCONN disconnected already.
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_parent_disconnect(struct brood_parent *parent);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_CHILD_SIDE_H */
