/*
 * cancel - keeping jobs from starting, and stopping those that have.
 *
 * What is queued ends here and now; what is with a worker is answered by the
 * worker: with a result if it runs, with the job itself if it does not.
 */
#include <errno.h>
#include <limits.h>

#include "brood/batch.h"
#include "entry.h"
#include "pool.h"

static int flush_peers(struct brood *pool)
{
    int r = 0;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        int sent = peer_flush(&pool->peers[i]);

        r = r < 0 ? r : sent;
    }
    pool_wake_at(pool, 0);
    return r;
}

static int cancel_entry(struct entry *entry)
{
    if (entry->state == ENTRY_QUEUED) {
        schedule_remove(entry);
        entry_end(entry, BROOD_CANCELLED, 0);
        return 0;
    }
    if (entry->state == ENTRY_SENT && !entry->cancelled) {
        int r = peer_add_cancel(entry->peer, entry->id);

        if (r < 0) {
            return r;
        }
        entry->cancelled = true;
    }
    return 0;
}

int brood_cancel(struct brood_batch *batch, uint64_t id)
{
    struct entry *entry = table_find(&batch->pool->table, id);
    int r;

    if (entry == NULL || entry->batch != batch) {
        return -ESRCH;
    }
    r = cancel_entry(entry);
    return r < 0 ? r : flush_peers(batch->pool);
}

static void end_queued(struct brood_batch *batch, enum brood_outcome outcome)
{
    struct list *l;

    while ((l = list_first(&batch->queue)) != NULL) {
        struct entry *entry = LIST_ENTRY(l, struct entry, link);

        schedule_remove(entry);
        entry_end(entry, outcome, 0);
    }
}

static int cancel_sent(struct brood_batch *batch)
{
    struct brood *pool = batch->pool;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        struct list *head = &pool->peers[i].entries;

        for (struct list *l = head->next; l != head; l = l->next) {
            struct entry *entry = LIST_ENTRY(l, struct entry, link);
            int r = entry->batch == batch ? cancel_entry(entry) : 0;

            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}

int brood_cancel_all(struct brood_batch *batch)
{
    int r;

    batch->cancelled = true;
    end_queued(batch, BROOD_CANCELLED);
    r = cancel_sent(batch);
    return r < 0 ? r : flush_peers(batch->pool);
}

int brood_drain(struct brood_batch *batch)
{
    struct brood *pool = batch->pool;
    int r = 0;

    batch->draining = true;
    end_queued(batch, BROOD_SKIPPED);
    /* Other batches' jobs come back too, and are handed out again. */
    for (unsigned i = 0; i < pool->n_peers && r == 0; i++) {
        if (pool->peers[i].held > 0) {
            r = peer_take_back(&pool->peers[i], UINT_MAX);
        }
    }
    pool_wake_at(pool, 0);
    return r;
}

int brood_stop(struct brood_batch *batch)
{
    struct brood *pool = batch->pool;
    int r;

    if (pool->in_callback) {
        return -EDEADLK;
    }
    r = brood_cancel_all(batch);
    if (r < 0) {
        return r;
    }
    batch->closed = true;
    if (batch->options.on_result == NULL) {
        order_done(&batch->order);
        batch->dropping = true;
        deliver_ordered(batch);
    }
    while (batch->counts.delivered < batch->counts.submitted) {
        r = pool_round(pool, -1);
        if (r < 0 && r != -EINTR) {
            return r;
        }
    }
    return 0;
}
