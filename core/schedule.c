/*
 * schedule - which job goes to which worker, and when.
 *
 * Jobs are handed out in the order of submission, to the worker with the most
 * idle slots first. A round trip between threads costs about as much as a
 * small process, so a worker also gets jobs ahead of its slots: as many as it
 * can start within AHEAD_NS, judged by how long jobs have lasted so far. While
 * jobs last longer than that (or it is not known yet) nothing is sent ahead:
 * then the order is strict, and no job waits behind a long one.
 *
 * Should one worker have jobs waiting and another none at all, and no queue
 * anything, the waiting ones are asked back after a moment. A worker whose
 * jobs wait because its slots are with long ones gives them back by itself.
 */
#include <errno.h>

#include "base/clock.h"
#include "entry.h"
#include "pool.h"

/* Work that a worker has at hand; a group is about half of it. */
#define AHEAD_NS (24 * CLOCK_NS_PER_MS)
/* Above this, a round trip is lost in the noise of a job. */
#define AHEAD_JOB_MAX_NS (100 * CLOCK_NS_PER_MS)
/* How long a worker is idle before another's jobs are taken back. */
#define IDLE_NS CLOCK_NS_PER_MS

enum {
    AHEAD_MAX = 256,
};

static unsigned ahead(const struct brood *pool, const struct peer *peer)
{
    int64_t n;

    if (pool->job_ns == 0 || pool->job_ns > AHEAD_JOB_MAX_NS) {
        return 0;
    }
    n = peer->slots * AHEAD_NS / pool->job_ns + 1;
    return n < AHEAD_MAX ? (unsigned)n : AHEAD_MAX;
}

/* The worker for the next job, or NULL. */
static struct peer *pick(struct brood *pool, bool strict)
{
    struct peer *best = NULL;
    unsigned idle = 0;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        struct peer *peer = &pool->peers[i];

        if (!peer->starved && peer->held < peer->slots &&
            peer->slots - peer->held > idle) {
            idle = peer->slots - peer->held;
            best = peer;
        }
    }
    if (best != NULL || strict) {
        return best;
    }
    for (unsigned i = 0; i < pool->n_peers; i++) {
        struct peer *peer = &pool->peers[i];
        unsigned more = ahead(pool, peer);

        if (peer->held <= peer->slots + more / 2) {
            peer->filling = true;
        }
        if (peer->held >= peer->slots + more) {
            peer->filling = false;
        }
        if (peer->filling && !peer->starved && !peer->stalled &&
            (best == NULL || peer->held < best->held)) {
            best = peer;
        }
    }
    return best;
}

/* The worker for a job beside the slots, or NULL. */
static struct peer *pick_now(struct brood *pool)
{
    struct peer *best = NULL;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        struct peer *peer = &pool->peers[i];

        if (!peer->starved && (best == NULL || peer->n_now < best->n_now)) {
            best = peer;
        }
    }
    return best;
}

/* No descriptor for its input: wait for a job to end, if one is running. */
static int not_handed_out(struct brood *pool, struct entry *entry, int error)
{
    bool busy = false;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        busy = busy || peer_is_busy(&pool->peers[i]);
    }
    if (error == -ENOMEM || busy) {
        schedule_again(entry);
        return error == -ENOMEM ? error : 0;
    }
    entry_end(entry, BROOD_SPAWN_FAILED, error);
    return 0;
}

/* How long a message takes says nothing of when a child was started; so the
 * gap is counted from when its start is known, and is never too short. */
static bool is_in_gap(struct brood_batch *batch)
{
    if (batch->start_pending) {
        return true;
    }
    if (clock_mono_ns() < batch->start_next_ns) {
        pool_wake_at(batch->pool, batch->start_next_ns);
        return true;
    }
    return false;
}

void schedule_started(struct brood_batch *batch)
{
    if (batch->start_pending) {
        batch->start_pending = false;
        batch->start_next_ns =
            clock_mono_ns() + batch->options.start_gap_ms * CLOCK_NS_PER_MS;
    }
}

