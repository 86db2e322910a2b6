#ifndef BROOD_CORE_NAMES_H
#define BROOD_CORE_NAMES_H

/*
 * names - texts, each with a number that belongs to it.
 *
 * A text is kept once, and stays where it is as long as the names do.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names_place;
struct names_block;

/** Zeroed memory is an empty one. */
struct names {
    struct names_place *places;
    /** A power of two, or 0. */
    uint32_t n_places;
    uint32_t n_used;
    struct names_block *blocks;
};

/** Returns: whether there is @text; *ret_number is what belongs to it. */
bool names_find(const struct names *names,
                const char *text,
                uint32_t *ret_number);
/**
 * Add a text that is not there yet.
 *
 * @ret_text  set on success to the copy.
 *
 * Returns:   0; -ENOMEM, -EOVERFLOW.
 */
int names_add(struct names *names,
              const char *text,
              uint32_t number,
              const char **ret_text);
void names_clear(struct names *names);

#endif /* BROOD_CORE_NAMES_H */
