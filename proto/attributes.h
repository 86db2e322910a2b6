#ifndef BROOD_PROTO_ATTRIBUTES_H
#define BROOD_PROTO_ATTRIBUTES_H

/* attributes - the part of a job's record that few jobs have. */

#include <stdbool.h>

#include "base/buf.h"
#include "proto/cursor.h"
#include "proto/message.h"

/** Bytes that they take; 0 without MESSAGE_JOB_ATTRIBUTES. */
uint64_t attributes_room(const struct message_job *m);
/** Write them. Returns: where the next field goes. */
uint8_t *attributes_put(uint8_t *p, const struct message_job *m);
/** Read them, if the job has some; without, all is empty. What is wrong with
 * them is noted in the cursor. */
void attributes_read(struct cursor *c, bool local, struct message_job *m);

/** Each adds one to a list that is being made. Returns: 0 or -ENOMEM. */
int attributes_add_group(struct buf *list, uint32_t group);
int attributes_add_rlimit(struct buf *list, const struct message_rlimit *m);
int attributes_add_fd(struct buf *list, const struct message_fd *m);

/** How many there are; and one of them. */
unsigned attributes_group_count(const struct message_attributes *a);
unsigned attributes_rlimit_count(const struct message_attributes *a);
unsigned attributes_fd_count(const struct message_attributes *a);
uint32_t attributes_group(const struct message_attributes *a, unsigned i);
struct message_rlimit attributes_rlimit(const struct message_attributes *a,
                                        unsigned i);
struct message_fd attributes_fd(const struct message_attributes *a, unsigned i);

#endif /* BROOD_PROTO_ATTRIBUTES_H */
