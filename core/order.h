#ifndef BROOD_CORE_ORDER_H
#define BROOD_CORE_ORDER_H

/*
 * order - results that wait: for their turn, or to be pulled.
 *
 * A held result owns its bytes: a copy in memory while all held results of the
 * batch together stay under a bound, then a place in one unlinked file. Where
 * the file cannot be written (a full disk), memory serves again: what has been
 * captured is never lost for being early.
 *
 * Held results are numbered from 1; a ring finds the next in one step.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/result.h"

struct held;

struct order {
    struct held **ring;
    size_t ring_size; /* 0 or a power of two */
    /** The number that is due next, and how many are held. */
    uint64_t next;
    uint32_t n_held;
    size_t memory_bytes;
    unsigned n_files;
    /** The spill file, and its end. */
    int spill;
    uint64_t spill_end;
    const char *tmp_dir; /* not ours */
    /** What brood_next() gave last. */
    struct held *current;
};

void order_init(struct order *o, const char *tmp_dir);
/** Drop all that is held. */
void order_clear(struct order *o);

/**
 * Make a place for the result that will be number @number or less.
 *
 * Done when a job is accepted, so that its result cannot fail to be held.
 *
 * Returns:   0, or -ENOMEM.
 * Ownership: the caller hands *ret to order_put(), or frees it.
 */
int order_reserve(struct order *o, uint64_t number, struct held **ret);

/**
 * Hold a result as number @number, which is not held yet and not below next.
 *
 * Bytes for which there is neither memory nor disk count as lost.
 *
 * @held    from order_reserve(); taken.
 * @result  its bytes are copied; its files move in (fds are -1 afterwards).
 */
void order_put(struct order *o,
               struct held *held,
               uint64_t number,
               struct brood_result *result);

/**
 * Give up descriptors: the files that are held become one, where a disk has
 * room for that.
 */
void order_pack(struct order *o);

/**
 * Take out the result that is due, if it is there.
 *
 * Returns:   it, valid until order_done() or the next order_take(); or NULL.
 */
const struct brood_result *order_take(struct order *o);
/** End the use of what order_take() gave. */
void order_done(struct order *o);

#endif /* BROOD_CORE_ORDER_H */
