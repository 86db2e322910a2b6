#include "collector.h"

#include <errno.h>
#include <string.h>

static size_t head_max(const struct collector *c)
{
    return c->keeps_end ? c->max / 2 : c->max;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void add_to_ring(struct collector *c, const uint8_t *data, size_t size)
{
    size_t room = c->max - head_max(c);

    if (size > room) {
        data += size - room;
        size = room;
    }
    if (c->ring.size < room) {
        size_t n = smaller(size, room - c->ring.size);

        if (buf_add(&c->ring, data, n) < 0) {
            c->lost += size;
            return;
        }
        data += n;
        size -= n;
    }
    while (size > 0) {
        size_t n = smaller(size, room - c->ring_at);

        memcpy(c->ring.data + c->ring_at, data, n);
        c->ring_at = (c->ring_at + n) % room;
        data += n;
        size -= n;
    }
}

void collector_add(struct collector *c, const void *data, size_t size)
{
    const uint8_t *p = data;
    size_t n = smaller(size, head_max(c) - smaller(head_max(c), c->total));

    c->total += size;
    if (n > 0 && buf_add(&c->head, p, n) < 0) {
        c->lost += n;
    }
    if (size > n && c->keeps_end) {
        add_to_ring(c, p + n, size - n);
    }
}

bool collector_is_over(const struct collector *c)
{
    return c->total > c->max;
}

int collector_take(struct collector *c, struct brood_text *ret)
{
    size_t head = c->head.size;
    size_t end = c->ring.size;
    int r = buf_reserve(&c->head, end + 1);

    if (r < 0) {
        return r;
    }
    if (end > 0) {
        memcpy(c->head.data + head, c->ring.data + c->ring_at,
               end - c->ring_at);
        memcpy(c->head.data + head + end - c->ring_at, c->ring.data,
               c->ring_at);
    }
    c->head.data[head + end] = '\0';
    *ret = (struct brood_text){
        .data = (const char *)c->head.data,
        .size_bytes = head + end,
        .dropped_bytes = c->total - head - end,
        .head_bytes = head,
    };
    c->head = (struct buf){ 0 };
    buf_clear(&c->ring);
    return 0;
}

void collector_clear(struct collector *c)
{
    buf_clear(&c->head);
    buf_clear(&c->ring);
}