static int hand_out_batch(struct brood *pool, struct brood_batch *batch)
{
    int64_t gap_ns = batch->options.start_gap_ms * CLOCK_NS_PER_MS;

    while (batch->n_queued > 0) {
        struct entry *entry =
            LIST_ENTRY(list_first(&batch->queue), struct entry, link);
        struct peer *peer;
        int r;

        if (gap_ns > 0 && is_in_gap(batch)) {
            return 0;
        }
        peer = entry->now ? pick_now(pool) : pick(pool, gap_ns > 0);
        if (peer == NULL) {
            return 0;
        }
        schedule_remove(entry);
        r = peer_add_job(peer, entry);
        if (r < 0) {
            return not_handed_out(pool, entry, r);
        }
        batch->start_pending = gap_ns > 0;
        batch->counts.with_workers++;
    }
    return 0;
}

static bool queues_are_empty(const struct brood *pool)
{
    for (struct list *l = pool->batches.next; l != &pool->batches;
         l = l->next) {
        if (LIST_ENTRY(l, struct brood_batch, link)->n_queued > 0) {
            return false;
        }
    }
    return true;
}

/* Move waiting jobs from a worker with too many to one with none. */
static int even_out(struct brood *pool)
{
    struct peer *rich = NULL;
    unsigned idle = 0;
    unsigned excess;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        struct peer *peer = &pool->peers[i];

        if (peer->taking_back) {
            return 0;
        }
        if (peer->held < peer->slots && !peer->starved) {
            idle += peer->slots - peer->held;
        }
        if (peer->held > peer->slots &&
            (rich == NULL ||
             peer->held - peer->slots > rich->held - rich->slots)) {
            rich = peer;
        }
    }
    if (rich == NULL || idle == 0 || !queues_are_empty(pool)) {
        pool->idle_since_ns = 0;
        return 0;
    }
    if (pool->idle_since_ns == 0) {
        pool->idle_since_ns = clock_mono_ns();
        pool_wake_at(pool, pool->idle_since_ns + IDLE_NS);
        return 0;
    }
    if (clock_mono_ns() - pool->idle_since_ns < IDLE_NS) {
        pool_wake_at(pool, pool->idle_since_ns + IDLE_NS);
        return 0;
    }
    excess = (rich->held - rich->slots + 1) / 2;
    return peer_take_back(rich, excess);
}

int schedule(struct brood *pool)
{
    int r = 0;

    if (!pool->changed) {
        return even_out(pool);
    }
    pool->changed = false;
    for (struct list *l = pool->batches.next; l != &pool->batches && r == 0;
         l = l->next) {
        r = hand_out_batch(pool, LIST_ENTRY(l, struct brood_batch, link));
    }
    for (unsigned i = 0; i < pool->n_peers; i++) {
        int sent = peer_flush(&pool->peers[i]);

        r = r < 0 ? r : sent;
    }
    if (r < 0) {
        pool->changed = true; /* What was not sent is still to be sent. */
        return r;
    }
    return even_out(pool);
}

void schedule_again(struct entry *entry)
{
    struct brood_batch *batch = entry->batch;
    struct list *at = batch->queue.next;

    /* In its place: what comes back was submitted before what is queued. */
    while (at != &batch->queue &&
           LIST_ENTRY(at, struct entry, link)->seq < entry->seq) {
        at = at->next;
    }
    entry->state = ENTRY_QUEUED;
    list_remove(&entry->link);
    list_add_before(at, &entry->link);
    batch->n_queued++;
    batch->queued_bytes += entry->record_size;
    batch->pool->changed = true;
}

void schedule_remove(struct entry *entry)
{
    struct brood_batch *batch = entry->batch;

    list_remove(&entry->link);
    batch->n_queued--;
    batch->queued_bytes -= entry->record_size;
}
