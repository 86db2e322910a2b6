/*
 * collect - what workers say, taken in: starts, output, results, jobs back.
 *
 * A result either sends its job round again (a failed try with tries left) or
 * ends it: then the entry dies and the result goes to its batch, now or in its
 * turn. Every path out of here keeps "one job, one result".
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "child.h"
#include "entry.h"
#include "pool.h"
#include "proto/channel.h"
#include "proto/decode.h"
#include "proto/steer.h"

enum {
    /* Weight of the past in the moving average of how long jobs last. */
    AVERAGE_WEIGHT = 8,
};

static const enum brood_outcome outcome_of[MESSAGE_OUTCOME_COUNT] = {
    [MESSAGE_EXITED] = BROOD_EXITED,
    [MESSAGE_SIGNALLED] = BROOD_SIGNALLED,
    [MESSAGE_TIMED_OUT] = BROOD_TIMED_OUT,
    [MESSAGE_CANCELLED] = BROOD_CANCELLED,
    [MESSAGE_SPAWN_FAILED] = BROOD_SPAWN_FAILED,
    [MESSAGE_LOST] = BROOD_LOST,
};

static void fill_output(struct brood_output *to,
                        const struct message_captured *from)
{
    to->data = from->fd < 0 ? from->data.data : NULL;
    to->size_bytes = from->size;
    to->fd = from->fd;
    to->offset_bytes = 0;
    to->lost_bytes = from->lost;
    to->error = from->error;
    if (to->fd < 0 && to->data == NULL) {
        to->data = "";
    }
}

static void fill_result(struct brood_result *to,
                        const struct message_result *from)
{
    to->outcome = outcome_of[from->outcome];
    to->exit_status = from->exit_status;
    to->signal = from->signal;
    to->core_dumped = (from->flags & MESSAGE_RESULT_CORE) != 0;
    to->leaked = (from->flags & MESSAGE_RESULT_LEAKED) != 0;
    to->step = (enum brood_step)from->step;
    to->error = from->error;
    to->stop_signal = from->stop_signal;
    to->pid = (int)from->pid;
    to->slot = from->slot;
    to->start_ns = from->start_ns;
    to->duration_ns = from->duration_ns;
    to->user_ns = from->user_ns;
    to->system_ns = from->system_ns;
    to->max_rss_bytes = from->max_rss_bytes;
    fill_output(&to->out, &from->out);
    fill_output(&to->err, &from->err);
}

static bool is_again(const struct entry *entry,
                     const struct brood_result *result)
{
    return !brood_result_ok(result) && result->outcome != BROOD_CANCELLED &&
           entry->attempt < entry->attempts_max && !entry->cancelled &&
           !entry->batch->draining && !entry->batch->cancelled;
}

static void learn_duration(struct brood *pool, int64_t duration_ns)
{
    int64_t ns = duration_ns > 0 ? duration_ns : 1;

    if (pool->job_ns == 0) {
        pool->job_ns = ns;
    } else {
        pool->job_ns += (ns - pool->job_ns) / AVERAGE_WEIGHT;
    }
    if (pool->job_ns <= 0) {
        pool->job_ns = 1;
    }
}

static void collect_result(struct peer *peer,
                           struct brood *pool,
                           const struct message_result *m)
{
    struct entry *entry = table_find(&pool->table, m->key);
    struct brood_result result = { 0 };

    fill_result(&result, m);
    if (entry == NULL || entry->peer != peer) {
        result_close(&result);
        return;
    }
    peer_release(peer, entry);
    schedule_started(entry->batch);
    entry->batch->counts.with_workers--;
    result_identify(&result, entry);
    if (result.pid != 0) {
        learn_duration(pool, result.duration_ns);
    }
    if (is_again(entry, &result)) {
        result_close(&result);
        schedule_again(entry);
        return;
    }
    entry_finish(entry, &result);
}

