/* What a graph says when all its jobs are known. */
#include <stdio.h>
#include <string.h>

#include "graphs.h"

enum {
    DEEP = 300000,
};

static void a_cycle_is_told_with_its_path(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "start", "");
    graphs_add(f, "a", "start c");
    graphs_add(f, "b", "a");
    graphs_add(f, "c", "b");
    graphs_add(f, "behind", "c");
    graphs_add(f, "self", "self");
    graphs_add(f, "whatever", "?self");
    graphs_close(f, 2);
    assert_non_null(strstr(f->problems, "cycle self/self;"));
    assert_true(strstr(f->problems, "cycle a/a b/b c/c;") != NULL ||
                strstr(f->problems, "cycle b/b c/c a/a;") != NULL ||
                strstr(f->problems, "cycle c/c a/a b/b;") != NULL);
    graphs_run(f, "start", 1);
    graphs_run(f, "whatever", 1);
    graphs_take_none(f);
    assert_int_equal(brood_graph_count(f->graph).skipped, 5);
}

static void a_missing_name_is_told(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "a", "nobody");
    graphs_add(f, "b", "?nobody a");
    graphs_close(f, 2);
    assert_string_equal(f->problems, "missing b/nobody;missing a/nobody;");
    graphs_skipped(f, "b", BROOD_SKIP_MISSING, "nobody");
    graphs_skipped(f, "a", BROOD_SKIP_MISSING, "nobody");
    graphs_add(f, "c", "never");
    graphs_skipped(f, "c", BROOD_SKIP_MISSING, "never");
    graphs_add(f, "d", "d");
    graphs_skipped(f, "d", BROOD_SKIP_CYCLE, "d");
    graphs_add(f, "e", "");
    graphs_run(f, "e", 1);
}

static void the_longest_path_comes_first_once_closed(void **state)
{
    struct graphs *f = *state;

    graphs_add(f, "short", "");
    assert_ok(graphs_add_job(f->graph, (struct brood_graph_job){ .cost_ns = 4 },
                             "heavy", ""));
    graphs_add(f, "head", "");
    assert_ok(graphs_add_job(f->graph, (struct brood_graph_job){ .cost_ns = 9 },
                             "tail", "head"));
    graphs_close(f, 0);
    graphs_run(f, "head", 1);
    graphs_run(f, "tail", 1);
    graphs_run(f, "heavy", 1);
    graphs_run(f, "short", 1);
}

static void a_chain_of_any_length_unwinds(void **state)
{
    struct graphs *f = *state;
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
    graphs_close(f, 0);
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

#define TEST(f) \
    cmocka_unit_test_setup_teardown(f, graphs_setup, graphs_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cycle_is_told_with_its_path),
        TEST(a_missing_name_is_told),
        TEST(the_longest_path_comes_first_once_closed),
        TEST(a_chain_of_any_length_unwinds),
    };

    return cmocka_run_group_tests_name("core.graph_close", tests, NULL, NULL);
}
