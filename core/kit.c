#include "kit.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    FIRST_FD = 3,
};

int kit_init(struct kit *kit, const struct brood_job *job)
{
    size_t n = 0;

    *kit = (struct kit){ .n_fds = job->n_fds };
    while (job->env != NULL && job->env[n] != NULL) {
        n++;
    }
    kit->env = brood_calloc(KIT_VARIABLES + n + 1, sizeof(*kit->env));
    kit->fds = brood_calloc(job->n_fds + KIT_VARIABLES, sizeof(*kit->fds));
    if (kit->env == NULL || kit->fds == NULL) {
        kit_clear(kit);
        return -ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        kit->env[i] = job->env[i];
    }
    for (unsigned i = 0; i < job->n_fds; i++) {
        kit->fds[i] = job->fds[i];
    }
    return 0;
}

void kit_clear(struct kit *kit)
{
    free((void *)kit->env);
    free(kit->fds);
    *kit = (struct kit){ 0 };
}

void kit_name(struct kit *kit, const char *name, const char *value)
{
    assert(kit->n_variables < KIT_VARIABLES);
    (void)snprintf(kit->variables[kit->n_variables++], KIT_VARIABLE_SIZE,
                   "%s=%s", name, value);
}

static int free_number(const struct kit *kit)
{
    int number = FIRST_FD;

    for (unsigned i = 0; i < kit->n_fds; i++) {
        if (kit->fds[i].child_fd == number) {
            number++;
            i = (unsigned)-1;
        }
    }
    return number;
}

void kit_add(struct kit *kit, const char *name, int fd)
{
    char text[KIT_VARIABLE_SIZE];
    int number = free_number(kit);

    (void)snprintf(text, sizeof(text), "%d", number);
    kit_name(kit, name, text);
    kit->fds[kit->n_fds++] = (struct brood_fd){ number, fd };
}

void kit_give(struct kit *kit, struct brood_job *job)
{
    size_t n = 0;

    while (kit->env[n] != NULL) {
        n++;
    }
    for (unsigned i = 0; i < kit->n_variables; i++) {
        kit->env[n + i] = kit->variables[i];
    }
    job->env = kit->env;
    job->fds = kit->fds;
    job->n_fds = kit->n_fds;
}