/* Something ended, so what could not be started may be now. */
static void end_starvation(struct brood *pool)
{
    for (unsigned i = 0; i < pool->n_peers; i++) {
        pool->peers[i].starved = false;
    }
}

static int collect_results(struct peer *peer,
                           struct brood *pool,
                           struct reader *reader)
{
    while (reader->left > 0) {
        struct message_result m;
        int r = decode_result(reader, &m);

        if (r < 0) {
            return r;
        }
        collect_result(peer, pool, &m);
    }
    peer->stalled = false;
    pool->was_refused = false;
    end_starvation(pool);
    return 0;
}

static bool others_are_running(const struct brood *pool,
                               const struct peer *peer)
{
    for (unsigned i = 0; i < pool->n_peers; i++) {
        if (&pool->peers[i] != peer && peer_is_busy(&pool->peers[i])) {
            return true;
        }
    }
    return false;
}

static void pack_held_files(const struct brood *pool)
{
    for (struct list *l = pool->batches.next; l != &pool->batches;
         l = l->next) {
        order_pack(&LIST_ENTRY(l, struct brood_batch, link)->order);
    }
}

/*
 * Whether a job that could not be started may be by and by: when something
 * that runs ends; or at once, if all has ended, since what the last results
 * held has been freed only after the worker tried.
 */
static bool may_start_later(struct brood *pool, struct peer *peer, int reason)
{
    if (reason == -EMFILE || reason == -ENFILE) {
        pack_held_files(pool);
    }
    if (peer_is_busy(peer) || others_are_running(pool, peer)) {
        peer->starved = true;
        return true;
    }
    if (!pool->was_refused) {
        pool->was_refused = true;
        return true;
    }
    return false;
}

static void collect_back(struct peer *peer,
                         struct brood *pool,
                         const struct message_returned *m)
{
    struct entry *entry = table_find(&pool->table, m->key);

    if (entry == NULL || entry->peer != peer) {
        return;
    }
    peer_release(peer, entry);
    entry->batch->start_pending = false;
    entry->batch->counts.with_workers--;
    entry->attempt--;
    if (entry->cancelled || entry->batch->cancelled) {
        entry_end(entry, BROOD_CANCELLED, 0);
    } else if (entry->batch->draining) {
        entry_end(entry, BROOD_SKIPPED, 0);
    } else if (m->reason == 0 || m->reason == -ECANCELED ||
               may_start_later(pool, peer, m->reason)) {
        schedule_again(entry);
    } else {
        entry_end(entry, BROOD_SPAWN_FAILED, m->reason);
    }
}

static int collect_returned(struct peer *peer,
                            struct brood *pool,
                            struct reader *reader)
{
    peer->stalled = !peer->taking_back && reader->left > 0;
    peer->taking_back = false;
    pool->idle_since_ns = 0;
    while (reader->left > 0) {
        struct message_returned m;
        int r = decode_returned(reader, &m);

        if (r < 0) {
            return r;
        }
        collect_back(peer, pool, &m);
    }
    if (!others_are_running(pool, NULL)) {
        /* There is no end to wait for. */
        end_starvation(pool);
    }
    return 0;
}

static int collect_started(struct peer *peer,
                           struct brood *pool,
                           struct reader *reader)
{
    while (reader->left > 0) {
        struct brood_result start = { .exit_status = -1 };
        const struct brood_batch_options *options;
        struct message_started m;
        struct entry *entry;
        int r = decode_started(reader, &m);

        if (r < 0) {
            return r;
        }
        entry = table_find(&pool->table, m.key);
        if (entry == NULL || entry->peer != peer) {
            continue;
        }
        schedule_started(entry->batch);
        options = &entry->batch->options;
        if (options->on_start != NULL && entry->notify) {
            result_identify(&start, entry);
            start.pid = (int)m.pid;
            start.slot = m.slot;
            start.start_ns = m.start_ns;
            pool->n_called++;
            options->on_start(entry->batch, &start, options->user);
        }
    }
    return 0;
}

