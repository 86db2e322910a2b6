#include "brood/batch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "entry.h"
#include "pool.h"
#include "proto/encode.h"

enum {
    QUEUE_MAX_DEFAULT = 1024,
    QUEUE_BYTES_DEFAULT = 4 << 20,
    HELD_MAX_DEFAULT = 100000,
};

static int check_options(const struct brood_batch_options *options)
{
    if ((unsigned)options->order > BROOD_ORDER_SUBMIT ||
        options->start_gap_ms < 0 ||
        options->start_gap_ms > INT64_MAX / CLOCK_NS_PER_S ||
        (options->size != 0 && options->size < sizeof(*options))) {
        return -EINVAL;
    }
    return 0;
}

static int encode_env(struct buf *b,
                      const struct brood_batch *batch,
                      const char *const *env,
                      const char *dir)
{
    struct message_context m = { .id = batch->context, .dir = dir };
    struct buf texts = { 0 };
    int r = 0;

    for (; *env != NULL && r == 0; env++, m.env.count++) {
        r = buf_add(&texts, *env, strlen(*env) + 1);
    }
    m.env.data = (const char *)texts.data;
    m.env.size = texts.size;
    if (r == 0) {
        r = message_begin(b, MESSAGE_CONTEXT);
    }
    if (r == 0) {
        r = encode_context(b, &m);
    }
    if (r == 0) {
        message_end(b);
    }
    buf_clear(&texts);
    return r;
}

/* Tell every worker the environment and directory of the batch. */
static int send_context(struct brood_batch *batch)
{
    const char *const *env = batch->options.env;
    const char *dir = batch->options.dir == NULL ? "" : batch->options.dir;
    struct brood *pool = batch->pool;
    int r = 0;

    if (env == NULL) {
        env = (const char *const *)environ;
    }
    for (unsigned i = 0; i < pool->n_peers && r == 0; i++) {
        struct buf b = { 0 };

        r = encode_env(&b, batch, env, dir);
        if (r == 0) {
            r = peer_send(&pool->peers[i], &b);
        }
        buf_clear(&b);
    }
    return r;
}

static void forget_context(struct brood_batch *batch)
{
    struct brood *pool = batch->pool;

    for (unsigned i = 0; i < pool->n_peers; i++) {
        (void)peer_send_forget(&pool->peers[i], batch->context);
    }
}

static void set_defaults(struct brood_batch_options *options)
{
    if (options->queue_max == 0) {
        options->queue_max = QUEUE_MAX_DEFAULT;
    }
    if (options->queue_max_bytes == 0) {
        options->queue_max_bytes = QUEUE_BYTES_DEFAULT;
    }
    if (options->held_max == 0) {
        options->held_max = HELD_MAX_DEFAULT;
    }
}

int brood_batch_new(struct brood *pool,
                    const struct brood_batch_options *options,
                    struct brood_batch **ret_batch)
{
    static const struct brood_batch_options defaults = { 0 };
    struct brood_batch *batch;
    int r;

    options = options == NULL ? &defaults : options;
    r = check_options(options);
    if (r < 0) {
        return r;
    }
    batch = brood_calloc(1, sizeof(*batch));
    if (batch == NULL) {
        return -ENOMEM;
    }
    batch->pool = pool;
    batch->options = *options;
    batch->context = ++pool->context_last;
    set_defaults(&batch->options);
    list_init(&batch->queue);
    order_init(&batch->order, pool->tmp_dir);
    r = send_context(batch);
    if (r < 0) {
        forget_context(batch);
        free(batch);
        return r;
    }
    batch->options.env = NULL;
    batch->options.dir = NULL;
    list_append(&pool->batches, &batch->link);
    *ret_batch = batch;
    return 0;
}

struct brood_batch *brood_batch_free(struct brood_batch *batch)
{
    if (batch == NULL) {
        return NULL;
    }
    while (brood_stop(batch) == -ENOMEM) {
        /* What it waits for will end by itself; memory may come back. */
        (void)pool_round(batch->pool, 1);
    }
    forget_context(batch);
    order_clear(&batch->order);
    list_remove(&batch->link);
    free(batch);
    return NULL;
}

static bool has_order(const struct brood_batch *batch)
{
    return batch->options.on_result == NULL ||
           batch->options.order == BROOD_ORDER_SUBMIT;
}

