#include "graph.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    PATIENCE_DEFAULT = 32,
    ROOM_FIRST = 64,
};

int brood_graph_new(const struct brood_graph_options *options,
                    struct brood_graph **ret_graph)
{
    struct brood_graph *g;
    unsigned patience = PATIENCE_DEFAULT;

    if (options != NULL && options->size != 0 &&
        options->size < sizeof(*options)) {
        return -EINVAL;
    }
    if (options != NULL && options->patience != 0) {
        patience = options->patience;
    }
    g = brood_malloc(sizeof(*g));
    if (g == NULL) {
        return -ENOMEM;
    }
    *g = (struct brood_graph){
        .free_node = GRAPH_NONE,
        .free_link = GRAPH_NONE,
        .skipped = { .head = GRAPH_NONE, .tail = GRAPH_NONE },
    };
    ready_init(&g->ready, patience);
    *ret_graph = g;
    return 0;
}

struct brood_graph *brood_graph_free(struct brood_graph *graph)
{
    if (graph != NULL) {
        ready_clear(&graph->ready);
        names_clear(&graph->names);
        free(graph->nodes);
        free(graph->links);
        free(graph);
    }
    return NULL;
}

int brood_graph_resource(struct brood_graph *graph,
                         const char *name,
                         uint64_t amount)
{
    if (name == NULL || *name == '\0') {
        return -EINVAL;
    }
    return ready_resource(&graph->ready, name, amount);
}

/* Make room for @more nodes, and that many links. */
static int reserve(struct brood_graph *g, uint32_t more)
{
    if (g->n_nodes > GRAPH_NONE / 2 - more ||
        g->n_links > GRAPH_NONE / 2 - more) {
        return -EOVERFLOW;
    }
    if (g->n_nodes + more > g->room_nodes) {
        uint32_t room = 2 * (g->n_nodes + more) + ROOM_FIRST;
        struct node *nodes = brood_realloc(g->nodes, room * sizeof(*nodes));

        if (nodes == NULL) {
            return -ENOMEM;
        }
        g->nodes = nodes;
        g->room_nodes = room;
    }
    if (g->n_links + more > g->room_links) {
        uint32_t room = 2 * (g->n_links + more) + ROOM_FIRST;
        struct link_to *links = brood_realloc(g->links, room * sizeof(*links));

        if (links == NULL) {
            return -ENOMEM;
        }
        g->links = links;
        g->room_links = room;
    }
    return 0;
}

static uint32_t take_node(struct brood_graph *g)
{
    uint32_t number = g->free_node;

    if (number != GRAPH_NONE) {
        g->free_node = g->nodes[number].next;
    } else {
        number = g->n_nodes++;
    }
    g->nodes[number] = (struct node){ .links = GRAPH_NONE, .next = GRAPH_NONE };
    return number;
}

/* The node of a name, which may be no job yet. Returns: 0, -ENOMEM. */
static int node_named(struct brood_graph *g,
                      const char *name,
                      uint32_t *ret_number)
{
    const char *text;
    uint32_t number;
    int r;

    if (names_find(&g->names, name, ret_number)) {
        return 0;
    }
    number = take_node(g);
    r = names_add(&g->names, name, number, &text);
    if (r < 0) {
        g->nodes[number].next = g->free_node;
        g->free_node = number;
        return r;
    }
    g->nodes[number].name = text;
    g->nodes[number].state = NODE_NAMED;
    *ret_number = number;
    return 0;
}

static int check_job(const struct brood_graph *g,
                     const struct brood_graph_job *job)
{
    uint32_t number;

    if ((job->size != 0 && job->size < sizeof(*job)) || job->cost_ns < 0 ||
        job->n_edges > GRAPH_NONE / 4 ||
        (job->n_edges > 0 && job->edges == NULL) ||
        (job->n_needs > 0 && job->needs == NULL)) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < job->n_edges; i++) {
        if (job->edges[i].name == NULL || *job->edges[i].name == '\0' ||
            job->edges[i].after > BROOD_AFTER_FAILED) {
            return -EINVAL;
        }
    }
    return job->name != NULL && names_find(&g->names, job->name, &number) &&
                   g->nodes[number].state != NODE_NAMED
               ? -EEXIST
               : 0;
}

