#include <brood/graph.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "support/check.h"

enum {
    DEEP = 300000,
    TEXT_SIZE = 256,
};

struct fixture {
    struct brood_graph *graph;
    char problems[TEXT_SIZE];
};

static int setup(void **state)
{
    static struct fixture f;

    f = (struct fixture){ 0 };
    assert_ok(brood_graph_new(NULL, &f.graph));
    assert_ok(brood_graph_resource(f.graph, "cpus", 4));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->graph = brood_graph_free(f->graph);
    return 0;
}

/* @after: names with blanks between them, each with ? or ! before it for any
 * end or a failure. */
static int add_job(struct brood_graph *graph,
                   struct brood_graph_job job,
                   const char *name,
                   const char *after)
{
    struct brood_edge edges[8];
    char text[TEXT_SIZE];
    char *rest = NULL;

    (void)snprintf(text, sizeof(text), "%s", after);
    for (char *word = strtok_r(text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        struct brood_edge *e = &edges[job.n_edges++];

        e->after = *word == '?'   ? BROOD_AFTER_ANY
                   : *word == '!' ? BROOD_AFTER_FAILED
                                  : BROOD_AFTER_OK;
        e->name = word + (e->after != BROOD_AFTER_OK);
    }
    job.edges = edges;
    job.name = name;
    /* The tag is only handed back. */
    job.tag = (void *)(uintptr_t)name;
    return brood_graph_add(graph, &job, NULL);
}

static void add(struct fixture *f, const char *name, const char *after)
{
    assert_ok(add_job(f->graph, (struct brood_graph_job){ 0 }, name, after));
}

static void add_with_cpus(struct fixture *f, const char *name, uint64_t cpus)
{
    const struct brood_need need = { "cpus", cpus };

    assert_ok(add_job(f->graph,
                      (struct brood_graph_job){ .needs = &need, .n_needs = 1 },
                      name, ""));
}

static uint32_t take(struct fixture *f, const char *name)
{
    struct brood_graph_item item;

    assert_int_equal(brood_graph_next(f->graph, &item), 1);
    assert_string_equal(item.tag, name);
    return item.number;
}

static void take_none(struct fixture *f)
{
    struct brood_graph_item item;

    assert_int_equal(brood_graph_next(f->graph, &item), 0);
}

static void run(struct fixture *f, const char *name, int ok)
{
    assert_ok(brood_graph_end(f->graph, take(f, name), ok));
}

static void expect_skipped(struct fixture *f,
                           const char *name,
                           enum brood_skip why,
                           const char *because)
{
    struct brood_graph_skipped skipped;

    assert_int_equal(brood_graph_skipped(f->graph, &skipped), 1);
    assert_string_equal(skipped.item.tag, name);
    assert_int_equal(skipped.why, why);
    assert_string_equal(skipped.because, because);
}

static void expect_no_more_skipped(struct fixture *f)
{
    struct brood_graph_skipped skipped;

    assert_int_equal(brood_graph_skipped(f->graph, &skipped), 0);
}

static void note_problem(const struct brood_graph_problem *p, void *user)
{
    struct fixture *f = user;
    size_t n = strlen(f->problems);

    n += (size_t)snprintf(f->problems + n, TEXT_SIZE - n, "%s",
                          p->kind == BROOD_SKIP_CYCLE ? "cycle" : "missing");
    for (size_t i = 0; i < p->n_items; i++) {
        n += (size_t)snprintf(f->problems + n, TEXT_SIZE - n, " %s/%s",
                              (const char *)p->items[i].tag, p->names[i]);
    }
    (void)snprintf(f->problems + n, TEXT_SIZE - n, ";");
}

static void close_graph(struct fixture *f, int n_problems)
{
    assert_int_equal(brood_graph_close(f->graph, note_problem, f), n_problems);
}

static void jobs_come_in_the_order_of_adding(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "");
    add(f, "b", "");
    add(f, "c", "");
    run(f, "a", 1);
    run(f, "b", 1);
    run(f, "c", 1);
    take_none(f);
    assert_int_equal(brood_graph_count(f->graph).ended_ok, 3);
}

static void a_job_comes_after_what_it_waits_for(void **state)
{
    struct fixture *f = *state;
    uint32_t b;

    add(f, "c", "a b");
    add(f, "b", "");
    add(f, "a", "b");
    b = take(f, "b");
    take_none(f);
    assert_ok(brood_graph_end(f->graph, b, 1));
    assert_err(brood_graph_end(f->graph, b, 1), -ESRCH);
    run(f, "a", 1);
    run(f, "c", 1);
    add(f, "d", "a c"); /* both have ended */
    run(f, "d", 1);
}

