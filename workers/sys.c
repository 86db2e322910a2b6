#include "workers/sys.h"

enum {
    FIRST_FREE_FD = 3,
};

/* A host may have closed its own 0, 1 or 2: keep out of their places. */
static int move_up(int fd)
{
    int moved;

    if (fd < 0 || fd >= FIRST_FREE_FD) {
        return fd;
    }
    moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    if (moved < 0) {
        moved = -errno;
    }
    (void)close(fd);
    return moved;
}

int sys_pipe(int ret[2])
{
    int fd[2] = { -1, -1 };

    if (BROOD_FAULT("sys.pipe")) {
        return -EMFILE;
    }
    if (pipe2(fd, O_CLOEXEC) < 0) {
        return -errno;
    }
    for (int i = 0; i < 2; i++) {
        fd[i] = move_up(fd[i]);
        if (fd[i] < 0) {
            int r = fd[i];

            sys_close(&fd[0]);
            sys_close(&fd[1]);
            return r;
        }
    }
    ret[0] = fd[0];
    ret[1] = fd[1];
    return 0;
}

int sys_open(const char *path, int flags)
{
    int fd;

    if (BROOD_FAULT("sys.open")) {
        return -EMFILE;
    }
    fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : move_up(fd);
}

int sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = { .events = events, .data.u64 = data };

    if (BROOD_FAULT("sys.epoll_add")) {
        return -ENOSPC;
    }
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int sys_reap_wait(pid_t pid)
{
    int status;
    pid_t got;

    do {
        got = waitpid(pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : 0;
}

bool sys_has_ended(pid_t pid)
{
    siginfo_t info = { 0 };

    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
        return true;
    }
    /* A stop of one that is traced is told unasked. */
    return info.si_code == CLD_EXITED || info.si_code == CLD_KILLED ||
           info.si_code == CLD_DUMPED;
}

int sys_reap(pid_t pid, int *ret_status, struct rusage *ret_usage)
{
    pid_t got;

    do {
        got = wait4(pid, ret_status, WNOHANG, ret_usage);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return -errno;
    }
    return got == 0 ? -EAGAIN : 0;
}
