#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "graphs.h"
#include "support/check.h"

static void jobs_come_in_the_order_of_adding(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "a", "");
    graphs_add(f, "b", "");
    graphs_add(f, "c", "");
    graphs_run(f, "a", 1);
    graphs_run(f, "b", 1);
    graphs_run(f, "c", 1);
    graphs_take_none(f);
    assert_int_equal(brood_graph_count(f->graph).ended_ok, 3);
}

static void a_job_comes_after_what_it_waits_for(void **state)
{
    struct graphs *f = *state;
    uint32_t b;

    graphs_add(f, "c", "a b");
    graphs_add(f, "b", "");
    graphs_add(f, "a", "b");
    b = graphs_take(f, "b");
    graphs_take_none(f);
    assert_ok(brood_graph_end(f->graph, b, 1));
    assert_err(brood_graph_end(f->graph, b, 1), -ESRCH);
    graphs_run(f, "a", 1);
    graphs_run(f, "c", 1);
    graphs_add(f, "d", "a c"); /* both have ended */
    graphs_run(f, "d", 1);
}

static void priority_comes_before_order(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "a", "");
    assert_ok(graphs_add_job(
        f->graph, (struct brood_graph_job){ .priority = 5 }, "b", ""));
    assert_ok(graphs_add_job(
        f->graph, (struct brood_graph_job){ .priority = -1 }, "c", ""));
    graphs_run(f, "b", 1);
    graphs_run(f, "a", 1);
    graphs_run(f, "c", 1);
}

static void a_failure_skips_what_waits_for_success(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "a", "");
    graphs_add(f, "b", "a");
    graphs_add(f, "c", "b");
    graphs_add(f, "any", "?a");
    graphs_add(f, "anyway", "?b");
    graphs_add(f, "rescue", "!a");
    graphs_add(f, "of the skipped", "!b");
    graphs_run(f, "a", 0);
    graphs_skipped(f, "b", BROOD_SKIP_FAILED, "a");
    graphs_skipped(f, "of the skipped", BROOD_SKIP_SKIPPED, "b");
    graphs_skipped(f, "c", BROOD_SKIP_SKIPPED, "b");
    graphs_none_skipped(f);
    graphs_run(f, "any", 1);
    graphs_run(f, "anyway", 1);
    graphs_run(f, "rescue", 1);
    graphs_add(f, "late", "a");
    graphs_skipped(f, "late", BROOD_SKIP_FAILED, "a");
    assert_int_equal(brood_graph_count(f->graph).skipped, 4);
    assert_int_equal(brood_graph_count(f->graph).waiting, 0);
}

static void success_skips_what_waits_for_failure(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "a", "");
    graphs_add(f, "rescue", "!a");
    graphs_run(f, "a", 1);
    graphs_skipped(f, "rescue", BROOD_SKIP_OK, "a");
}

static void a_name_is_taken_once(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "a", "");
    assert_err(graphs_add_job(f->graph, (struct brood_graph_job){ 0 }, "a", ""),
               -EEXIST);
    graphs_run(f, "a", 1);
    assert_err(graphs_add_job(f->graph, (struct brood_graph_job){ 0 }, "a", ""),
               -EEXIST);
}

static void what_a_job_needs_is_not_given_twice(void **state)
{
    struct graphs *f = *state;
    uint32_t a;
    uint32_t b;

    graphs_add_cpus(f, "a", 3);
    graphs_add_cpus(f, "b", 1);
    graphs_add_cpus(f, "c", 1);
    a = graphs_take(f, "a");
    b = graphs_take(f, "b");
    graphs_take_none(f);
    assert_ok(brood_graph_end(f->graph, b, 1));
    (void)graphs_take(f, "c");
    assert_ok(brood_graph_end(f->graph, a, 0));
    graphs_add_cpus(f, "d", 3);
    (void)graphs_take(f, "d");
}

static void a_job_passes_one_that_does_not_fit(void **state)
{
    struct graphs *f = *state;

    graphs_add_cpus(f, "a", 2);
    graphs_add_cpus(f, "wide", 4);
    graphs_add_cpus(f, "b", 2);
    (void)graphs_take(f, "a");
    (void)graphs_take(f, "b");
    graphs_take_none(f);
}

/* Two at a time pass the wide one for ever, were it not for its patience. */
static void a_wide_job_starts_in_the_end(void **state)
{
    struct graphs *f = *state;
    struct brood_graph_item running[2];
    struct brood_graph_item item;
    unsigned n = 0;

    graphs_add_cpus(f, "small", 2);
    graphs_add_cpus(f, "small too", 2);
    assert_int_equal(brood_graph_next(f->graph, &running[0]), 1);
    assert_int_equal(brood_graph_next(f->graph, &running[1]), 1);
    graphs_add_cpus(f, "wide", 4);
    for (; n < 1000; n++) {
        const struct brood_need need = { "cpus", 2 };
        const struct brood_graph_job job = {
            .needs = &need, .n_needs = 1, .priority = 1, .tag = f
        };

        assert_ok(brood_graph_add(f->graph, &job, NULL));
        assert_ok(brood_graph_end(f->graph, running[n % 2].number, 1));
        if (brood_graph_next(f->graph, &item) == 0) {
            break;
        }
        running[n % 2] = item;
        graphs_take_none(f);
    }
    assert_in_range(n, 30, 40);
    assert_ok(brood_graph_end(f->graph, running[(n + 1) % 2].number, 1));
    (void)graphs_take(f, "wide");
}

