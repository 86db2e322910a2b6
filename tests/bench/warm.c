/*
 * warm - what a task of a warm worker costs.
 *
 * usage: warm WORKERS N   N tasks of 16 bytes that return them: tasks/s
 *
 * Its workers are itself ("worker").
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <brood.h>
#include <brood_child.h>

enum {
    LIFE_S = 600,
    TASK_SIZE = 16,
    QUEUE_MAX = 100000,
};

static void check(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "warm: %s failed: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

static double now_s(void)
{
    struct timespec t;

    check(clock_gettime(CLOCK_MONOTONIC, &t) == 0, "clock_gettime");
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_request(struct brood_parent *parent,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    (void)user;
    check(brood_parent_reply(parent, id, 0, data, size) >= 0, "reply");
}

static int work(void)
{
    struct brood_parent *parent = NULL;

    check(brood_parent_open(
              &(struct brood_parent_options){ .on_request = on_request },
              &parent) == 0,
          "brood_parent_open");
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    (void)brood_parent_close(parent);
    return EXIT_SUCCESS;
}

static void on_result(struct brood_warm *warm,
                      const struct brood_task_result *result,
                      void *user)
{
    long *n_done = user;

    (void)warm;
    check(result->outcome == BROOD_TASK_DONE && result->status == 0 &&
              result->size_bytes == TASK_SIZE,
          "a task");
    ++*n_done;
}

static void submit(struct brood *pool, struct brood_warm *warm)
{
    int r;

    while ((r = brood_warm_submit(warm, "0123456789abcdef", TASK_SIZE, NULL,
                                  NULL)) == -EAGAIN) {
        check(brood_poll(pool, -1) >= 0, "brood_poll");
    }
    check(r >= 0, "brood_warm_submit");
}

static void measure(const char *self, unsigned workers, long n)
{
    const char *const argv[] = { self, "worker", NULL };
    struct brood *pool = NULL;
    struct brood_warm *warm = NULL;
    long n_done = 0;
    double begin_s;
    const struct brood_warm_options options = { .job.argv = argv,
                                                .workers = workers,
                                                .queue_max = QUEUE_MAX,
                                                .on_result = on_result,
                                                .user = &n_done };

    check(brood_open(NULL, &pool) == 0, "brood_open");
    check(brood_warm_open(pool, &options, &warm) == 0, "brood_warm_open");
    /* The workers are there. */
    for (unsigned i = 0; i < workers; i++) {
        submit(pool, warm);
    }
    check(brood_warm_run(warm) == 0, "brood_warm_run");
    begin_s = now_s();
    for (long i = 0; i < n; i++) {
        submit(pool, warm);
    }
    check(brood_warm_run(warm) == 0, "brood_warm_run");
    printf("%.0f\n", (double)n / (now_s() - begin_s));
    check(n_done == n + (long)workers, "the number of tasks");
    (void)brood_warm_close(warm);
    (void)brood_close(pool);
}

int main(int argc, char **argv)
{
    (void)alarm(LIFE_S);
    if (argc == 2 && strcmp(argv[1], "worker") == 0) {
        return work();
    }
    if (argc != 3) {
        (void)fputs("usage: warm WORKERS N\n", stderr);
        return EXIT_FAILURE;
    }
    measure(argv[0], (unsigned)strtoul(argv[1], NULL, 10),
            strtol(argv[2], NULL, 10));
    return EXIT_SUCCESS;
}
