#include "proto/link_queue.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proto/link_wire.h"

struct link_frame {
    struct link_frame *next;
    struct buf bytes;
    uint64_t last; /* the number of its last message */
    uint64_t cost;
    uint32_t count;
};

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void push(struct link_frames *frames, struct link_frame *f)
{
    f->next = NULL;
    if (frames->first == NULL) {
        frames->first = f;
    } else {
        frames->last->next = f;
    }
    frames->last = f;
}

static struct link_frame *pop(struct link_frames *frames)
{
    struct link_frame *f = frames->first;

    if (f != NULL) {
        frames->first = f->next;
    }
    return f;
}

static void frame_free(struct link_frame *f)
{
    buf_clear(&f->bytes);
    free(f);
}

static void free_frames(struct link_frames *frames)
{
    struct link_frame *f;

    while ((f = pop(frames)) != NULL) {
        frame_free(f);
    }
}

void link_queue_init(struct link_queue *q, uint64_t message_max_bytes)
{
    *q = (struct link_queue){
        .message_max_bytes = message_max_bytes,
        /* Right for every window. */
        .frame_max = LINK_WINDOW_MIN_BYTES / 2,
    };
}

void link_queue_clear(struct link_queue *q)
{
    free_frames(&q->waiting);
    free_frames(&q->flight);
    q->open = NULL;
    q->waiting_cost = 0;
    q->flight_cost = 0;
}

int link_queue_open(struct link_queue *q,
                    uint64_t window_bytes,
                    uint64_t message_max_bytes)
{
    q->message_max_bytes = least(q->message_max_bytes, message_max_bytes);
    if (q->largest_bytes > q->message_max_bytes) {
        return -EMSGSIZE;
    }
    q->window_bytes = window_bytes;
    q->frame_max = least(LINK_FRAME_BYTES, window_bytes / 2);
    return 0;
}

void link_queue_close_frame(struct link_queue *q)
{
    if (q->open != NULL) {
        q->frame_room = (size_t)least(q->open->bytes.size, LINK_FRAME_BYTES);
        q->open = NULL;
    }
}

/* With room for as much as the last one held: a busy link grows none, an idle
 * one keeps little. */
static int open_frame(struct link_queue *q, size_t first_room)
{
    struct link_frame *f = brood_calloc(1, sizeof(*f));
    int r;

    if (f == NULL) {
        return -ENOMEM;
    }
    r = link_wire_begin(&f->bytes, q->added + 1,
                        (size_t)most(first_room, q->frame_room));
    if (r < 0) {
        frame_free(f);
        return r;
    }
    push(&q->waiting, f);
    q->open = f;
    return 0;
}

/* Have an open frame with room for one more message. */
static int make_room(struct link_queue *q, const struct link_message *m)
{
    size_t room = LINK_WIRE_HEAD_MAX + m->size;

    if (q->open != NULL && q->open->cost + link_cost(m) > q->frame_max) {
        link_queue_close_frame(q);
    }
    return q->open == NULL ? open_frame(q, room)
                           : buf_reserve(&q->open->bytes, room);
}

int link_queue_add(struct link_queue *q, const struct link_message *m)
{
    struct link_frame *f;
    int r;

    if (m->size > q->message_max_bytes) {
        return -EMSGSIZE;
    }
    r = make_room(q, m);
    if (r < 0) {
        return r;
    }
    f = q->open;
    link_wire_put(&f->bytes, m);
    q->added++;
    f->last = q->added;
    f->count++;
    f->cost += link_cost(m);
    q->waiting_cost += link_cost(m);
    q->largest_bytes = most(q->largest_bytes, m->size);
    if (f->cost >= q->frame_max) {
        link_queue_close_frame(q);
    }
    return 0;
}

static bool may_go(const struct link_queue *q, const struct link_frame *f)
{
    return q->flight.first == NULL ||
           q->flight_cost + f->cost <= q->window_bytes;
}

bool link_queue_take(struct link_queue *q, bool flush, struct buf *ret)
{
    struct link_frame *f = q->waiting.first;

    if (f == NULL || (f == q->open && !flush) || !may_go(q, f)) {
        return false;
    }
    if (f == q->open) {
        link_queue_close_frame(q);
    }
    link_wire_end(&f->bytes, f->count);
    *ret = f->bytes;
    f->bytes = (struct buf){ 0 };
    push(&q->flight, pop(&q->waiting));
    q->waiting_cost -= f->cost;
    q->flight_cost += f->cost;
    q->taken = f->last;
    return true;
}

int link_queue_acknowledge(struct link_queue *q, uint64_t number)
{
    struct link_frame *f;

    if (number <= q->acked || number > q->taken) {
        return -EPROTO;
    }
    q->acked = number;
    while ((f = q->flight.first) != NULL && f->last <= number) {
        q->flight_cost -= f->cost;
        frame_free(pop(&q->flight));
    }
    return 0;
}