static void priority_comes_before_order(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "");
    assert_ok(
        add_job(f->graph, (struct brood_graph_job){ .priority = 5 }, "b", ""));
    assert_ok(
        add_job(f->graph, (struct brood_graph_job){ .priority = -1 }, "c", ""));
    run(f, "b", 1);
    run(f, "a", 1);
    run(f, "c", 1);
}

static void the_longest_path_comes_first_once_closed(void **state)
{
    struct fixture *f = *state;

    add(f, "short", "");
    assert_ok(add_job(f->graph, (struct brood_graph_job){ .cost_ns = 4 },
                      "heavy", ""));
    add(f, "head", "");
    assert_ok(add_job(f->graph, (struct brood_graph_job){ .cost_ns = 9 },
                      "tail", "head"));
    close_graph(f, 0);
    run(f, "head", 1);
    run(f, "tail", 1);
    run(f, "heavy", 1);
    run(f, "short", 1);
}

static void a_failure_skips_what_waits_for_success(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "");
    add(f, "b", "a");
    add(f, "c", "b");
    add(f, "any", "?a");
    add(f, "anyway", "?b");
    add(f, "rescue", "!a");
    add(f, "of the skipped", "!b");
    run(f, "a", 0);
    expect_skipped(f, "b", BROOD_SKIP_FAILED, "a");
    expect_skipped(f, "of the skipped", BROOD_SKIP_SKIPPED, "b");
    expect_skipped(f, "c", BROOD_SKIP_SKIPPED, "b");
    expect_no_more_skipped(f);
    run(f, "any", 1);
    run(f, "anyway", 1);
    run(f, "rescue", 1);
    add(f, "late", "a");
    expect_skipped(f, "late", BROOD_SKIP_FAILED, "a");
    assert_int_equal(brood_graph_count(f->graph).skipped, 4);
    assert_int_equal(brood_graph_count(f->graph).waiting, 0);
}

static void success_skips_what_waits_for_failure(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "");
    add(f, "rescue", "!a");
    run(f, "a", 1);
    expect_skipped(f, "rescue", BROOD_SKIP_OK, "a");
}

static void a_cycle_is_told_with_its_path(void **state)
{
    struct fixture *f = *state;

    add(f, "start", "");
    add(f, "a", "start c");
    add(f, "b", "a");
    add(f, "c", "b");
    add(f, "behind", "c");
    add(f, "self", "self");
    add(f, "whatever", "?self");
    close_graph(f, 2);
    assert_non_null(strstr(f->problems, "cycle self/self;"));
    assert_true(strstr(f->problems, "cycle a/a b/b c/c;") != NULL ||
                strstr(f->problems, "cycle b/b c/c a/a;") != NULL ||
                strstr(f->problems, "cycle c/c a/a b/b;") != NULL);
    run(f, "start", 1);
    run(f, "whatever", 1);
    take_none(f);
    assert_int_equal(brood_graph_count(f->graph).skipped, 5);
}

static void a_missing_name_is_told(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "nobody");
    add(f, "b", "?nobody a");
    close_graph(f, 2);
    assert_string_equal(f->problems, "missing b/nobody;missing a/nobody;");
    expect_skipped(f, "b", BROOD_SKIP_MISSING, "nobody");
    expect_skipped(f, "a", BROOD_SKIP_MISSING, "nobody");
    add(f, "c", "never");
    expect_skipped(f, "c", BROOD_SKIP_MISSING, "never");
    add(f, "d", "d");
    expect_skipped(f, "d", BROOD_SKIP_CYCLE, "d");
    add(f, "e", "");
    run(f, "e", 1);
}

static void a_name_is_taken_once(void **state)
{
    struct fixture *f = *state;

    add(f, "a", "");
    assert_err(add_job(f->graph, (struct brood_graph_job){ 0 }, "a", ""),
               -EEXIST);
    run(f, "a", 1);
    assert_err(add_job(f->graph, (struct brood_graph_job){ 0 }, "a", ""),
               -EEXIST);
}

static void what_a_job_needs_is_not_given_twice(void **state)
{
    struct fixture *f = *state;
    uint32_t a;
    uint32_t b;

    add_with_cpus(f, "a", 3);
    add_with_cpus(f, "b", 1);
    add_with_cpus(f, "c", 1);
    a = take(f, "a");
    b = take(f, "b");
    take_none(f);
    assert_ok(brood_graph_end(f->graph, b, 1));
    (void)take(f, "c");
    assert_ok(brood_graph_end(f->graph, a, 0));
    add_with_cpus(f, "d", 3);
    (void)take(f, "d");
}

static void a_job_passes_one_that_does_not_fit(void **state)
{
    struct fixture *f = *state;

    add_with_cpus(f, "a", 2);
    add_with_cpus(f, "wide", 4);
    add_with_cpus(f, "b", 2);
    (void)take(f, "a");
    (void)take(f, "b");
    take_none(f);
}

