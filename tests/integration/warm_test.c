/* brood_warm_open(): long-lived children that work on tasks. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    MANY = 20000,
    TEXT_SIZE = 32,
    OUTCOMES = BROOD_TASK_BROKEN + 1,
    PIDS_MAX = 64,
};

struct fixture {
    struct brood *pool;
    struct brood_warm *warm;
    unsigned n[OUTCOMES];
    uint64_t ids; /* their sum */
    uint64_t last_id;
    bool out_of_order;
    int status;
    unsigned attempts;
    char last[TEXT_SIZE];
    int pids[PIDS_MAX];
    unsigned n_pids;
    int fds_before;
};

static void note_pid(struct fixture *f, int pid)
{
    for (unsigned i = 0; i < f->n_pids; i++) {
        if (f->pids[i] == pid) {
            return;
        }
    }
    assert_true(f->n_pids < PIDS_MAX);
    f->pids[f->n_pids++] = pid;
}

static void on_result(struct brood_warm *warm,
                      const struct brood_task_result *result,
                      void *user)
{
    struct fixture *f = user;

    (void)warm;
    assert_true(result->size_bytes < TEXT_SIZE);
    f->n[result->outcome]++;
    f->ids += result->id;
    f->out_of_order = f->out_of_order || result->id != f->last_id + 1;
    f->last_id = result->id;
    f->status = result->status;
    f->attempts = result->attempts;
    if (result->size_bytes > 0) {
        memcpy(f->last, result->data, result->size_bytes);
    }
    f->last[result->size_bytes] = '\0';
    if (result->tag != NULL && result->outcome == BROOD_TASK_DONE) {
        note_pid(f, (int)strtol(f->last, NULL, 10));
    }
}

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.fds_before = count_fds();
    assert_ok(brood_open(&(struct brood_options){ .slots = 2 }, &f.pool));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->warm = brood_warm_close(f->warm);
    f->pool = brood_close(f->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

static void open_crew(struct fixture *f, struct brood_warm_options options)
{
    static const char *const argv[] = { CHILDREN_DIR "/work", NULL };

    if (options.job.argv == NULL) {
        options.job.argv = argv;
    }
    options.on_result = on_result;
    options.user = f;
    assert_ok(brood_warm_open(f->pool, &options, &f->warm));
}

static uint64_t submit(struct fixture *f, const char *text)
{
    /* A tag says that the answer is a process id. */
    void *tag = strcmp(text, "pid") == 0 ? f : NULL;
    uint64_t id = 0;
    int r;

    while ((r = brood_warm_submit(f->warm, text, strlen(text), tag, &id)) ==
           -EAGAIN) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_true(r >= 0);
    return id;
}

static void each_task_has_one_result(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ 0 });
    for (unsigned i = 0; i < MANY; i++) {
        submit(f, "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], MANY);
    assert_int_equal(f->ids, (uint64_t)MANY * (MANY + 1) / 2);
    assert_in_range(f->n_pids, 1, 2);
    submit(f, "fail");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->status, -EIO);
    assert_string_equal(f->last, "fail");
}

static void a_dead_child_takes_one_task_with_it(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 2 });
    for (int i = 0; i < 1000; i++) {
        submit(f, i == 500 ? "die" : "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 999);
    assert_in_range(f->n_pids, 2, 4);
}

static void the_first_tasks_may_all_kill(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 1 });
    for (int i = 0; i < 10; i++) {
        submit(f, i < 6 ? "die" : "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 6);
    assert_int_equal(f->n[BROOD_TASK_DONE], 4);
}

static void a_task_may_be_tried_again(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 1, .attempts = 3 });
    submit(f, "die");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DIED], 1);
    assert_int_equal(f->attempts, 3);
}

static void a_time_limit_kills_and_replaces(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){
                     .workers = 1, .task_ms = 200, .attempts = 3 });
    submit(f, "pid");
    submit(f, "hang");
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_TIMED_OUT], 1);
    assert_int_equal(f->n[BROOD_TASK_DONE], 2);
    assert_int_equal(f->n_pids, 2);
}

static void children_are_replaced_after_so_many_tasks(void **state)
{
    static const unsigned counts[] = { 1, 2, 3 };
    struct fixture *f = *state;

    for (unsigned i = 0; i < 3; i++) {
        f->n_pids = 0;
        f->n[BROOD_TASK_DONE] = 0;
        open_crew(f, (struct brood_warm_options){ .workers = 1,
                                                  .recycle_tasks = counts[i] });
        for (int t = 0; t < 10; t++) {
            submit(f, "pid");
        }
        assert_ok(brood_warm_run(f->warm));
        assert_int_equal(f->n[BROOD_TASK_DONE], 10);
        assert_int_equal(f->n_pids, (10 + counts[i] - 1) / counts[i]);
        f->warm = brood_warm_close(f->warm);
    }
}

static void a_child_that_grew_is_replaced(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 1,
                                              .recycle_rss_bytes = 32 << 20 });
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    submit(f, "eat");
    assert_ok(brood_warm_run(f->warm));
    while (f->n_pids < 2) {
        submit(f, "pid");
        assert_ok(brood_warm_run(f->warm));
    }
}

