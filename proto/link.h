#ifndef BROOD_PROTO_LINK_H
#define BROOD_PROTO_LINK_H

/*
 * link - application messages between a program and its forked child.
 *
 * Both ends run the same machine over one PAIR socket. A message is any bytes;
 * messages arrive whole, in order, each once. A PAIR socket tells neither of a
 * peer's death nor whether it took what was sent, so the link does: each
 * message has a number, what has been handed over is acknowledged, and what
 * is in flight is bounded by a window of bytes.
 *
 *     link_send()  ->  pending frame  -> (window) -> link_take_frame() -> wire
 *     wire -> link_receive() -> on_message() ... -> acknowledged with the next
 *                                                   frame that goes back
 *
 * Many small messages travel in one frame: one costs a copy, not a system
 * call. The machine does no input and output and knows no clock.
 *
 * On the wire, a frame is a message of message.h (header, then records):
 *
 *     HELLO   1 record   u32 link version, u32 pid, u64 window in bytes,
 *                        u64 largest message in bytes. The first frame of each
 *                        end; before the peer's, nothing else is sent.
 *     DATA    records    the first: u64 number of the first message in it; then
 *                        one record a message: u8 kind, then for kinds other
 *                        than MESSAGE a u64 id, then for REPLY an i32 status,
 *                        then the bytes to the record's end.
 *     ACK     1 record   u64 number of the last message that was handed over
 *     BYE     1 record   u64 number of the last message sent; no more come
 *
 * Numbers count from 1 in each direction. All numbers are little-endian.
 *
 * In a window, and where it says what waits, a message counts its bytes and
 * LINK_MESSAGE_COST: both ends count alike, so each can tell whether the other
 * keeps to it. A frame counts until an acknowledgement covers its last message.
 *
 * Threads: one at a time for each link.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** The version of what is above, in HELLO. */
#define LINK_VERSION 1

/** What a message counts besides its bytes: it bounds the empty ones too. */
#define LINK_MESSAGE_COST 32
/** How often high_bytes may wait at most. */
#define LINK_CROWDED 4
/** The smallest window; a peer that asks for less is refused. */
#define LINK_WINDOW_MIN_BYTES (UINT64_C(64) << 10)

enum link_kind {
    LINK_MESSAGE, /* one way */
    LINK_REQUEST, /* wants a reply with the same id */
    LINK_REPLY,
    LINK_CANCEL, /* the reply to the request @id is no longer wanted */
    /** A message with descriptors, which came beside it under the number @id. */
    LINK_DESCRIPTORS,
    LINK_KIND_COUNT,
};

/** A message that arrived, or is to be sent. The bytes are a view. */
struct link_message {
    enum link_kind kind;
    /** Of a reply: 0 or a negative errno; else 0. */
    int32_t status;
    /** 0 for LINK_MESSAGE, and for it alone. */
    uint64_t id;
    const void *data;
    size_t size;
};

struct link_options {
    /** The largest message, both ways, in bytes; 0: 64 MiB. What a frame
     * cannot hold (nearly 256 MiB) is cut down to that. */
    uint64_t message_max_bytes;
    /** What the peer may have in flight to us, in bytes; 0: 4 MiB. One message
     * may always be, whatever its size. At least LINK_WINDOW_MIN_BYTES. */
    uint64_t window_bytes;
    /** Above this much that waits here, link_send() says that it is high
     * time to wait; 0: 1 MiB. */
    uint64_t high_bytes;
};

/** What the messages of a frame count at most, unless it holds a single one;
 * less when that is more than half of the peer's window. */
#define LINK_FRAME_BYTES (UINT64_C(256) << 10)

struct link;

/**
 * Make one end.
 *
 * @options  copied; NULL: the defaults.
 * @ret      freed with link_free().
 *
 * Its HELLO is the first frame that link_take_frame() gives; it names the
 * process that takes it, so a link may be made before the fork.
 *
 * Returns:   0 or -ENOMEM.
 */
int link_new(const struct link_options *options, struct link **ret);
/** NULL is allowed. Returns: NULL. */
struct link *link_free(struct link *link);

/**
 * Queue a message; its bytes are copied.
 *
 * Returns:   0; 1 it is queued, and more than high_bytes wait: send no more
 *            before link_is_low(). Errors, with nothing queued: -EMSGSIZE it is
 *            larger than this end or the peer (once known) allows; -EPIPE
 *            after link_bye() or link_fail(); -ENOMEM.
 */
int link_send(struct link *link, const struct link_message *m);
/**
 * Say that no more will be sent, after all that is queued. Twice is once.
 * Messages still arrive and are acknowledged until the peer's BYE.
 *
 * Returns:   0, or -EPIPE after link_fail().
 */
int link_bye(struct link *link);

/**
 * Take the next frame for the wire, if there is one that may go now.
 *
 * Acknowledgements come first when half of the window is unacknowledged, else
 * last and when @flush.
 *
 * @flush  send what is there although a frame is not full: when the caller is
 *         about to wait.
 *
 * Returns:   1 and the frame in @ret, which must be empty; 0 none; -ENOMEM.
 * Ownership: the caller owns the bytes.
 */
int link_take_frame(struct link *link, bool flush, struct buf *ret);

/**
 * Take in one frame from the peer.
 *
 * @data, @size  may be hostile.
 * @on_message   called for each message in it, in order. May call link_send(),
 *               link_bye(), link_fail() (the rest is then not handed over)
 *               and the questions below; no other function of the link. Its
 *               message leads into @data.
 *
 * A frame is checked as a whole before any of it is handed over. Nothing is
 * allocated.
 *
 * Returns:   0; -EPROTO not our magic, version or order of frames (no HELLO
 *            first, HELLO twice, numbers that do not follow, an
 *            acknowledgement of nothing new or of what was not sent, DATA or
 *            BYE after BYE), a window below the smallest, or the link has
 *            failed, be it in @on_message; -EBADMSG damaged; -EMSGSIZE a
 *            message over our limit, more in flight than our window, or a
 *            HELLO that shows that what is queued is over the peer's limit.
 *            After an error the link has failed.
 */
int link_receive(struct link *link,
                 const void *data,
                 size_t size,
                 void (*on_message)(void *user, const struct link_message *m),
                 void *user);

/** End it for good: the peer is gone, or is none of ours. What is queued is
 * freed, but stays counted as undelivered. */
void link_fail(struct link *link);

/** The peer's HELLO has come. */
bool link_is_open(const struct link *link);
/** The peer said BYE, or the link has failed: nothing more will arrive. */
bool link_is_over(const struct link *link);
/** After a link_send() that said 1: room again (half of high_bytes). */
bool link_is_low(const struct link *link);
/** Our BYE has been given out, after all that was queued. */
bool link_has_said_bye(const struct link *link);
/** Bytes that wait here, with LINK_MESSAGE_COST for each message. */
uint64_t link_waiting_bytes(const struct link *link);
/** So much waits (LINK_CROWDED times high_bytes) that no more is to be queued
 * now. */
bool link_is_crowded(const struct link *link);
/** The options that hold, with the defaults filled in. */
const struct link_options *link_limits(const struct link *link);
/** Messages sent that the peer has acknowledged; and that it has not. */
uint64_t link_delivered(const struct link *link);
uint64_t link_undelivered(const struct link *link);
/** From the peer's HELLO; 0 before. */
uint32_t link_peer_pid(const struct link *link);

#endif /* BROOD_PROTO_LINK_H */
