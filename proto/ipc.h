#ifndef BROOD_PROTO_IPC_H
#define BROOD_PROTO_IPC_H

/*
 * ipc - channels to another process of this machine.
 *
 * A PAIR socket says nothing of who joins and leaves, so the listening end has
 * a monitor. Each child gets an endpoint of its own, in a directory that is
 * private: a second one that joins is never heard.
 */

#include <stdint.h>

#include "proto/channel.h"

/** How a peer stands, as the listening end sees it. */
enum ipc_peer {
    IPC_NOBODY, /* it has not joined */
    IPC_JOINED,
    /** Whoever connected is not there any more; all that they sent has arrived
     * (as of IPC_LEFT). */
    IPC_GONE,
    IPC_LEFT, /* as far as can be told, the one that we heard */
};

/** What is taken from a peer before anybody looks at it. */
struct ipc_bounds {
    /** A larger frame ends its connection. */
    int64_t frame_bytes;
    /** With so many frames that we have not received it has to wait. If it
     * ends then, what is still in the kernel is lost; so this is more than a
     * peer that keeps to its limits can have under way. */
    int frames;
};

/**
 * Make what channels to other processes need; it has a thread for them.
 *
 * Returns, Threads: as channel_context_new().
 */
int ipc_context_new(struct channel_context **ret);

/**
 * Make the listening end.
 *
 * @path  of the socket, less than 100 bytes; the caller unlinks it.
 *
 * Returns:   0 or a negative error; -EMFILE too few descriptors are left.
 */
int ipc_listen(struct channel_context *context,
               const char *path,
               const struct ipc_bounds *bounds,
               struct channel **ret);
/**
 * Make the joining end; nobody needs to listen yet.
 *
 * @endpoint  "ipc://" and a path.
 *
 * Returns:   0 or a negative error.
 */
int ipc_join(struct channel_context *context,
             const char *endpoint,
             struct channel **ret);

/** Readable when ipc_look() has news; edge-triggered as channel_fd(). */
int ipc_monitor_fd(const struct channel *channel);
/** How the peer stands now. */
enum ipc_peer ipc_look(struct channel *channel);
/** How long channel_close() and then the end of the context wait for what was
 * sent to be on its way. */
void ipc_set_linger(struct channel *channel, int ms);

#endif /* BROOD_PROTO_IPC_H */
