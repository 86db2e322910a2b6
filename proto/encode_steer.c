#include "proto/record.h"
#include "proto/steer.h"
#include "proto/wire.h"

int encode_piece(struct buf *b, const struct message_piece *m)
{
    uint8_t *p;
    int r =
        record_begin(b, (uint64_t)WIRE_PIECE + WIRE_SIZE + m->data.size, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = record_put_three(p, m->last, 0, 0);
    return record_end(b, record_put_bytes(p, m->data.data, m->data.size));
}

int encode_pause(struct buf *b, const struct message_pause *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_PAUSE, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    return record_end(b, record_put_three(p, m->stream, m->paused, 0));
}

int encode_kill(struct buf *b, const struct message_kill *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_KILL, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = record_put_three(p, m->alone, 0, 0);
    return record_end(b, wire_put_u32(p, m->signal));
}

int encode_leave(struct buf *b, const struct message_leave *m)
{
    uint8_t *p;
    int r = record_begin(b, 8, &p);

    return r < 0 ? r : record_end(b, wire_put_u64(p, m->key));
}

int encode_peek(struct buf *b, const struct message_peek *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_PEEK, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = record_put_three(p, m->stream, 0, 0);
    return record_end(b, wire_put_u32(p, m->size));
}

int encode_taken(struct buf *b, const struct message_taken *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_TAKEN, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = wire_put_u64(p, m->bytes);
    return record_end(b, wire_put_i32(p, m->error));
}

int encode_ended(struct buf *b, const struct message_ended *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_ENDED, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = record_put_three(p, m->flags, 0, 0);
    p = wire_put_i32(p, m->exit_status);
    return record_end(b, wire_put_i32(p, m->signal));
}
