/*
 * link_fuzz - a link whose peer says anything.
 *
 * The input is a script: a byte of choice, a size (2 bytes), and that many
 * bytes. A choice says to take them in as a frame, as the body of one with the
 * right header, to send, or to say BYE; between two steps what may go is taken.
 * What is handed over is within the frame and keeps to link.h, and a link
 * that has failed stays so.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/link.h"
#include "proto/link_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MESSAGE_MAX = 512,
    STEP_HEAD = 3,
};

struct target {
    struct link *link;
    /* The frame that is handed over. */
    const uint8_t *frame;
    size_t size;
    uint64_t messages;
    /* The peer broke the rules, or it was ended within a message. */
    bool failed;
    bool fail_next;
    volatile unsigned sum;
};

/* As assert, in a release too. */
static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void on_message(void *user, const struct link_message *m)
{
    struct target *t = user;
    const uint8_t *data = m->data;

    must(!t->failed);
    must(m->kind < LINK_KIND_COUNT && m->size <= MESSAGE_MAX);
    must((m->kind == LINK_MESSAGE) == (m->id == 0));
    must(m->status <= 0 && m->status >= -LINK_WIRE_ERRNO_MAX);
    must(m->status == 0 || m->kind == LINK_REPLY);
    must(data > t->frame && data <= t->frame + t->size);
    must(m->size <= (size_t)(t->frame + t->size - data));
    for (size_t i = 0; i < m->size; i++) {
        t->sum += data[i];
    }
    t->messages++;
    if (m->kind == LINK_REQUEST) {
        struct link_message reply = *m;
        int r;

        reply.kind = LINK_REPLY;
        r = link_send(t->link, &reply);
        must(r == 0 || r == 1 || r == -EPIPE || r == -EMSGSIZE);
    }
    if (t->fail_next) {
        link_fail(t->link);
        t->failed = true;
    }
}

/* In memory of its own, so that a sanitizer sees a read past its end. */
static void take_in(struct target *t,
                    int type,
                    const uint8_t *data,
                    size_t size)
{
    size_t head = type == 0 ? 0 : MESSAGE_HEADER_SIZE;
    uint8_t *frame = malloc(head + size + 1);
    uint8_t *copy;
    int r;

    must(frame != NULL);
    memcpy(frame + head, data, size);
    if (type != 0 && size >= 4) {
        uint8_t *p = wire_put_u32(frame, MESSAGE_MAGIC);

        /* The script has the count where the body would begin. */
        p = wire_put_u16(p, MESSAGE_VERSION);
        p = wire_put_u16(p, (uint16_t)type);
        memmove(p, data, 4);
        p = wire_put_u32(p + 4, (uint32_t)size - 4);
        memcpy(p, data + 4, size - 4);
        size += head - 4;
    }
    copy = realloc(frame, size + (size == 0));
    must(copy != NULL);
    t->frame = copy;
    t->size = size;
    r = link_receive(t->link, copy, size, on_message, t);
    must(r == 0 || r == -EPROTO || r == -EBADMSG || r == -EMSGSIZE);
    must(!t->failed || r == -EPROTO);
    t->failed = t->failed || r < 0;
    free(copy);
}

static void take_out(struct target *t, bool flush)
{
    struct buf frame = { 0 };

    while (link_take_frame(t->link, flush, &frame) == 1) {
        struct message_header header;
        struct reader reader;

        must(!t->failed);
        must(message_open(frame.data, frame.size, false, &header, &reader) ==
             0);
        must(header.type == MESSAGE_LINK_HELLO || link_is_open(t->link));
        buf_clear(&frame);
    }
}

static void step(struct target *t,
                 uint8_t choice,
                 const uint8_t *p,
                 size_t size)
{
    const struct link_message m = { .data = p, .size = size };

    t->fail_next = (choice & 0x40) != 0;
    switch (choice & 7) {
    case 0:
        take_in(t, 0, p, size);
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        take_in(t, MESSAGE_LINK_HELLO - 1 + (choice & 7), p, size);
        break;
    case 5:
        (void)link_send(t->link, &m);
        break;
    case 6:
        (void)link_bye(t->link);
        break;
    default:
        break;
    }
    if ((choice & 0x10) != 0) {
        take_out(t, (choice & 0x20) != 0);
    }
    must(!t->failed || link_is_over(t->link));
    must(!link_has_said_bye(t->link) || link_is_open(t->link));
    must(link_waiting_bytes(t->link) == 0 || !t->failed);
    must(link_waiting_bytes(t->link) == 0 || link_undelivered(t->link) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct link_options options = {
        .message_max_bytes = MESSAGE_MAX,
        .window_bytes = 1,
        .high_bytes = 1000,
    };
    struct target t = { 0 };

    must(link_new(&options, &t.link) == 0);
    while (size >= STEP_HEAD) {
        size_t n = wire_u16(data + 1);

        n = n < size - STEP_HEAD ? n : size - STEP_HEAD;
        step(&t, data[0], data + STEP_HEAD, n);
        data += STEP_HEAD + n;
        size -= STEP_HEAD + n;
    }
    (void)link_free(t.link);
    return 0;
}