static bool takes_no_more(const struct brood_batch *batch)
{
    return batch->closed || batch->draining || batch->cancelled;
}

unsigned brood_batch_room(const struct brood_batch *batch)
{
    const struct brood_batch_options *options = &batch->options;

    if (takes_no_more(batch) || batch->n_queued >= options->queue_max ||
        batch->queued_bytes >= options->queue_max_bytes ||
        batch->order.n_held >= options->held_max) {
        return 0;
    }
    return options->queue_max - batch->n_queued;
}

/* A gap between starts is counted from when they are known. */
static int new_entry(const struct brood_batch *batch,
                     const struct brood_job *job,
                     struct entry **ret)
{
    struct brood_job told = *job;
    int r;

    if (batch->options.start_gap_ms == 0) {
        return entry_new(job, batch->context, 0, ret);
    }
    told.notify_start = 1;
    r = entry_new(&told, batch->context, 0, ret);
    if (r == 0) {
        (*ret)->notify = job->notify_start != 0;
    }
    return r;
}

int brood_submit(struct brood_batch *batch,
                 const struct brood_job *job,
                 uint64_t *ret_id)
{
    struct entry *entry = NULL;
    int r;

    if (brood_batch_room(batch) == 0) {
        return takes_no_more(batch) ? -ECANCELED : -EAGAIN;
    }
    if (job->input == BROOD_INPUT_STREAM) {
        return -EINVAL;
    }
    r = new_entry(batch, job, &entry);
    return r < 0 ? r : batch_queue(batch, entry, ret_id);
}

int batch_queue(struct brood_batch *batch,
                struct entry *entry,
                uint64_t *ret_id)
{
    struct brood *pool = batch->pool;
    int r = 0;

    if (has_order(batch)) {
        r = order_reserve(&batch->order, batch->counts.submitted + 1,
                          &entry->held);
    }
    if (r == 0) {
        r = table_add(&pool->table, entry, &entry->id);
    }
    if (r < 0) {
        entry_free(entry);
        return r;
    }
    entry->batch = batch;
    entry->seq = ++batch->counts.submitted;
    list_append(&batch->queue, &entry->link);
    batch->n_queued++;
    batch->queued_bytes += entry->record_size;
    pool->changed = true;
    pool_wake_at(pool, 0);
    if (ret_id != NULL) {
        *ret_id = entry->id;
    }
    return 0;
}

int brood_batch_close(struct brood_batch *batch)
{
    batch->closed = true;
    return 0;
}

struct brood_batch_counts brood_batch_count(const struct brood_batch *batch)
{
    struct brood_batch_counts counts = batch->counts;

    counts.queued = batch->n_queued;
    return counts;
}

static bool is_done(const struct brood_batch *batch)
{
    return batch->counts.delivered == batch->counts.submitted;
}

static bool can_pull(const struct brood_batch *batch)
{
    const struct order *order = &batch->order;

    return batch->options.on_result == NULL && order->n_held > 0 &&
           order->ring[order->next & (order->ring_size - 1)] != NULL;
}

int brood_run(struct brood_batch *batch)
{
    while (!is_done(batch) && !can_pull(batch)) {
        int r = pool_round(batch->pool, -1);

        if (r < 0 && r != -EINTR) {
            return r;
        }
    }
    return 0;
}

int brood_next(struct brood_batch *batch,
               int timeout_ms,
               const struct brood_result **ret_result)
{
    int64_t due_ns = clock_mono_ns() + timeout_ms * CLOCK_NS_PER_MS;

    if (batch->options.on_result != NULL) {
        return -EINVAL;
    }
    order_done(&batch->order);
    while (!can_pull(batch)) {
        int64_t left_ns = due_ns - clock_mono_ns();
        int wait_ms = -1;
        int r;

        if (is_done(batch)) {
            return 0;
        }
        if (timeout_ms >= 0) {
            wait_ms =
                left_ns <= 0
                    ? 0
                    : (int)((left_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS);
        }
        r = pool_round(batch->pool, wait_ms);
        if (r < 0 && r != -EINTR) {
            return r;
        }
        if (timeout_ms >= 0 && left_ns <= 0 && !can_pull(batch)) {
            return is_done(batch) ? 0 : -ETIMEDOUT;
        }
    }
    *ret_result = order_take(&batch->order);
    batch->counts.delivered++;
    return 1;
}
