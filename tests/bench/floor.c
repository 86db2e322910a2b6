/*
 * floor - the least that running jobs with captured output can cost.
 *
 * usage: floor THREADS JOBS PROGRAM
 *
 * Each thread starts PROGRAM, reads both its outputs to their ends and reaps
 * it, until JOBS have run. No queue, no messages, no results.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    THREADS_MAX = 64,
    READ_SIZE = 4096,
    EXIT_NOT_STARTED = 127,
};

static long n_jobs;
static char *program;
static atomic_long next_job;

static void die(const char *what)
{
    (void)fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void read_to_end(int fd)
{
    char buffer[READ_SIZE];
    ssize_t n;

    do {
        n = read(fd, buffer, sizeof(buffer));
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0 || close(fd) != 0) {
        die("read");
    }
}

static void run_job(void)
{
    char *argv[] = { program, NULL };
    struct rusage usage;
    int out[2];
    int err[2];
    int status = 0;
    pid_t pid;

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
        die("pipe2");
    }
    /* The analyzer warns of vfork; that it is the cheapest is the point. */
    /* NOLINTBEGIN(clang-analyzer-*) */
    pid = vfork();
    if (pid == 0) {
        if (dup2(out[1], STDOUT_FILENO) >= 0 &&
            dup2(err[1], STDERR_FILENO) >= 0) {
            execv(program, argv);
        }
        _exit(EXIT_NOT_STARTED);
    }
    /* NOLINTEND(clang-analyzer-*) */
    if (pid < 0) {
        die("vfork");
    }
    if (close(out[1]) != 0 || close(err[1]) != 0) {
        die("close");
    }
    read_to_end(out[0]);
    read_to_end(err[0]);
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            die("wait4");
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_STARTED) {
        (void)fprintf(stderr, "floor: cannot start '%s'\n", program);
        exit(EXIT_FAILURE);
    }
}

static void *run_jobs(void *unused)
{
    (void)unused;
    while (atomic_fetch_add(&next_job, 1) < n_jobs) {
        run_job();
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS_MAX];
    long n;

    if (argc != 4) {
        (void)fputs("usage: floor THREADS JOBS PROGRAM\n", stderr);
        return EXIT_FAILURE;
    }
    n = strtol(argv[1], NULL, 10);
    n_jobs = strtol(argv[2], NULL, 10);
    program = argv[3];
    if (n < 1 || n > THREADS_MAX) {
        (void)fprintf(stderr, "floor: 1 to %d threads\n", THREADS_MAX);
        return EXIT_FAILURE;
    }
    for (long i = 0; i < n; i++) {
        errno = pthread_create(&threads[i], NULL, run_jobs, NULL);
        if (errno != 0) {
            die("pthread_create");
        }
    }
    for (long i = 0; i < n; i++) {
        errno = pthread_join(threads[i], NULL);
        if (errno != 0) {
            die("pthread_join");
        }
    }
    return EXIT_SUCCESS;
}
