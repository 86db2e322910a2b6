#ifndef BROOD_WORKERS_OUTBOX_H
#define BROOD_WORKERS_OUTBOX_H

/*
 * outbox - what a worker has to say, gathered in one message a type.
 *
 * A send costs system calls at both ends and may wake the other thread, so
 * answers leave in groups: when there is enough, when they have waited
 * OUTBOX_WAIT_NS, or when the worker has nothing left to start. They leave in
 * an order in which no job's start comes after its output, and no output after
 * its result.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "proto/message.h"

struct channel;

struct outbox {
    struct channel *channel;
    struct buf started;
    struct buf output;
    struct buf tails;
    struct buf taken;
    struct buf ended;
    struct buf results;
    struct buf returned;
    /** When the oldest of it was put in; 0: it is empty. */
    int64_t since_ns;
};

/* Each makes room for one record, so that it can be put in without fail until
 * the next flush. Returns: 0 or -ENOMEM. */
int outbox_reserve_started(struct outbox *o);
int outbox_reserve_taken(struct outbox *o);
/* Each puts one record in. Returns: 0 or -ENOMEM; then nothing was put in. */
int outbox_started(struct outbox *o, const struct message_started *m);
int outbox_output(struct outbox *o, const struct message_output *m);
int outbox_tail(struct outbox *o, const struct message_output *m);
int outbox_taken(struct outbox *o, const struct message_taken *m);
int outbox_ended(struct outbox *o, const struct message_ended *m);
int outbox_result(struct outbox *o, const struct message_result *m);
int outbox_returned(struct outbox *o, const struct message_returned *m);
/** Send an (empty) message of a type that only has to be there. */
int outbox_say(struct outbox *o, enum message_type type);

/** There is something in it. */
bool outbox_has_any(const struct outbox *o);
/** It is time to send: it is large, or old. */
bool outbox_is_due(const struct outbox *o, int64_t now_ns);
/** When it will be old; only if it has any. */
int64_t outbox_due_ns(const struct outbox *o);
/** Send all of it. Returns: 0 or a negative error; what is left is kept. */
int outbox_flush(struct outbox *o);
void outbox_clear(struct outbox *o);

#endif /* BROOD_WORKERS_OUTBOX_H */
