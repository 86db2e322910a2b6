/*
 * deliver - the last step of a job: its result goes to those who wait for it.
 */
#include <assert.h>
#include <unistd.h>

#include "entry.h"
#include "pool.h"

void result_identify(struct brood_result *result, const struct entry *entry)
{
    result->id = entry->id;
    result->seq = entry->seq;
    result->tag = entry->tag;
    result->attempt = entry->attempt;
}

void result_close(struct brood_result *result)
{
    struct brood_output *outputs[] = { &result->out, &result->err };

    for (int i = 0; i < 2; i++) {
        if (outputs[i]->data == NULL && outputs[i]->fd >= 0) {
            (void)close(outputs[i]->fd);
            outputs[i]->fd = -1;
        }
    }
}

static void call_result(struct brood_batch *batch,
                        const struct brood_result *result)
{
    batch->counts.delivered++;
    if (batch->options.on_result != NULL) {
        batch->pool->n_called++;
        batch->options.on_result(batch, result, batch->options.user);
    }
}

void deliver_ordered(struct brood_batch *batch)
{
    const struct brood_result *result;

    if (batch->options.on_result == NULL && !batch->dropping) {
        return; /* brood_next() takes them. */
    }
    while ((result = order_take(&batch->order)) != NULL) {
        call_result(batch, result);
    }
}

void entry_finish(struct entry *entry, struct brood_result *result)
{
    struct brood_batch *batch = entry->batch;
    struct held *held = entry->held;
    uint64_t seq = entry->seq;

    entry->held = NULL;
    table_remove(&batch->pool->table, entry->id);
    entry_free(entry);
    batch->counts.ended++;
    if (batch->options.on_end != NULL) {
        batch->pool->n_called++;
        batch->options.on_end(batch, result, batch->options.user);
    }
    if (held == NULL) {
        call_result(batch, result);
    } else {
        bool by_seq = batch->options.order == BROOD_ORDER_SUBMIT;

        order_put(&batch->order, held, by_seq ? seq : batch->counts.ended,
                  result);
        deliver_ordered(batch);
    }
    result_close(result);
}

void entry_end(struct entry *entry, enum brood_outcome outcome, int error)
{
    struct brood *pool = entry->batch->pool;

    assert(entry->state != ENTRY_ENDED && entry->peer == NULL);
    entry->state = ENTRY_ENDED;
    entry->outcome = (uint8_t)outcome;
    entry->error = error;
    list_remove(&entry->link);
    list_append(&pool->ended, &entry->link);
    pool_wake_at(pool, 0);
}

void deliver_ended(struct brood *pool)
{
    struct list *l;

    while ((l = list_first(&pool->ended)) != NULL) {
        struct entry *entry = LIST_ENTRY(l, struct entry, link);
        struct brood_result result = {
            .outcome = (enum brood_outcome)entry->outcome,
            .exit_status = -1,
            .error = entry->error,
            .out = { .data = "", .fd = -1 },
            .err = { .data = "", .fd = -1 },
        };

        if (result.outcome == BROOD_SPAWN_FAILED) {
            result.step = BROOD_STEP_PREPARE;
        }
        list_remove(l);
        result_identify(&result, entry);
        entry_finish(entry, &result);
    }
}
