#include "nofile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    /* Two pipes and a pidfd for a running child, and a bit of air for files
     * and for the pipes' other ends while one is started. */
    FDS_PER_SLOT = 3,
    FDS_SPARE = 3,
    /* A worker's channel (both ends), its epoll and its /dev/null. */
    FDS_PER_THREAD = 4,
    /* The pool's epoll and timer, libzmq's own. */
    FDS_POOL = 5,
    /* Below this use of the limit nobody has to count. */
    FDS_PLENTY = 256,
};

static bool is_open(rlim_t fd)
{
    return fcntl((int)fd, F_GETFD) >= 0;
}

/* Descriptors in use below the limit; those that were opened under a higher
 * one do not count against it. */
static rlim_t count_open(rlim_t limit)
{
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry;
    rlim_t n = 0;

    if (dir == NULL) {
        for (rlim_t fd = 0; fd < limit && fd <= INT_MAX; fd++) {
            n += is_open(fd);
        }
        return n;
    }
    while ((entry = readdir(dir)) != NULL) {
        n +=
            entry->d_name[0] != '.' && strtoul(entry->d_name, NULL, 10) < limit;
    }
    (void)closedir(dir);
    return n > 0 ? n - 1 : 0; /* the directory's own */
}

static rlim_t fixed_need(rlim_t threads)
{
    return FDS_POOL + FDS_SPARE + threads * FDS_PER_THREAD;
}

int nofile_make_room(unsigned *slots,
                     unsigned *threads,
                     struct nofile *ret_nofile)
{
    struct rlimit limit;
    rlim_t need = (rlim_t)*slots * FDS_PER_SLOT + fixed_need(*threads);
    rlim_t open_now;
    rlim_t left;

    *ret_nofile = (struct nofile){ 0 };
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return -errno;
    }
    if (limit.rlim_cur == RLIM_INFINITY ||
        need + FDS_PLENTY <= limit.rlim_cur) {
        return 0;
    }
    open_now = count_open(limit.rlim_cur);
    if (need + open_now > limit.rlim_cur && limit.rlim_cur < limit.rlim_max) {
        struct rlimit more = limit;

        more.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
            ret_nofile->raised = true;
            ret_nofile->before = limit;
            limit = more;
        }
    }
    if (need + open_now <= limit.rlim_cur) {
        return 0;
    }
    left = limit.rlim_cur > open_now ? limit.rlim_cur - open_now : 0;
    while (*threads > 1 &&
           left < fixed_need(*threads) + (rlim_t)*threads * FDS_PER_SLOT) {
        (*threads)--;
    }
    if (left < fixed_need(*threads) + FDS_PER_SLOT) {
        return -EMFILE;
    }
    left = (left - fixed_need(*threads)) / FDS_PER_SLOT;
    *slots = left < *slots ? (unsigned)left : *slots;
    return 0;
}

void nofile_keep_streams(bool ret_kept[3])
{
    for (int i = 0; i < 3; i++) {
        int fd = i;

        ret_kept[i] = false;
        if (!is_open((rlim_t)i)) {
            /* The lowest that is free, unless another thread was faster. */
            fd = open("/dev/null", O_RDWR | O_CLOEXEC);
            ret_kept[i] = fd == i;
        }
        if (fd >= 0 && fd != i) {
            (void)close(fd);
        }
    }
}

void nofile_leave_streams(const bool kept[3])
{
    for (int i = 0; i < 3; i++) {
        if (kept[i]) {
            (void)close(i);
        }
    }
}