/* Make nodes of all names that the job mentions, so that no later step needs
 * memory; a name that is left over when one fails does no harm. */
static int name_all(struct brood_graph *g,
                    const struct brood_graph_job *job,
                    uint32_t *ret_number)
{
    uint32_t number;
    int r = 0;

    for (unsigned i = 0; i < job->n_edges && r == 0; i++) {
        r = node_named(g, job->edges[i].name, &number);
    }
    if (r < 0) {
        return r;
    }
    if (job->name == NULL || *job->name == '\0') {
        *ret_number = take_node(g);
        return 0;
    }
    return node_named(g, job->name, ret_number);
}

/* Returns: whether the job can still start. */
static bool link_up(struct brood_graph *g,
                    uint32_t number,
                    const struct brood_edge *edge,
                    enum brood_skip *ret_why,
                    uint32_t *ret_before)
{
    struct node *first;
    uint32_t link = g->free_link;

    (void)names_find(&g->names, edge->name, ret_before);
    first = &g->nodes[*ret_before];
    if (node_has_ended(first)) {
        return graph_is_met(edge->after, first->state, ret_why);
    }
    if (g->is_closed && (first->state == NODE_NAMED || *ret_before == number)) {
        *ret_why =
            *ret_before == number ? BROOD_SKIP_CYCLE : BROOD_SKIP_MISSING;
        return false;
    }
    if (link != GRAPH_NONE) {
        g->free_link = g->links[link].next;
    } else {
        link = g->n_links++;
    }
    g->links[link] = (struct link_to){ .node = number,
                                       .next = first->links,
                                       .after = edge->after };
    first->links = link;
    g->nodes[number].n_unmet++;
    return true;
}

static void link_all(struct brood_graph *g,
                     uint32_t number,
                     const struct brood_graph_job *job)
{
    enum brood_skip why = BROOD_SKIP_FAILED;
    uint32_t because = GRAPH_NONE;

    for (unsigned i = 0; i < job->n_edges; i++) {
        enum brood_skip w;
        uint32_t before = 0;

        if (!link_up(g, number, &job->edges[i], &w, &before) &&
            because == GRAPH_NONE) {
            because = before;
            why = w;
        }
    }
    if (because != GRAPH_NONE) {
        graph_skip(g, number, why, because);
        graph_pass_on(g, number);
    } else if (g->nodes[number].n_unmet == 0) {
        graph_make_ready(g, number);
    }
}

int brood_graph_add(struct brood_graph *graph,
                    const struct brood_graph_job *job,
                    uint32_t *ret_number)
{
    uint32_t number = 0;
    uint32_t class = 0;
    struct node *node;
    int r = check_job(graph, job);

    if (r == 0) {
        r = reserve(graph, job->n_edges + 1);
    }
    if (r == 0) {
        r = ready_join(&graph->ready, job->needs, job->n_needs, &class);
    }
    if (r < 0) {
        return r;
    }
    r = name_all(graph, job, &number);
    if (r < 0) {
        ready_leave(&graph->ready, class);
        return r;
    }
    node = &graph->nodes[number];
    node->tag = job->tag;
    node->seq = graph->next_seq++;
    node->cost_ns = job->cost_ns == 0 ? 1 : job->cost_ns;
    node->level = graph->is_closed ? node->cost_ns : 0;
    node->priority = job->priority;
    node->class = class;
    node->state = NODE_WAITING;
    graph->counts.waiting++;
    if (ret_number != NULL) {
        *ret_number = number;
    }
    link_all(graph, number, job);
    return 0;
}
