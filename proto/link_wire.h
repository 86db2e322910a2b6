#ifndef BROOD_PROTO_LINK_WIRE_H
#define BROOD_PROTO_LINK_WIRE_H

/*
 * link_wire - the frames of a link, as link.h lays them out; for link.c alone.
 *
 * A frame of DATA grows in place:
 *
 *     link_wire_begin(&b, first, room)     once, with room for the first
 *     link_wire_put(&b, &m)                for each, after buf_reserve()
 *     link_wire_end(&b, count)             before it goes
 *
 * The readers face hostile bytes: they return 0 or -EBADMSG, never read outside
 * of what message_open() proved, and leave *ret untouched on error.
 *
 * Threads: one at a time for each buffer or reader.
 */

#include "base/buf.h"
#include "proto/decode.h"
#include "proto/link.h"
#include "proto/message.h"
#include "proto/wire.h"

struct link_hello {
    uint32_t version;
    uint32_t pid;
    uint64_t window_bytes;
    uint64_t message_max_bytes;
};

enum link_wire {
    /* Bytes of the fixed part of a record. */
    LINK_WIRE_HELLO = 4 + 4 + 8 + 8,
    LINK_WIRE_NUMBER = 8,
    /* Of a message, of which the last two may be missing. */
    LINK_WIRE_KIND = 1,
    LINK_WIRE_ID = 8,
    LINK_WIRE_STATUS = 4,
    LINK_WIRE_ERRNO_MAX = 4095,
    /* The most that comes before a message's own bytes. */
    LINK_WIRE_HEAD_MAX =
        WIRE_SIZE + LINK_WIRE_KIND + LINK_WIRE_ID + LINK_WIRE_STATUS,
    /* What comes before the first message of a frame. */
    LINK_WIRE_START = MESSAGE_HEADER_SIZE + WIRE_SIZE + LINK_WIRE_NUMBER,
};

/** The largest message that a frame can hold. */
#define LINK_WIRE_MESSAGE_MAX                                     \
    (MESSAGE_SIZE_MAX - (LINK_WIRE_START - MESSAGE_HEADER_SIZE) - \
     LINK_WIRE_HEAD_MAX)

static inline bool link_wire_has_id(enum link_kind kind)
{
    return kind != LINK_MESSAGE;
}

static inline bool link_wire_has_status(enum link_kind kind)
{
    return kind == LINK_REPLY;
}

/** 0 or a negative errno. */
static inline bool link_wire_is_status(int32_t status)
{
    return status <= 0 && status >= -LINK_WIRE_ERRNO_MAX;
}

/** Write a whole HELLO. @b is empty. Returns: 0 or -ENOMEM. */
int link_wire_hello(struct buf *b, const struct link_hello *hello);
/** Write a whole ACK or BYE. @b is empty. Returns: 0 or -ENOMEM. */
int link_wire_number(struct buf *b, enum message_type type, uint64_t number);

/** Begin DATA with @room bytes for messages. Returns: 0 or -ENOMEM. */
int link_wire_begin(struct buf *b, uint64_t first, size_t room);
/** Add a message; LINK_WIRE_HEAD_MAX and its size have been reserved. */
void link_wire_put(struct buf *b, const struct link_message *m);
void link_wire_end(struct buf *b, uint32_t messages);

int link_wire_read_hello(struct reader *r, struct link_hello *ret);
int link_wire_read_number(struct reader *r, uint64_t *ret);
/** What comes out keeps what link.h says of a message. */
int link_wire_read_message(struct reader *r, struct link_message *ret);

#endif /* BROOD_PROTO_LINK_WIRE_H */
