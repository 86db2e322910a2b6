#include "ready.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ready_class.h"

void ready_init(struct ready *ready, unsigned patience)
{
    *ready = (struct ready){ .patience = patience,
                             .last = READY_NONE,
                             .first = READY_NONE };
}

void ready_clear(struct ready *ready)
{
    for (uint32_t i = 0; i < ready->n_classes; i++) {
        free(ready->classes[i].needs);
        free(ready->classes[i].items);
    }
    free(ready->classes);
    free(ready->index);
    free(ready->open);
    free(ready->resources);
    names_clear(&ready->resource_names);
}

/* Whether @a comes before @b. */
static bool is_before(const struct ready_item *a, const struct ready_item *b)
{
    if (a->priority != b->priority) {
        return a->priority > b->priority;
    }
    if (a->level != b->level) {
        return a->level > b->level;
    }
    return a->seq < b->seq;
}

static void items_up(struct ready_item *items, uint32_t i)
{
    struct ready_item item = items[i];

    while (i > 0 && is_before(&item, &items[(i - 1) / 2])) {
        items[i] = items[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    items[i] = item;
}

static void items_down(struct ready_item *items, uint32_t n, uint32_t i)
{
    struct ready_item item = items[i];

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= n) {
            break;
        }
        if (child + 1 < n && is_before(&items[child + 1], &items[child])) {
            child++;
        }
        if (!is_before(&items[child], &item)) {
            break;
        }
        items[i] = items[child];
        i = child;
    }
    items[i] = item;
}

static const struct ready_item *best_of(const struct ready *r, uint32_t class)
{
    return &r->classes[class].items[0];
}

static void open_set(struct ready *r, uint32_t i, uint32_t class)
{
    r->open[i] = class;
    r->classes[class].place = i;
}

