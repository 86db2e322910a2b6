/* brood_warm_open(): limits, and ends. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "support/crew.h"

static void on_start(struct brood_warm *warm,
                     const struct brood_task_result *start,
                     void *user)
{
    struct crew *f = user;

    (void)warm;
    f->n_starts++;
    assert_int_equal(start->attempts, 1);
    assert_true(start->pid > 0);
    assert_in_range(start->worker, 1, 2);
    assert_true(start->start_ns > 0);
}

static void starts_are_told_with_their_times(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){
                     .workers = 2, .one_by_one = true, .on_start = on_start });
    for (int i = 0; i < 10; i++) {
        crew_submit(f, "doze");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n_starts, 10);
    assert_in_range(f->duration_ns, 2000000, INT64_MAX);
}

/* At the start, so that the first attempt cannot end before. */
static void drain(struct brood_warm *warm,
                  const struct brood_task_result *start,
                  void *user)
{
    on_start(warm, start, user);
    brood_warm_drain(warm);
}

static void draining_ends_what_has_not_begun(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1,
                                              .attempts = 2,
                                              .one_by_one = true,
                                              .on_start = drain });
    crew_submit(f, "fail");
    for (int i = 0; i < 10; i++) {
        crew_submit(f, "other");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n_starts, 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 1);
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 10);
    assert_int_equal(brood_warm_room(f->warm), 10000);
}

static void cancelling_all_kills(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){
                     .workers = 2, .attempts = 5, .on_start = on_start });
    for (int i = 0; i < 10; i++) {
        crew_submit(f, "hang");
    }
    while (f->n_starts < 2) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    brood_warm_cancel_all(f->warm);
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 10);
    assert_int_equal(f->n_starts, 2);
}

static void a_time_limit_kills_and_replaces(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){
                     .workers = 1, .task_ms = 200, .attempts = 2 });
    crew_submit(f, "pid");
    crew_submit(f, "hang");
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_TIMED_OUT], 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 2);
    assert_int_equal(f->n_pids, 2);
}

static void children_are_replaced_after_so_many_tasks(void **state)
{
    static const unsigned counts[] = { 1, 2, 3 };
    struct crew *f = *state;

    for (unsigned i = 0; i < 3; i++) {
        f->n_pids = 0;
        f->n[BROOD_TASK_DONE] = 0;
        crew_open(f, (struct brood_warm_options){ .workers = 1,
                                                  .recycle_tasks = counts[i] });
        for (int t = 0; t < 10; t++) {
            crew_submit(f, "pid");
        }
        assert_ok(brood_warm_run(f->warm));
        assert_int_equal(f->n[BROOD_TASK_DONE], 10);
        assert_int_equal(f->n_pids, (10 + counts[i] - 1) / counts[i]);
        f->warm = brood_warm_close(f->warm);
    }
}

static void a_child_that_grew_is_replaced(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1,
                                              .recycle_rss_bytes = 32 << 20 });
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    crew_submit(f, "eat");
    assert_ok(brood_warm_run(f->warm));
    while (f->n_pids < 2) {
        crew_submit(f, "pid");
        assert_ok(brood_warm_run(f->warm));
    }
}

static void tasks_can_be_cancelled(void **state)
{
    struct crew *f = *state;
    uint64_t hanging;
    uint64_t queued;

    crew_open(f, (struct brood_warm_options){ .workers = 1 });
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    hanging = crew_submit(f, "hang");
    queued = crew_submit(f, "pid");
    assert_ok(brood_warm_cancel(f->warm, queued));
    for (int i = 0; i < 3; i++) {
        assert_true(brood_poll(f->pool, 10) >= 0);
    }
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 1);
    assert_err(brood_warm_cancel(f->warm, queued), -ESRCH);
    assert_ok(brood_warm_cancel(f->warm, hanging));
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 2);
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 2);
}

static void closing_cancels_what_is_left(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1 });
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    for (int i = 0; i < 5; i++) {
        crew_submit(f, "hang");
    }
    assert_true(brood_poll(f->pool, 10) >= 0);
    f->warm = brood_warm_close(f->warm);
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 5);
}

static void an_idle_child_ends(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1, .idle_ms = 50 });
    for (unsigned i = 1; i <= 3; i++) {
        crew_submit(f, "pid");
        assert_ok(brood_warm_run(f->warm));
        assert_int_equal(f->n_pids, i);
        while (has_children()) {
            assert_true(brood_poll(f->pool, 1) >= 0);
        }
    }
}

static void many_can_be_cancelled(void **state)
{
    struct crew *f = *state;
    uint64_t first;

    crew_open(f, (struct brood_warm_options){ .workers = 1 });
    first = crew_submit(f, "hang");
    for (int i = 0; i < 1000; i++) {
        crew_submit(f, "pid");
    }
    for (uint64_t id = first + 1000; id > first; id--) {
        assert_ok(brood_warm_cancel(f->warm, id));
    }
    assert_true(brood_poll(f->pool, -1) >= 0);
    assert_ok(brood_warm_cancel(f->warm, first));
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 1001);
}

/* With no descriptor left no child can join, and nobody waits for ever. */
static void without_descriptors_no_child_can_work(void **state)
{
    struct crew *f = *state;
    struct rlimit before;
    struct rlimit little;

    skip_under_valgrind("it sets no limit of open files");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    crew_open(f, (struct brood_warm_options){ .workers = 2 });
    little = before;
    little.rlim_cur = (rlim_t)f->fds_before;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &little), 0);
    crew_submit(f, "pid");
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 2);
    assert_int_equal(f->status, -EMFILE);
}

static void a_full_queue_says_so(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .queue_max = 10 });
    for (int i = 1; i <= 10; i++) {
        assert_int_equal(brood_warm_submit(f->warm, "x", 1, NULL, NULL),
                         i > 5 ? 1 : 0);
    }
    assert_err(brood_warm_submit(f->warm, "x", 1, NULL, NULL), -EAGAIN);
    assert_err(brood_warm_submit(f->warm, "x", SIZE_MAX, NULL, NULL),
               -EMSGSIZE);
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 10);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, crew_setup, crew_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts_are_told_with_their_times),
        TEST(draining_ends_what_has_not_begun),
        TEST(cancelling_all_kills),
        TEST(a_time_limit_kills_and_replaces),
        TEST(children_are_replaced_after_so_many_tasks),
        TEST(a_child_that_grew_is_replaced),
        TEST(tasks_can_be_cancelled),
        TEST(closing_cancels_what_is_left),
        TEST(an_idle_child_ends),
        TEST(many_can_be_cancelled),
        TEST(without_descriptors_no_child_can_work),
        TEST(a_full_queue_says_so),
    };

    return cmocka_run_group_tests_name("integration.warm_control", tests, NULL,
                                       NULL);
}
