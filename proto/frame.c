#include "proto/frame.h"

#include <stdlib.h>

#include "base/mem.h"

struct frame *frame_new(void)
{
    struct frame *frame = brood_malloc(sizeof(*frame));

    if (frame != NULL) {
        (void)zmq_msg_init(&frame->msg);
        frame->users = 1;
    }
    return frame;
}

const uint8_t *frame_data(const struct frame *frame)
{
    /* libzmq asks for a message that is not const, and changes nothing. */
    union {
        const zmq_msg_t *in;
        zmq_msg_t *out;
    } msg = { .in = &frame->msg };

    return zmq_msg_data(msg.out);
}

size_t frame_size(const struct frame *frame)
{
    return zmq_msg_size(&frame->msg);
}

struct frame *frame_ref(struct frame *frame)
{
    frame->users++;
    return frame;
}

struct frame *frame_unref(struct frame *frame)
{
    if (frame == NULL || --frame->users > 0) {
        return NULL;
    }
    (void)zmq_msg_close(&frame->msg);
    free(frame);
    return NULL;
}
