#ifndef BROOD_CORE_PEER_H
#define BROOD_CORE_PEER_H

/*
 * peer - a worker as core sees it: a channel, slots, and the jobs it holds.
 *
 * What is to be sent is gathered in one message a type and goes out with
 * peer_flush(), so that a round of scheduling costs one send for each worker.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"

struct channel;
struct entry;
struct wiring_party;

struct peer {
    struct channel *channel;
    struct wiring_party *party;
    unsigned slots;
    /** Jobs it has that have not been answered, and their entries. */
    unsigned held;
    /** Jobs beside the slots that it has. */
    unsigned n_now;
    struct list entries;
    /** It is being filled up beyond its slots. */
    bool filling;
    /** It said that it can start nothing now; until something ends. */
    bool starved;
    /** It gave jobs back because its slots are with long ones; until one of
     * them ends it gets nothing ahead. */
    bool stalled;
    /** A TAKE_BACK is under way. */
    bool taking_back;
    bool said_bye;
    /** Its descriptor was readable, or something was sent to it: frames may
     * be there that the descriptor will not tell of again. */
    bool due;
    /** Streamed bytes consumed and not yet credited. */
    uint64_t consumed_bytes;
    struct buf jobs;
    struct buf cancels;
};

static inline bool peer_is_busy(const struct peer *peer)
{
    return peer->held > 0 || peer->n_now > 0;
}

/** Send a finished message. Returns: 0 or a negative error. */
int peer_send(struct peer *peer, struct buf *b);
/** Add a job to what will be sent. Returns: 0 or a negative error. */
int peer_add_job(struct peer *peer, struct entry *entry);
/** Add a cancellation to what will be sent. Returns: 0 or -ENOMEM. */
int peer_add_cancel(struct peer *peer, uint64_t key);
/** Send what was gathered. Returns: 0 or a negative error. */
int peer_flush(struct peer *peer);
/** Ask for up to @count jobs that have not started. */
int peer_take_back(struct peer *peer, unsigned count);
/** Send a message that has at most one number in it. */
int peer_send_signal(struct peer *peer, int signal);
int peer_send_shutdown(struct peer *peer);
int peer_send_forget(struct peer *peer, uint32_t context);
/** Give credit for what was consumed, when it is worth a message. */
int peer_send_credit(struct peer *peer);

/** The worker has answered for @entry: it no longer holds it. */
void peer_release(struct peer *peer, struct entry *entry);

#endif /* BROOD_CORE_PEER_H */