static void tasks_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    uint64_t hanging;
    uint64_t queued;

    open_crew(f, (struct brood_warm_options){ .workers = 1 });
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    hanging = submit(f, "hang");
    queued = submit(f, "pid");
    assert_ok(brood_warm_cancel(f->warm, queued));
    for (int i = 0; i < 3; i++) {
        assert_true(brood_poll(f->pool, 10) >= 0);
    }
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 1);
    assert_err(brood_warm_cancel(f->warm, queued), -ESRCH);
    assert_ok(brood_warm_cancel(f->warm, hanging));
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 2);
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 2);
}

static void an_initialiser_comes_first_or_breaks_the_crew(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .init_data = "hello",
                                              .init_size_bytes = 5 });
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 1);
    f->warm = brood_warm_close(f->warm);
    open_crew(f, (struct brood_warm_options){ .init_data = "init bad",
                                              .init_size_bytes = 8 });
    submit(f, "pid");
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 2);
    assert_int_equal(f->status, -EPERM);
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 3);
}

static void a_program_that_cannot_work_is_told(void **state)
{
    static const char *const no_child[] = { "/bin/true", NULL };
    static const char *const nothing[] = { "/no/such/program", NULL };
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .job.argv = no_child });
    submit(f, "x");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 1);
    assert_int_equal(f->status, -ECHILD);
    f->warm = brood_warm_close(f->warm);
    open_crew(f, (struct brood_warm_options){ .job.argv = nothing });
    submit(f, "x");
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_BROKEN], 2);
    assert_int_equal(f->status, -ENOENT);
}

static void closing_cancels_what_is_left(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 1 });
    submit(f, "pid");
    assert_ok(brood_warm_run(f->warm));
    for (int i = 0; i < 5; i++) {
        submit(f, "hang");
    }
    assert_true(brood_poll(f->pool, 10) >= 0);
    f->warm = brood_warm_close(f->warm);
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 5);
}

static void results_come_in_order_if_asked(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 2, .in_order = true });
    for (int i = 0; i < 2000; i++) {
        submit(f, i % 100 == 0 ? "doze" : "pid");
        if (i == 1000) {
            submit(f, "die");
        }
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_DONE], 2000);
    assert_int_equal(f->n[BROOD_TASK_DIED], 1);
    assert_false(f->out_of_order);
}

static void a_result_that_waits_counts_as_queued(void **state)
{
    struct fixture *f = *state;
    uint64_t first;

    open_crew(f, (struct brood_warm_options){
                     .workers = 2, .in_order = true, .queue_max = 10 });
    first = submit(f, "hang");
    for (int i = 0; i < 9; i++) {
        submit(f, "other");
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

static void an_idle_child_ends(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 1, .idle_ms = 50 });
    for (unsigned i = 1; i <= 3; i++) {
        submit(f, "pid");
        assert_ok(brood_warm_run(f->warm));
        assert_int_equal(f->n_pids, i);
        while (has_children()) {
            assert_true(brood_poll(f->pool, 1) >= 0);
        }
    }
}

/* Two children have about the same number of short tasks. */
static void the_last_tasks_are_shared(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .workers = 2 });
    for (int i = 0; i < MANY; i++) {
        submit(f, "other");
    }
    assert_ok(brood_warm_run(f->warm));
    for (int i = 0; i < 10; i++) {
        submit(f, "pid");
    }
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n_pids, 2);
}

static void many_can_be_cancelled(void **state)
{
    struct fixture *f = *state;
    uint64_t first;

    open_crew(f, (struct brood_warm_options){ .workers = 1 });
    first = submit(f, "hang");
    for (int i = 0; i < 1000; i++) {
        submit(f, "pid");
    }
    for (uint64_t id = first + 1000; id > first; id--) {
        assert_ok(brood_warm_cancel(f->warm, id));
    }
    assert_true(brood_poll(f->pool, -1) >= 0);
    assert_ok(brood_warm_cancel(f->warm, first));
    assert_ok(brood_warm_run(f->warm));
    assert_int_equal(f->n[BROOD_TASK_CANCELLED], 1001);
}

static void a_full_queue_says_so(void **state)
{
    struct fixture *f = *state;

    open_crew(f, (struct brood_warm_options){ .queue_max = 10 });
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_task_has_one_result),
        TEST(a_dead_child_takes_one_task_with_it),
        TEST(the_first_tasks_may_all_kill),
        TEST(a_task_may_be_tried_again),
        TEST(a_time_limit_kills_and_replaces),
        TEST(children_are_replaced_after_so_many_tasks),
        TEST(a_child_that_grew_is_replaced),
        TEST(tasks_can_be_cancelled),
        TEST(an_initialiser_comes_first_or_breaks_the_crew),
        TEST(a_program_that_cannot_work_is_told),
        TEST(closing_cancels_what_is_left),
        TEST(results_come_in_order_if_asked),
        TEST(a_result_that_waits_counts_as_queued),
        TEST(an_idle_child_ends),
        TEST(the_last_tasks_are_shared),
        TEST(many_can_be_cancelled),
        TEST(a_full_queue_says_so),
    };

    return cmocka_run_group_tests_name("integration.warm", tests, NULL, NULL);
}
