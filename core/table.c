#include "table.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    TABLE_FIRST = 64,
    GENERATION_SHIFT = 32,
};

struct table_place {
    struct entry *entry; /* NULL while free */
    uint32_t generation;
    uint32_t next_free; /* place + 1, or 0 */
};

static int table_grow(struct table *t)
{
    uint32_t size = t->size == 0 ? TABLE_FIRST : t->size * 2;
    struct table_place *places;

    if (size < t->size) {
        return -ENOMEM;
    }
    places = brood_realloc(t->places, size * sizeof(*places));
    if (places == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = t->size; i < size; i++) {
        places[i] = (struct table_place){
            .next_free = i + 1 < size ? i + 2 : 0,
        };
    }
    t->free = t->size + 1;
    t->places = places;
    t->size = size;
    return 0;
}

int table_add(struct table *t, struct entry *entry, uint64_t *ret_id)
{
    struct table_place *place;
    uint32_t i;

    if (t->free == 0) {
        int r = table_grow(t);

        if (r < 0) {
            return r;
        }
    }
    i = t->free - 1;
    place = &t->places[i];
    t->free = place->next_free;
    place->entry = entry;
    place->generation++;
    *ret_id = (uint64_t)place->generation << GENERATION_SHIFT | (i + 1);
    return 0;
}

static struct table_place *table_place(const struct table *t, uint64_t id)
{
    uint32_t place = (uint32_t)id;
    struct table_place *found;

    if (place == 0 || place > t->size) {
        return NULL;
    }
    found = &t->places[place - 1];
    if (found->entry == NULL || found->generation != id >> GENERATION_SHIFT) {
        return NULL;
    }
    return found;
}

struct entry *table_find(const struct table *t, uint64_t id)
{
    const struct table_place *place = table_place(t, id);

    return place == NULL ? NULL : place->entry;
}

void table_remove(struct table *t, uint64_t id)
{
    struct table_place *place = table_place(t, id);

    assert(place != NULL);
    place->entry = NULL;
    place->next_free = t->free;
    t->free = (uint32_t)id;
}

void table_clear(struct table *t)
{
    free(t->places);
    *t = (struct table){ 0 };
}
