#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

static const struct brood_options two_slots = { .slots = 2 };

static void a_time_limit_ends_the_whole_group(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "sleep 60 & sleep 60; true",
                                          .timeout_ms = 100 });
    bench_submit(&b, &(struct brood_job){
                         .shell = "trap 'echo bye; exit 5' TERM; sleep 60 & "
                                  "wait",
                         .timeout_ms = 300 });
    bench_submit(
        &b, &(struct brood_job){ .shell = "trap '' TERM; sleep 60; sleep 60",
                                 .timeout_ms = 100,
                                 .stop = { { SIGTERM, 100 }, { SIGKILL, 0 } },
                                 .n_stop = 2 });
    bench_submit(&b, &(struct brood_job){ .shell = "setsid -w sleep 60",
                                          .timeout_ms = 100 });
    bench_run(&b);
    for (unsigned i = 1; i <= 4; i++) {
        assert_int_equal(bench_seen(&b, i)->result.outcome, BROOD_TIMED_OUT);
        assert_true(bench_seen(&b, i)->result.duration_ns < 5000000000);
    }
    assert_int_equal(bench_seen(&b, 1)->result.signal, SIGTERM);
    assert_int_equal(bench_seen(&b, 2)->result.exit_status, 5);
    assert_string_equal(bench_seen(&b, 2)->out, "bye\n");
    assert_int_equal(bench_seen(&b, 3)->result.signal, SIGKILL);
    assert_int_equal(bench_seen(&b, 3)->result.stop_signal, SIGKILL);
    bench_close(&b);
}

static void a_stopped_child_ends_at_its_limit(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "kill -STOP $$; sleep 60",
                                          .timeout_ms = 100 });
    bench_run(&b);
    assert_int_equal(bench_seen(&b, 1)->result.outcome, BROOD_TIMED_OUT);
    assert_int_equal(bench_seen(&b, 1)->result.signal, SIGTERM);
    bench_close(&b);
}

static void a_grandchild_with_the_pipe_does_not_hold_the_job(void **state)
{
    struct timespec begin;
    struct timespec end;
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    bench_shell(&b, "echo before; sleep 3 & exit 0");
    bench_shell(&b, "true");
    bench_run(&b);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - begin.tv_sec <= 2);
    assert_true(bench_seen(&b, 1)->result.leaked);
    assert_string_equal(bench_seen(&b, 1)->out, "before\n");
    assert_true(bench_seen(&b, 1)->result.duration_ns < 2000000000);
    assert_false(bench_seen(&b, 2)->result.leaked);
    bench_close(&b);
}

static void one_job_can_be_cancelled_queued_or_running(void **state)
{
    struct bench b;
    uint64_t running;
    uint64_t queued;

    (void)state;
    bench_open(&b, &(struct brood_options){ .slots = 1 }, NULL);
    running = bench_submit(
        &b, &(struct brood_job){ .shell = "sleep 60", .notify_start = 1 });
    queued = bench_shell(&b, "echo never");
    bench_shell(&b, "echo last");
    while (b.n_started == 0) {
        assert_ok(brood_poll(b.pool, -1));
    }
    assert_ok(brood_cancel(b.batch, queued));
    assert_ok(brood_cancel(b.batch, running));
    bench_run(&b);
    assert_err(brood_cancel(b.batch, running), -ESRCH);
    assert_int_equal(bench_seen(&b, 1)->result.outcome, BROOD_CANCELLED);
    assert_int_equal(bench_seen(&b, 1)->result.signal, SIGTERM);
    assert_int_equal(bench_seen(&b, 2)->result.outcome, BROOD_CANCELLED);
    assert_int_equal(bench_seen(&b, 2)->result.attempt, 0);
    assert_string_equal(bench_seen(&b, 3)->out, "last\n");
    bench_close(&b);
}

static void draining_finishes_what_runs_and_skips_the_rest(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &(struct brood_options){ .slots = 1 }, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "sleep 0.2; echo done",
                                          .notify_start = 1 });
    for (int i = 0; i < 20; i++) {
        bench_shell(&b, "echo never");
    }
    while (b.n_started == 0) {
        assert_ok(brood_poll(b.pool, -1));
    }
    assert_ok(brood_drain(b.batch));
    assert_err(
        brood_submit(b.batch, &(struct brood_job){ .shell = "true" }, NULL),
        -ECANCELED);
    assert_ok(brood_run(b.batch));
    assert_int_equal(b.n_seen, 21);
    assert_string_equal(bench_seen(&b, 1)->out, "done\n");
    for (unsigned i = 2; i <= 21; i++) {
        assert_int_equal(bench_seen(&b, i)->result.outcome, BROOD_SKIPPED);
    }
    bench_close(&b);
}

