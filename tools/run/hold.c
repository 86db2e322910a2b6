#include "run/hold.h"

#include <stdlib.h>

enum {
    /* Shorter tails are not worth a write. */
    SPILL_MIN = 4 * 1024,
    READ_SIZE = 64 * 1024,
};

static void spill_tail(struct hold *hold, struct hold_store *store)
{
    struct hold_extent extent = { .size = hold->tail.size };
    int r =
        spill_put(&store->spill, hold->tail.data, hold->tail.size, &extent.at);

    store->memory_bytes -= hold->tail.size;
    text_clear(&hold->tail);
    if (r < 0) {
        hold->error = r;
        hold->lost += extent.size;
        hold->size -= extent.size;
        return;
    }
    if (hold->n_extents == hold->room) {
        hold->room = hold->room == 0 ? 4 : hold->room * 2;
        hold->extents =
            reallocarray(hold->extents, hold->room, sizeof(*hold->extents));
        if (hold->extents == NULL) {
            text_no_memory();
        }
    }
    hold->extents[hold->n_extents++] = extent;
}

void hold_add(struct hold *hold,
              struct hold_store *store,
              const void *data,
              size_t size)
{
    if (hold->error != 0) {
        /* What is kept is a prefix of what came. */
        hold->lost += size;
        return;
    }
    text_add(&hold->tail, data, size);
    hold->size += size;
    store->memory_bytes += size;
    if (store->memory_bytes > store->memory_max_bytes &&
        hold->tail.size >= SPILL_MIN) {
        spill_tail(hold, store);
    }
}

/* Take up to @size bytes from the first extent; how many, or an error. */
static int64_t take_extent(struct hold *hold,
                           struct hold_store *store,
                           uint64_t size,
                           struct text *buffer)
{
    struct hold_extent *extent = &hold->extents[hold->first];
    size_t n = READ_SIZE;
    int r;

    n = size < n ? (size_t)size : n;
    n = extent->size < n ? (size_t)extent->size : n;
    text_reset(buffer);
    r = spill_get(&store->spill, extent->at, text_reserve(buffer, n), n);
    buffer->size = r < 0 ? 0 : n;
    spill_free(&store->spill, extent->at, n);
    extent->at += n;
    extent->size -= n;
    hold->first += extent->size == 0;
    hold->error = r < 0 ? r : hold->error;
    hold->lost += r < 0 ? n : 0;
    return (int64_t)n;
}

void hold_take(struct hold *hold,
               struct hold_store *store,
               uint64_t size,
               void (*put)(void *user, const void *data, size_t size),
               void *user)
{
    struct text buffer = { 0 };

    size = size > hold->size ? hold->size : size;
    hold->size -= size;
    while (size > 0 && hold->first < hold->n_extents) {
        size -= (uint64_t)take_extent(hold, store, size, &buffer);
        if (buffer.size > 0) {
            put(user, buffer.data, buffer.size);
        }
    }
    text_clear(&buffer);
    if (size > 0) {
        put(user, hold->tail.data, (size_t)size);
        text_drop(&hold->tail, (size_t)size);
        store->memory_bytes -= (size_t)size;
    }
}

void hold_clear(struct hold *hold, struct hold_store *store)
{
    for (size_t i = hold->first; i < hold->n_extents; i++) {
        spill_free(&store->spill, hold->extents[i].at, hold->extents[i].size);
    }
    store->memory_bytes -= hold->tail.size;
    free(hold->extents);
    text_clear(&hold->tail);
    *hold = (struct hold){ 0 };
}
