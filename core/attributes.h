#ifndef BROOD_CORE_ATTRIBUTES_H
#define BROOD_CORE_ATTRIBUTES_H

/* attributes - what few jobs have, on its way from a job into its record. */

#include "base/buf.h"
#include "proto/message.h"

struct brood_job;
struct entry;

/** What the record's views lead into, until it is encoded. */
struct attributes {
    struct buf groups;
    struct buf rlimits;
    struct buf fds;
    /** Our duplicates of the job's descriptors. */
    int *dups;
    unsigned n_dups;
};

/** Returns: 0 or -EINVAL. */
int attributes_check(const struct brood_job *job);
/** Put into @m what @job has, if it has any.
 * Returns: 0; -EBADF a descriptor is not open; -EMFILE; -ENOMEM. */
int attributes_fill(struct attributes *a,
                    const struct brood_job *job,
                    struct message_job *m);
/** The entry closes the duplicates from here on. */
void attributes_keep(struct attributes *a, struct entry *entry);
void attributes_clear(struct attributes *a);

#endif /* BROOD_CORE_ATTRIBUTES_H */
