#include <errno.h>

#include "proto/cursor.h"
#include "proto/link_wire.h"

enum {
    ERRNO_MAX = 4095,
};

int link_wire_read_hello(struct reader *r, struct link_hello *ret)
{
    struct cursor c;

    if (!cursor_open(r, WIRE_LINK_HELLO, &c)) {
        return -EBADMSG;
    }
    ret->version = fixed_u32(&c);
    ret->pid = fixed_u32(&c);
    ret->window_bytes = fixed_u64(&c);
    ret->message_max_bytes = fixed_u64(&c);
    cursor_close(r, &c);
    return 0;
}

int link_wire_read_number(struct reader *r, uint64_t *ret)
{
    struct cursor c;

    if (!cursor_open(r, WIRE_LINK_NUMBER, &c)) {
        return -EBADMSG;
    }
    *ret = fixed_u64(&c);
    cursor_close(r, &c);
    return 0;
}

static bool is_status(int32_t status)
{
    return status <= 0 && status >= -ERRNO_MAX;
}

static size_t head_size(enum link_kind kind)
{
    return (link_wire_has_id(kind) ? LINK_WIRE_ID : 0) +
           (link_wire_has_status(kind) ? LINK_WIRE_STATUS : 0);
}

int link_wire_read_message(struct reader *r, struct link_message *ret)
{
    struct link_message m = { 0 };
    struct cursor c;
    uint8_t kind;

    if (!cursor_open(r, LINK_WIRE_KIND, &c)) {
        return -EBADMSG;
    }
    kind = fixed_u8(&c);
    if (kind >= LINK_KIND_COUNT ||
        (size_t)(c.end - c.p) < head_size((enum link_kind)kind)) {
        return -EBADMSG;
    }
    m.kind = (enum link_kind)kind;
    if (link_wire_has_id(m.kind)) {
        m.id = fixed_u64(&c);
        if (m.id == 0) {
            return -EBADMSG;
        }
    }
    if (link_wire_has_status(m.kind)) {
        m.status = fixed_i32(&c);
    }
    if (!is_status(m.status)) {
        return -EBADMSG;
    }
    m.data = c.p;
    m.size = (size_t)(c.end - c.p);
    *ret = m;
    cursor_close(r, &c);
    return 0;
}
