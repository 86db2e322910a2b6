#ifndef BROOD_WORKERS_SYS_H
#define BROOD_WORKERS_SYS_H

/*
 * sys - the system calls on a job's path, each a place that can be made to
 * fail. All return 0 or more, or a negative errno.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"

/** A pipe whose ends are close-on-exec and never 0, 1 or 2. */
int sys_pipe(int ret[2]);
/** As open(2), close-on-exec, never 0, 1 or 2. */
int sys_open(const char *path, int flags);
/** Watch @fd; @data comes back with its events. */
int sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t data);
/** Whether a child has ended, or is none. */
bool sys_has_ended(pid_t pid);
/** Reap one child that has ended; -EAGAIN if it has not. Of one that another
 * thread traces, this would take a stop away from that thread: it has to be
 * known to have ended. */
int sys_reap(pid_t pid, int *ret_status, struct rusage *ret_usage);

/** Reap a child that will end at once. */
int sys_reap_wait(pid_t pid);

/** Close a descriptor that may be -1, and mark it closed. */
static inline void sys_close(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

#endif /* BROOD_WORKERS_SYS_H */
