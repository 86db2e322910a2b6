/* brood_warm_open(): what becomes of tasks. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "support/crew.h"

enum {
    MANY = 20000,
};

static void each_task_has_one_result(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ 0 });
    for (unsigned i = 0; i < MANY; i++) {
        crew_submit(f, "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], MANY);
    assert_int_equal(f->ids, (uint64_t)MANY * (MANY + 1) / 2);
    assert_in_range(f->n_pids, 1, 2);
    crew_submit(f, "fail");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->status, -EIO);
    assert_string_equal(f->last, "fail");
}

static void a_dead_child_takes_one_task_with_it(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 2 });
    for (int i = 0; i < 1000; i++) {
        crew_submit(f, i == 500 ? "die" : "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 999);
    assert_in_range(f->n_pids, 2, 4);
}

static void the_first_tasks_may_all_kill(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1 });
    for (int i = 0; i < 10; i++) {
        crew_submit(f, i < 6 ? "die" : "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 6);
    assert_int_equal(f->n[BROOD_TASK_DONE], 4);
}

static void many_may_die(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 3, .attempts = 2 });
    for (int i = 0; i < 100; i++) {
        crew_submit(f, i % 5 == 0 ? "die" : i % 7 == 0 ? "fail" : "other");
        if (i % 10 == 0) {
            assert_true(brood_poll(f->pool, 1) >= 0);
        }
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 20);
    assert_int_equal(f->n[BROOD_TASK_DONE], 80);
}

/* It goes to the child that is being started, not to the one that has died. */
static void the_last_task_outlives_both_children(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 2 });
    for (int i = 0; i < 20; i++) {
        crew_submit(f, "die");
        crew_submit(f, "die");
        crew_submit(f, "other");
        assert_ok(brood_warm_run(f->warm));
    }
    assert_int_equal(f->n[BROOD_TASK_DIED], 40);
    assert_int_equal(f->n[BROOD_TASK_DONE], 20);
}

static void a_task_may_be_tried_again(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1, .attempts = 3 });
    crew_submit(f, "die");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 1);
    assert_int_equal(f->attempts, 3);
    assert_int_equal(f->signal, SIGKILL);
}

static void what_fails_may_be_tried_again(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 1, .attempts = 3 });
    crew_submit(f, "fail");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->attempts, 3);
    assert_int_equal(f->status, -EIO);
    crew_submit(f, "other");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->attempts, 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 2);
}

static void an_initialiser_comes_first_or_breaks_the_crew(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .init_data = "hello",
                                              .init_size_bytes = 5 });
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 1);
    f->warm = brood_warm_close(f->warm);
    crew_open(f, (struct brood_warm_options){ .init_data = "init bad",
                                              .init_size_bytes = 8 });
    crew_submit(f, "pid");
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 2);
    assert_int_equal(f->status, -EPERM);
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 3);
}

static void an_initialiser_takes_only_so_long(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .init_data = "hang",
                                              .init_size_bytes = 4,
                                              .init_ms = 50 });
    crew_submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 1);
    assert_int_equal(f->status, -ETIMEDOUT);
    f->warm = brood_warm_close(f->warm);
}

static void a_program_that_cannot_work_is_told(void **state)
{
    static const char *const no_child[] = { "/bin/true", NULL };
    static const char *const nothing[] = { "/no/such/program", NULL };
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .job.argv = no_child });
    crew_submit(f, "x");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 1);
    assert_int_equal(f->status, -ECHILD);
    f->warm = brood_warm_close(f->warm);
    crew_open(f, (struct brood_warm_options){ .job.argv = nothing });
    crew_submit(f, "x");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 2);
    assert_int_equal(f->status, -ENOENT);
}

static void results_come_in_order_if_asked(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 2, .in_order = true });
    for (int i = 0; i < 2000; i++) {
        crew_submit(f, i % 100 == 0 ? "doze" : "pid");
        if (i == 1000) {
            crew_submit(f, "die");
        }
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 2000);
    assert_int_equal(f->n[BROOD_TASK_DIED], 1);
    assert_false(f->out_of_order);
}

static void a_result_that_waits_counts_as_queued(void **state)
{
    struct crew *f = *state;
    uint64_t first;

    crew_open(f, (struct brood_warm_options){
                     .workers = 2, .in_order = true, .queue_max = 10 });
    first = crew_submit(f, "hang");
    for (int i = 0; i < 9; i++) {
        crew_submit(f, "other");
    }
    for (int i = 0; i < 20; i++) {
        assert_err(brood_warm_submit(f->warm, "other", 5, NULL, NULL), -EAGAIN);
        assert_true(brood_poll(f->pool, 1) >= 0);
    }
    assert_int_equal(f->last_id, 0);
    assert_ok(brood_warm_cancel(f->warm, first));
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 9);
    assert_false(f->out_of_order);
    assert_string_equal(f->last, "other");
}

/* Two children have about the same number of short tasks. */
static void the_last_tasks_are_shared(void **state)
{
    struct crew *f = *state;

    crew_open(f, (struct brood_warm_options){ .workers = 2 });
    for (int i = 0; i < MANY; i++) {
        crew_submit(f, "other");
    }
    assert_ok(brood_warm_run(f->warm));
    for (int i = 0; i < 10; i++) {
        crew_submit(f, "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n_pids, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, crew_setup, crew_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_task_has_one_result),
        TEST(a_dead_child_takes_one_task_with_it),
        TEST(the_first_tasks_may_all_kill),
        TEST(many_may_die),
        TEST(the_last_task_outlives_both_children),
        TEST(a_task_may_be_tried_again),
        TEST(what_fails_may_be_tried_again),
        TEST(an_initialiser_comes_first_or_breaks_the_crew),
        TEST(an_initialiser_takes_only_so_long),
        TEST(a_program_that_cannot_work_is_told),
        TEST(results_come_in_order_if_asked),
        TEST(a_result_that_waits_counts_as_queued),
        TEST(the_last_tasks_are_shared),
    };

    return cmocka_run_group_tests_name("integration.warm", tests, NULL, NULL);
}