static void resources_may_change(void **state)
{
    struct graphs *f = *state;
    uint32_t a;
    uint32_t b;

    graphs_add_cpus(f, "a", 2);
    graphs_add_cpus(f, "b", 2);
    graphs_add_cpus(f, "c", 2);
    a = graphs_take(f, "a");
    b = graphs_take(f, "b");
    graphs_take_none(f);
    assert_ok(brood_graph_resource(f->graph, "cpus", 2));
    assert_ok(brood_graph_end(f->graph, a, 1));
    graphs_take_none(f);
    assert_ok(brood_graph_resource(f->graph, "cpus", 4));
    (void)graphs_take(f, "c");
    assert_ok(brood_graph_end(f->graph, b, 1));
}

static void a_paused_job_gives_back_what_it_has(void **state)
{
    struct graphs *f = *state;
    uint32_t a;

    graphs_add_cpus(f, "a", 4);
    graphs_add_cpus(f, "b", 4);
    graphs_add(f, "c", "a");
    a = graphs_take(f, "a");
    assert_err(brood_graph_resume(f->graph, a), -ESRCH);
    assert_ok(brood_graph_pause(f->graph, a));
    assert_err(brood_graph_pause(f->graph, a), -ESRCH);
    graphs_run(f, "b", 1);
    graphs_take_none(f);
    assert_ok(brood_graph_resume(f->graph, a));
    graphs_run(f, "a", 1);
    graphs_run(f, "c", 1);
}

static void bad_jobs_are_refused(void **state)
{
    struct graphs *f = *state;
    const struct brood_need unknown = { "gpu", 1 };
    const struct brood_need much = { "cpus", 5 };
    const struct brood_need twice[] = { { "cpus", 1 }, { "cpus", 1 } };
    const struct brood_edge no_name = { "", BROOD_AFTER_OK };
    struct brood_graph_job job = { .needs = &unknown, .n_needs = 1 };

    assert_err(brood_graph_add(f->graph, &job, NULL), -ENOENT);
    job.needs = &much;
    assert_err(brood_graph_add(f->graph, &job, NULL), -ERANGE);
    job.needs = twice;
    job.n_needs = 2;
    assert_err(brood_graph_add(f->graph, &job, NULL), -EINVAL);
    job = (struct brood_graph_job){ .edges = &no_name, .n_edges = 1 };
    assert_err(brood_graph_add(f->graph, &job, NULL), -EINVAL);
    job = (struct brood_graph_job){ .cost_ns = -1 };
    assert_err(brood_graph_add(f->graph, &job, NULL), -EINVAL);
    assert_err(brood_graph_resource(f->graph, "x", UINT64_MAX), -ERANGE);
    assert_err(brood_graph_resource(f->graph, "", 4), -EINVAL);
    assert_err(brood_graph_end(f->graph, 7, 1), -ESRCH);
    graphs_take_none(f);
}

/* Numbers of what has ended are used again, and links to it are gone. */
static void jobs_without_a_name_are_forgotten(void **state)
{
    struct graphs *f = *state;
    uint32_t most = 0;

    for (unsigned i = 0; i < 1000; i++) {
        struct brood_graph_item item;
        struct brood_graph_skipped skipped;

        assert_ok(
            graphs_add_job(f->graph, (struct brood_graph_job){ 0 }, NULL, ""));
        assert_int_equal(brood_graph_next(f->graph, &item), 1);
        most = item.number > most ? item.number : most;
        assert_ok(brood_graph_end(f->graph, item.number, 1));
        if (i == 0) {
            graphs_add(f, "bad", "");
            graphs_run(f, "bad", 0);
        }
        assert_ok(graphs_add_job(f->graph, (struct brood_graph_job){ 0 }, NULL,
                                 "bad"));
        assert_int_equal(brood_graph_skipped(f->graph, &skipped), 1);
    }
    assert_in_range(most, 0, 5);
}

#ifdef BROOD_FAULT_INJECTION
static void without_memory_nothing_is_added(void **state)
{
    struct graphs *f = *state;

    for (unsigned i = 0, n = 1; i < 300; i++) {
        char name[16];
        char before[16];

        (void)snprintf(name, sizeof(name), "j%u", i);
        (void)snprintf(before, sizeof(before), "k%u", i);
        for (n = 1;; n++) {
            struct brood_graph_counts counts = brood_graph_count(f->graph);
            int r;

            brood_fault_arm("mem", (int)n);
            r = graphs_add_job(f->graph, (struct brood_graph_job){ 0 }, name,
                               before);
            brood_fault_arm("mem", 0);
            if (r == 0) {
                break;
            }
            assert_err(r, -ENOMEM);
            assert_int_equal(brood_graph_count(f->graph).waiting,
                             counts.waiting);
        }
    }
    brood_fault_arm("mem", 1);
    assert_err(brood_graph_close(f->graph, NULL, NULL), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_int_equal(brood_graph_close(f->graph, NULL, NULL), 300);
}
#endif

#define TEST(f) \
    cmocka_unit_test_setup_teardown(f, graphs_setup, graphs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(jobs_come_in_the_order_of_adding),
        TEST(a_job_comes_after_what_it_waits_for),
        TEST(priority_comes_before_order),
        TEST(a_failure_skips_what_waits_for_success),
        TEST(success_skips_what_waits_for_failure),
        TEST(a_name_is_taken_once),
        TEST(what_a_job_needs_is_not_given_twice),
        TEST(a_job_passes_one_that_does_not_fit),
        TEST(a_wide_job_starts_in_the_end),
        TEST(resources_may_change),
        TEST(a_paused_job_gives_back_what_it_has),
        TEST(bad_jobs_are_refused),
        TEST(jobs_without_a_name_are_forgotten),
#ifdef BROOD_FAULT_INJECTION
        TEST(without_memory_nothing_is_added),
#endif
    };

    return cmocka_run_group_tests_name("core.graph", tests, NULL, NULL);
}
