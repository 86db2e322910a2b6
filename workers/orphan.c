#include "workers/orphan.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "workers/state.h"
#include "workers/sys.h"

int orphan_add(struct worker *w, pid_t pid, int pidfd)
{
    struct orphans *o = &w->orphans;
    struct orphan *list =
        brood_realloc(o->list, (o->count + 1) * sizeof(*list));

    if (list == NULL) {
        return -ENOMEM;
    }
    o->list = list;
    list[o->count++] = (struct orphan){ .pid = pid, .pidfd = pidfd };
    /* Without it, it is reaped at the end. */
    (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, pidfd, NULL);
    (void)sys_epoll_add(w->epoll, pidfd, EPOLLIN,
                        (uint64_t)pid << 8 | WATCH_ORPHAN);
    return 0;
}

static void drop(struct orphans *o, size_t i)
{
    sys_close(&o->list[i].pidfd);
    o->list[i] = o->list[--o->count];
}

void orphan_on_exit(struct worker *w, pid_t pid)
{
    struct orphans *o = &w->orphans;
    struct rusage usage;
    int status;

    for (size_t i = 0; i < o->count; i++) {
        if (o->list[i].pid == pid) {
            if (sys_reap(pid, &status, &usage) != -EAGAIN) {
                drop(o, i);
            }
            return;
        }
    }
}

void orphans_clear(struct worker *w)
{
    struct orphans *o = &w->orphans;
    struct rusage usage;
    int status;

    while (o->count > 0) {
        (void)sys_reap(o->list[o->count - 1].pid, &status, &usage);
        drop(o, o->count - 1);
    }
    free(o->list);
    o->list = NULL;
}
