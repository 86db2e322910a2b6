#ifndef BROOD_PROTO_LINK_QUEUE_H
#define BROOD_PROTO_LINK_QUEUE_H

/*
 * link_queue - what goes to the peer of a link; for link.c alone.
 *
 * Messages are numbered as they are added, and packed into frames at once. A
 * frame lies in one of two lists, oldest first:
 *
 *     waiting   its bytes are here; only the last may still be open
 *     flight    its bytes are gone, until the peer acknowledges its last number
 *
 * A frame of more than one message costs at most half of the window, so that
 * an empty flight lets any frame go.
 *
 * Threads: one at a time for each queue.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/link.h"

struct link_frame;

struct link_frames {
    struct link_frame *first;
    struct link_frame *last;
};

struct link_queue {
    /** The peer's; 0 until link_queue_open(). */
    uint64_t window_bytes;
    /** The largest message that may be added, and that was. */
    uint64_t message_max_bytes;
    uint64_t largest_bytes;
    /** The numbers of the last message added, taken and acknowledged. */
    uint64_t added;
    uint64_t taken;
    uint64_t acked;
    /** What the frames of each list cost. */
    uint64_t waiting_cost;
    uint64_t flight_cost;

    struct link_frames waiting;
    struct link_frames flight;
    /** The last one waiting, when it takes more messages. */
    struct link_frame *open;
    /** What a frame may cost that holds more than one message. */
    uint64_t frame_max;
    /** What the last closed frame needed. */
    size_t frame_room;
};

/** What a message counts in a window. */
static inline uint64_t link_cost(const struct link_message *m)
{
    return (uint64_t)m->size + LINK_MESSAGE_COST;
}

void link_queue_init(struct link_queue *q, uint64_t message_max_bytes);
/** Free the frames; the numbers stay. */
void link_queue_clear(struct link_queue *q);
/**
 * Learn the peer's limits.
 *
 * Returns:   0; -EMSGSIZE what was added is too large for it.
 */
int link_queue_open(struct link_queue *q,
                    uint64_t window_bytes,
                    uint64_t message_max_bytes);

/** Returns: 0, -EMSGSIZE or -ENOMEM. */
int link_queue_add(struct link_queue *q, const struct link_message *m);
/** Let the next message begin another frame. */
void link_queue_close_frame(struct link_queue *q);
/**
 * Take a frame that the window lets go.
 *
 * @flush  even one that is still open.
 *
 * Returns:   whether there was one, and then its bytes in @ret.
 */
bool link_queue_take(struct link_queue *q, bool flush, struct buf *ret);
/** Returns: 0, or -EPROTO when @number cannot be acknowledged now. */
int link_queue_acknowledge(struct link_queue *q, uint64_t number);

#endif /* BROOD_PROTO_LINK_QUEUE_H */
