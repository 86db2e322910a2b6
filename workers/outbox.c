#include "workers/outbox.h"

#include "base/clock.h"
#include "proto/channel.h"
#include "proto/encode.h"
#include "proto/steer.h"

/* No answer waits longer than this. */
#define OUTBOX_WAIT_NS (5 * CLOCK_NS_PER_MS)

enum {
    /* Enough for one message. */
    OUTBOX_LARGE_BYTES = 64 * 1024,
    /* More than a record of fixed size takes. */
    OUTBOX_RECORD_BYTES = 64,
};

static int begin(struct outbox *o, struct buf *b, enum message_type type)
{
    int r;

    if (o->since_ns == 0) {
        o->since_ns = clock_mono_ns();
    }
    if (b->size > 0) {
        return 0;
    }
    r = message_begin(b, type);
    if (r < 0) {
        buf_clear(b);
    }
    return r;
}

static int reserve(struct outbox *o, struct buf *b, enum message_type type)
{
    int r = begin(o, b, type);

    return r < 0 ? r : buf_reserve(b, OUTBOX_RECORD_BYTES);
}

int outbox_reserve_started(struct outbox *o)
{
    return reserve(o, &o->started, MESSAGE_STARTED);
}

int outbox_reserve_taken(struct outbox *o)
{
    return reserve(o, &o->taken, MESSAGE_TAKEN);
}

int outbox_started(struct outbox *o, const struct message_started *m)
{
    int r = begin(o, &o->started, MESSAGE_STARTED);

    return r < 0 ? r : encode_started(&o->started, m);
}

int outbox_output(struct outbox *o, const struct message_output *m)
{
    int r = begin(o, &o->output, MESSAGE_OUTPUT);

    return r < 0 ? r : encode_output(&o->output, m);
}

int outbox_tail(struct outbox *o, const struct message_output *m)
{
    int r = begin(o, &o->tails, MESSAGE_TAIL);

    return r < 0 ? r : encode_output(&o->tails, m);
}

int outbox_taken(struct outbox *o, const struct message_taken *m)
{
    int r = begin(o, &o->taken, MESSAGE_TAKEN);

    return r < 0 ? r : encode_taken(&o->taken, m);
}

int outbox_ended(struct outbox *o, const struct message_ended *m)
{
    int r = begin(o, &o->ended, MESSAGE_ENDED);

    return r < 0 ? r : encode_ended(&o->ended, m);
}

int outbox_result(struct outbox *o, const struct message_result *m)
{
    int r = begin(o, &o->results, MESSAGE_RESULTS);

    return r < 0 ? r : encode_result(&o->results, m);
}

int outbox_returned(struct outbox *o, const struct message_returned *m)
{
    int r = begin(o, &o->returned, MESSAGE_RETURNED);

    return r < 0 ? r : encode_returned(&o->returned, m);
}

int outbox_say(struct outbox *o, enum message_type type)
{
    struct buf b = { 0 };
    int r = message_begin(&b, type);

    if (r == 0) {
        message_end(&b);
        r = channel_send(o->channel, &b);
    }
    buf_clear(&b);
    return r;
}

bool outbox_has_any(const struct outbox *o)
{
    return o->since_ns != 0;
}

bool outbox_is_due(const struct outbox *o, int64_t now_ns)
{
    return o->since_ns != 0 &&
           (now_ns - o->since_ns >= OUTBOX_WAIT_NS ||
            o->results.size + o->output.size >= OUTBOX_LARGE_BYTES);
}

int64_t outbox_due_ns(const struct outbox *o)
{
    return o->since_ns + OUTBOX_WAIT_NS;
}

int outbox_flush(struct outbox *o)
{
    struct buf *in_order[] = { &o->started, &o->output,  &o->tails,   &o->taken,
                               &o->ended,   &o->results, &o->returned };

    for (unsigned i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++) {
        struct buf *b = in_order[i];
        int r;

        if (b->size == 0 || message_count(b) == 0) {
            buf_clear(b);
            continue;
        }
        message_end(b);
        r = channel_send(o->channel, b);
        if (r < 0) {
            return r;
        }
    }
    o->since_ns = 0;
    return 0;
}

void outbox_clear(struct outbox *o)
{
    buf_clear(&o->started);
    buf_clear(&o->output);
    buf_clear(&o->tails);
    buf_clear(&o->taken);
    buf_clear(&o->ended);
    buf_clear(&o->results);
    buf_clear(&o->returned);
}
