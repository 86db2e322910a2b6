/*
 * parent_send - what a forked child says to its parent.
 */
#include <errno.h>

#include "parent.h"

/* Returns: 0, or why nothing may be queued now. */
static int may_send(struct brood_parent *p)
{
    if (p->is_over) {
        return -EPIPE;
    }
    if (link_is_crowded(p->line.link)) {
        p->is_full = true;
        return -EAGAIN;
    }
    return 0;
}

static int sent(struct brood_parent *p, int r)
{
    if (r >= 0) {
        p->is_full = p->is_full || r == 1;
        p->due = true;
    }
    return r;
}

int brood_parent_send(struct brood_parent *parent,
                      const void *data,
                      size_t size_bytes)
{
    int r = may_send(parent);

    if (r < 0) {
        return r;
    }
    return sent(parent, link_send(parent->line.link, &(struct link_message){
                                                         .kind = LINK_MESSAGE,
                                                         .data = data,
                                                         .size = size_bytes,
                                                     }));
}

int brood_parent_send_fds(struct brood_parent *parent,
                          const void *data,
                          size_t size_bytes,
                          const int *fds,
                          unsigned n_fds)
{
    struct link_message m = { .kind = LINK_DESCRIPTORS,
                              .data = data,
                              .size = size_bytes };
    int r = may_send(parent);

    if (r == 0) {
        r = pass_send(&parent->pass, fds, n_fds, &m.id);
    }
    if (r < 0) {
        parent->is_full = parent->is_full || r == -EAGAIN;
        return r;
    }
    return sent(parent, link_send(parent->line.link, &m));
}

int brood_parent_call(struct brood_parent *parent,
                      const struct brood_call *call,
                      uint64_t *ret_id)
{
    int r = may_send(parent);

    if (r < 0) {
        return r;
    }
    return sent(parent,
                calls_send(&parent->calls, parent->line.link, call, ret_id));
}

int brood_parent_call_cancel(struct brood_parent *parent, uint64_t id)
{
    if (parent->is_over) {
        return -ESRCH;
    }
    return sent(parent, calls_cancel(&parent->calls, parent->line.link, id));
}

int brood_parent_reply(struct brood_parent *parent,
                       uint64_t id,
                       int status,
                       const void *data,
                       size_t size_bytes)
{
    int r = may_send(parent);

    if (r < 0) {
        return r;
    }
    return sent(parent,
                calls_reply(parent->line.link, id, status, data, size_bytes));
}

int brood_parent_disconnect(struct brood_parent *parent)
{
    int r;

    if (parent->is_over || parent->said_bye) {
        return -ENOTCONN;
    }
    r = link_bye(parent->line.link);
    parent->said_bye = r == 0;
    parent->due = true;
    return r;
}
