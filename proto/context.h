#ifndef BROOD_PROTO_CONTEXT_H
#define BROOD_PROTO_CONTEXT_H

/* context - making sockets without libzmq's aborts, for channel.c alone. */

#include "proto/channel.h"

/**
 * A PAIR socket that never blocks and never waits at its end.
 *
 * Returns:   0; -EMFILE; -ENFILE; -ENOMEM.
 * Threads:   the caller becomes the socket's owner.
 */
int context_socket(struct channel_context *context, void **ret_socket);

/**
 * Whether there are descriptors for one more channel to another process, and
 * some to spare: libzmq aborts when its thread finds none to accept a peer.
 *
 * Returns:   0; -EMFILE; -ENFILE; -ENOMEM.
 */
int context_room(void);

#endif /* BROOD_PROTO_CONTEXT_H */
