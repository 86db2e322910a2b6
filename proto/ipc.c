#include "proto/ipc.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/mem.h"
#include "proto/channel_state.h"
#include "proto/context.h"

enum {
    ENDPOINT_MAX = 128,
    HANDSHAKE_MS = 10000,
    BACKLOG = 4,
    EVENT_SIZE = 6,
    /* What may be on its way to a peer that takes nothing. */
    SEND_FRAMES = 1000,
};

static const char scheme[] = "ipc://";

static int new_channel(struct channel_context *context, struct channel **ret)
{
    static const int handshake_ms = HANDSHAKE_MS;
    static const int backlog = BACKLOG;
    struct channel *c = brood_calloc(1, sizeof(*c));
    size_t size = sizeof(c->fd);
    int r;

    if (c == NULL) {
        return -ENOMEM;
    }
    c->monitor_fd = -1;
    c->accepted_fd = -1;
    c->peer_fd = -1;
    r = context_socket(context, &c->socket);
    if (r < 0) {
        (void)channel_close(c);
        return r;
    }
    /* These fail for wrong arguments only. */
    (void)zmq_setsockopt(c->socket, ZMQ_HANDSHAKE_IVL, &handshake_ms,
                         sizeof(handshake_ms));
    (void)zmq_setsockopt(c->socket, ZMQ_BACKLOG, &backlog, sizeof(backlog));
    (void)zmq_getsockopt(c->socket, ZMQ_FD, &c->fd, &size);
    *ret = c;
    return 0;
}

/* Its name need only be unique in the context. */
static int start_monitor(struct channel_context *context, struct channel *c)
{
    char name[ENDPOINT_MAX];
    size_t size = sizeof(c->monitor_fd);
    int r;

    (void)snprintf(name, sizeof(name), "inproc://monitor-%p",
                   (const void *)c->socket);
    if (zmq_socket_monitor(c->socket, name,
                           ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                               ZMQ_EVENT_DISCONNECTED) != 0) {
        return -errno;
    }
    r = context_socket(context, &c->monitor);
    if (r < 0) {
        return r;
    }
    if (zmq_connect(c->monitor, name) != 0 ||
        zmq_getsockopt(c->monitor, ZMQ_FD, &c->monitor_fd, &size) != 0) {
        return -errno;
    }
    return 0;
}

int ipc_listen(struct channel_context *context,
               const char *path,
               const struct ipc_bounds *bounds,
               struct channel **ret)
{
    static const int send_frames = SEND_FRAMES;
    char endpoint[ENDPOINT_MAX];
    struct channel *c = NULL;
    int n = snprintf(endpoint, sizeof(endpoint), "%s%s", scheme, path);
    int r;

    if (n < 0 || (size_t)n >= sizeof(endpoint)) {
        return -ENAMETOOLONG;
    }
    r = context_room();
    if (r == 0) {
        r = new_channel(context, &c);
    }
    if (r < 0) {
        return r;
    }
    assert(c != NULL);
    (void)zmq_setsockopt(c->socket, ZMQ_MAXMSGSIZE, &bounds->frame_bytes,
                         sizeof(bounds->frame_bytes));
    (void)zmq_setsockopt(c->socket, ZMQ_RCVHWM, &bounds->frames,
                         sizeof(bounds->frames));
    (void)zmq_setsockopt(c->socket, ZMQ_SNDHWM, &send_frames,
                         sizeof(send_frames));
    r = start_monitor(context, c);
    if (r == 0 && zmq_bind(c->socket, endpoint) != 0) {
        r = -errno;
    }
    if (r < 0) {
        (void)channel_close(c);
        return r;
    }
    *ret = c;
    return 0;
}

int ipc_join(struct channel_context *context,
             const char *endpoint,
             struct channel **ret)
{
    struct channel *c = NULL;
    int r;

    if (strncmp(endpoint, scheme, sizeof(scheme) - 1) != 0) {
        return -EINVAL;
    }
    r = new_channel(context, &c);
    if (r < 0) {
        return r;
    }
    if (zmq_connect(c->socket, endpoint) != 0) {
        r = -errno;
        (void)channel_close(c);
        return r;
    }
    *ret = c;
    return 0;
}

int ipc_monitor_fd(const struct channel *channel)
{
    return channel->monitor_fd;
}

/* One event: its number and value, and then the endpoint that it is about. */
static bool take_event(struct channel *c)
{
    uint8_t event[EVENT_SIZE];
    uint8_t rest[ENDPOINT_MAX];
    uint16_t number;
    int fd;

    if (zmq_recv(c->monitor, event, sizeof(event), ZMQ_DONTWAIT) !=
        (int)sizeof(event)) {
        return false;
    }
    (void)zmq_recv(c->monitor, rest, sizeof(rest), ZMQ_DONTWAIT);
    memcpy(&number, event, sizeof(number));
    memcpy(&fd, event + sizeof(number), sizeof(fd));
    switch (number) {
    case ZMQ_EVENT_ACCEPTED:
        c->accepted_fd = c->was_joined ? -1 : fd;
        c->was_joined = true;
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        /* It does not say of whom: with several, we do not know. */
        c->peer_fd = c->accepted_fd;
        break;
    default:
        c->is_gone = true;
        c->peer_left = c->peer_left || fd == c->peer_fd;
        break;
    }
    return true;
}

enum ipc_peer ipc_look(struct channel *channel)
{
    while (take_event(channel)) {
    }
    if (channel->peer_left) {
        return IPC_LEFT;
    }
    if (channel->is_gone) {
        return IPC_GONE;
    }
    return channel->was_joined ? IPC_JOINED : IPC_NOBODY;
}

void ipc_set_linger(struct channel *channel, int ms)
{
    (void)zmq_setsockopt(channel->socket, ZMQ_LINGER, &ms, sizeof(ms));
}
