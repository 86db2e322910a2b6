#ifndef BROOD_TESTS_LINK_ENDS_H
#define BROOD_TESTS_LINK_ENDS_H

/*
 * link_ends - two ends of a link in one process, and the wire between them.
 * Frames are handed over in memory of their own size, so that a sanitizer sees
 * a read past the end.
 */

#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/decode.h"
#include "proto/link.h"
#include "proto/wire.h"

struct link_end {
    struct link *link;
    /** What arrived; the bytes are copies. */
    struct link_message *seen;
    size_t n;
    size_t room;
    /** Called after a message has been noted, when set. */
    void (*then)(struct link_end *end, const struct link_message *m);
};

struct link_ends {
    struct link_end a;
    struct link_end b;
};

static inline void end_note(void *user, const struct link_message *m)
{
    struct link_end *end = user;
    struct link_message copy = *m;

    if (end->n == end->room) {
        end->room = end->room * 2 + 16;
        end->seen = realloc(end->seen, end->room * sizeof(*end->seen));
        assert_non_null(end->seen);
    }
    copy.data = malloc(m->size + 1);
    assert_non_null(copy.data);
    memcpy((void *)(uintptr_t)copy.data, m->data, m->size);
    end->seen[end->n] = copy;
    end->n++;
    if (end->then != NULL) {
        end->then(end, m);
    }
}

static inline void end_forget(struct link_end *end)
{
    for (size_t i = 0; i < end->n; i++) {
        free((void *)(uintptr_t)end->seen[i].data);
    }
    free(end->seen);
    end->seen = NULL;
    end->n = 0;
    end->room = 0;
}

static inline int end_receive(struct link_end *end,
                              const void *data,
                              size_t size)
{
    void *copy = malloc(size > 0 ? size : 1);
    int r;

    assert_non_null(copy);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    r = link_receive(end->link, copy, size, end_note, end);
    free(copy);
    return r;
}

/** Carry what may go. Returns: how many frames. */
static inline unsigned carry(struct link_end *from,
                             struct link_end *to,
                             bool flush)
{
    struct buf frame = { 0 };
    unsigned n = 0;

    while (link_take_frame(from->link, flush, &frame) == 1) {
        assert_ok(end_receive(to, frame.data, frame.size));
        buf_clear(&frame);
        n++;
    }
    assert_null(frame.data);
    return n;
}

/** Carry both ways until all is quiet. */
static inline void settle(struct link_ends *e)
{
    while (carry(&e->a, &e->b, true) + carry(&e->b, &e->a, true) > 0) {
    }
}

static inline void ends_new(struct link_ends *e,
                            const struct link_options *a,
                            const struct link_options *b)
{
    *e = (struct link_ends){ 0 };
    assert_ok(link_new(a, &e->a.link));
    assert_ok(link_new(b, &e->b.link));
}

/** Make both, and let each know the other. */
static inline void ends_open(struct link_ends *e,
                             const struct link_options *a,
                             const struct link_options *b)
{
    ends_new(e, a, b);
    settle(e);
    assert_true(link_is_open(e->a.link) && link_is_open(e->b.link));
}

static inline void ends_close(struct link_ends *e)
{
    e->a.link = link_free(e->a.link);
    e->b.link = link_free(e->b.link);
    end_forget(&e->a);
    end_forget(&e->b);
}

/** Send @size bytes that @number decides. Returns: as link_send(). */
static inline int end_send(struct link_end *end, size_t size, uint64_t number)
{
    uint8_t *data = malloc(size + 1);
    int r;

    assert_non_null(data);
    memset(data, (int)(number & 0xff), size);
    r = link_send(end->link, &(struct link_message){
                                 .kind = LINK_MESSAGE,
                                 .data = data,
                                 .size = size,
                             });
    free(data);
    return r;
}

/** Message @i of those seen is what end_send() made of these. */
static inline void check_sent(const struct link_end *end,
                              size_t i,
                              size_t size,
                              uint64_t number)
{
    const struct link_message *m;
    const uint8_t *data;

    assert_true(i < end->n);
    m = &end->seen[i];
    data = m->data;
    assert_int_equal(m->kind, LINK_MESSAGE);
    assert_int_equal(m->size, size);
    if (size > 0) {
        assert_int_equal(data[0], number & 0xff);
        assert_memory_equal(data, data + 1, size - 1);
    }
}

/** The type of a frame. */
static inline uint16_t frame_type(const struct buf *frame)
{
    assert_true(frame->size >= MESSAGE_HEADER_SIZE);
    return wire_u16(frame->data + WIRE_TYPE_AT);
}

/** The number in the first record of a frame. */
static inline uint64_t frame_number(const struct buf *frame)
{
    assert_true(frame->size >= MESSAGE_HEADER_SIZE + WIRE_SIZE + 8);
    return wire_u64(frame->data + MESSAGE_HEADER_SIZE + WIRE_SIZE);
}

/** xorshift64*: the same series everywhere. Returns: less than @n. */
static inline size_t random_below(uint64_t *seed, size_t n)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (size_t)((*seed * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

#endif /* BROOD_TESTS_LINK_ENDS_H */
