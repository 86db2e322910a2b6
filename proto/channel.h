#ifndef BROOD_PROTO_CHANNEL_H
#define BROOD_PROTO_CHANNEL_H

/*
 * channel - a two-way link between two parties: one PAIR socket each.
 *
 * inproc today; the same frames can travel over ipc and tcp, where only
 * channel_is_local() changes its answer. Frames arrive whole, in order, each
 * once. There is no high-water mark: what is in flight is bounded by those who
 * speak (slots and credit), so that a send to a living peer never blocks.
 *
 * A socket belongs to the thread that made it. The descriptor of a channel is
 * edge-triggered: after it was readable, and after each send, read frames
 * until channel_receive() says -EAGAIN before waiting for it again. That
 * answer arms it anew. Never read or write the descriptor itself.
 *
 * A channel does not tell that its peer has joined or is gone: parties say so
 * in messages. The one that bound sends nothing until it has heard from its
 * peer, or tries again by itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** What channels share in one pool; made in one thread, used by all. */
struct channel_context;
struct channel;

/** Bytes that arrived; users are counted, all in the receiving thread. */
struct frame;

/**
 * Make what channels need.
 *
 * @channels  how many pairs will be open at once, to check for descriptors:
 *            libzmq aborts the process when they run out while it opens one.
 *
 * It takes 3 descriptors itself, and 2 for each pair once that is opened.
 *
 * Returns:   0; -EMFILE or -ENFILE too few descriptors are left; -EAGAIN no
 *            thread can be had; -ENOMEM.
 * Threads:   any.
 */
int channel_context_new(unsigned channels, struct channel_context **ret);
/**
 * Free it; all its channels must be closed. Frames may live on.
 *
 * @context  NULL is allowed.
 *
 * Returns:   NULL.
 */
struct channel_context *channel_context_free(struct channel_context *context);

/**
 * Make the end that waits for its peer (bind), or the one that joins (connect).
 *
 * @name  without transport, unique in the context, less than 100 bytes:
 *        "worker-3". A second one that joins is accepted and never heard.
 *
 * Returns:   0 or a negative error: -EADDRINUSE, -ENAMETOOLONG, -ENOMEM,
 *            -EMFILE.
 * Threads:   the caller becomes the owner. The binding end is made first.
 */
int channel_bind(struct channel_context *context,
                 const char *name,
                 struct channel **ret);
int channel_connect(struct channel_context *context,
                    const char *name,
                    struct channel **ret);
/**
 * Close it; what was sent still arrives, what was not received is freed.
 *
 * @channel  NULL is allowed.
 *
 * Returns:   NULL.
 * Threads:   owner only.
 */
struct channel *channel_close(struct channel *channel);

/** The descriptor to wait for (edge-triggered). */
int channel_fd(const struct channel *channel);
/** Descriptors may be handed over: both ends are in this process. */
bool channel_is_local(const struct channel *channel);

/**
 * Send a finished message without copying it.
 *
 * Returns:   0, and *b is empty; or -ENOMEM, -EAGAIN (no peer yet, or none any
 *            more), and *b holds what it held.
 * Threads:   owner only. Receive until -EAGAIN afterwards (see above).
 */
int channel_send(struct channel *channel, struct buf *b);

/**
 * There is something to receive, or a peer with room for more. Unlike the
 * descriptor it says so until that has changed.
 */
bool channel_is_ready(const struct channel *channel);

/**
 * Take the next frame.
 *
 * Returns:   0; -EAGAIN none is there; -ENOMEM.
 * Ownership: the caller owns *ret and ends it with frame_unref().
 * Threads:   owner only.
 */
int channel_receive(struct channel *channel, struct frame **ret);

const uint8_t *frame_data(const struct frame *frame);
size_t frame_size(const struct frame *frame);
/** One user more. Returns: @frame. */
struct frame *frame_ref(struct frame *frame);
/** One user less; NULL is allowed. Returns: NULL. */
struct frame *frame_unref(struct frame *frame);

#endif /* BROOD_PROTO_CHANNEL_H */