static void open_up(struct ready *r, uint32_t i)
{
    uint32_t class = r->open[i];

    while (i > 0 &&
           is_before(best_of(r, class), best_of(r, r->open[(i - 1) / 2]))) {
        open_set(r, i, r->open[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    open_set(r, i, class);
}

static void open_down(struct ready *r, uint32_t i)
{
    uint32_t class = r->open[i];

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= r->n_open) {
            break;
        }
        if (child + 1 < r->n_open && is_before(best_of(r, r->open[child + 1]),
                                               best_of(r, r->open[child]))) {
            child++;
        }
        if (!is_before(best_of(r, r->open[child]), best_of(r, class))) {
            break;
        }
        open_set(r, i, r->open[child]);
        i = child;
    }
    open_set(r, i, class);
}

static void open_class(struct ready *r, uint32_t class)
{
    r->classes[class].state = CLASS_OPEN;
    open_set(r, r->n_open++, class);
    open_up(r, r->n_open - 1);
}

/* Take the class at the top of the heap out of it. */
static void close_top(struct ready *r)
{
    uint32_t last = r->open[--r->n_open];

    if (r->n_open > 0) {
        open_set(r, 0, last);
        open_down(r, 0);
    }
}

static void open_waiting(struct ready *r, struct ready_resource *resource)
{
    uint32_t class = resource->waiting;

    resource->waiting = READY_NONE;
    while (class != READY_NONE) {
        uint32_t next = r->classes[class].place;

        open_class(r, class);
        class = next;
    }
}

static int64_t amount_of(const struct ready_class *c, uint32_t resource)
{
    for (uint32_t i = 0; i < c->n_needs; i++) {
        if (c->needs[i].resource == resource) {
            return c->needs[i].amount;
        }
    }
    return 0;
}

/* What is kept of a resource for the class that nobody is to pass. */
static int64_t kept_for_first(const struct ready *r,
                              uint32_t class,
                              uint32_t resource)
{
    return r->first == READY_NONE || r->first == class ? 0
                                                       : amount_of(
                                                             &r->classes
                                                                  [r->first],
                                                             resource);
}

/* Returns: the resource that a class lacks, or READY_NONE. */
static uint32_t lacks(const struct ready *r, uint32_t class)
{
    const struct ready_class *c = &r->classes[class];

    for (uint32_t i = 0; i < c->n_needs; i++) {
        uint32_t resource = c->needs[i].resource;
        int64_t room = r->resources[resource].free;

        if (room < c->needs[i].amount ||
            room - c->needs[i].amount < kept_for_first(r, class, resource)) {
            return resource;
        }
    }
    return READY_NONE;
}

static bool is_out_of_patience(const struct ready *r,
                               const struct ready_class *c)
{
    return r->first == READY_NONE && c->since > 0 &&
           r->n_taken + 1 - c->since > r->patience;
}

/* The class at the top lacks some of a resource. */
static void wait_for(struct ready *r, uint32_t class, uint32_t resource)
{
    struct ready_class *c = &r->classes[class];

    close_top(r);
    if (c->since == 0) {
        c->since = r->n_taken + 1;
    }
    if (is_out_of_patience(r, c)) {
        r->first = class;
    }
    c->state = CLASS_WAITING;
    c->place = r->resources[resource].waiting;
    r->resources[resource].waiting = class;
}

/* Who was kept off for the sake of a class may look again. */
static void end_first(struct ready *r, const struct ready_class *c)
{
    r->first = READY_NONE;
    for (uint32_t i = 0; i < c->n_needs; i++) {
        open_waiting(r, &r->resources[c->needs[i].resource]);
    }
}

int ready_take(struct ready *ready, uint32_t *ret_node)
{
    while (ready->n_open > 0) {
        uint32_t class = ready->open[0];
        struct ready_class *c = &ready->classes[class];
        uint32_t resource = lacks(ready, class);

        if (resource != READY_NONE) {
            wait_for(ready, class, resource);
            continue;
        }
        *ret_node = c->items[0].node;
        for (uint32_t i = 0; i < c->n_needs; i++) {
            ready->resources[c->needs[i].resource].free -= c->needs[i].amount;
        }
        ready->n_taken++;
        c->since = 0;
        c->items[0] = c->items[--c->n_items];
        if (c->n_items > 0) {
            items_down(c->items, c->n_items, 0);
            open_down(ready, 0);
        } else {
            close_top(ready);
            c->state = CLASS_EMPTY;
        }
        if (ready->first == class) {
            end_first(ready, c);
        }
        return 1;
    }
    return 0;
}

/* Let those that wait for a resource look again, if there is enough of it;
 * see who has waited too long. */
static void look_again(struct ready *r, uint32_t resource)
{
    struct ready_resource *res = &r->resources[resource];
    uint32_t *at = &res->waiting;

    while (*at != READY_NONE) {
        uint32_t class = *at;
        struct ready_class *c = &r->classes[class];

        if (amount_of(c, resource) <= res->free) {
            *at = c->place;
            open_class(r, class);
            continue;
        }
        if (is_out_of_patience(r, c)) {
            r->first = class;
        }
        at = &c->place;
    }
}

int ready_resource(struct ready *ready, const char *name, uint64_t amount)
{
    struct ready_resource *more;
    const char *text;
    uint32_t i;
    int r;

    if (amount > INT64_MAX) {
        return -ERANGE;
    }
    if (names_find(&ready->resource_names, name, &i)) {
        struct ready_resource *there = &ready->resources[i];

        there->free += (int64_t)amount - there->total;
        there->total = (int64_t)amount;
        look_again(ready, i);
        return 0;
    }
    more = brood_realloc(ready->resources,
                         (ready->n_resources + 1) * sizeof(*more));
    if (more == NULL) {
        return -ENOMEM;
    }
    ready->resources = more;
    r = names_add(&ready->resource_names, name, ready->n_resources, &text);
    if (r < 0) {
        return r;
    }
    more[ready->n_resources++] = (struct ready_resource){
        .total = (int64_t)amount, .free = (int64_t)amount, .waiting = READY_NONE
    };
    return 0;
}

void ready_give_back(struct ready *ready, uint32_t class)
{
    struct ready_class *c = &ready->classes[class];

    for (uint32_t i = 0; i < c->n_needs; i++) {
        ready->resources[c->needs[i].resource].free += c->needs[i].amount;
    }
    for (uint32_t i = 0; i < c->n_needs; i++) {
        look_again(ready, c->needs[i].resource);
    }
}

void ready_put(struct ready *ready,
               uint32_t class,
               const struct ready_item *item)
{
    struct ready_class *c = &ready->classes[class];

    c->items[c->n_items++] = *item;
    items_up(c->items, c->n_items - 1);
    if (c->state == CLASS_EMPTY) {
        open_class(ready, class);
    } else if (c->state == CLASS_OPEN) {
        open_up(ready, c->place);
    }
}

void ready_reorder(struct ready *ready,
                   int64_t (*level_of)(void *user, uint32_t node),
                   void *user)
{
    for (uint32_t i = 0; i < ready->n_classes; i++) {
        struct ready_class *c = &ready->classes[i];

        for (uint32_t k = 0; k < c->n_items; k++) {
            c->items[k].level = level_of(user, c->items[k].node);
        }
        for (uint32_t k = c->n_items / 2; k-- > 0;) {
            items_down(c->items, c->n_items, k);
        }
    }
    for (uint32_t k = ready->n_open / 2; k-- > 0;) {
        open_down(ready, k);
    }
}
