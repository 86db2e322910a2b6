#include "nofile.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Two pipes and a pidfd for a running child, and a bit of air for files
     * and for the pipes' other ends while one is started. */
    FDS_PER_SLOT = 3,
    FDS_SPARE = 4,
    /* A worker's channel (both ends), its epoll and its /dev/null. */
    FDS_PER_THREAD = 4,
    /* The pool's epoll and timer, libzmq's own. */
    FDS_POOL = 5,
    /* Below this use of the limit nobody has to count. */
    FDS_PLENTY = 256,
};

static rlim_t count_open(void)
{
    DIR *dir = opendir("/proc/self/fd");
    rlim_t n = 0;

    if (dir == NULL) {
        return FDS_PLENTY;
    }
    while (readdir(dir) != NULL) {
        n++;
    }
    (void)closedir(dir);
    /* ".", ".." and the directory's own descriptor are not used. */
    return n > 3 ? n - 3 : 0;
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
    open_now = count_open();
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
