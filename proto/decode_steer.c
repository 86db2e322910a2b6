#include <errno.h>

#include "proto/cursor.h"
#include "proto/steer.h"
#include "proto/wire.h"

int decode_piece(struct reader *r, struct message_piece *ret)
{
    struct message_piece m;
    struct cursor c;

    if (!cursor_open(r, WIRE_PIECE, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.last = fixed_u8(&c);
    c.p += 3;
    m.data = cursor_bytes(&c);
    if (c.bad || m.last > 1) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_pause(struct reader *r, struct message_pause *ret)
{
    struct message_pause m;
    struct cursor c;

    if (!cursor_open(r, WIRE_PAUSE, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.stream = fixed_u8(&c);
    m.paused = fixed_u8(&c);
    if (m.stream < 1 || m.stream > 2 || m.paused > 1) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_kill(struct reader *r, struct message_kill *ret)
{
    struct message_kill m;
    struct cursor c;

    if (!cursor_open(r, WIRE_KILL, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.alone = fixed_u8(&c);
    c.p += 3;
    m.signal = fixed_u32(&c);
    if (m.signal < 1 || m.signal > MESSAGE_SIGNAL_MAX || m.alone > 1) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_leave(struct reader *r, struct message_leave *ret)
{
    struct cursor c;

    if (!cursor_open(r, 8, &c)) {
        return -EBADMSG;
    }
    ret->key = fixed_u64(&c);
    cursor_close(r, &c);
    return 0;
}

int decode_peek(struct reader *r, struct message_peek *ret)
{
    struct message_peek m;
    struct cursor c;

    if (!cursor_open(r, WIRE_PEEK, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.stream = fixed_u8(&c);
    c.p += 3;
    m.size = fixed_u32(&c);
    if (m.stream < 1 || m.stream > 2) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_taken(struct reader *r, struct message_taken *ret)
{
    struct message_taken m;
    struct cursor c;

    if (!cursor_open(r, WIRE_TAKEN, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.bytes = fixed_u64(&c);
    m.error = fixed_i32(&c);
    if (m.error > 0 || m.error < -MESSAGE_ERRNO_MAX) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_ended(struct reader *r, struct message_ended *ret)
{
    struct message_ended m;
    struct cursor c;

    if (!cursor_open(r, WIRE_ENDED, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.flags = fixed_u8(&c);
    c.p += 3;
    m.exit_status = fixed_i32(&c);
    m.signal = fixed_i32(&c);
    if ((m.flags & ~MESSAGE_RESULT_FLAGS) != 0 || m.exit_status < -1 ||
        m.exit_status > MESSAGE_EXIT_STATUS_MAX || m.signal < 0 ||
        m.signal > MESSAGE_SIGNAL_MAX) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}
