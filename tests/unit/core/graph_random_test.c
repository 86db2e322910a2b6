/* Graphs made by chance, beside a model that knows what may start. */
#include <brood/graph.h>
#include <stdbool.h>
#include <stdio.h>

#include "support/check.h"

enum {
    RANDOM_JOBS = 400,
    RANDOM_ROUNDS = 60,
    RANDOM_EDGES = 4,
    RESOURCES = 3,
};

struct model {
    bool has_ended[RANDOM_JOBS];
    bool is_ok[RANDOM_JOBS];
    bool is_skipped[RANDOM_JOBS];
    unsigned before[RANDOM_JOBS][RANDOM_EDGES];
    enum brood_after after[RANDOM_JOBS][RANDOM_EDGES];
    unsigned n_edges[RANDOM_JOBS];
    uint64_t needs[RANDOM_JOBS][RESOURCES];
    uint64_t used[RESOURCES];
    uint32_t running[RANDOM_JOBS];
    unsigned n_running;
    unsigned n_ended;
};

static const uint64_t totals[RESOURCES] = { 4, 100, 1 };
static const char *const resource_names[RESOURCES] = { "cpus", "mem", "lock" };

static unsigned random_below(unsigned n)
{
    return (unsigned)rand() % n; /* NOLINT(cert-msc30-c,cert-msc50-cpp) */
}

static void add_random(struct brood_graph *graph, struct model *m, unsigned i)
{
    struct brood_edge edges[RANDOM_EDGES];
    struct brood_need needs[RESOURCES];
    char names[RANDOM_EDGES + 1][16];
    struct brood_graph_job job = { .name = names[RANDOM_EDGES],
                                   .edges = edges,
                                   .needs = needs,
                                   .n_needs = RESOURCES,
                                   .priority = (int)random_below(3),
                                   .cost_ns = random_below(100),
                                   .tag = &m->has_ended[i] };

    m->n_edges[i] = i == 0 ? 0 : random_below(RANDOM_EDGES);
    for (unsigned e = 0; e < m->n_edges[i]; e++) {
        m->before[i][e] = random_below(i);
        m->after[i][e] = random_below(8) == 0   ? BROOD_AFTER_FAILED
                         : random_below(3) == 0 ? BROOD_AFTER_ANY
                                                : BROOD_AFTER_OK;
        (void)snprintf(names[e], sizeof(names[e]), "%u", m->before[i][e]);
        edges[e] = (struct brood_edge){ names[e], m->after[i][e] };
    }
    job.n_edges = m->n_edges[i];
    (void)snprintf(names[RANDOM_EDGES], sizeof(names[0]), "%u", i);
    for (unsigned k = 0; k < RESOURCES; k++) {
        m->needs[i][k] =
            (uint64_t)random_below(2) * random_below((unsigned)totals[k] + 1);
        needs[k] = (struct brood_need){ resource_names[k], m->needs[i][k] };
    }
    assert_ok(brood_graph_add(graph, &job, NULL));
}

static unsigned index_of(const struct model *m, const void *tag)
{
    return (unsigned)((const bool *)tag - m->has_ended);
}

static bool may_start(const struct model *m, unsigned i)
{
    for (unsigned e = 0; e < m->n_edges[i]; e++) {
        unsigned b = m->before[i][e];

        if (!m->has_ended[b] ||
            (m->after[i][e] == BROOD_AFTER_OK && !m->is_ok[b]) ||
            (m->after[i][e] == BROOD_AFTER_FAILED &&
             (m->is_ok[b] || m->is_skipped[b]))) {
            return false;
        }
    }
    return true;
}

static void start_random(struct brood_graph *graph, struct model *m)
{
    struct brood_graph_item item;

    while (brood_graph_next(graph, &item) == 1) {
        unsigned i = index_of(m, item.tag);

        assert_false(m->has_ended[i]);
        assert_true(may_start(m, i));
        for (unsigned k = 0; k < RESOURCES; k++) {
            m->used[k] += m->needs[i][k];
            assert_in_range(m->used[k], 0, totals[k]);
        }
        /* Numbers of named jobs are theirs for good. */
        m->running[m->n_running++] = item.number;
    }
}

static void end_random(struct brood_graph *graph,
                       struct model *m,
                       const unsigned *jobs)
{
    unsigned at = random_below(m->n_running);
    uint32_t number = m->running[at];
    unsigned i = jobs[number];
    struct brood_graph_skipped skipped;

    m->running[at] = m->running[--m->n_running];
    m->has_ended[i] = true;
    m->is_ok[i] = random_below(4) > 0;
    m->n_ended++;
    for (unsigned k = 0; k < RESOURCES; k++) {
        m->used[k] -= m->needs[i][k];
    }
    assert_ok(brood_graph_end(graph, number, m->is_ok[i]));
    while (brood_graph_skipped(graph, &skipped) == 1) {
        unsigned s = index_of(m, skipped.item.tag);

        assert_false(m->has_ended[s]);
        assert_false(may_start(m, s));
        m->has_ended[s] = true;
        m->is_skipped[s] = true;
        m->n_ended++;
    }
}

static void run_random(struct brood_graph *graph, bool is_closed)
{
    static struct model m;
    static unsigned jobs[2 * RANDOM_JOBS];

    m = (struct model){ 0 };
    for (unsigned k = 0; k < RESOURCES; k++) {
        assert_ok(brood_graph_resource(graph, resource_names[k], totals[k]));
    }
    for (unsigned i = 0; i < RANDOM_JOBS; i++) {
        add_random(graph, &m, i);
        jobs[i] = i; /* they have numbers in the order of adding */
    }
    if (is_closed) {
        assert_int_equal(brood_graph_close(graph, NULL, NULL), 0);
    }
    while (m.n_ended < RANDOM_JOBS) {
        start_random(graph, &m);
        assert_true(m.n_running > 0);
        end_random(graph, &m, jobs);
    }
    assert_int_equal(brood_graph_count(graph).waiting, 0);
    assert_int_equal(brood_graph_count(graph).ready, 0);
}

static void each_job_of_random_graphs_ends_once(void **state)
{
    (void)state;
    srand(1); /* NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time */
    for (unsigned round = 0; round < RANDOM_ROUNDS; round++) {
        struct brood_graph *graph;

        assert_ok(brood_graph_new(NULL, &graph));
        run_random(graph, round % 2 == 0);
        assert_null(brood_graph_free(graph));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_of_random_graphs_ends_once),
    };

    return cmocka_run_group_tests_name("core.graph_random", tests, NULL, NULL);
}
