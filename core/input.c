/*
 * input - what is written to a child of brood_spawn(), and how much of it waits.
 */
#include <errno.h>

#include "child.h"
#include "nursery.h"
#include "pool.h"
#include "proto/steer.h"

void child_on_taken(struct brood_child *child, const struct message_taken *m)
{
    uint64_t high = child->options.write_high_bytes;

    child->unwritten -=
        m->bytes < child->unwritten ? m->bytes : child->unwritten;
    if (m->error < 0) {
        child->input_error = m->error;
        child->unwritten = 0;
    }
    if (child->drain_due && child->unwritten <= high / 2 && !child->freed) {
        child->drain_due = false;
        if (child->options.on_drain != NULL) {
            child->pool->n_called++;
            child->options.on_drain(child, child->options.user);
        }
    }
}

int brood_child_write(struct brood_child *child,
                      const void *data,
                      size_t size_bytes)
{
    uint64_t high = child->options.write_high_bytes;
    int r;

    if (child->options.job.input != BROOD_INPUT_STREAM) {
        return -EINVAL;
    }
    if (child->input_ended || child->closed || child->input_error < 0) {
        return -EPIPE;
    }
    if (child->unwritten / 2 >= high) {
        child->drain_due = true;
        return -EAGAIN;
    }
    r = child->started ? nursery_send_input(child, data, size_bytes, false)
                       : buf_add(&child->early, data, size_bytes);
    if (r < 0) {
        return r;
    }
    child->unwritten += size_bytes;
    child->drain_due = child->drain_due || child->unwritten >= high;
    return child->unwritten >= high ? 1 : 0;
}

int brood_child_end_input(struct brood_child *child)
{
    int r = 0;

    if (child->options.job.input != BROOD_INPUT_STREAM) {
        return -EINVAL;
    }
    if (child->input_ended || child->closed || child->input_error < 0) {
        return 0;
    }
    if (child->started) {
        r = nursery_send_input(child, NULL, 0, true);
    }
    child->input_ended = r == 0;
    return r;
}
