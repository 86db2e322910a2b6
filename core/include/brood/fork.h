#ifndef BROOD_FORK_H
#define BROOD_FORK_H

/*
 * fork - a child with which messages are exchanged, both ways.
 * What fork() of Node's child_process is: a new program (never a copy of this
 * process) that speaks brood's protocol, with brood_child.h in C or a few
 * lines in another language. Messages are any bytes; they arrive whole, in
 * order, each once.
 *     on_spawn -> on_open -> (on_message ...) -> on_disconnect
 *              -> on_exit -> on_close
 *     on_disconnect -> on_error -> on_close    if it could not be started
 * on_exit may come before on_disconnect, and before the last messages;
 * on_close is always the last.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/call.h"
#include "brood/child.h"
#include "brood/export.h"
#include "brood/pass.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a child is forked. Zero is the default everywhere. */
struct brood_fork_options {
    /** sizeof(struct brood_fork_options), or 0 for that of version 0.1. */
    size_t size;
    /** What to run, and the callbacks of any child. Of a shell line with
     * syntax the shell is a child in between, unless it says `exec`. The child
     * finds BROOD_CHANNEL and BROOD_LIFELINE in its environment; the latter is
     * a descriptor, with the lowest number that job.fds leave free. Of those
     * there may be BROOD_FDS_MAX - 1, and one less with pass_fds. */
    struct brood_child_options child;

    /** The child has joined: it speaks the protocol. */
    void (*on_open)(struct brood_child *child, void *user);
    /** A message has come. @data is valid until the callback returns. */
    void (*on_message)(struct brood_child *child,
                       const void *data,
                       size_t size_bytes,
                       void *user);
    /** A message with descriptors has come (pass_fds). NULL: they are closed,
     * and on_message is called. */
    void (*on_fds)(struct brood_child *child,
                   const struct brood_passed *message,
                   void *user);
    /** The child wants a brood_reply() with this @id, now or later; NULL: it is
     * told that nobody answers. */
    void (*on_request)(struct brood_child *child,
                       uint64_t id,
                       const void *data,
                       size_t size_bytes,
                       void *user);
    /** The child gave up the request @id: a reply would be ignored. */
    void (*on_cancel)(struct brood_child *child, uint64_t id, void *user);
    /** After a brood_send(), brood_call() or brood_reply() that said 1 or
     * -EAGAIN: no more than half of send_high_bytes waits. */
    void (*on_writable)(struct brood_child *child, void *user);
    /** No more messages come or go. Once, before on_close, and also if the
     * child never joined. @error is 0 if the child or we disconnected;
     * -ECONNRESET it ended without, or could not be started; -EPROTO, -EBADMSG
     * it did not keep to the protocol; -EMSGSIZE a message was larger than the
     * other end takes; -ETIMEDOUT it did not join in time, and runs on.
     * @undelivered messages of ours are not known to be taken: the child has
     * not said so. */
    void (*on_disconnect)(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user);

    /** The largest message, both ways, in bytes; 0: 64 MiB. The smaller of
     * this and the child's counts. */
    size_t message_max_bytes;
    /** Bytes that wait here from which on brood_send() says 1; 0: 1 MiB. */
    size_t send_high_bytes;
    /** How long the child may take to join, in milliseconds; 0: 10,000. */
    int64_t join_ms;
    /** Descriptors can go with messages, both ways; takes one descriptor here,
     * and one of the child's fds. */
    int pass_fds;
};

/**
 * Start a program with a channel and return at once.
 * Returns:   0, or a negative error; on error *ret_child is untouched.
 * Errors:    those of brood_spawn(); -EINVAL a negative time, too many fds;
 *            -EMFILE too few descriptors are left for the channel; those of
 *            mkdtemp(3), and -ENAMETOOLONG. The first call makes the pool's
 *            private directory: in XDG_RUNTIME_DIR if that is an absolute path
 *            and it can be made there, else in the pool's tmp_dir, else TMPDIR,
 *            else /tmp.
 * Ownership: as brood_spawn().
 * Threads:   owner only; callbacks may fork.
 */
BROOD_API int brood_fork(struct brood *pool,
                         const struct brood_fork_options *options,
                         struct brood_child **ret_child);

/**
 * Send a message to a forked child.
 * It may be sent before the child has joined.
 * Returns:   0; 1 it is queued, and it is time to wait for on_writable; or a
 *            negative error, and nothing was queued.
 * Errors:    -EMSGSIZE it is too large; -EPIPE disconnected; -EAGAIN four
 *            times send_high_bytes wait already; -EINVAL the child has no
 *            channel; -ENOMEM.
 * Ownership: the bytes are copied.
 * Threads:   owner only; callbacks may send.
 */
BROOD_API int brood_send(struct brood_child *child,
                         const void *data,
                         size_t size_bytes);

/**
 * Send a message with descriptors (Node: the sendHandle of send()).
 * @fds  1 to BROOD_PASS_MAX; the child gets duplicates, in its on_fds.
 * Returns:   as brood_send().
 * Errors:    as brood_send(), and nothing was sent: -EAGAIN the child has to
 *            take earlier ones first, too; -EINVAL no pass_fds, none or too
 *            many; -EBADF.
 * Ownership: the caller keeps its descriptors, and may close them at once.
 * Threads:   owner only; callbacks may send.
 */
BROOD_API int brood_send_fds(struct brood_child *child,
                             const void *data,
                             size_t size_bytes,
                             const int *fds,
                             unsigned n_fds);

/**
 * Say that no more is sent: the child is told after all that was sent.
 * What the child had sent by then still arrives; it can send no more once it
 * has been told.
 * Returns:   0, or a negative error.
 * Errors:    -ENOTCONN disconnected already; -EINVAL the child has no channel.
 * Ownership: none.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_disconnect(struct brood_child *child);

/**
 * Tell whether messages can be sent.
 * Returns:   1 from brood_fork() until on_disconnect or brood_disconnect();
 *            else 0.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API int brood_is_connected(const struct brood_child *child);

/**
 * Tell how many messages the child has taken, counted from the first.
 * Returns:   the number.
 * Errors:    none.
 * Ownership: none.
 * Threads:   owner only.
 */
BROOD_API uint64_t brood_delivered(const struct brood_child *child);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_FORK_H */
