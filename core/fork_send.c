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
    struct fork *fork = child->fork;

    if (r >= 0) {
        fork->is_full = fork->is_full || r == 1;
        if (!fork->is_pumping) {
            child_deliver_later(child);
        }
    }
    return r;
}

/* Returns: 0, or why nothing may be queued now. */
static int may_send(const struct brood_child *child)
{
    struct fork *fork = child->fork;

    if (fork == NULL) {
        return -EINVAL;
    }
    if (fork->is_over) {
        return -EPIPE;
    }
    if (link_is_crowded(fork->line.link)) {
        fork->is_full = true;
        return -EAGAIN;
    }
    return 0;
}

void fork_end_calls(struct brood_child *child)
{
    if (child->fork != NULL) {
        (void)calls_end(&child->fork->calls, -ECANCELED);
    }
}

int brood_send(struct brood_child *child, const void *data, size_t size_bytes)
{
    int r = may_send(child);

    if (r < 0) {
        return r;
    }
    return sent(child,
                link_send(child->fork->line.link, &(struct link_message){
                                                      .kind = LINK_MESSAGE,
                                                      .data = data,
                                                      .size = size_bytes,
                                                  }));
}

int brood_send_fds(struct brood_child *child,
                   const void *data,
                   size_t size_bytes,
                   const int *fds,
                   unsigned n_fds)
{
    struct link_message m = { .kind = LINK_DESCRIPTORS,
                              .data = data,
                              .size = size_bytes };
    int r = may_send(child);

    if (r == 0) {
        r = pass_send(&child->fork->pass, fds, n_fds, &m.id);
    }
    if (r < 0) {
        if (r == -EAGAIN) {
            child->fork->is_full = true;
        }
        return r;
    }
    return sent(child, link_send(child->fork->line.link, &m));
}

int brood_call(struct brood_child *child,
               const struct brood_call *call,
               uint64_t *ret_id)
{
    int r = may_send(child);

    if (r < 0) {
        return r;
    }
    r = sent(child, calls_send(&child->fork->calls, child->fork->line.link,
                               call, ret_id));
    if (r >= 0 && child->fork->calls.due_ns != 0) {
        pool_wake_at(child->pool, child->fork->calls.due_ns);
    }
    return r;
}

int brood_call_cancel(struct brood_child *child, uint64_t id)
{
    struct fork *fork = child->fork;

    if (fork == NULL) {
        return -EINVAL;
    }
    if (fork->is_over) {
        return -ESRCH;
    }
    return sent(child, calls_cancel(&fork->calls, fork->line.link, id));
}

int brood_reply(struct brood_child *child,
                uint64_t id,
                int status,
                const void *data,
                size_t size_bytes)
{
    int r = may_send(child);

    if (r < 0) {
        return r;
    }
    return sent(child, calls_reply(child->fork->line.link, id, status, data,
                                   size_bytes));
}

int brood_disconnect(struct brood_child *child)
{
    struct fork *fork = child->fork;
    int r;

    if (fork == NULL) {
        return -EINVAL;
    }
    if (fork->is_over || fork->said_bye) {
        return -ENOTCONN;
    }
    r = link_bye(fork->line.link);
    fork->said_bye = r == 0;
    child_deliver_later(child);
    return r;
}

int brood_is_connected(const struct brood_child *child)
{
    const struct fork *fork = child->fork;

    return fork != NULL && !fork->is_over && !fork->said_bye;
}

uint64_t brood_delivered(const struct brood_child *child)
{
    const struct fork *fork = child->fork;

    if (fork == NULL) {
        return 0;
    }
    return fork->is_over ? fork->delivered : link_delivered(fork->line.link);
}
