/*
 * parent_send - what a forked child says to its parent.
 */
#include "parent.h"

/* It leaves with the next brood_parent_poll(). */
static int sent(struct brood_parent *p, int r)
{
    p->due = p->due || r >= 0;
    return r;
}

int brood_parent_send(struct brood_parent *parent,
                      const void *data,
                      size_t size_bytes)
{
    return sent(parent, port_send(&parent->port, data, size_bytes));
}

int brood_parent_send_fds(struct brood_parent *parent,
                          const void *data,
                          size_t size_bytes,
                          const int *fds,
                          unsigned n_fds)
{
    return sent(parent,
                port_send_fds(&parent->port, data, size_bytes, fds, n_fds));
}

int brood_parent_call(struct brood_parent *parent,
                      const struct brood_call *call,
                      uint64_t *ret_id)
{
    return sent(parent, port_call(&parent->port, call, ret_id));
}

int brood_parent_call_cancel(struct brood_parent *parent, uint64_t id)
{
    return sent(parent, port_call_cancel(&parent->port, id));
}

int brood_parent_reply(struct brood_parent *parent,
                       uint64_t id,
                       int status,
                       const void *data,
                       size_t size_bytes)
{
    return sent(parent,
                port_reply(&parent->port, id, status, data, size_bytes));
}

int brood_parent_disconnect(struct brood_parent *parent)
{
    return sent(parent, port_disconnect(&parent->port));
}
