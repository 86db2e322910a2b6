#ifndef BROOD_CORE_READY_H
#define BROOD_CORE_READY_H

/*
 * ready - jobs that may start as far as others are concerned, and the
 * resources that decide which of them fits now.
 *
 * Jobs with the same needs are one class: if its best does not fit, none of
 * them does. A class whose best fits, as far as is known, is open and stands
 * in a heap of classes; one whose best did not fit waits at the resource that
 * it lacked, and is looked at again when some of that is given back. A class
 * that others have passed too often keeps what it needs from all others until
 * its best has been taken; there is one such class at a time.
 *
 * All memory is had when a job joins its class, so that giving back and
 * becoming ready cannot fail.
 */

#include <stdbool.h>
#include <stdint.h>

#include "brood/graph.h"
#include "names.h"

#define READY_NONE UINT32_MAX

/** A job that is ready, with what decides when it comes. */
struct ready_item {
    int64_t level;
    uint64_t seq;
    int32_t priority;
    uint32_t node;
};

struct ready_class;
struct ready_resource;

struct ready {
    struct names resource_names;
    struct ready_resource *resources;
    uint32_t n_resources;
    struct ready_class *classes;
    uint32_t n_classes;
    uint32_t room_classes;
    /** Finds a class by its needs: places of class + 1, 0 for free. */
    uint32_t *index;
    uint32_t index_size;
    /** The class found last. */
    uint32_t last;
    /** A heap of the open classes, by their best jobs. */
    uint32_t *open;
    uint32_t n_open;
    /** How many were taken in all. */
    uint64_t n_taken;
    unsigned patience;
    /** Who is to be passed by nobody, or READY_NONE. */
    uint32_t first;
};

void ready_init(struct ready *ready, unsigned patience);
void ready_clear(struct ready *ready);

/** Set, or change, how much there is. Returns: 0, -ERANGE, -ENOMEM. */
int ready_resource(struct ready *ready, const char *name, uint64_t amount);

/**
 * Find the class of some needs, and make room in it for one job more.
 *
 * Returns:   0; -ENOENT an unknown resource, -ERANGE more than there is,
 *            -EINVAL one twice, -ENOMEM.
 */
int ready_join(struct ready *ready,
               const struct brood_need *needs,
               unsigned n_needs,
               uint32_t *ret_class);
/** A job that joined will never be ready (again). */
void ready_leave(struct ready *ready, uint32_t class);

/** A job of a class is ready. */
void ready_put(struct ready *ready,
               uint32_t class,
               const struct ready_item *item);
/** Take the best job that fits, and what it needs. Returns: 1, or 0. */
int ready_take(struct ready *ready, uint32_t *ret_node);
/** Give back what a job of a class had taken. */
void ready_give_back(struct ready *ready, uint32_t class);

/** Put all in order again after @level_of may say something else. */
void ready_reorder(struct ready *ready,
                   int64_t (*level_of)(void *user, uint32_t node),
                   void *user);

#endif /* BROOD_CORE_READY_H */
