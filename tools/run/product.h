#ifndef BROOD_TOOLS_RUN_PRODUCT_H
#define BROOD_TOOLS_RUN_PRODUCT_H

/*
 * product - one input of each source, in every combination.
 *
 * The last source varies fastest. The first source is read as it goes; the
 * inputs of the others are kept, since they come again. A source without
 * inputs counts as one empty input, unless it is the only one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/source.h"
#include "run/template.h"

/** Inputs that are kept. */
struct product_kept {
    /** Each input, with a NUL behind it; where each begins. */
    struct text bytes;
    size_t *at;
    size_t n;
    size_t room;
};

struct product {
    struct source *sources;
    size_t n_sources;
    struct product_kept *kept;
    /** Sources whose inputs are all kept are from this one on. */
    size_t n_unread;
    /** Keep the first source too, so that the total is known. */
    bool keep_all;
    /** What was given last, and its place in each kept source. */
    struct value *values;
    size_t *places;
    bool started;
    /** The source that made the last error, or has to be waited for. */
    struct source *stuck;
};

/** Prepare a product of no sources. */
void product_init(struct product *product);

/** Make room for a source at the end; valid until the next call. */
struct source *product_add(struct product *product);

/** Close all sources and free the memory. */
void product_clear(struct product *product);

/**
 * Take the next combination.
 *
 * Returns:   1 and product->values[0 ... n_sources - 1], valid until the next
 *            call; 0 that was all; -EAGAIN wait until product->stuck->fd is
 *            readable; or another error of product->stuck.
 */
int product_next(struct product *product);

/**
 * Read what has to be kept.
 *
 * Returns:   0 all is there; else as product_next().
 */
int product_prepare(struct product *product);

/**
 * Tell how many combinations there are in all.
 *
 * Returns:   the number, or -1 while it is not known.
 */
int64_t product_total(const struct product *product);

#endif /* BROOD_TOOLS_RUN_PRODUCT_H */
