#ifndef BROOD_CORE_CALLS_H
#define BROOD_CORE_CALLS_H

/*
 * calls - the requests of one end that have no reply yet.
 *
 * Their numbers count up; a ring finds one in a step.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brood/call.h"
#include "proto/link.h"

struct pending_call;

struct calls {
    struct pending_call *ring;
    size_t ring_size; /* 0 or a power of two */
    /** All open numbers are from here... */
    uint64_t first;
    /** ...to before this one. */
    uint64_t next;
    /** The earliest deadline; 0: none. */
    int64_t due_ns;
};

void calls_init(struct calls *calls);
/** Send a request; it is open then. Returns: as link_send(), or -EINVAL. */
int calls_send(struct calls *calls,
               struct link *link,
               const struct brood_call *call,
               uint64_t *ret_id);
/** A reply has come. */
void calls_on_reply(struct calls *calls, const struct link_message *m);
/** Give one up. Returns: 0 or -ESRCH. */
int calls_cancel(struct calls *calls, struct link *link, uint64_t id);
/** Give up those whose time has passed. Returns: how many were told. */
int calls_expire(struct calls *calls, struct link *link);
/** Give up all, with @status. Returns: how many were told. */
int calls_end(struct calls *calls, int status);
void calls_clear(struct calls *calls);

/** Send a reply. Returns: as link_send(), or -EINVAL. */
int calls_reply(struct link *link,
                uint64_t id,
                int status,
                const void *data,
                size_t size);

#endif /* BROOD_CORE_CALLS_H */
