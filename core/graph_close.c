/*
 * graph_close - what can be said when all jobs are known: which can never
 * start, and how long the paths behind them are.
 *
 * One walk in the manner of Tarjan, with a stack of its own, finds the groups
 * of jobs that wait for each other; it leaves a job when all behind it have
 * been left, which is when the longest path from it is known.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "graph.h"

/* A job that is being walked, and the next of its links. */
struct step {
    uint32_t node;
    uint32_t link;
};

struct walk {
    struct brood_graph *graph;
    void (*on_problem)(const struct brood_graph_problem *problem, void *user);
    void *user;
    int n_problems;
    /** When a node was reached, from 1; 0: not yet. */
    uint32_t *reached;
    uint32_t *lowest;
    uint32_t n_reached;
    /** Reached, and not known to be in no cycle. */
    uint32_t *stack;
    uint32_t n_stack;
    struct step *steps;
    uint32_t n_steps;
    /** Nodes in cycles. */
    uint32_t *bad;
    uint32_t n_bad;
    /** Of the cycle that is told. */
    struct brood_graph_item *items;
    const char **names;
};

static int walk_open(struct walk *w, struct brood_graph *g)
{
    size_t n = g->n_nodes + (size_t)1;

    w->graph = g;
    w->reached = brood_calloc(n, sizeof(*w->reached));
    w->lowest = brood_calloc(n, sizeof(*w->lowest));
    w->stack = brood_malloc(n * sizeof(*w->stack));
    w->steps = brood_malloc(n * sizeof(*w->steps));
    w->bad = brood_malloc(n * sizeof(*w->bad));
    w->items = brood_malloc(n * sizeof(*w->items));
    w->names = brood_malloc(n * sizeof(*w->names));
    return w->reached == NULL || w->lowest == NULL || w->stack == NULL ||
                   w->steps == NULL || w->bad == NULL || w->items == NULL ||
                   w->names == NULL
               ? -ENOMEM
               : 0;
}

static void walk_clear(struct walk *w)
{
    free(w->reached);
    free(w->lowest);
    free(w->stack);
    free(w->steps);
    free(w->bad);
    free(w->items);
    free(w->names);
}

static bool is_alive(const struct node *node)
{
    return node->state == NODE_WAITING || node->state == NODE_READY ||
           node->state == NODE_TAKEN || node->state == NODE_PAUSED;
}

static void tell(struct walk *w, enum brood_skip kind, uint32_t n)
{
    w->n_problems++;
    if (w->on_problem != NULL) {
        w->on_problem(&(struct brood_graph_problem){ .kind = kind,
                                                     .items = w->items,
                                                     .n_items = n,
                                                     .names = w->names },
                      w->user);
    }
}

static void put_item(struct walk *w, uint32_t at, uint32_t number)
{
    w->items[at] =
        (struct brood_graph_item){ .number = number,
                                   .tag = w->graph->nodes[number].tag };
    w->names[at] = w->graph->nodes[number].name;
}

/* A link from a node to one of those that the stack holds from @low on. */
static uint32_t next_in_group(const struct walk *w,
                              uint32_t number,
                              uint32_t low)
{
    const struct brood_graph *g = w->graph;
    uint32_t at = g->nodes[number].links;

    while (w->lowest[g->links[at].node] != low) {
        at = g->links[at].next;
    }
    return g->links[at].node;
}

/*
 * A group of nodes that wait for each other: tell one cycle in it. Each has a
 * link into the group, so that a walk along these comes to a node again.
 */
static void tell_cycle(struct walk *w, const uint32_t *group, uint32_t n)
{
    uint32_t low = w->reached[group[0]];
    uint32_t number = group[0];
    uint32_t n_cycle = 0;

    for (uint32_t i = 0; i < n; i++) {
        w->lowest[group[i]] = low; /* who is of the group */
    }
    for (uint32_t i = 0; i < n; i++) {
        number = next_in_group(w, number, low); /* now surely in a cycle */
    }
    for (uint32_t at = number; n_cycle == 0 || at != number;
         at = next_in_group(w, at, low)) {
        put_item(w, n_cycle++, at);
    }
    tell(w, BROOD_SKIP_CYCLE, n_cycle);
}

static bool waits_for_itself(const struct brood_graph *g, uint32_t number)
{
    for (uint32_t at = g->nodes[number].links; at != GRAPH_NONE;
         at = g->links[at].next) {
        if (g->links[at].node == number) {
            return true;
        }
    }
    return false;
}

