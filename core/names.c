#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Open addressing with linear steps. Nothing is taken out, so a free place
 * always ends a search.
 */

enum {
    PLACES_FIRST = 64,
    PLACES_MAX = 1 << 30,
    BLOCK_SIZE = 64 * 1024,
};

struct names_place {
    const char *text; /* NULL: free */
    uint32_t hash;
    uint32_t number;
};

struct names_block {
    struct names_block *next;
    size_t used;
    size_t room;
    char bytes[];
};

/* FNV-1a: the names of jobs are short. */
static uint32_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (const char *p = text; *p != '\0'; p++) {
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3U;
    }
    return (uint32_t)(hash ^ (hash >> 32));
}

/* The place of a text, or the free one where it belongs. */
static struct names_place *place_of(const struct names *n,
                                    const char *text,
                                    uint32_t hash)
{
    uint32_t mask = n->n_places - 1;
    uint32_t i = hash & mask;

    while (
        n->places[i].text != NULL &&
        (n->places[i].hash != hash || strcmp(n->places[i].text, text) != 0)) {
        i = (i + 1) & mask;
    }
    return &n->places[i];
}

bool names_find(const struct names *names,
                const char *text,
                uint32_t *ret_number)
{
    const struct names_place *place;

    if (names->n_places == 0) {
        return false;
    }
    place = place_of(names, text, hash_of(text));
    if (place->text == NULL) {
        return false;
    }
    *ret_number = place->number;
    return true;
}

static int grow(struct names *n)
{
    struct names old = *n;
    uint32_t n_places = old.n_places == 0 ? PLACES_FIRST : 2 * old.n_places;

    if (old.n_places >= PLACES_MAX) {
        return -EOVERFLOW;
    }
    n->places = brood_calloc(n_places, sizeof(*n->places));
    if (n->places == NULL) {
        n->places = old.places;
        return -ENOMEM;
    }
    n->n_places = n_places;
    for (uint32_t i = 0; i < old.n_places; i++) {
        const struct names_place *from = &old.places[i];

        if (from->text != NULL) {
            *place_of(n, from->text, from->hash) = *from;
        }
    }
    free(old.places);
    return 0;
}

static char *take_room(struct names *n, size_t size)
{
    struct names_block *block = n->blocks;

    if (block == NULL || block->room - block->used < size) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

        block = brood_malloc(sizeof(*block) + room);
        if (block == NULL) {
            return NULL;
        }
        *block = (struct names_block){ .next = n->blocks, .room = room };
        n->blocks = block;
    }
    block->used += size;
    return block->bytes + block->used - size;
}

int names_add(struct names *names,
              const char *text,
              uint32_t number,
              const char **ret_text)
{
    size_t size = strlen(text) + 1;
    uint32_t hash = hash_of(text);
    char *copy;

    if (names->n_used >= names->n_places / 2) {
        int r = grow(names);

        if (r < 0) {
            return r;
        }
    }
    copy = take_room(names, size);
    if (copy == NULL) {
        return -ENOMEM;
    }
    memcpy(copy, text, size);
    *place_of(names, text, hash) =
        (struct names_place){ .text = copy, .hash = hash, .number = number };
    names->n_used++;
    *ret_text = copy;
    return 0;
}

void names_clear(struct names *names)
{
    while (names->blocks != NULL) {
        struct names_block *next = names->blocks->next;

        free(names->blocks);
        names->blocks = next;
    }
    free(names->places);
    *names = (struct names){ 0 };
}
