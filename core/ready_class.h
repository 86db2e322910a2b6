#ifndef BROOD_CORE_READY_CLASS_H
#define BROOD_CORE_READY_CLASS_H

/* ready_class - jobs with the same needs; for ready*.c alone. */

#include "ready.h"

struct need {
    uint32_t resource;
    int64_t amount;
};

struct ready_resource {
    int64_t total;
    /** Negative while more is taken than there is any more. */
    int64_t free;
    /** Classes that wait for some of it: the first, or READY_NONE. */
    uint32_t waiting;
};

enum class_state {
    /** No job of it is ready. */
    CLASS_EMPTY,
    CLASS_OPEN,
    CLASS_WAITING,
};

struct ready_class {
    struct need *needs;
    uint32_t n_needs;
    enum class_state state;
    /** A heap. */
    struct ready_item *items;
    uint32_t n_items;
    uint32_t room;
    /** Jobs that have joined and not left. */
    uint32_t n_members;
    /** Where in ready->open; or the next that waits for the same. */
    uint32_t place;
    /** When its best did not fit for the first time: n_taken + 1, or 0. */
    uint64_t since;
};

#endif /* BROOD_CORE_READY_CLASS_H */
