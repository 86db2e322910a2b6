#ifndef BROOD_PROTO_CURSOR_H
#define BROOD_PROTO_CURSOR_H

/*
 * cursor - walk through one record of bytes that may be hostile.
 *
 * A reader stands before a record. cursor_open() proves that the record and
 * its fixed part lie inside of the bytes; the fixed_ functions then read
 * without a check, the cursor_ functions check each size that they meet and
 * note a bad one in the cursor, so that a decoder looks once, at its end. The
 * reader moves on in cursor_close() only, when all is well.
 *
 * Threads: one at a time for each reader.
 */

#include "proto/decode.h"
#include "proto/wire.h"

struct cursor {
    const uint8_t *p;
    const uint8_t *end;
    /** A part did not fit: what came out since is empty. */
    bool bad;
};

/** Start on the next record. Returns: whether it has @fixed bytes. */
bool cursor_open(const struct reader *r, size_t fixed, struct cursor *c);
/** End with the record; what was not read of it is skipped. */
void cursor_close(struct reader *r, const struct cursor *c);

static inline uint8_t fixed_u8(struct cursor *c)
{
    return *c->p++;
}

static inline uint32_t fixed_u32(struct cursor *c)
{
    c->p += 4;
    return wire_u32(c->p - 4);
}

static inline uint64_t fixed_u64(struct cursor *c)
{
    c->p += 8;
    return wire_u64(c->p - 8);
}

static inline int32_t fixed_i32(struct cursor *c)
{
    return (int32_t)fixed_u32(c);
}

static inline int64_t fixed_i64(struct cursor *c)
{
    return (int64_t)fixed_u64(c);
}

/** The next 4 bytes behind the fixed part; 0 when they are not there. */
uint32_t cursor_u32(struct cursor *c);
/** A text with its first NUL at its end; "" when there is none. */
const char *cursor_text(struct cursor *c);
struct message_bytes cursor_bytes(struct cursor *c);
/** Exactly as many texts as the list says. */
struct message_texts cursor_texts(struct cursor *c);

#endif /* BROOD_PROTO_CURSOR_H */
