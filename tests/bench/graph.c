/*
 * graph - how fast are jobs that depend on each other handed out?
 *
 * usage: graph JOBS SHAPE
 *
 *   chain   each after the one before
 *   layers  1,000 side by side, each after three of the layer before
 *   flat    none after another
 *
 * Writes jobs per second: added, closed, taken and ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <brood/graph.h>

enum {
    NAME_SIZE = 32,
    EDGES = 3,
    LAYER = 1000,
    FAILED = 2,
};

static void check(int r)
{
    if (r < 0) {
        (void)fprintf(stderr, "graph: error %d\n", r);
        exit(FAILED);
    }
}

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add(struct brood_graph *graph, long i, char shape)
{
    char names[EDGES + 1][NAME_SIZE];
    struct brood_edge edges[EDGES];
    const struct brood_need need = { "cpus", 1 };
    struct brood_graph_job job = {
        .name = names[EDGES], .edges = edges, .needs = &need, .n_needs = 1
    };

    if (shape == 'c' && i > 0) {
        job.n_edges = 1;
    } else if (shape == 'l' && i >= LAYER) {
        job.n_edges = EDGES;
    }
    for (unsigned e = 0; e < job.n_edges; e++) {
        long before = shape == 'c'
                          ? i - 1
                          : (i / LAYER - 1) * LAYER + (i + 7 * (long)e) % LAYER;

        (void)snprintf(names[e], NAME_SIZE, "job-%ld", before);
        edges[e] = (struct brood_edge){ names[e], BROOD_AFTER_OK };
    }
    (void)snprintf(names[EDGES], NAME_SIZE, "job-%ld", i);
    check(brood_graph_add(graph, &job, NULL));
}

int main(int argc, char **argv)
{
    struct brood_graph *graph = NULL;
    struct brood_graph_item running[8];
    unsigned n = 0;
    long jobs;
    double start = now();

    if (argc != 3) {
        (void)fputs("usage: graph JOBS SHAPE\n", stderr);
        return FAILED;
    }
    jobs = strtol(argv[1], NULL, 10);
    check(brood_graph_new(NULL, &graph));
    check(brood_graph_resource(graph, "cpus", 8));
    for (long i = 0; i < jobs; i++) {
        add(graph, i, argv[2][0]);
    }
    check(brood_graph_close(graph, NULL, NULL));
    for (long ended = 0; ended < jobs; ended++) {
        while (n < 8 && brood_graph_next(graph, &running[n]) == 1) {
            n++;
        }
        check(brood_graph_end(graph, running[0].number, 1));
        memmove(running, running + 1, --n * sizeof(running[0]));
    }
    graph = brood_graph_free(graph);
    (void)printf("%.0f\n", (double)jobs / (now() - start));
    return 0;
}
