/*
 * child_say - what is said to one child that runs: signals, stop, pauses.
 */
#include <errno.h>
#include <signal.h>

#include "child.h"
#include "nursery.h"
#include "pool.h"

int brood_child_kill(struct brood_child *child, int sig)
{
    if (sig < 0 || sig > SIGRTMAX) {
        return -EINVAL;
    }
    if (child->exited || child->closed) {
        return -ESRCH;
    }
    if (sig == 0) {
        return 0;
    }
    if (!child->started) {
        return buf_add(&child->early_signals, &(uint8_t){ (uint8_t)sig }, 1);
    }
    return nursery_send_kill(child, sig);
}

int brood_child_stop(struct brood_child *child)
{
    return child->closed || child->exited
               ? -ESRCH
               : brood_cancel(child->pool->nursery, child->id);
}

static int set_paused(struct brood_child *child, int stream, bool paused)
{
    struct child_stream *s = child_stream_of(child, stream);
    int r = 0;

    if (s == NULL) {
        return -EINVAL;
    }
    if (!child_is_streamed(child, stream) || s->paused == paused) {
        return 0;
    }
    if (child->started && !s->over) {
        r = nursery_send_pause(child, stream, paused);
    }
    if (r == 0) {
        s->paused = paused;
        if (!paused) {
            child_deliver_later(child);
        }
    }
    return r;
}

int brood_child_pause(struct brood_child *child, int stream)
{
    return set_paused(child, stream, true);
}

int brood_child_resume(struct brood_child *child, int stream)
{
    return set_paused(child, stream, false);
}

int brood_child_peek(struct brood_child *child, int stream, size_t size_bytes)
{
    return brood_peek(child->pool->nursery, child->id, stream, size_bytes);
}
