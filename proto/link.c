/*
 * The order of frames, and what comes in. What goes out is a link_queue.
 *
 * Both sides count the cost of a message alike. We count what came and has not
 * been acknowledged, which is never more than what the peer counts as in
 * flight: a peer that keeps the window is never taken for one that does not.
 *
 * Receiving allocates nothing: the records of a frame are checked, then walked
 * a second time to hand them over.
 */

#include "proto/link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "proto/decode.h"
#include "proto/link_queue.h"
#include "proto/link_wire.h"

#define MESSAGE_MAX_DEFAULT (UINT64_C(64) << 20)
#define WINDOW_DEFAULT      (UINT64_C(4) << 20)
#define HIGH_DEFAULT        (UINT64_C(1) << 20)

struct link {
    struct link_options options;
    struct link_queue queue;
    struct link_hello peer;
    /* Messages received and acknowledged, and what others than these cost. */
    uint64_t received;
    uint64_t acked;
    uint64_t unacked_cost;
    bool hello_taken;
    bool is_open;
    bool bye;
    bool bye_taken;
    bool peer_bye;
    bool failed;
    bool is_handing_over;
};

static uint64_t or_default(uint64_t v, uint64_t otherwise)
{
    return v == 0 ? otherwise : v;
}

static void set_options(struct link_options *o)
{
    o->message_max_bytes =
        or_default(o->message_max_bytes, MESSAGE_MAX_DEFAULT);
    o->window_bytes = or_default(o->window_bytes, WINDOW_DEFAULT);
    o->high_bytes = or_default(o->high_bytes, HIGH_DEFAULT);
    if (o->message_max_bytes > LINK_WIRE_MESSAGE_MAX) {
        o->message_max_bytes = LINK_WIRE_MESSAGE_MAX;
    }
    if (o->window_bytes < LINK_WINDOW_MIN_BYTES) {
        o->window_bytes = LINK_WINDOW_MIN_BYTES;
    }
}

int link_new(const struct link_options *options, struct link **ret)
{
    struct link *link = brood_calloc(1, sizeof(*link));

    if (link == NULL) {
        return -ENOMEM;
    }
    if (options != NULL) {
        link->options = *options;
    }
    set_options(&link->options);
    link_queue_init(&link->queue, link->options.message_max_bytes);
    *ret = link;
    return 0;
}

struct link *link_free(struct link *link)
{
    if (link != NULL) {
        assert(!link->is_handing_over);
        link_queue_clear(&link->queue);
        free(link);
    }
    return NULL;
}

int link_send(struct link *link, const struct link_message *m)
{
    int r;

    assert(m->kind < LINK_KIND_COUNT);
    assert(link_wire_has_id(m->kind) == (m->id != 0));
    assert(m->status == 0 ||
           (m->kind == LINK_REPLY && link_wire_is_status(m->status)));
    if (link->failed || link->bye) {
        return -EPIPE;
    }
    r = link_queue_add(&link->queue, m);
    if (r < 0) {
        return r;
    }
    return link->queue.waiting_cost > link->options.high_bytes ? 1 : 0;
}

int link_bye(struct link *link)
{
    if (link->failed) {
        return -EPIPE;
    }
    link_queue_close_frame(&link->queue);
    link->bye = true;
    return 0;
}

static int take_hello(struct link *link, struct buf *ret)
{
    const struct link_hello hello = {
        .version = LINK_VERSION,
        .pid = (uint32_t)getpid(),
        .window_bytes = link->options.window_bytes,
        .message_max_bytes = link->options.message_max_bytes,
    };
    int r = link_wire_hello(ret, &hello);

    if (r < 0) {
        return r;
    }
    link->hello_taken = true;
    return 1;
}

static int take_ack(struct link *link, struct buf *ret)
{
    int r = link_wire_number(ret, MESSAGE_LINK_ACK, link->received);

    if (r < 0) {
        return r;
    }
    link->acked = link->received;
    link->unacked_cost = 0;
    return 1;
}

static int take_bye(struct link *link, struct buf *ret)
{
    int r = link_wire_number(ret, MESSAGE_LINK_BYE, link->queue.added);

    if (r < 0) {
        return r;
    }
    link->bye_taken = true;
    return 1;
}

static bool is_ack_due(const struct link *link, bool flush)
{
    /* What is being handed over is acknowledged when that is done. */
    return !link->is_handing_over && link->received > link->acked &&
           (flush || link->unacked_cost >= link->options.window_bytes / 2);
}

static bool is_bye_due(const struct link *link)
{
    return link->bye && !link->bye_taken &&
           link->queue.taken == link->queue.added;
}

int link_take_frame(struct link *link, bool flush, struct buf *ret)
{
    assert(ret->size == 0 && ret->data == NULL);

    if (link->failed) {
        return 0;
    }
    if (!link->hello_taken) {
        return take_hello(link, ret);
    }
    if (!link->is_open) {
        return 0;
    }
    if (is_ack_due(link, false)) {
        return take_ack(link, ret);
    }
    if (link_queue_take(&link->queue, flush, ret)) {
        return 1;
    }
    /* The peer is woken by what it waits for. */
    if (is_ack_due(link, flush)) {
        return take_ack(link, ret);
    }
    return is_bye_due(link) ? take_bye(link, ret) : 0;
}

