#ifndef BROOD_TESTS_GRAPHS_H
#define BROOD_TESTS_GRAPHS_H

/* graphs - a graph under test, with jobs whose tags are their names. */

#include <brood/graph.h>

#include "support/check.h"

enum {
    GRAPHS_TEXT_SIZE = 256,
};

struct graphs {
    struct brood_graph *graph;
    char problems[GRAPHS_TEXT_SIZE];
};

/** A graph with 4 cpus. */
int graphs_setup(void **state);
int graphs_teardown(void **state);
/** @after: names with blanks between them, each with ? or ! before it for any
 * end or a failure. */
int graphs_add_job(struct brood_graph *graph,
                   struct brood_graph_job job,
                   const char *name,
                   const char *after);
void graphs_add(struct graphs *f, const char *name, const char *after);
void graphs_add_cpus(struct graphs *f, const char *name, uint64_t cpus);
/** The job that comes next must be this one. */
uint32_t graphs_take(struct graphs *f, const char *name);
void graphs_take_none(struct graphs *f);
/** It comes next, and ends. */
void graphs_run(struct graphs *f, const char *name, int ok);
void graphs_skipped(struct graphs *f,
                    const char *name,
                    enum brood_skip why,
                    const char *because);
void graphs_none_skipped(struct graphs *f);
/** Close it; what is wrong is in f->problems. */
void graphs_close(struct graphs *f, int n_problems);

#endif /* BROOD_TESTS_GRAPHS_H */
