#include "strays.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"

enum {
    COMMAND_MAX_BYTES = 60,
    STAT_SIZE = 256,
};

#define NS_PER_S INT64_C(1000000000)

static bool has_variable(int pid,
                         const char *variable,
                         struct text *environment)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/environ", pid);
    text_reset(environment);
    (void)file_read(path, environment);
    return environment->size > 0 &&
           memmem(environment->data, environment->size, variable,
                  strlen(variable) + 1) != NULL;
}

/* Of one that still runs: a zombie holds nothing. */
static bool is_in_group(int pid, int group)
{
    char path[64];
    char stat[STAT_SIZE];
    const char *state;
    char *end;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    if (group <= 0 || file_read_start(path, stat, sizeof(stat)) < 0) {
        return false;
    }
    /* PID (NAME) STATE PARENT GROUP: the name may have blanks and brackets. */
    state = strrchr(stat, ')');
    if (state == NULL || state[1] != ' ' || strchr("ZX", state[2]) != NULL) {
        return false;
    }
    (void)strtol(state + 3, &end, 10);
    return strtol(end, NULL, 10) == group;
}

/* By a descriptor, so that it is the same process that is killed. */
static void look_at(struct strays *strays,
                    int pid,
                    const char *variable,
                    int group)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0) {
        return;
    }
    if (pid == getpid() ||
        (!has_variable(pid, variable, &strays->environment) &&
         !is_in_group(pid, group))) {
        (void)close(fd);
        return;
    }
    strays->fds =
        reallocarray(strays->fds, strays->n + 1, sizeof(*strays->fds));
    strays->pids =
        reallocarray(strays->pids, strays->n + 1, sizeof(*strays->pids));
    if (strays->fds == NULL || strays->pids == NULL) {
        text_no_memory();
    }
    strays->fds[strays->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
    strays->pids[strays->n++] = pid;
}

void strays_find(struct strays *strays, const char *variable, int group)
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
            look_at(strays, (int)pid, variable, group);
        }
    }
    (void)closedir(proc);
}

static void send(const struct strays *strays, int signal)
{
    for (size_t i = 0; i < strays->n; i++) {
        if (strays->fds[i].fd >= 0) {
            (void)syscall(SYS_pidfd_send_signal, strays->fds[i].fd, signal,
                          NULL, 0);
        }
    }
}

static bool is_any_left(const struct strays *strays)
{
    for (size_t i = 0; i < strays->n; i++) {
        if (strays->fds[i].fd >= 0) {
            return true;
        }
    }
    return false;
}

/* Wait until all have ended, or the time is over. */
static void wait_for(struct strays *strays, int64_t end_ns)
{
    while (is_any_left(strays)) {
        int64_t left_ms = (end_ns - clock_now_ns()) / (NS_PER_S / 1000);

        if (left_ms <= 0 || poll(strays->fds, strays->n, (int)left_ms) < 0) {
            return;
        }
        for (size_t i = 0; i < strays->n; i++) {
            if (strays->fds[i].fd >= 0 && strays->fds[i].revents != 0) {
                (void)close(strays->fds[i].fd);
                strays->fds[i].fd = -1;
            }
        }
    }
}

void strays_end(struct strays *strays, int64_t grace_ms)
{
    int64_t grace_ns = grace_ms * (NS_PER_S / 1000);

    if (strays->n > 0) {
        send(strays, SIGTERM);
        send(strays, SIGCONT);
        wait_for(strays, clock_now_ns() + grace_ns);
        send(strays, SIGKILL);
        wait_for(strays, clock_now_ns() + grace_ns);
    }
}

void strays_clear(struct strays *strays)
{
    for (size_t i = 0; i < strays->n; i++) {
        if (strays->fds[i].fd >= 0) {
            (void)close(strays->fds[i].fd);
        }
    }
    free(strays->fds);
    free(strays->pids);
    text_clear(&strays->environment);
    *strays = (struct strays){ 0 };
}

/* Its arguments, with blanks between them. */
static void add_command(struct text *out, int pid)
{
    char path[64];
    char line[COMMAND_MAX_BYTES + 1];
    int n;

    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    n = file_read_start(path, line, sizeof(line));
    for (int i = 0; i < n; i++) {
        bool is_plain = (unsigned char)line[i] > ' ' && line[i] != 0x7f;

        if (is_plain || i + 1 < n) {
            text_add(out, is_plain ? &line[i] : " ", 1);
        }
    }
}

void strays_add_names(const struct strays *strays, struct text *out)
{
    for (size_t i = 0; i < strays->n; i++) {
        text_add_format(out, "%s%d ", i > 0 ? ", " : "", strays->pids[i]);
        add_command(out, strays->pids[i]);
    }
}