/* Pieces of output: as it comes, or the ends of it that were asked for. */
static int collect_pieces(struct peer *peer,
                          struct brood *pool,
                          struct reader *reader,
                          bool are_tails)
{
    while (reader->left > 0) {
        const struct brood_batch_options *options;
        struct brood_result job = { .exit_status = -1 };
        struct message_output m;
        struct entry *entry;
        int r = decode_output(reader, &m);

        if (r < 0) {
            return r;
        }
        peer->consumed_bytes += are_tails ? 0 : m.data.size;
        entry = table_find(&pool->table, m.key);
        if (entry == NULL || entry->peer != peer) {
            continue;
        }
        options = &entry->batch->options;
        if ((are_tails ? options->on_tail : options->on_output) != NULL) {
            result_identify(&job, entry);
            pool->n_called++;
            (are_tails ? options->on_tail : options->on_output)(
                entry->batch, &job, m.stream, m.data.data, m.data.size,
                options->user);
        }
    }
    return are_tails ? 0 : peer_send_credit(peer);
}

static int collect_taken(struct peer *peer,
                         struct brood *pool,
                         struct reader *reader)
{
    while (reader->left > 0) {
        struct message_taken m;
        struct entry *entry;
        int r = decode_taken(reader, &m);

        if (r < 0) {
            return r;
        }
        entry = table_find(&pool->table, m.key);
        if (entry != NULL && entry->peer == peer && entry->now) {
            child_on_taken(entry->tag, &m);
        }
    }
    return 0;
}

static int collect_ended(struct peer *peer,
                         struct brood *pool,
                         struct reader *reader)
{
    while (reader->left > 0) {
        struct message_ended m;
        struct entry *entry;
        int r = decode_ended(reader, &m);

        if (r < 0) {
            return r;
        }
        entry = table_find(&pool->table, m.key);
        if (entry != NULL && entry->peer == peer && entry->now) {
            child_on_ended(entry->tag, &m);
        }
    }
    return 0;
}

static int collect_frame(struct peer *peer,
                         struct brood *pool,
                         const struct frame *frame)
{
    struct message_header header;
    struct reader reader;
    int r = message_open(frame_data(frame), frame_size(frame),
                         channel_is_local(peer->channel), &header, &reader);

    if (r < 0) {
        return r;
    }
    pool->changed = true;
    switch (header.type) {
    case MESSAGE_RESULTS:
        return collect_results(peer, pool, &reader);
    case MESSAGE_RETURNED:
        return collect_returned(peer, pool, &reader);
    case MESSAGE_STARTED:
        return collect_started(peer, pool, &reader);
    case MESSAGE_OUTPUT:
        return collect_pieces(peer, pool, &reader, false);
    case MESSAGE_TAIL:
        return collect_pieces(peer, pool, &reader, true);
    case MESSAGE_TAKEN:
        return collect_taken(peer, pool, &reader);
    case MESSAGE_ENDED:
        return collect_ended(peer, pool, &reader);
    case MESSAGE_BYE:
        peer->said_bye = true;
        return 0;
    case MESSAGE_HELLO:
        return 0;
    default:
        return -EBADMSG;
    }
}

static int collect_peer(struct brood *pool, struct peer *peer)
{
    int first = 0;

    while (peer->due) {
        struct frame *frame = NULL;
        int r = channel_receive(peer->channel, &frame);

        if (r == -EAGAIN) {
            peer->due = false;
            break;
        }
        if (r == 0) {
            r = collect_frame(peer, pool, frame);
            frame_unref(frame);
        }
        if (r == -ENOMEM && frame == NULL) {
            return r;
        }
        first = first < 0 ? first : r;
    }
    return first;
}

int collect(struct brood *pool)
{
    int first = 0;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        int r = collect_peer(pool, &pool->peers[i]);

        first = first < 0 ? first : r;
    }
    return first;
}
