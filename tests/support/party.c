#include "support/party.h"

#include <errno.h>

#include "proto/channel.h"
#include "proto/decode.h"
#include "proto/encode.h"
#include "support/check.h"
#include "wiring.h"

struct party parties[PARTIES_MAX];
unsigned n_parties;

void parties_reset(void)
{
    memset(parties, 0, sizeof(parties));
    n_parties = 0;
}

int wiring_start(const struct wiring_spec *spec, struct wiring_party **ret)
{
    struct party *p = &parties[n_parties++];

    p->slots = spec->slots;
    *ret = (struct wiring_party *)(void *)p;
    return channel_connect(spec->context, spec->name, &p->channel);
}

struct wiring_party *wiring_join(struct wiring_party *party)
{
    struct party *p = (struct party *)(void *)party;

    p->channel = channel_close(p->channel);
    return NULL;
}

static void read_records(struct party *p, uint16_t type, struct reader *reader)
{
    struct message_take_back take_back;
    struct message_cancel cancel;
    struct message_job job;

    switch (type) {
    case MESSAGE_JOBS:
        p->n_groups++;
        while (reader->left > 0) {
            assert_ok(decode_job(reader, &job));
            assert_true(p->n_keys < PARTY_JOBS_MAX);
            p->keys[p->n_keys++] = job.key;
        }
        break;
    case MESSAGE_TAKE_BACK:
        assert_ok(decode_take_back(reader, &take_back));
        p->n_take_back++;
        p->take_back_count = take_back.count;
        break;
    case MESSAGE_CANCEL:
        while (reader->left > 0) {
            assert_ok(decode_cancel(reader, &cancel));
            p->n_cancels++;
            p->cancelled = cancel.key;
        }
        break;
    default:
        break;
    }
}

void party_read(struct party *p)
{
    struct frame *frame = NULL;
    int r;

    while ((r = channel_receive(p->channel, &frame)) == 0) {
        struct message_header header;
        struct reader reader;

        assert_ok(message_open(frame_data(frame), frame_size(frame), true,
                               &header, &reader));
        read_records(p, header.type, &reader);
        frame_unref(frame);
    }
    assert_err(r, -EAGAIN);
}

static uint64_t take_key(struct party *p, unsigned place)
{
    uint64_t key = p->keys[place];

    assert_true(place < p->n_keys);
    p->n_keys--;
    memmove(&p->keys[place], &p->keys[place + 1],
            (p->n_keys - place) * sizeof(p->keys[0]));
    return key;
}

void party_answer(struct party *p, unsigned place, int status, int64_t ns)
{
    struct buf b = { 0 };
    struct message_result m = {
        .key = take_key(p, place),
        .outcome = MESSAGE_EXITED,
        .exit_status = status,
        .pid = 1,
        .slot = 1,
        .duration_ns = ns,
        .out.fd = -1,
        .err.fd = -1,
    };

    assert_ok(message_begin(&b, MESSAGE_RESULTS));
    assert_ok(encode_result(&b, &m));
    message_end(&b);
    assert_ok(channel_send(p->channel, &b));
}

void party_started(struct party *p, unsigned place)
{
    struct buf b = { 0 };
    struct message_started m = {
        .key = p->keys[place],
        .pid = 1,
        .slot = 1,
    };

    assert_ok(message_begin(&b, MESSAGE_STARTED));
    assert_ok(encode_started(&b, &m));
    message_end(&b);
    assert_ok(channel_send(p->channel, &b));
}

void party_return(struct party *p, unsigned place, int reason)
{
    struct buf b = { 0 };
    struct message_returned m = {
        .key = take_key(p, place),
        .reason = reason,
    };

    assert_ok(message_begin(&b, MESSAGE_RETURNED));
    assert_ok(encode_returned(&b, &m));
    message_end(&b);
    assert_ok(channel_send(p->channel, &b));
}
