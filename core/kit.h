#ifndef BROOD_CORE_KIT_H
#define BROOD_CORE_KIT_H

/* kit - what a forked child gets on its way: its channel's name, and
 * descriptors, with variables that name them. */

#include "brood/job.h"

enum {
    KIT_VARIABLES = 3,
    KIT_VARIABLE_SIZE = 128,
};

struct kit {
    const char **env;
    struct brood_fd *fds;
    unsigned n_fds;
    char variables[KIT_VARIABLES][KIT_VARIABLE_SIZE];
    unsigned n_variables;
};

/** Begin with what @job gives. Returns: 0 or -ENOMEM. */
int kit_init(struct kit *kit, const struct brood_job *job);
void kit_clear(struct kit *kit);
/** Add a variable. */
void kit_name(struct kit *kit, const char *name, const char *value);
/** Add one of our descriptors, at a number that is free, and its variable. */
void kit_add(struct kit *kit, const char *name, int fd);
/** Give all that to @job, as long as the kit lives. */
void kit_give(struct kit *kit, struct brood_job *job);

#endif /* BROOD_CORE_KIT_H */