/* All behind a node have been walked, and none leads before it. */
static void end_group(struct walk *w, uint32_t number)
{
    uint32_t first = w->n_stack;
    uint32_t n;

    do {
        first--;
    } while (w->stack[first] != number);
    n = w->n_stack - first;
    if (n > 1 || waits_for_itself(w->graph, number)) {
        tell_cycle(w, &w->stack[first], n);
        for (uint32_t i = first; i < w->n_stack; i++) {
            w->bad[w->n_bad++] = w->stack[i];
        }
    }
    for (uint32_t i = first; i < w->n_stack; i++) {
        w->lowest[w->stack[i]] = GRAPH_NONE; /* left */
    }
    w->n_stack = first;
}

static void enter(struct walk *w, uint32_t number)
{
    struct node *node = &w->graph->nodes[number];

    w->reached[number] = ++w->n_reached;
    w->lowest[number] = w->n_reached;
    w->stack[w->n_stack++] = number;
    w->steps[w->n_steps++] =
        (struct step){ .node = number, .link = node->links };
    node->level = node->cost_ns;
}

static int64_t sum(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static void leave(struct walk *w)
{
    uint32_t number = w->steps[--w->n_steps].node;
    uint32_t low = w->lowest[number];

    if (low == w->reached[number]) {
        end_group(w, number);
    }
    if (w->n_steps > 0) {
        uint32_t before = w->steps[w->n_steps - 1].node;
        struct node *node = &w->graph->nodes[before];
        int64_t level = sum(w->graph->nodes[number].level, node->cost_ns);

        if (low < w->lowest[before]) {
            w->lowest[before] = low;
        }
        if (level > node->level) {
            node->level = level;
        }
    }
}

/* A link to a node that has been reached before. */
static void meet(struct walk *w, uint32_t from, uint32_t to)
{
    struct node *node = &w->graph->nodes[from];

    if (w->lowest[to] == GRAPH_NONE) {
        int64_t level = sum(w->graph->nodes[to].level, node->cost_ns);

        node->level = level > node->level ? level : node->level;
    } else if (w->reached[to] < w->lowest[from]) {
        w->lowest[from] = w->reached[to];
    }
}

static void walk_from(struct walk *w, uint32_t number)
{
    const struct brood_graph *g = w->graph;

    enter(w, number);
    while (w->n_steps > 0) {
        struct step *step = &w->steps[w->n_steps - 1];
        uint32_t to;

        if (step->link == GRAPH_NONE) {
            leave(w);
            continue;
        }
        to = g->links[step->link].node;
        step->link = g->links[step->link].next;
        if (!is_alive(&g->nodes[to])) {
            continue;
        }
        if (w->reached[to] == 0) {
            enter(w, to);
        } else {
            meet(w, step->node, to);
        }
    }
}

/* Nobody has the name of @number, for which others wait. */
static void skip_missing(struct walk *w, uint32_t number)
{
    struct brood_graph *g = w->graph;
    uint32_t at = g->nodes[number].links;

    g->nodes[number].links = GRAPH_NONE;
    while (at != GRAPH_NONE) {
        struct link_to link = g->links[at];
        struct node *node = &g->nodes[link.node];

        g->links[at].next = g->free_link;
        g->free_link = at;
        at = link.next;
        node->n_unmet--;
        put_item(w, 0, link.node);
        w->names[0] = g->nodes[number].name;
        tell(w, BROOD_SKIP_MISSING, 1);
        if (node->state == NODE_WAITING) {
            graph_skip(g, link.node, BROOD_SKIP_MISSING, number);
            graph_pass_on(g, link.node);
        }
    }
}

static int64_t level_of(void *user, uint32_t number)
{
    const struct brood_graph *g = user;

    return g->nodes[number].level;
}

int brood_graph_close(
    struct brood_graph *graph,
    void (*on_problem)(const struct brood_graph_problem *problem, void *user),
    void *user)
{
    struct walk w = { .on_problem = on_problem, .user = user };
    int r = 0;

    if (graph->is_closed) {
        return 0;
    }
    r = walk_open(&w, graph);
    if (r < 0) {
        goto out;
    }
    graph->is_closed = true;
    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        if (is_alive(&graph->nodes[i]) && w.reached[i] == 0) {
            walk_from(&w, i);
        }
    }
    for (uint32_t i = 0; i < w.n_bad; i++) {
        graph_skip(graph, w.bad[i], BROOD_SKIP_CYCLE, w.bad[i]);
    }
    for (uint32_t i = 0; i < w.n_bad; i++) {
        graph_pass_on(graph, w.bad[i]);
    }
    for (uint32_t i = 0; i < graph->n_nodes; i++) {
        if (graph->nodes[i].state == NODE_NAMED) {
            skip_missing(&w, i);
        }
    }
    ready_reorder(&graph->ready, level_of, graph);
    r = w.n_problems;
out:
    walk_clear(&w);
    return r;
}
