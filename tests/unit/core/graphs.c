#include "graphs.h"

#include <stdio.h>
#include <string.h>

int graphs_setup(void **state)
{
    static struct graphs f;

    f = (struct graphs){ 0 };
    assert_ok(brood_graph_new(NULL, &f.graph));
    assert_ok(brood_graph_resource(f.graph, "cpus", 4));
    *state = &f;
    return 0;
}

int graphs_teardown(void **state)
{
    struct graphs *f = *state;

    f->graph = brood_graph_free(f->graph);
    return 0;
}

int graphs_add_job(struct brood_graph *graph,
                   struct brood_graph_job job,
                   const char *name,
                   const char *after)
{
    struct brood_edge edges[8];
    char text[GRAPHS_TEXT_SIZE];
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

void graphs_add(struct graphs *f, const char *name, const char *after)
{
    assert_ok(
        graphs_add_job(f->graph, (struct brood_graph_job){ 0 }, name, after));
}

void graphs_add_cpus(struct graphs *f, const char *name, uint64_t cpus)
{
    const struct brood_need need = { "cpus", cpus };

    assert_ok(graphs_add_job(
        f->graph, (struct brood_graph_job){ .needs = &need, .n_needs = 1 },
        name, ""));
}

uint32_t graphs_take(struct graphs *f, const char *name)
{
    struct brood_graph_item item;

    assert_int_equal(brood_graph_next(f->graph, &item), 1);
    assert_string_equal(item.tag, name);
    return item.number;
}

void graphs_take_none(struct graphs *f)
{
    struct brood_graph_item item;

    assert_int_equal(brood_graph_next(f->graph, &item), 0);
}

void graphs_run(struct graphs *f, const char *name, int ok)
{
    assert_ok(brood_graph_end(f->graph, graphs_take(f, name), ok));
}

void graphs_skipped(struct graphs *f,
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

void graphs_none_skipped(struct graphs *f)
{
    struct brood_graph_skipped skipped;

    assert_int_equal(brood_graph_skipped(f->graph, &skipped), 0);
}

static void note_problem(const struct brood_graph_problem *p, void *user)
{
    struct graphs *f = user;
    size_t n = strlen(f->problems);

    n += (size_t)snprintf(f->problems + n, GRAPHS_TEXT_SIZE - n, "%s",
                          p->kind == BROOD_SKIP_CYCLE ? "cycle" : "missing");
    for (size_t i = 0; i < p->n_items; i++) {
        n += (size_t)snprintf(f->problems + n, GRAPHS_TEXT_SIZE - n, " %s/%s",
                              (const char *)p->items[i].tag, p->names[i]);
    }
    (void)snprintf(f->problems + n, GRAPHS_TEXT_SIZE - n, ";");
}

void graphs_close(struct graphs *f, int n_problems)
{
    assert_int_equal(brood_graph_close(f->graph, note_problem, f), n_problems);
}
