#include "proto/attributes.h"

#include <string.h>

#include "proto/record.h"
#include "proto/wire.h"

enum {
    RESOURCE_MAX = 63,
};

static const struct message_attributes no_attributes = {
    .argv0 = "",
    .out_path = "",
    .err_path = "",
};

static bool has_any(const struct message_job *m)
{
    return (m->flags & MESSAGE_JOB_ATTRIBUTES) != 0;
}

uint64_t attributes_room(const struct message_job *m)
{
    const struct message_attributes *a = &m->more;

    if (!has_any(m)) {
        return 0;
    }
    return WIRE_ATTRIBUTES + record_text_room(strlen(a->argv0)) +
           record_text_room(strlen(a->out_path)) +
           record_text_room(strlen(a->err_path)) + WIRE_SIZE + a->groups.size +
           WIRE_SIZE + a->rlimits.size + WIRE_SIZE + a->fds.size;
}

uint8_t *attributes_put(uint8_t *p, const struct message_job *m)
{
    const struct message_attributes *a = &m->more;

    if (!has_any(m)) {
        return p;
    }
    p = wire_put_u32(p, a->set);
    p = wire_put_u32(p, a->uid);
    p = wire_put_u32(p, a->gid);
    p = wire_put_u32(p, a->umask);
    p = record_put_text(p, a->argv0, strlen(a->argv0));
    p = record_put_text(p, a->out_path, strlen(a->out_path));
    p = record_put_text(p, a->err_path, strlen(a->err_path));
    p = record_put_bytes(p, a->groups.data, a->groups.size);
    p = record_put_bytes(p, a->rlimits.data, a->rlimits.size);
    return record_put_bytes(p, a->fds.data, a->fds.size);
}

static bool is_list(const struct message_bytes *b, size_t each, size_t max)
{
    return b->size % each == 0 && b->size / each <= max;
}

static bool are_rlimits_right(const struct message_attributes *a)
{
    for (unsigned i = 0; i < attributes_rlimit_count(a); i++) {
        if (attributes_rlimit(a, i).resource > RESOURCE_MAX) {
            return false;
        }
    }
    return true;
}

static bool are_fds_right(const struct message_attributes *a, bool local)
{
    for (unsigned i = 0; i < attributes_fd_count(a); i++) {
        struct message_fd fd = attributes_fd(a, i);

        if (!local || fd.fd < 0 || fd.child < 0 ||
            fd.child > MESSAGE_CHILD_FD_MAX) {
            return false;
        }
    }
    return true;
}

void attributes_read(struct cursor *c, bool local, struct message_job *m)
{
    struct message_attributes *a = &m->more;

    *a = no_attributes;
    if (!has_any(m)) {
        return;
    }
    a->set = cursor_u32(c);
    a->uid = cursor_u32(c);
    a->gid = cursor_u32(c);
    a->umask = cursor_u32(c);
    a->argv0 = cursor_text(c);
    a->out_path = cursor_text(c);
    a->err_path = cursor_text(c);
    a->groups = cursor_bytes(c);
    a->rlimits = cursor_bytes(c);
    a->fds = cursor_bytes(c);
    if (c->bad || (a->set & ~(uint32_t)MESSAGE_SET_ALL) != 0 ||
        a->umask > MESSAGE_UMASK_MAX ||
        !is_list(&a->groups, WIRE_GROUP, MESSAGE_GROUPS_MAX) ||
        !is_list(&a->rlimits, WIRE_RLIMIT, MESSAGE_RLIMITS_MAX) ||
        !is_list(&a->fds, WIRE_FD, MESSAGE_FDS_MAX) || !are_rlimits_right(a) ||
        !are_fds_right(a, local)) {
        c->bad = true;
    }
}

int attributes_add_group(struct buf *list, uint32_t group)
{
    uint8_t one[WIRE_GROUP];

    (void)wire_put_u32(one, group);
    return buf_add(list, one, sizeof(one));
}

int attributes_add_rlimit(struct buf *list, const struct message_rlimit *m)
{
    uint8_t one[WIRE_RLIMIT];

    (void)wire_put_u64(wire_put_u64(wire_put_u32(one, m->resource), m->soft),
                       m->hard);
    return buf_add(list, one, sizeof(one));
}

int attributes_add_fd(struct buf *list, const struct message_fd *m)
{
    uint8_t one[WIRE_FD];

    (void)wire_put_i32(wire_put_i32(one, m->child), m->fd);
    return buf_add(list, one, sizeof(one));
}

unsigned attributes_group_count(const struct message_attributes *a)
{
    return (unsigned)(a->groups.size / WIRE_GROUP);
}

unsigned attributes_rlimit_count(const struct message_attributes *a)
{
    return (unsigned)(a->rlimits.size / WIRE_RLIMIT);
}

unsigned attributes_fd_count(const struct message_attributes *a)
{
    return (unsigned)(a->fds.size / WIRE_FD);
}

static const uint8_t *at(const struct message_bytes *b, size_t each, unsigned i)
{
    return (const uint8_t *)b->data + each * i;
}

uint32_t attributes_group(const struct message_attributes *a, unsigned i)
{
    return wire_u32(at(&a->groups, WIRE_GROUP, i));
}

struct message_rlimit attributes_rlimit(const struct message_attributes *a,
                                        unsigned i)
{
    const uint8_t *p = at(&a->rlimits, WIRE_RLIMIT, i);

    return (struct message_rlimit){
        .resource = wire_u32(p),
        .soft = wire_u64(p + 4),
        .hard = wire_u64(p + 12),
    };
}

struct message_fd attributes_fd(const struct message_attributes *a, unsigned i)
{
    const uint8_t *p = at(&a->fds, WIRE_FD, i);

    return (struct message_fd){ .child = (int32_t)wire_u32(p),
                                .fd = (int32_t)wire_u32(p + 4) };
}
