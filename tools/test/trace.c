/*
 * All threads of the process are traced. The first tells of the end of all, as
 * a rule: when another ends the process, it is stopped on its way out, too. A
 * program may end its first thread and go on, though; then each that ends is
 * looked at, and the last look is the one that counts. One that calls exec
 * ends all the others, and what they had is not what is left.
 *
 * The loop waits for stops, and never for an end: whoever has started the
 * process waits for that. When nothing that could stop is left it is told so
 * (ECHILD), and what is still traced is let go as the thread ends.
 */
#include "test/trace.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/hold.h"
#include "test/rival.h"
#include "text.h"

enum {
    FILES_MAX = 64,
    PATH_SIZE = 64,
    SIGNAL_MASK = 0xff,
    EVENT_SHIFT = 8,
};

static long request(enum __ptrace_request what, pid_t tid, int value)
{
    return ptrace(what, tid, NULL, (void *)(intptr_t)value);
}

/* A number that is the name of a file in /proc. Returns: -1, it is none. */
static int number_of(const char *name)
{
    char *end;
    long n = strtol(name, &end, 10);

    return end == name || *end != '\0' || n < 0 || n > INT_MAX ? -1 : (int)n;
}

static void forget(struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++) {
        free(trace->files[i].name);
    }
    free(trace->files);
    trace->files = NULL;
    trace->n = 0;
    trace->total = 0;
}

static void keep(struct trace *trace, DIR *dir, const char *number, int fd)
{
    char name[PATH_MAX];
    ssize_t size = readlinkat(dirfd(dir), number, name, sizeof(name) - 1);

    if (size < 0) {
        return;
    }
    name[size] = '\0';
    if (trace->files == NULL) {
        trace->files = calloc(FILES_MAX, sizeof(*trace->files));
    }
    if (trace->files == NULL) {
        text_no_memory();
    }
    trace->files[trace->n].fd = fd;
    trace->files[trace->n].name = strdup(name);
    if (trace->files[trace->n].name == NULL) {
        text_no_memory();
    }
    trace->n++;
}

/* Of a thread that is about to end and stands still. */
static void look(struct trace *trace, pid_t tid)
{
    char path[PATH_SIZE];
    struct dirent *entry;
    DIR *dir;

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/fd", trace->pid, tid);
    dir = opendir(path);
    if (dir == NULL) {
        return;
    }
    forget(trace);
    trace->state = TRACE_SEEN;
    while ((entry = readdir(dir)) != NULL) {
        int fd = number_of(entry->d_name);

        if (fd > STDERR_FILENO) {
            trace->total++;
            if (trace->n < FILES_MAX) {
                keep(trace, dir, entry->d_name, fd);
            }
        }
    }
    (void)closedir(dir);
}

/* A process that was made by clone(2) in an unusual way comes along. */
static bool is_thread(const struct trace *trace, pid_t tid)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d", trace->pid, tid);
    return access(path, F_OK) == 0;
}

static bool is_stopping(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
           signal == SIGTTOU;
}

static void on_exit_of(struct trace *trace, pid_t tid)
{
    if (tid == trace->pid) {
        trace->has_first_ended = true;
    }
    if (trace->has_first_ended) {
        look(trace, tid);
    }
    (void)request(PTRACE_DETACH, tid, 0);
}

static void on_exec(struct trace *trace, pid_t tid)
{
    forget(trace);
    trace->has_first_ended = false;
    trace->state = TRACE_NONE;
    if (rival_is_in(tid) && !hold_is_in(tid)) {
        trace->state = TRACE_RIVAL;
        (void)request(PTRACE_DETACH, tid, 0);
    } else {
        (void)request(PTRACE_CONT, tid, 0);
    }
}

/* A request fails when the thread has been killed meanwhile: no matter. */
static void on_stop(struct trace *trace, pid_t tid, int status)
{
    int signal = status & SIGNAL_MASK;

    switch (status >> EVENT_SHIFT) {
    case PTRACE_EVENT_EXIT:
        on_exit_of(trace, tid);
        break;
    case PTRACE_EVENT_EXEC:
        on_exec(trace, tid);
        break;
    case PTRACE_EVENT_CLONE:
        (void)request(PTRACE_CONT, tid, 0);
        break;
    case PTRACE_EVENT_STOP:
        /* It begins, or stands still, or goes on. */
        (void)request(!is_thread(trace, tid) ? PTRACE_DETACH
                      : is_stopping(signal)  ? PTRACE_LISTEN
                                             : PTRACE_CONT,
                      tid, 0);
        break;
    default:
        /* A signal is on its way to it. */
        (void)request(PTRACE_CONT, tid, signal);
        break;
    }
}

static void follow(struct trace *trace)
{
    for (;;) {
        siginfo_t info = { 0 };

        if (waitid(P_ALL, 0, &info, WSTOPPED | __WALL | __WNOTHREAD) == 0) {
            on_stop(trace, info.si_pid, info.si_status);
        } else if (errno != EINTR) {
            return;
        }
    }
}

/* Whether it is no child of ours any more, or a zombie, which no one may
 * trace. */
static bool has_ended(pid_t pid)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
           info.si_pid != 0;
}

static void *run(void *argument)
{
    struct trace *trace = argument;
    bool is_traced = false;

    if (!has_ended(trace->pid)) {
        is_traced = request(PTRACE_SEIZE, trace->pid,
                            PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC |
                                PTRACE_O_TRACECLONE) == 0;
        trace->error = is_traced ? 0 : -errno;
        if (!is_traced && !has_ended(trace->pid)) {
            trace->state = TRACE_REFUSED;
        }
    }
    trace->on_ready(trace->user);
    if (is_traced) {
        follow(trace);
    }
    return NULL;
}

int trace_start(struct trace *trace,
                pid_t pid,
                void (*on_ready)(void *user),
                void *user)
{
    int r;

    trace_clear(trace);
    trace->pid = pid;
    trace->on_ready = on_ready;
    trace->user = user;
    r = pthread_create(&trace->thread, NULL, run, trace);
    trace->has_thread = r == 0;
    return -r;
}

void trace_join(struct trace *trace)
{
    if (trace->has_thread) {
        (void)pthread_join(trace->thread, NULL);
        trace->has_thread = false;
    }
}

void trace_clear(struct trace *trace)
{
    trace_join(trace);
    forget(trace);
    trace->has_first_ended = false;
    trace->state = TRACE_NONE;
    trace->error = 0;
}
