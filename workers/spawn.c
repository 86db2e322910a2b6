#include "workers/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "workers/sys.h"

enum {
    FIRST_PRIVATE_FD = 3,
    EXIT_NOT_STARTED = 127,
    NICE_ZERO = 20,
    OUTPUT_MODE = 0666,
};

/* What the child is given. */
struct launch {
    const struct spawner *s;
    const struct spawn_request *request;
    pid_t parent; /* for a death signal */
    /** The program may be found by one of our descriptors. */
    bool by_descriptor;
};

/* The child's side runs in the parent's memory and with its thread's state:
 * instrumentation must not see two threads there. */
#if defined(__clang__)
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define IN_CHILD __attribute__((no_sanitize_address, no_sanitize_thread))
#endif

/*
 * ThreadSanitizer takes clone(2) for a fork: it would mark the thread, which
 * goes on, as the child's. Its other name in libc is not taken.
 */
#if defined(__SANITIZE_THREAD__)
extern int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
#define CLONE __clone
#else
#define CLONE clone
#endif

/*
 * System calls by number: what libc (or a sanitizer in its place) notes about
 * descriptors, signals and exits would be noted in the parent's memory.
 */
#define RAW(...) syscall(__VA_ARGS__)

/* As the kernel has it; zero is the default disposition. */
struct raw_sigaction {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

/* A descriptor that is about to be overwritten goes out of the way. */
IN_CHILD static int child_move(int *fd, int lowest)
{
    *fd = (int)RAW(SYS_fcntl, *fd, F_DUPFD_CLOEXEC, lowest);
    return *fd < 0 ? -errno : 0;
}

IN_CHILD static int child_open(const struct spawn_request *r, int fd[3])
{
    if (r->input_path != NULL) {
        fd[0] = (int)RAW(SYS_openat, AT_FDCWD, r->input_path,
                         O_RDONLY | O_CLOEXEC, 0);
        if (fd[0] < 0) {
            return -errno;
        }
    }
    for (int i = 0; i < 2; i++) {
        if (r->output_path[i] == NULL) {
            continue;
        }
        fd[i + 1] = (int)RAW(
            SYS_openat, AT_FDCWD, r->output_path[i],
            O_WRONLY | O_CREAT | O_CLOEXEC | r->output_flags[i], OUTPUT_MODE);
        if (fd[i + 1] < 0) {
            return -errno;
        }
    }
    return 0;
}

IN_CHILD static int child_standard(const struct spawn_request *r)
{
    int fd[3] = { r->fd[0], r->fd[1], r->fd[2] };
    int error = child_open(r, fd);

    if (r->merge) {
        fd[2] = fd[1];
    }
    for (int i = 0; i < 3 && error == 0; i++) {
        if (fd[i] < 3 && fd[i] != i) {
            error = child_move(&fd[i], FIRST_PRIVATE_FD);
        }
    }
    for (int i = 0; i < 3 && error == 0; i++) {
        if (fd[i] == i ? RAW(SYS_fcntl, i, F_SETFD, 0) < 0
                       : RAW(SYS_dup3, fd[i], i, 0) < 0) {
            error = -errno;
        }
    }
    return error;
}

IN_CHILD static int child_streams(const struct launch *l)
{
    const struct spawn_request *r = l->request;
    const struct spawn_attributes *a = r->more;
    unsigned n = a == NULL ? 0 : a->n_fds;
    int fd[MESSAGE_FDS_MAX];
    int error = 0;

    for (unsigned i = 0; i < n && error == 0; i++) {
        fd[i] = a->fds[i].fd;
        if (fd[i] <= a->fd_max) {
            error = child_move(&fd[i], a->fd_max + 1);
        }
    }
    if (error == 0) {
        error = child_standard(r);
    }
    /* The host's own descriptors may lack the flag; one call is cheap. An
     * old kernel without it leaves them as the host made them. What nobody
     * needs is closed now, not when the program is executed: our parent goes
     * on a little before that. */
    (void)RAW(SYS_close_range, FIRST_PRIVATE_FD, ~0U,
              n > 0 || l->by_descriptor ? CLOSE_RANGE_CLOEXEC : 0U);
    for (unsigned i = 0; i < n && error == 0; i++) {
        if (RAW(SYS_dup3, fd[i], a->fds[i].child, 0) < 0) {
            error = -errno;
        }
    }
    if (n > 0 && !l->by_descriptor) {
        (void)RAW(SYS_close_range, a->fd_max + 1, ~0U, 0U);
    }
    return error;
}

IN_CHILD static int child_group(const struct spawn_request *r)
{
    long n = 0;

    if (r->session) {
        n = RAW(SYS_setsid);
    } else if (!r->same_group) {
        n = RAW(SYS_setpgid, 0, 0);
    }
    return n < 0 ? -errno : 0;
}

IN_CHILD static int child_limits(const struct spawn_attributes *a)
{
    if (a->set_umask) {
        (void)RAW(SYS_umask, a->umask);
    }
    for (unsigned i = 0; i < a->n_rlimits; i++) {
        if (RAW(SYS_prlimit64, 0, a->rlimits[i].resource, &a->rlimits[i].limit,
                NULL) < 0) {
            return -errno;
        }
    }
    return 0;
}

/* Rights are given up in the order in which that is still allowed. Groups that
 * nobody asked for do not stay with another user. */
IN_CHILD static int child_identity(const struct spawn_attributes *a)
{
    if (a->set_groups) {
        if (RAW(SYS_setgroups, a->n_groups, a->groups) < 0) {
            return -errno;
        }
    } else if ((a->set_uid || a->set_gid) && RAW(SYS_geteuid) == 0) {
        (void)RAW(SYS_setgroups, 0, NULL);
    }
    if (a->set_gid && RAW(SYS_setgid, a->gid) < 0) {
        return -errno;
    }
    if (a->set_uid && RAW(SYS_setuid, a->uid) < 0) {
        return -errno;
    }
    return 0;
}

IN_CHILD static int child_setup(const struct launch *l)
{
    const struct spawner *s = l->s;
    const struct spawn_request *r = l->request;
    int error = child_group(r);

    if (error == 0 && s->restore_nofile &&
        RAW(SYS_prlimit64, 0, RLIMIT_NOFILE, &s->nofile, NULL) < 0) {
        error = -errno;
    }
    if (error == 0 && r->nice != 0) {
        /* The system call counts from 1 (nice 19) to 40 (nice -20). */
        long now = NICE_ZERO - RAW(SYS_getpriority, PRIO_PROCESS, 0);

        if (RAW(SYS_setpriority, PRIO_PROCESS, 0, now + r->nice) < 0) {
            error = -errno;
        }
    }
    if (error == 0 && r->more != NULL) {
        error = child_limits(r->more);
    }
    return error;
}

/* Another identity undoes a death signal: it comes last. */
IN_CHILD static int child_rights(const struct launch *l)
{
    const struct spawn_request *r = l->request;
    int error = r->more == NULL ? 0 : child_identity(r->more);

    if (error < 0 || r->death_signal == 0) {
        return error;
    }
    if (RAW(SYS_prctl, PR_SET_PDEATHSIG, r->death_signal, 0, 0, 0) < 0) {
        return -errno;
    }
    return RAW(SYS_getppid) == l->parent ? 0 : -ESRCH;
}

IN_CHILD static void child_signals(const struct spawner *s)
{
    const struct raw_sigaction dfl = { 0 };
    const uint64_t none = 0;

    for (int i = 0; i < s->n_changed; i++) {
        (void)RAW(SYS_rt_sigaction, s->changed[i], &dfl, NULL, sizeof(none));
    }
    (void)RAW(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

/* As execvp(3): a file without a format of its own is for the interpreter. */
IN_CHILD static int exec_one(const struct spawn_program *program,
                             const char *path,
                             char *const *envp)
{
    int error;

    (void)RAW(SYS_execve, path, program->argv, envp);
    error = errno;
    if (error == ENOEXEC && program->interpreter != NULL) {
        char *first = program->argv[0];

        program->argv[-1] = (char *)(uintptr_t)program->interpreter;
        program->argv[0] = (char *)(uintptr_t)path;
        (void)RAW(SYS_execve, program->interpreter, program->argv - 1, envp);
        program->argv[0] = first;
    }
    return error;
}

/* Go on over what is not there, remember what may not be run. */
IN_CHILD static int exec_program(const struct spawn_program *program,
                                 char *const *envp)
{
    const char *path = program->candidates;
    bool denied = false;
    int error = ENOENT;

    while (*path != '\0') {
        error = exec_one(program, path, envp);
        switch (error) {
        case EACCES:
            denied = true;
            break;
        case ENOENT:
        case ENOTDIR:
        case ESTALE:
        case ENODEV:
        case ETIMEDOUT:
        case ELOOP:
        case ENAMETOOLONG:
            break;
        default:
            return -error;
        }
        while (*path != '\0') {
            path++;
        }
        path++;
    }
    return denied ? -EACCES : -error;
}

IN_CHILD static int child_exec(const struct spawn_request *r)
{
    int error = -ENOENT;

    if (r->program->candidates != NULL) {
        error = exec_program(r->program, r->envp);
    }
    if (r->fallback != NULL && r->fallback->candidates != NULL) {
        error = exec_program(r->fallback, r->envp);
    }
    return error;
}

IN_CHILD static int child_main(void *arg)
{
    const struct launch *l = arg;
    const struct spawn_request *r = l->request;
    struct spawn_report *report = l->s->report;
    int error;

    report->step = SPAWN_SETUP;
    error = child_setup(l);
    if (error == 0 && r->dir != NULL) {
        report->step = SPAWN_CHDIR;
        error = RAW(SYS_chdir, r->dir) < 0 ? -errno : 0;
    }
    if (error == 0) {
        report->step = SPAWN_SETUP;
        error = child_rights(l);
    }
    if (error == 0) {
        report->step = SPAWN_STREAMS;
        error = child_streams(l);
    }
    if (error == 0) {
        report->step = SPAWN_EXEC;
        child_signals(l->s);
        error = child_exec(r);
    }
    report->error = error;
    (void)RAW(SYS_exit_group, EXIT_NOT_STARTED);
    __builtin_unreachable();
}

/* Whether a program may be one of our descriptors: /proc/self/fd/3. */
static bool is_by_descriptor(const struct spawn_program *program)
{
    const char *path = program == NULL ? NULL : program->candidates;

    return path != NULL &&
           (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/dev/", 5) == 0);
}

int spawn(struct spawner *s,
          const struct spawn_request *request,
          pid_t *ret_pid,
          int *ret_pidfd,
          enum spawn_step *ret_step)
{
    struct launch l = { .s = s,
                        .request = request,
                        .by_descriptor = is_by_descriptor(request->program) ||
                                         is_by_descriptor(request->fallback) };
    int pidfd = -1;
    pid_t pid;
    int r;

    if (BROOD_FAULT("sys.clone")) {
        *ret_step = SPAWN_FORK;
        return -EAGAIN;
    }
    if (request->death_signal != 0) {
        l.parent = getpid();
    }
    s->report->error = 0;
    spawner_begin(s);
    pid = CLONE(child_main, (char *)s->stack + SPAWNER_STACK_SIZE,
                CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &l, &pidfd);
    spawner_end(s);
    if (pid < 0) {
        *ret_step = SPAWN_FORK;
        return -errno;
    }
    r = s->report->error;
    if (r < 0) {
        int status;

        (void)close(pidfd);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        *ret_step = (enum spawn_step)s->report->step;
        return r;
    }
    *ret_pid = pid;
    *ret_pidfd = pidfd;
    return 0;
}