static int receive_hello(struct link *link, struct reader *reader)
{
    struct link_hello hello;
    int r;

    if (link->is_open) {
        return -EPROTO;
    }
    r = link_wire_read_hello(reader, &hello);
    if (r < 0) {
        return r;
    }
    if (hello.version != LINK_VERSION ||
        hello.window_bytes < LINK_WINDOW_MIN_BYTES) {
        return -EPROTO;
    }
    r = link_queue_open(&link->queue, hello.window_bytes,
                        hello.message_max_bytes);
    if (r < 0) {
        return r;
    }
    link->peer = hello;
    link->is_open = true;
    return 0;
}

/* Check all of a frame, before any of it is handed over. */
static int check_data(const struct link *link,
                      struct reader reader,
                      uint64_t *ret_cost)
{
    const uint64_t window = link->options.window_bytes;
    bool is_alone = reader.left == 2 && link->unacked_cost == 0;
    uint64_t cost = 0;
    uint64_t first = 0;
    int r = link_wire_read_number(&reader, &first);

    if (r == 0 && first != link->received + 1) {
        r = -EPROTO;
    }
    while (r == 0 && reader.left > 0) {
        struct link_message m = { 0 };

        r = link_wire_read_message(&reader, &m);
        if (r == 0 && m.size > link->options.message_max_bytes) {
            r = -EMSGSIZE;
        }
        cost += link_cost(&m);
    }
    if (r == 0 && !is_alone && link->unacked_cost + cost > window) {
        r = -EMSGSIZE;
    }
    *ret_cost = cost;
    return r;
}

static int receive_data(struct link *link,
                        struct reader *reader,
                        void (*on_message)(void *user,
                                           const struct link_message *m),
                        void *user)
{
    struct link_message m;
    uint64_t first;
    uint64_t cost;
    int r;

    if (link->peer_bye) {
        return -EPROTO;
    }
    r = check_data(link, *reader, &cost);
    if (r < 0) {
        return r;
    }
    link->unacked_cost += cost;
    link->is_handing_over = true;
    (void)link_wire_read_number(reader, &first);
    while (!link->failed && reader->left > 0) {
        (void)link_wire_read_message(reader, &m);
        link->received++;
        on_message(user, &m);
    }
    link->is_handing_over = false;
    return link->failed ? -EPROTO : 0;
}

static int receive_ack(struct link *link, struct reader *reader)
{
    uint64_t number;
    int r = link_wire_read_number(reader, &number);

    return r < 0 ? r : link_queue_acknowledge(&link->queue, number);
}

static int receive_bye(struct link *link, struct reader *reader)
{
    uint64_t number;
    int r = link_wire_read_number(reader, &number);

    if (r < 0) {
        return r;
    }
    if (link->peer_bye || number != link->received) {
        return -EPROTO;
    }
    link->peer_bye = true;
    return 0;
}

int link_receive(struct link *link,
                 const void *data,
                 size_t size,
                 void (*on_message)(void *user, const struct link_message *m),
                 void *user)
{
    struct message_header header = { 0 };
    struct reader reader = { 0 };
    int r;

    assert(!link->is_handing_over);
    if (link->failed) {
        return -EPROTO;
    }
    r = message_open(data, size, false, &header, &reader);
    if (r == 0 && header.type != MESSAGE_LINK_HELLO && !link->is_open) {
        r = -EPROTO;
    }
    if (r == 0) {
        switch (header.type) {
        case MESSAGE_LINK_HELLO:
            r = receive_hello(link, &reader);
            break;
        case MESSAGE_LINK_DATA:
            r = receive_data(link, &reader, on_message, user);
            break;
        case MESSAGE_LINK_ACK:
            r = receive_ack(link, &reader);
            break;
        case MESSAGE_LINK_BYE:
            r = receive_bye(link, &reader);
            break;
        default:
            r = -EBADMSG;
            break;
        }
    }
    if (r < 0) {
        link_fail(link);
    }
    return r;
}

void link_fail(struct link *link)
{
    link->failed = true;
    link_queue_clear(&link->queue);
}

bool link_is_open(const struct link *link)
{
    return link->is_open;
}

bool link_is_over(const struct link *link)
{
    return link->peer_bye || link->failed;
}

bool link_has_said_bye(const struct link *link)
{
    return link->bye_taken;
}

uint64_t link_waiting_bytes(const struct link *link)
{
    return link->queue.waiting_cost;
}

bool link_is_crowded(const struct link *link)
{
    return link->queue.waiting_cost / LINK_CROWDED >= link->options.high_bytes;
}

const struct link_options *link_limits(const struct link *link)
{
    return &link->options;
}

bool link_is_low(const struct link *link)
{
    return link->queue.waiting_cost <= link->options.high_bytes / 2;
}

uint64_t link_delivered(const struct link *link)
{
    return link->queue.acked;
}

uint64_t link_undelivered(const struct link *link)
{
    return link->queue.added - link->queue.acked;
}

uint32_t link_peer_pid(const struct link *link)
{
    return link->peer.pid;
}
