#ifndef BROOD_TOOLS_RUN_HOLD_H
#define BROOD_TOOLS_RUN_HOLD_H

/*
 * hold - output that has come too early to be shown.
 *
 * The latest bytes are in memory, those before them in the spill file when all
 * holds together take more memory than they should.
 */

#include <stddef.h>
#include <stdint.h>

#include "run/spill.h"
#include "text.h"

/** What all holds share. */
struct hold_store {
    struct spill spill;
    size_t memory_bytes;
    /** From here on, bytes go to the file. */
    size_t memory_max_bytes;
};

struct hold_extent {
    uint64_t at;
    uint64_t size;
};

/** Zeroed memory holds nothing. */
struct hold {
    struct hold_extent *extents;
    size_t n_extents;
    size_t room;
    /** Extents before this one have been taken. */
    size_t first;
    struct text tail;
    /** Bytes in all. */
    uint64_t size;
    /** Bytes that could not be kept, and why. */
    uint64_t lost;
    int error;
};

void hold_add(struct hold *hold,
              struct hold_store *store,
              const void *data,
              size_t size);

/** Give the first @size bytes to @put, in order, and forget them. */
void hold_take(struct hold *hold,
               struct hold_store *store,
               uint64_t size,
               void (*put)(void *user, const void *data, size_t size),
               void *user);

/** Forget everything and free the memory. */
void hold_clear(struct hold *hold, struct hold_store *store);

#endif /* BROOD_TOOLS_RUN_HOLD_H */
