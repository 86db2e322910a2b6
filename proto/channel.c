#include "proto/channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/mem.h"
#include "proto/channel_state.h"
#include "proto/context.h"
#include "proto/frame.h"
#include "proto/handover.h"

/*
 * Why receiving until -EAGAIN is enough: libzmq wakes a socket only when its
 * reader has gone to sleep on an empty pipe, by a command in the socket's
 * mailbox, and the mailbox's descriptor is readable while a command that woke
 * it has not been taken. zmq_msg_recv() says EAGAIN only after it has emptied
 * the mailbox and found the pipe empty, which puts the reader to sleep: so the
 * next send makes the descriptor readable anew. zmq_msg_send() takes commands
 * from the mailbox too, and with them the wake-up of frames that came in
 * meanwhile; hence the rule to receive after each send.
 */

enum {
    ENDPOINT_MAX = 128,
};

static int make_endpoint(char *out, size_t room, const char *name)
{
    int n = snprintf(out, room, "inproc://%s", name);

    return n < 0 || (size_t)n >= room ? -ENAMETOOLONG : 0;
}

static int channel_open(struct channel_context *context,
                        const char *name,
                        int (*join)(void *socket, const char *endpoint),
                        struct channel **ret)
{
    struct channel *c = NULL;
    char endpoint[ENDPOINT_MAX];
    size_t size = sizeof(c->fd);
    int r;

    r = make_endpoint(endpoint, sizeof(endpoint), name);
    if (r < 0) {
        return r;
    }
    c = brood_calloc(1, sizeof(*c));
    if (c == NULL) {
        return -ENOMEM;
    }
    c->local = true;
    r = context_socket(context, &c->socket);
    if (r < 0) {
        goto fail;
    }
    if (join(c->socket, endpoint) != 0 ||
        zmq_getsockopt(c->socket, ZMQ_FD, &c->fd, &size) != 0) {
        r = -errno;
        goto fail;
    }
    *ret = c;
    return 0;
fail:
    (void)channel_close(c);
    return r;
}

int channel_bind(struct channel_context *context,
                 const char *name,
                 struct channel **ret)
{
    return channel_open(context, name, zmq_bind, ret);
}

int channel_connect(struct channel_context *context,
                    const char *name,
                    struct channel **ret)
{
    return channel_open(context, name, zmq_connect, ret);
}

struct channel *channel_close(struct channel *channel)
{
    if (channel == NULL) {
        return NULL;
    }
    if (channel->monitor != NULL) {
        /* An event that finds no reader would hold up libzmq's thread, and
         * with it all other channels, for ever. */
        (void)zmq_socket_monitor(channel->socket, NULL, 0);
    }
    if (channel->socket != NULL) {
        (void)zmq_close(channel->socket);
    }
    if (channel->monitor != NULL) {
        (void)zmq_close(channel->monitor);
    }
    (void)frame_unref(channel->spare);
    free(channel);
    return NULL;
}

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

bool channel_is_local(const struct channel *channel)
{
    return channel->local;
}

/*
 * Bytes that libzmq has not accepted must stay the caller's when the message
 * around them is closed. So a byte behind their end tells whose they are.
 */
enum {
    OWNER_MESSAGE,
    OWNER_CALLER,
};

static void free_data(void *data, void *owner)
{
    HANDOVER_TAKE(data);
    if (*(const uint8_t *)owner == OWNER_MESSAGE) {
        free(data);
    }
}

static int send_once(struct channel *channel, zmq_msg_t *msg)
{
    int n;

    do {
        n = zmq_msg_send(msg, channel->socket, ZMQ_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}

bool channel_is_ready(const struct channel *channel)
{
    int events = 0;
    size_t size = sizeof(events);

    (void)zmq_getsockopt(channel->socket, ZMQ_EVENTS, &events, &size);
    return events != 0;
}

static int send_message(struct channel *channel, zmq_msg_t *msg)
{
    int r;

    if (BROOD_FAULT("zmq_send")) {
        return -ENOMEM;
    }
    r = send_once(channel, msg);
    if (r == -EAGAIN) {
        /* To save time libzmq looks into the mailbox now and then only, so
         * the peer may have joined unseen. This looks for certain. */
        (void)channel_is_ready(channel);
        r = send_once(channel, msg);
    }
    return r;
}

int channel_send(struct channel *channel, struct buf *b)
{
    zmq_msg_t msg;
    uint8_t *owner;
    int r;

    r = buf_reserve(b, 1);
    if (r < 0) {
        return r;
    }
    owner = b->data + b->size;
    *owner = OWNER_MESSAGE;
    if (zmq_msg_init_data(&msg, b->data, b->size, free_data, owner) != 0) {
        return -errno;
    }
    HANDOVER_GIVE(b->data);
    r = send_message(channel, &msg);
    if (r < 0) {
        *owner = OWNER_CALLER;
        (void)zmq_msg_close(&msg);
        return r;
    }
    *b = (struct buf){ 0 };
    return 0;
}

int channel_receive(struct channel *channel, struct frame **ret)
{
    struct frame *frame = channel->spare;
    int n;

    if (frame == NULL) {
        frame = frame_new();
        if (frame == NULL) {
            return -ENOMEM;
        }
        channel->spare = frame;
    }
    if (BROOD_FAULT("zmq_recv")) {
        return -ENOMEM;
    }
    do {
        n = zmq_msg_recv(&frame->msg, channel->socket, ZMQ_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    channel->spare = NULL;
    HANDOVER_TAKE(zmq_msg_data(&frame->msg));
    *ret = frame;
    return 0;
}
