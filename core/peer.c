#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "entry.h"
#include "proto/channel.h"
#include "proto/encode.h"

enum {
    /* A quarter of the window of a worker, so that it never runs dry. */
    CREDIT_WORTH_BYTES = 256 * 1024,
    FIRST_PRIVATE_FD = 3,
};

static int ensure_begun(struct buf *b, enum message_type type)
{
    return b->size > 0 ? 0 : message_begin(b, type);
}

/* The worker gets a descriptor of its own for each try. */
static int lend_input(struct entry *entry, int *ret_fd)
{
    *ret_fd = -1;
    if (entry->input_fd >= 0) {
        *ret_fd = fcntl(entry->input_fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);
        if (*ret_fd < 0) {
            return -errno;
        }
    }
    return 0;
}

int peer_send(struct peer *peer, struct buf *b)
{
    peer->due = true;
    return channel_send(peer->channel, b);
}

int peer_add_job(struct peer *peer, struct entry *entry)
{
    int fd = -1;
    int r = ensure_begun(&peer->jobs, MESSAGE_JOBS);

    if (r == 0) {
        r = lend_input(entry, &fd);
    }
    if (r < 0) {
        return r;
    }
    encode_job_set_key(entry->record, entry->id);
    encode_job_set_input_fd(entry->record, fd);
    r = encode_record(&peer->jobs, entry->record, entry->record_size);
    if (r < 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return r;
    }
    entry->peer = peer;
    entry->state = ENTRY_SENT;
    entry->attempt++;
    list_remove(&entry->link);
    list_append(&peer->entries, &entry->link);
    peer->held += entry->now ? 0 : 1;
    peer->n_now += entry->now ? 1 : 0;
    return 0;
}

int peer_add_cancel(struct peer *peer, uint64_t key)
{
    int r = ensure_begun(&peer->cancels, MESSAGE_CANCEL);

    if (r < 0) {
        return r;
    }
    return encode_cancel(&peer->cancels, &(struct message_cancel){ key });
}

static int send_if_any(struct peer *peer, struct buf *b)
{
    if (b->size == 0) {
        return 0;
    }
    message_end(b);
    return peer_send(peer, b);
}

int peer_flush(struct peer *peer)
{
    int r = send_if_any(peer, &peer->jobs);

    if (r == 0) {
        r = send_if_any(peer, &peer->cancels);
    }
    return r;
}

/* Send the message in @b, which is small: freed here, sent or not. */
static int send_small(struct peer *peer, struct buf *b, int r)
{
    if (r == 0) {
        message_end(b);
        r = peer_send(peer, b);
    }
    buf_clear(b);
    return r;
}

int peer_take_back(struct peer *peer, unsigned count)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_TAKE_BACK);

    if (r == 0) {
        r = encode_take_back(&b, &(struct message_take_back){ count });
    }
    r = send_small(peer, &b, r);
    if (r == 0) {
        peer->taking_back = true;
    }
    return r;
}

int peer_send_signal(struct peer *peer, int signal)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_SIGNAL);

    if (r == 0) {
        r = encode_signal(&b, &(struct message_signal){ (uint32_t)signal });
    }
    return send_small(peer, &b, r);
}

int peer_send_shutdown(struct peer *peer)
{
    struct buf b = { 0 };

    return send_small(peer, &b, message_begin(&b, MESSAGE_SHUTDOWN));
}

int peer_send_forget(struct peer *peer, uint32_t context)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_FORGET);

    if (r == 0) {
        r = encode_forget(&b, &(struct message_forget){ context });
    }
    return send_small(peer, &b, r);
}

int peer_send_credit(struct peer *peer)
{
    struct buf b = { 0 };
    int r;

    if (peer->consumed_bytes < CREDIT_WORTH_BYTES) {
        return 0;
    }
    r = message_begin(&b, MESSAGE_CREDIT);
    if (r == 0) {
        r = encode_credit(
            &b, &(struct message_credit){ .bytes = peer->consumed_bytes });
    }
    r = send_small(peer, &b, r);
    if (r == 0) {
        peer->consumed_bytes = 0;
    }
    return r;
}

void peer_release(struct peer *peer, struct entry *entry)
{
    list_remove(&entry->link);
    entry->peer = NULL;
    peer->held -= entry->now ? 0 : 1;
    peer->n_now -= entry->now ? 1 : 0;
}
