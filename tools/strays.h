#ifndef BROOD_TOOLS_STRAYS_H
#define BROOD_TOOLS_STRAYS_H

/*
 * strays - processes that a job has left behind. Wherever they have gone, they
 * have a variable in their environment; those that have cleared it are known
 * by their process group, unless they have left that too.
 */

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/** Zeroed memory is none. */
struct strays {
    struct pollfd *fds; /* of processes */
    int *pids;
    size_t n;
    struct text environment;
};

/** Find those with "NAME=value" in their environment or in a process group, but
 * for this process. @group  0: none; else it must still be that of the job. */
void strays_find(struct strays *strays, const char *variable, int group);
/** End them: SIGTERM, and SIGKILL for what is left after a time. */
void strays_end(struct strays *strays, int64_t grace_ms);
void strays_clear(struct strays *strays);
/** Add "PID COMMAND", with commas between them. */
void strays_add_names(const struct strays *strays, struct text *out);

#endif /* BROOD_TOOLS_STRAYS_H */
