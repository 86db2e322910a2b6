#include <errno.h>

#include "proto/cursor.h"
#include "proto/link_wire.h"

int link_wire_read_hello(struct reader *r, struct link_hello *ret)
{
    struct link_hello hello;
    struct cursor c;

    if (!cursor_open(r, LINK_WIRE_HELLO, &c)) {
        return -EBADMSG;
    }
    hello.version = fixed_u32(&c);
    hello.pid = fixed_u32(&c);
    hello.window_bytes = fixed_u64(&c);
    hello.message_max_bytes = fixed_u64(&c);
    if (hello.pid > INT32_MAX) {
        return -EBADMSG;
    }
    *ret = hello;
    cursor_close(r, &c);
    return 0;
}

int link_wire_read_number(struct reader *r, uint64_t *ret)
{
    struct cursor c;

    if (!cursor_open(r, LINK_WIRE_NUMBER, &c)) {
        return -EBADMSG;
    }
    *ret = fixed_u64(&c);
    cursor_close(r, &c);
    return 0;
}

static bool has_head(const struct cursor *c, enum link_kind kind)
{
    size_t room = (size_t)(c->end - c->p);

    if (link_wire_has_status(kind)) {
        return room >= LINK_WIRE_ID + LINK_WIRE_STATUS;
    }
    return !link_wire_has_id(kind) || room >= LINK_WIRE_ID;
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
    if (kind >= LINK_KIND_COUNT || !has_head(&c, (enum link_kind)kind)) {
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
    if (!link_wire_is_status(m.status)) {
        return -EBADMSG;
    }
    m.data = c.p;
    m.size = (size_t)(c.end - c.p);
    *ret = m;
    cursor_close(r, &c);
    return 0;
}
