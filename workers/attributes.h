#ifndef BROOD_WORKERS_ATTRIBUTES_H
#define BROOD_WORKERS_ATTRIBUTES_H

/* attributes - what few jobs have, made ready for the start of a child. */

#include "proto/message.h"
#include "workers/spawn.h"

/** Fill @ret; descriptors for 0, 1 and 2 go to @streams, where they replace
 * what is there. */
void spawn_attributes_make(const struct message_attributes *m,
                           struct spawn_attributes *ret,
                           int streams[3]);

#endif /* BROOD_WORKERS_ATTRIBUTES_H */