static void stopping_ends_all_and_tells_each(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &(struct brood_options){ .slots = 8 }, NULL);
    for (int i = 0; i < 50; i++) {
        bench_submit(&b, &(struct brood_job){ .shell = "sleep 60; sleep 60",
                                              .notify_start = 1 });
    }
    while (b.n_started < 8) {
        assert_ok(brood_poll(b.pool, -1));
    }
    assert_ok(brood_stop(b.batch));
    assert_int_equal(b.n_seen, 50);
    for (unsigned i = 1; i <= 50; i++) {
        assert_int_equal(bench_seen(&b, i)->result.outcome, BROOD_CANCELLED);
    }
    bench_close(&b);
}

static void closing_a_pool_ends_what_runs(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < 5; i++) {
        bench_submit(
            &b, &(struct brood_job){ .shell = "sleep 60", .notify_start = 1 });
    }
    while (b.n_started < 2) {
        assert_ok(brood_poll(b.pool, -1));
    }
    b.batch = NULL; /* brood_close() frees it. */
    bench_close(&b);
}

static void short_jobs_do_not_wait_behind_a_long_one(void **state)
{
    char flag[] = "/tmp/brood-test-XXXXXX";
    char line[64];
    struct bench b;
    int fd = mkstemp(flag);

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(line, sizeof(line), "while test -e %s; do sleep 0.1; done",
                   flag);
    bench_open(&b, &two_slots, NULL);
    for (int i = 1; i <= 300; i++) {
        bench_submit(&b, &(struct brood_job){ .shell = i == 100 ? line : "true",
                                              .timeout_ms = 60000 });
    }
    /* The long one goes on until all the others have ended. */
    while (b.n_seen < 299) {
        assert_ok(brood_poll(b.pool, -1));
    }
    assert_int_equal(unlink(flag), 0);
    bench_run(&b);
    assert_int_equal(bench_seen(&b, 100)->result.outcome, BROOD_EXITED);
    assert_int_equal(b.seen[299].result.seq, 100);
    bench_close(&b);
}

static void failed_jobs_are_tried_again(void **state)
{
    char dir[] = "/tmp/brood-test-XXXXXX";
    struct bench b;

    (void)state;
    assert_non_null(mkdtemp(dir));
    bench_open(&b, &two_slots, &(struct brood_batch_options){ .dir = dir });
    bench_submit(&b, &(struct brood_job){
                         .shell = "echo x >> n; test $(wc -l < n) -ge 3",
                         .attempts = 5 });
    bench_submit(
        &b, &(struct brood_job){ .shell = "echo no; exit 7", .attempts = 3 });
    bench_run(&b);
    assert_int_equal(b.n_seen, 2);
    assert_int_equal(bench_seen(&b, 1)->result.attempt, 3);
    assert_int_equal(bench_seen(&b, 1)->result.exit_status, 0);
    assert_int_equal(bench_seen(&b, 2)->result.attempt, 3);
    assert_int_equal(bench_seen(&b, 2)->result.exit_status, 7);
    assert_string_equal(bench_seen(&b, 2)->out, "no\n");
    bench_close(&b);
    (void)chdir("/");
    {
        char name[64];

        (void)snprintf(name, sizeof(name), "%s/n", dir);
        (void)unlink(name);
        (void)rmdir(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_limit_ends_the_whole_group),
        cmocka_unit_test(a_stopped_child_ends_at_its_limit),
        cmocka_unit_test(a_grandchild_with_the_pipe_does_not_hold_the_job),
        cmocka_unit_test(one_job_can_be_cancelled_queued_or_running),
        cmocka_unit_test(draining_finishes_what_runs_and_skips_the_rest),
        cmocka_unit_test(stopping_ends_all_and_tells_each),
        cmocka_unit_test(closing_a_pool_ends_what_runs),
        cmocka_unit_test(short_jobs_do_not_wait_behind_a_long_one),
        cmocka_unit_test(failed_jobs_are_tried_again),
    };

    return cmocka_run_group_tests_name("integration.stop", tests, NULL, NULL);
}
