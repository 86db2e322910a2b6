#ifndef BROOD_PROTO_WIRE_H
#define BROOD_PROTO_WIRE_H

/*
 * wire - the layout of messages, shared by encode.c and decode.c.
 *
 * In each record the fields of fixed size come first, in the order of the
 * struct (a byte of zero fills up after three single bytes), so that one check
 * of the size covers them all. Then come the parts of varying size, again in
 * the order of the struct; the stop steps of a job before its texts.
 */

#include <stdint.h>

enum wire_offset {
    WIRE_VERSION_AT = 4,
    WIRE_TYPE_AT = 6,
    WIRE_COUNT_AT = 8,
    WIRE_BODY_SIZE_AT = 12,
    /* In a record, its size counted in. */
    WIRE_KEY_AT = 4,
    WIRE_INPUT_FD_AT = 40,
};

/** Bytes of the fixed part of each record. */
enum wire_fixed {
    WIRE_CONTEXT = 4,
    WIRE_JOB = 8 + 4 + 4 + 4 + 8 + 8 + 4 + 4 + 4,
    WIRE_SIGNAL = 4,
    WIRE_HELLO = 8,
    WIRE_STARTED = 8 + 4 + 4 + 8,
    WIRE_OUTPUT = 8 + 4,
    WIRE_CAPTURED = 4 + 4 + 8 + 8,
    WIRE_RESULT = 8 + 4 + 6 * 4 + 5 * 8 + 2 * WIRE_CAPTURED,
    WIRE_RETURNED = 8 + 4,
    WIRE_PIECE = 8 + 4,
    WIRE_PAUSE = 8 + 4,
    WIRE_KILL = 8 + 4 + 4,
    WIRE_PEEK = 8 + 4 + 4,
    WIRE_TAKEN = 8 + 8 + 4,
    WIRE_ENDED = 8 + 4 + 4 + 4,
    WIRE_ATTRIBUTES = 4 + 4 + 4 + 4,
    /* One of a list in the attributes. */
    WIRE_GROUP = 4,
    WIRE_RLIMIT = 4 + 8 + 8,
    WIRE_FD = 4 + 4,
    /* The size before a record, a text or bytes. */
    WIRE_SIZE = 4,
    /* The number and the size before a list of texts. */
    WIRE_TEXTS = 8,
    WIRE_STOP_STEP = 8,
};

/* Compilers make one instruction of each of these. */

static inline uint8_t *wire_put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    return p + 2;
}

static inline uint8_t *wire_put_u32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
    return p + 4;
}

static inline uint8_t *wire_put_u64(uint8_t *p, uint64_t v)
{
    return wire_put_u32(wire_put_u32(p, (uint32_t)v), (uint32_t)(v >> 32));
}

static inline uint8_t *wire_put_i32(uint8_t *p, int32_t v)
{
    return wire_put_u32(p, (uint32_t)v);
}

static inline uint8_t *wire_put_i64(uint8_t *p, int64_t v)
{
    return wire_put_u64(p, (uint64_t)v);
}

static inline uint16_t wire_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t wire_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static inline uint64_t wire_u64(const uint8_t *p)
{
    return wire_u32(p) | (uint64_t)wire_u32(p + 4) << 32;
}

#endif /* BROOD_PROTO_WIRE_H */
