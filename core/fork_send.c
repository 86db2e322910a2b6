/*
 * fork_send - what its owner says to a forked child.
 */
#include <errno.h>

#include "child.h"
#include "fork.h"
#include "pool.h"

/* What callbacks add is sent by fork_pump(); else the pool's next round. */
static int sent(struct brood_child *child, int r)
{
    if (r >= 0 && !child->fork->is_pumping) {
        child_deliver_later(child);
    }
    return r;
}

void fork_end_calls(struct brood_child *child)
{
    if (child->fork != NULL) {
        (void)calls_end(&child->fork->port.calls, -ECANCELED);
    }
}

int brood_send(struct brood_child *child, const void *data, size_t size_bytes)
{
    return child->fork == NULL
               ? -EINVAL
               : sent(child, port_send(&child->fork->port, data, size_bytes));
}

int brood_send_fds(struct brood_child *child,
                   const void *data,
                   size_t size_bytes,
                   const int *fds,
                   unsigned n_fds)
{
    return child->fork == NULL
               ? -EINVAL
               : sent(child, port_send_fds(&child->fork->port, data, size_bytes,
                                           fds, n_fds));
}

int brood_call(struct brood_child *child,
               const struct brood_call *call,
               uint64_t *ret_id)
{
    int r;

    if (child->fork == NULL) {
        return -EINVAL;
    }
    r = sent(child, port_call(&child->fork->port, call, ret_id));
    if (r >= 0 && child->fork->port.calls.due_ns != 0) {
        pool_wake_at(child->pool, child->fork->port.calls.due_ns);
    }
    return r;
}

int brood_call_cancel(struct brood_child *child, uint64_t id)
{
    return child->fork == NULL
               ? -EINVAL
               : sent(child, port_call_cancel(&child->fork->port, id));
}

int brood_reply(struct brood_child *child,
                uint64_t id,
                int status,
                const void *data,
                size_t size_bytes)
{
    return child->fork == NULL
               ? -EINVAL
               : sent(child, port_reply(&child->fork->port, id, status, data,
                                        size_bytes));
}

int brood_disconnect(struct brood_child *child)
{
    int r;

    if (child->fork == NULL) {
        return -EINVAL;
    }
    r = port_disconnect(&child->fork->port);
    if (r != -ENOTCONN) {
        child_deliver_later(child);
    }
    return r;
}

int brood_is_connected(const struct brood_child *child)
{
    const struct fork *fork = child->fork;

    return fork != NULL && !fork->port.is_over && !fork->port.said_bye;
}

uint64_t brood_delivered(const struct brood_child *child)
{
    const struct fork *fork = child->fork;

    if (fork == NULL) {
        return 0;
    }
    return fork->port.is_over ? fork->delivered
                              : link_delivered(fork->port.line.link);
}
