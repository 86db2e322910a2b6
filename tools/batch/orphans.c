/*
 * orphans - processes that are left of a run whose process was killed. The
 * kernel tells a job of our death, but not what a job has started; all of them
 * have the run's id in their environment.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "batch/batch.h"

enum {
    GRACE_MS = 2000,
    READ_SIZE = 64 * 1024,
};

struct orphans {
    struct pollfd *fds; /* of processes */
    int *pids;
    size_t n;
    struct text environment;
};

static bool read_environment(int pid, struct text *out)
{
    char path[64];
    ssize_t n;
    int fd;

    (void)snprintf(path, sizeof(path), "/proc/%d/environ", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    text_reset(out);
    while ((n = read(fd, text_reserve(out, READ_SIZE), READ_SIZE)) > 0) {
        out->size += (size_t)n;
    }
    (void)close(fd);
    return out->size > 0;
}

static bool is_of_run(const struct text *environment, const char *variable)
{
    size_t size = strlen(variable) + 1;

    return memmem(environment->data, environment->size, variable, size) != NULL;
}

/* By a descriptor, so that it is the same process that is killed. */
static void look_at(struct orphans *o, int pid, const char *variable)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0) {
        return;
    }
    if (pid == getpid() || !read_environment(pid, &o->environment) ||
        !is_of_run(&o->environment, variable)) {
        (void)close(fd);
        return;
    }
    o->fds = reallocarray(o->fds, o->n + 1, sizeof(*o->fds));
    o->pids = reallocarray(o->pids, o->n + 1, sizeof(*o->pids));
    if (o->fds == NULL || o->pids == NULL) {
        text_no_memory();
    }
    o->fds[o->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
    o->pids[o->n++] = pid;
}

static void find(struct orphans *o, const char *variable)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    if (proc == NULL) {
        return;
    }
    while ((entry = readdir(proc)) != NULL) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);

        if (*end == '\0' && pid > 0) {
            look_at(o, (int)pid, variable);
        }
    }
    (void)closedir(proc);
}

static void send(const struct orphans *o, int signal)
{
    for (size_t i = 0; i < o->n; i++) {
        if (o->fds[i].fd >= 0) {
            (void)syscall(SYS_pidfd_send_signal, o->fds[i].fd, signal, NULL, 0);
        }
    }
}

/* Wait until all have ended, or the time is over. */
static void wait_for(struct orphans *o, int64_t end_ns)
{
    for (;;) {
        int64_t left_ms = (end_ns - batch_clock_ns()) / 1000000;
        bool any = false;

        if (left_ms <= 0 || poll(o->fds, o->n, (int)left_ms) < 0) {
            return;
        }
        for (size_t i = 0; i < o->n; i++) {
            if (o->fds[i].fd >= 0 && o->fds[i].revents != 0) {
                (void)close(o->fds[i].fd);
                o->fds[i].fd = -1;
            }
            any = any || o->fds[i].fd >= 0;
        }
        if (!any) {
            return;
        }
    }
}

static void say(struct batch *batch, const struct orphans *o)
{
    struct text line = { 0 };

    text_add_format(&line,
                    "ending %zu process%s of a run that was killed:", o->n,
                    o->n == 1 ? "" : "es");
    for (size_t i = 0; i < o->n; i++) {
        text_add_format(&line, " %d", o->pids[i]);
    }
    batch_say(batch, "%s", text_string(&line));
    text_clear(&line);
}

void batch_end_orphans(struct batch *batch, const char *run_id)
{
    struct orphans o = { 0 };
    struct text variable = { 0 };

    text_add_format(&variable, "BROOD_RUN=%s", run_id);
    find(&o, text_string(&variable));
    if (o.n > 0) {
        say(batch, &o);
        send(&o, SIGTERM);
        send(&o, SIGCONT);
        wait_for(&o, batch_clock_ns() + GRACE_MS * INT64_C(1000000));
        send(&o, SIGKILL);
        wait_for(&o, batch_clock_ns() + GRACE_MS * INT64_C(1000000));
    }
    for (size_t i = 0; i < o.n; i++) {
        if (o.fds[i].fd >= 0) {
            (void)close(o.fds[i].fd);
        }
    }
    free(o.fds);
    free(o.pids);
    text_clear(&o.environment);
    text_clear(&variable);
}
