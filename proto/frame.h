#ifndef BROOD_PROTO_FRAME_H
#define BROOD_PROTO_FRAME_H

/* frame - the inside of a frame, for channel.c alone. */

#include <zmq.h>

#include "proto/channel.h"

struct frame {
    zmq_msg_t msg;
    unsigned users;
};

/** An empty frame with one user, to receive into; NULL: no memory. */
struct frame *frame_new(void);

#endif /* BROOD_PROTO_FRAME_H */
