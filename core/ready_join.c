/*
 * ready_join - which class a job belongs to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ready_class.h"

enum {
    NEEDS_MAX = 256,
    INDEX_FIRST = 16,
    ITEMS_FIRST = 4,
};

static int compare_needs(const void *a, const void *b)
{
    const struct need *x = a;
    const struct need *y = b;

    return (x->resource > y->resource) - (x->resource < y->resource);
}

/* Returns: how many, without those of nothing; or an error. */
static int read_needs(const struct ready *r,
                      const struct brood_need *needs,
                      unsigned n_needs,
                      struct need *ret)
{
    uint32_t n = 0;

    if (n_needs > NEEDS_MAX) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < n_needs; i++) {
        if (!names_find(&r->resource_names, needs[i].resource,
                        &ret[n].resource)) {
            return -ENOENT;
        }
        if (needs[i].amount > INT64_MAX ||
            (int64_t)needs[i].amount > r->resources[ret[n].resource].total) {
            return -ERANGE;
        }
        ret[n].amount = (int64_t)needs[i].amount;
        n += ret[n].amount > 0;
    }
    qsort(ret, n, sizeof(*ret), compare_needs);
    for (uint32_t i = 1; i < n; i++) {
        if (ret[i].resource == ret[i - 1].resource) {
            return -EINVAL;
        }
    }
    return (int)n;
}

static bool is_same(const struct ready_class *c,
                    const struct need *needs,
                    uint32_t n)
{
    if (c->n_needs != n) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (c->needs[i].resource != needs[i].resource ||
            c->needs[i].amount != needs[i].amount) {
            return false;
        }
    }
    return true;
}

static uint32_t hash_of(const struct need *needs, uint32_t n)
{
    uint64_t hash = 0x9e3779b97f4a7c15U;

    for (uint32_t i = 0; i < n; i++) {
        hash = (hash ^ needs[i].resource) * 0xff51afd7ed558ccdU;
        hash = (hash ^ (uint64_t)needs[i].amount ^ (hash >> 32)) *
               0xc4ceb9fe1a85ec53U;
    }
    return (uint32_t)(hash ^ (hash >> 32));
}

/* The place in the index where a class is, or belongs. */
static uint32_t *place_of(const struct ready *r,
                          const struct need *needs,
                          uint32_t n)
{
    uint32_t mask = r->index_size - 1;
    uint32_t i = hash_of(needs, n) & mask;

    while (r->index[i] != 0 &&
           !is_same(&r->classes[r->index[i] - 1], needs, n)) {
        i = (i + 1) & mask;
    }
    return &r->index[i];
}

static int grow_index(struct ready *r)
{
    uint32_t size = r->index_size == 0 ? INDEX_FIRST : 2 * r->index_size;
    uint32_t *index = brood_calloc(size, sizeof(*index));
    uint32_t *open = NULL;
    struct ready_class *classes = NULL;

    if (index == NULL) {
        return -ENOMEM;
    }
    open = brood_realloc(r->open, size / 2 * sizeof(*open));
    if (open != NULL) {
        r->open = open;
        classes = brood_realloc(r->classes, size / 2 * sizeof(*classes));
    }
    if (classes == NULL) {
        free(index);
        return -ENOMEM;
    }
    r->classes = classes;
    r->room_classes = size / 2;
    free(r->index);
    r->index = index;
    r->index_size = size;
    for (uint32_t i = 0; i < r->n_classes; i++) {
        *place_of(r, classes[i].needs, classes[i].n_needs) = i + 1;
    }
    return 0;
}

static int make_class(struct ready *r,
                      const struct need *needs,
                      uint32_t n,
                      uint32_t *ret)
{
    struct need *copy;

    if (r->n_classes >= r->room_classes) {
        int error = grow_index(r);

        if (error < 0) {
            return error;
        }
    }
    copy = brood_malloc((n + 1) * sizeof(*copy));
    if (copy == NULL) {
        return -ENOMEM;
    }
    memcpy(copy, needs, n * sizeof(*copy));
    r->classes[r->n_classes] =
        (struct ready_class){ .needs = copy, .n_needs = n };
    *place_of(r, needs, n) = r->n_classes + 1;
    *ret = r->n_classes++;
    return 0;
}

static int find_class(struct ready *r,
                      const struct need *needs,
                      uint32_t n,
                      uint32_t *ret)
{
    if (r->last != READY_NONE && is_same(&r->classes[r->last], needs, n)) {
        *ret = r->last;
        return 0;
    }
    if (r->index_size > 0) {
        uint32_t found = *place_of(r, needs, n);

        if (found != 0) {
            *ret = found - 1;
            return 0;
        }
    }
    return make_class(r, needs, n, ret);
}

int ready_join(struct ready *ready,
               const struct brood_need *needs,
               unsigned n_needs,
               uint32_t *ret_class)
{
    struct need read[NEEDS_MAX];
    struct ready_class *c;
    int n = read_needs(ready, needs, n_needs, read);
    uint32_t class = 0;
    int r;

    if (n < 0) {
        return n;
    }
    r = find_class(ready, read, (uint32_t)n, &class);
    if (r < 0) {
        return r;
    }
    ready->last = class;
    c = &ready->classes[class];
    if (c->n_members >= c->room) {
        uint32_t room = c->room == 0 ? ITEMS_FIRST : 2 * c->room;
        struct ready_item *items =
            brood_realloc(c->items, room * sizeof(*items));

        if (items == NULL) {
            return -ENOMEM;
        }
        c->items = items;
        c->room = room;
    }
    c->n_members++;
    *ret_class = class;
    return 0;
}

void ready_leave(struct ready *ready, uint32_t class)
{
    ready->classes[class].n_members--;
}
