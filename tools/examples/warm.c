/*
 * warm - tasks for workers that stay.
 *
 * usage: warm        its workers are itself: warm worker
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brood.h>
#include <brood_child.h>

enum {
    TASKS = 1000,
    WORKERS = 2,
};

/* In a worker: the square of the number that it gets. */
static void on_request(struct brood_parent *parent,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    uint64_t n = 0;

    (void)user;
    if (size != sizeof(n)) {
        (void)brood_parent_reply(parent, id, -EINVAL, NULL, 0);
        return;
    }
    memcpy(&n, data, sizeof(n));
    n *= n;
    (void)brood_parent_reply(parent, id, 0, &n, sizeof(n));
}

static int worker(void)
{
    const struct brood_parent_options options = { .on_request = on_request };
    struct brood_parent *parent = NULL;

    if (brood_parent_open(&options, &parent) < 0) {
        return EXIT_FAILURE;
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return EXIT_SUCCESS;
}

static void on_result(struct brood_warm *warm,
                      const struct brood_task_result *result,
                      void *user)
{
    uint64_t *sum = user;
    uint64_t n = 0;

    (void)warm;
    if (result->outcome == BROOD_TASK_DONE && result->size_bytes == sizeof(n)) {
        memcpy(&n, result->data, sizeof(n));
        *sum += n;
    }
}

static int run(struct brood *pool, const char *self)
{
    const char *const argv[] = { self, "worker", NULL };
    uint64_t sum = 0;
    const struct brood_warm_options options = { .job.argv = argv,
                                                .workers = WORKERS,
                                                .attempts = 3,
                                                .task_ms = 10000,
                                                .on_result = on_result,
                                                .user = &sum };
    struct brood_warm *warm = NULL;
    int r = brood_warm_open(pool, &options, &warm);

    for (uint64_t i = 1; i <= TASKS && r >= 0; i++) {
        r = brood_warm_submit(warm, &i, sizeof(i), NULL, NULL);
    }
    if (r >= 0) {
        r = brood_warm_run(warm);
    }
    (void)printf("the sum of %d squares is %" PRIu64 "\n", TASKS, sum);
    warm = brood_warm_close(warm);
    return r;
}

int main(int argc, char **argv)
{
    struct brood *pool = NULL;
    int r;

    if (argc > 1) {
        return worker();
    }
    r = brood_open(NULL, &pool);
    if (r == 0) {
        r = run(pool, argv[0]);
    }
    if (r < 0) {
        (void)fprintf(stderr, "warm: %s\n", brood_strerror(r));
    }
    pool = brood_close(pool);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
