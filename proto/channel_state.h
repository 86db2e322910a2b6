#ifndef BROOD_PROTO_CHANNEL_STATE_H
#define BROOD_PROTO_CHANNEL_STATE_H

/* channel_state - what channel.c and ipc.c know of a channel. */

#include <stdbool.h>

struct frame;

struct channel {
    void *socket;
    int fd;
    /** Both ends are in this process. */
    bool local;
    /** What the next frame is received into, or NULL. */
    struct frame *spare;
    /** Tells of connections (ipc.c), or NULL. */
    void *monitor;
    int monitor_fd;
    bool was_joined;
    bool is_gone;
    bool peer_left;
    /** The connections of the only one who has come, and of the only one who
     * has shown to speak the protocol; -1: none, or there were more. */
    int accepted_fd;
    int peer_fd;
};

#endif /* BROOD_PROTO_CHANNEL_STATE_H */
