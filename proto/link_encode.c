#include <assert.h>
#include <string.h>

#include "proto/encode.h"
#include "proto/link_wire.h"

/* A message of one record of @size bytes; room for it is at *ret. */
static int begin_single(struct buf *b,
                        enum message_type type,
                        uint32_t size,
                        uint8_t **ret)
{
    int r = buf_reserve(b, MESSAGE_HEADER_SIZE + WIRE_SIZE + size);

    if (r < 0) {
        return r;
    }
    (void)message_begin(b, type);
    (void)wire_put_u32(b->data + WIRE_COUNT_AT, 1);
    *ret = wire_put_u32(b->data + b->size, size);
    b->size += WIRE_SIZE + size;
    message_end(b);
    return 0;
}

int link_wire_hello(struct buf *b, const struct link_hello *hello)
{
    uint8_t *p;
    int r = begin_single(b, MESSAGE_LINK_HELLO, LINK_WIRE_HELLO, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u32(p, hello->version);
    p = wire_put_u32(p, hello->pid);
    p = wire_put_u64(p, hello->window_bytes);
    (void)wire_put_u64(p, hello->message_max_bytes);
    return 0;
}

int link_wire_number(struct buf *b, enum message_type type, uint64_t number)
{
    uint8_t *p;
    int r = begin_single(b, type, LINK_WIRE_NUMBER, &p);

    if (r < 0) {
        return r;
    }
    (void)wire_put_u64(p, number);
    return 0;
}

int link_wire_begin(struct buf *b, uint64_t first, size_t room)
{
    int r = buf_reserve(b, LINK_WIRE_START + room);

    return r < 0 ? r : link_wire_number(b, MESSAGE_LINK_DATA, first);
}

void link_wire_put(struct buf *b, const struct link_message *m)
{
    uint8_t *start = b->data + b->size;
    uint8_t *p = start + WIRE_SIZE;

    assert(b->room - b->size >= LINK_WIRE_HEAD_MAX + m->size);
    *p++ = (uint8_t)m->kind;
    if (link_wire_has_id(m->kind)) {
        p = wire_put_u64(p, m->id);
    }
    if (link_wire_has_status(m->kind)) {
        p = wire_put_i32(p, m->status);
    }
    if (m->size > 0) {
        memcpy(p, m->data, m->size);
    }
    p += m->size;
    (void)wire_put_u32(start, (uint32_t)(p - start) - WIRE_SIZE);
    b->size += (size_t)(p - start);
}

void link_wire_end(struct buf *b, uint32_t messages)
{
    (void)wire_put_u32(b->data + WIRE_COUNT_AT, messages + 1);
    message_end(b);
}
