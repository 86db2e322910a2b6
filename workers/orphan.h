#ifndef BROOD_WORKERS_ORPHAN_H
#define BROOD_WORKERS_ORPHAN_H

/* orphan - children that were let go: reaped if they end while we are here. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct worker;

struct orphan {
    pid_t pid;
    int pidfd;
};

struct orphans {
    struct orphan *list;
    size_t count;
};

/** Take over a child; its pidfd moves here. Returns: 0 or -ENOMEM. */
int orphan_add(struct worker *w, pid_t pid, int pidfd);
/** One of them has ended. */
void orphan_on_exit(struct worker *w, pid_t pid);
/** Reap who has ended, and forget the others. */
void orphans_clear(struct worker *w);

#endif /* BROOD_WORKERS_ORPHAN_H */
