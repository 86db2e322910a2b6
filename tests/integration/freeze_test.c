/* brood_signal(): jobs that stand still, and what goes on all the same. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    LIMIT_MS = 1000,
    FROZEN_MS = 1500,
    WAIT_MS = 10,
};

struct fixture {
    struct brood *pool;
    struct brood_batch *batch;
    unsigned n_results;
    int pid;
    size_t said;
    struct brood_result last;
    int fds_before;
};

static void on_start(struct brood_batch *batch,
                     const struct brood_result *start,
                     void *user)
{
    (void)batch;
    ((struct fixture *)user)->pid = start->pid;
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct fixture *f = user;

    (void)batch;
    f->last = *result;
    f->n_results++;
}

static void on_output(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size_bytes,
                      void *user)
{
    (void)batch;
    (void)job;
    (void)stream;
    (void)data;
    ((struct fixture *)user)->said += size_bytes;
}

static int setup(void **state)
{
    static struct fixture f;
    const struct brood_batch_options options = { .on_result = on_result,
                                                 .on_start = on_start,
                                                 .on_output = on_output,
                                                 .user = &f };

    f = (struct fixture){ .fds_before = count_fds() };
    assert_ok(brood_open(&(struct brood_options){ .slots = 2, .threads = 1 },
                         &f.pool));
    assert_ok(brood_batch_new(f.pool, &options, &f.batch));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->batch = brood_batch_free(f->batch);
    f->pool = brood_close(f->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

static void start(struct fixture *f, const char *program, int64_t timeout_ms)
{
    const char *const argv[] = { program, "100000", NULL };

    f->pid = 0;
    assert_ok(brood_submit(f->batch,
                           &(struct brood_job){ .argv = argv,
                                                .timeout_ms = timeout_ms,
                                                .out = BROOD_OUTPUT_STREAM,
                                                .notify_start = 1,
                                                .n_stop = 1,
                                                .stop = { { SIGTERM, 50 } } },
                           NULL));
    while (f->pid == 0) {
        assert_ok(brood_poll(f->pool, -1));
    }
}

static char state_of(int pid)
{
    char name[32];
    char state = '?';
    FILE *file;

    (void)snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    file = fopen(name, "re");
    assert_non_null(file);
    /* NOLINTNEXTLINE(cert-err34-c): one character */
    (void)!fscanf(file, "%*d (%*[^)]) %c", &state);
    (void)fclose(file);
    return state;
}

/* A shell that is just starting a program waits for it with its own stop. */
static bool stands_still(int pid)
{
    char state = state_of(pid);

    return state == 'T' || state == 'D';
}

static void freeze(struct fixture *f, int sig)
{
    assert_ok(brood_signal(f->pool, sig));
    while (!stands_still(f->pid)) {
        assert_ok(brood_poll(f->pool, WAIT_MS));
        assert_int_equal(f->n_results, 0);
    }
}

static void poll_for(struct fixture *f, int64_t ms)
{
    int64_t end_ns = clock_mono_ns() + ms * CLOCK_NS_PER_MS;

    while (clock_mono_ns() < end_ns) {
        assert_ok(brood_poll(f->pool, WAIT_MS));
    }
}

static void time_limits_stand_still_while_jobs_do(void **state)
{
    struct fixture *f = *state;

    start(f, CHILDREN_DIR "/sleep_ms", LIMIT_MS);
    freeze(f, SIGTSTP);
    poll_for(f, FROZEN_MS);
    assert_int_equal(f->n_results, 0);
    assert_int_equal(state_of(f->pid), 'T');
    assert_ok(brood_signal(f->pool, SIGCONT));
    assert_ok(brood_run(f->batch));
    assert_int_equal(f->last.outcome, BROOD_TIMED_OUT);
    assert_true(f->last.duration_ns >= (int64_t)FROZEN_MS * CLOCK_NS_PER_MS);
}

static void what_stands_still_goes_on_and_ends(void **state)
{
    struct fixture *f = *state;

    assert_ok(brood_submit(
        f->batch,
        &(struct brood_job){ .shell = "sleep 0.3; echo x", .notify_start = 1 },
        NULL));
    while (f->pid == 0) {
        assert_ok(brood_poll(f->pool, -1));
    }
    freeze(f, SIGSTOP);
    freeze(f, SIGTSTP);
    assert_ok(brood_signal(f->pool, SIGCONT));
    assert_ok(brood_signal(f->pool, SIGCONT));
    assert_ok(brood_run(f->batch));
    assert_true(brood_result_ok(&f->last));
    assert_int_equal(f->last.out.size_bytes, 2);
}

static void what_stands_still_can_be_stopped(void **state)
{
    struct fixture *f = *state;

    start(f, CHILDREN_DIR "/sleep_ms", 0);
    freeze(f, SIGTSTP);
    assert_ok(brood_stop(f->batch));
    assert_int_equal(f->last.outcome, BROOD_CANCELLED);
    assert_int_equal(f->last.signal, SIGTERM);
}

static void the_ladder_goes_on_while_jobs_stand_still(void **state)
{
    struct fixture *f = *state;

    start(f, CHILDREN_DIR "/ignore_term", LIMIT_MS);
    while (f->said == 0) {
        assert_ok(brood_poll(f->pool, -1));
    }
    freeze(f, SIGSTOP);
    assert_ok(brood_stop(f->batch));
    assert_int_equal(f->last.outcome, BROOD_CANCELLED);
    assert_int_equal(f->last.signal, SIGKILL);
    assert_int_equal(f->last.stop_signal, SIGKILL);
}

static void stopping_one_leaves_the_other_still(void **state)
{
    struct fixture *f = *state;
    uint64_t id = 0;

    start(f, CHILDREN_DIR "/sleep_ms", LIMIT_MS);
    assert_ok(brood_submit(f->batch,
                           &(struct brood_job){ .shell = "sleep 100" }, &id));
    freeze(f, SIGTSTP);
    assert_ok(brood_cancel(f->batch, id));
    while (f->n_results == 0) {
        assert_ok(brood_poll(f->pool, -1));
    }
    assert_int_equal(f->last.outcome, BROOD_CANCELLED);
    poll_for(f, FROZEN_MS);
    assert_int_equal(f->n_results, 1);
    assert_int_equal(state_of(f->pid), 'T');
    assert_ok(brood_signal(f->pool, SIGCONT));
    assert_ok(brood_run(f->batch));
    assert_int_equal(f->last.outcome, BROOD_TIMED_OUT);
}

static void a_signal_reaches_every_group(void **state)
{
    struct fixture *f = *state;

    start(f, CHILDREN_DIR "/sleep_ms", 0);
    start(f, CHILDREN_DIR "/sleep_ms", 0);
    assert_ok(brood_signal(f->pool, SIGUSR1));
    assert_ok(brood_run(f->batch));
    assert_int_equal(f->n_results, 2);
    assert_int_equal(f->last.outcome, BROOD_SIGNALLED);
    assert_int_equal(f->last.signal, SIGUSR1);
    assert_err(brood_signal(f->pool, 0), -EINVAL);
    assert_err(brood_signal(f->pool, -1), -EINVAL);
    assert_err(brood_signal(f->pool, SIGRTMAX + 1), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(time_limits_stand_still_while_jobs_do),
        TEST(what_stands_still_goes_on_and_ends),
        TEST(what_stands_still_can_be_stopped),
        TEST(the_ladder_goes_on_while_jobs_stand_still),
        TEST(stopping_one_leaves_the_other_still),
        TEST(a_signal_reaches_every_group),
    };

    return cmocka_run_group_tests_name("integration.freeze", tests, NULL, NULL);
}