/* Two at a time pass the wide one for ever, were it not for its patience. */
static void a_wide_job_starts_in_the_end(void **state)
{
    struct fixture *f = *state;
    struct brood_graph_item running[2];
    struct brood_graph_item item;
    unsigned n = 0;

    add_with_cpus(f, "small", 2);
    add_with_cpus(f, "small too", 2);
    assert_int_equal(brood_graph_next(f->graph, &running[0]), 1);
    assert_int_equal(brood_graph_next(f->graph, &running[1]), 1);
    add_with_cpus(f, "wide", 4);
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
        take_none(f);
    }
    assert_in_range(n, 30, 40);
    assert_ok(brood_graph_end(f->graph, running[(n + 1) % 2].number, 1));
    (void)take(f, "wide");
}

static void bad_jobs_are_refused(void **state)
{
    struct fixture *f = *state;
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
    assert_err(brood_graph_resource(f->graph, "cpus", 5), -EEXIST);
    assert_ok(brood_graph_resource(f->graph, "cpus", 4));
    assert_err(brood_graph_resource(f->graph, "", 4), -EINVAL);
    assert_err(brood_graph_end(f->graph, 7, 1), -ESRCH);
    take_none(f);
}

static void a_chain_of_any_length_unwinds(void **state)
{
    struct fixture *f = *state;
    char name[16];
    char after[16] = "";
    unsigned n = 0;
    struct brood_graph_skipped skipped;

    for (unsigned i = 0; i < DEEP; i++) {
        const struct brood_edge edge = { after, BROOD_AFTER_OK };
        const struct brood_graph_job job = { .name = name,
                                             .edges = &edge,
                                             .n_edges = i > 0 };

        (void)snprintf(name, sizeof(name), "j%u", i);
        assert_ok(brood_graph_add(f->graph, &job, NULL));
        memcpy(after, name, sizeof(name));
    }
    close_graph(f, 0);
    for (unsigned i = 0; i < DEEP / 2; i++) {
        struct brood_graph_item item;

        assert_int_equal(brood_graph_next(f->graph, &item), 1);
        assert_ok(brood_graph_end(f->graph, item.number, i < DEEP / 2 - 1));
    }
    while (brood_graph_skipped(f->graph, &skipped) == 1) {
        n++;
    }
    assert_int_equal(n, DEEP / 2);
}

/* Numbers of what has ended are used again, and links to it are gone. */
static void jobs_without_a_name_are_forgotten(void **state)
{
    struct fixture *f = *state;
    uint32_t most = 0;

    for (unsigned i = 0; i < 1000; i++) {
        struct brood_graph_item item;
        struct brood_graph_skipped skipped;

        assert_ok(add_job(f->graph, (struct brood_graph_job){ 0 }, NULL, ""));
        assert_int_equal(brood_graph_next(f->graph, &item), 1);
        most = item.number > most ? item.number : most;
        assert_ok(brood_graph_end(f->graph, item.number, 1));
        if (i == 0) {
            add(f, "bad", "");
            run(f, "bad", 0);
        }
        assert_ok(
            add_job(f->graph, (struct brood_graph_job){ 0 }, NULL, "bad"));
        assert_int_equal(brood_graph_skipped(f->graph, &skipped), 1);
    }
    assert_in_range(most, 0, 5);
}

#ifdef BROOD_FAULT_INJECTION
static void without_memory_nothing_is_added(void **state)
{
    struct fixture *f = *state;

    for (unsigned i = 0, n = 1; i < 300; i++) {
        char name[16];
        char before[16];

        (void)snprintf(name, sizeof(name), "j%u", i);
        (void)snprintf(before, sizeof(before), "k%u", i);
        for (n = 1;; n++) {
            struct brood_graph_counts counts = brood_graph_count(f->graph);
            int r;

            brood_fault_arm("mem", (int)n);
            r = add_job(f->graph, (struct brood_graph_job){ 0 }, name, before);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(jobs_come_in_the_order_of_adding),
        TEST(a_job_comes_after_what_it_waits_for),
        TEST(priority_comes_before_order),
        TEST(the_longest_path_comes_first_once_closed),
        TEST(a_failure_skips_what_waits_for_success),
        TEST(success_skips_what_waits_for_failure),
        TEST(a_cycle_is_told_with_its_path),
        TEST(a_missing_name_is_told),
        TEST(a_name_is_taken_once),
        TEST(what_a_job_needs_is_not_given_twice),
        TEST(a_job_passes_one_that_does_not_fit),
        TEST(a_wide_job_starts_in_the_end),
        TEST(bad_jobs_are_refused),
        TEST(a_chain_of_any_length_unwinds),
        TEST(jobs_without_a_name_are_forgotten),
#ifdef BROOD_FAULT_INJECTION
        TEST(without_memory_nothing_is_added),
#endif
    };

    return cmocka_run_group_tests_name("core.graph", tests, NULL, NULL);
}
