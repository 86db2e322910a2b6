#ifndef BROOD_CORE_COLLECTOR_H
#define BROOD_CORE_COLLECTOR_H

/* collector - the bytes of one stream up to a limit: the first, or the first
 * and the last. */

#include <stdbool.h>

#include "base/buf.h"
#include "brood/exec.h"

struct collector {
    size_t max;
    /** Keep the end too, in a ring behind the head. */
    bool keeps_end;
    struct buf head;
    struct buf ring;
    size_t ring_at; /* where the next byte goes once the ring is full */
    uint64_t total;
    /** Bytes for which there was no memory. */
    uint64_t lost;
};

void collector_add(struct collector *c, const void *data, size_t size);
/** More came than is kept. */
bool collector_is_over(const struct collector *c);
/**
 * Take the text out.
 *
 * Returns:   0 or -ENOMEM, and all is still there.
 * Ownership: the caller frees text->data.
 */
int collector_take(struct collector *c, struct brood_text *ret);
void collector_clear(struct collector *c);

#endif /* BROOD_CORE_COLLECTOR_H */
