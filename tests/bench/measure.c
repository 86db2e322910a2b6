/*
 * measure - run a command and say what it took.
 *
 * usage: measure [-n TIMES] [-i INPUT] [-q] -o FILE COMMAND [ARG]...
 *
 * The command reads INPUT, if there is one; with -q its standard output goes
 * to /dev/null.
 *
 * Writes one line to FILE: the median of the wall-clock times in ms; then, of
 * the last run, the CPU time in ms, the largest resident set in KiB (of the
 * command or of any process it waited for) and the exit status.
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    TIMES_MAX = 1000,
    SIGNAL_BASE = 128,
};

struct plan {
    char **argv;
    const char *input;
    bool quiet;
};

struct measured {
    double wall_ms[TIMES_MAX];
    double cpu_ms;
    long rss_kib;
    int status;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static double now_ms(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) {
        die("clock_gettime");
    }
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double timeval_ms(const struct timeval *t)
{
    return (double)t->tv_sec * 1e3 + (double)t->tv_usec / 1e3;
}

static pid_t start(const struct plan *plan)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;

    errno = posix_spawn_file_actions_init(&actions);
    if (errno == 0 && plan->input != NULL) {
        errno = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
                                                 plan->input, O_RDONLY, 0);
    }
    if (errno == 0 && plan->quiet) {
        errno = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
                                                 "/dev/null", O_WRONLY, 0);
    }
    if (errno == 0) {
        errno = posix_spawnp(&pid, plan->argv[0], &actions, NULL, plan->argv,
                             environ);
    }
    if (errno != 0) {
        die(plan->argv[0]);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static void run(const struct plan *plan, int i, struct measured *m)
{
    struct rusage usage;
    double begin = now_ms();
    pid_t pid = start(plan);
    int status = 0;

    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            die("wait4");
        }
    }
    m->wall_ms[i] = now_ms() - begin;
    m->cpu_ms = timeval_ms(&usage.ru_utime) + timeval_ms(&usage.ru_stime);
    m->rss_kib = usage.ru_maxrss;
    m->status = WIFEXITED(status) ? WEXITSTATUS(status)
                                  : SIGNAL_BASE + WTERMSIG(status);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static struct measured m;
    struct plan plan = { 0 };
    const char *path = NULL;
    long times = 1;
    FILE *file;
    int option;

    while ((option = getopt(argc, argv, "+n:i:qo:")) != -1) {
        if (option == 'n') {
            times = strtol(optarg, NULL, 10);
        } else if (option == 'i') {
            plan.input = optarg;
        } else if (option == 'q') {
            plan.quiet = true;
        } else if (option == 'o') {
            path = optarg;
        } else {
            return EXIT_FAILURE;
        }
    }
    if (path == NULL || optind == argc || times < 1 || times > TIMES_MAX) {
        (void)fputs("usage: measure [-n TIMES] [-i INPUT] [-q] -o FILE "
                    "COMMAND [ARG]...\n",
                    stderr);
        return EXIT_FAILURE;
    }
    plan.argv = argv + optind;
    for (int i = 0; i < times; i++) {
        run(&plan, i, &m);
    }
    qsort(m.wall_ms, (size_t)times, sizeof(m.wall_ms[0]), compare);
    file = fopen(path, "we");
    if (file == NULL ||
        fprintf(file, "%.3f %.3f %ld %d\n", m.wall_ms[times / 2], m.cpu_ms,
                m.rss_kib, m.status) < 0 ||
        fclose(file) != 0) {
        die(path);
    }
    return EXIT_SUCCESS;
}
