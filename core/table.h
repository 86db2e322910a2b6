#ifndef BROOD_CORE_TABLE_H
#define BROOD_CORE_TABLE_H

/*
 * table - ids for jobs that are under way.
 *
 * An id is a place in the table and the generation of that place, so that
 * finding is one look and an id of the past finds nothing.
 */

#include <stdint.h>

struct entry;

struct table {
    struct table_place *places;
    uint32_t size;
    uint32_t free; /* first free place + 1, or 0 */
};

/** Returns: 0 with a new id, or -ENOMEM. Ids are never 0. */
int table_add(struct table *t, struct entry *entry, uint64_t *ret_id);
/** Returns: the entry, or NULL if the id is not in the table (any more). */
struct entry *table_find(const struct table *t, uint64_t id);
/** Forget an id that table_find() would find. */
void table_remove(struct table *t, uint64_t id);
void table_clear(struct table *t);

#endif /* BROOD_CORE_TABLE_H */
