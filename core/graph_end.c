/*
 * graph_end - what the end of a job means for others.
 */
#include <errno.h>

#include "graph.h"

static void queue_add(struct brood_graph *g, struct queue *q, uint32_t number)
{
    g->nodes[number].next = GRAPH_NONE;
    if (q->head == GRAPH_NONE) {
        q->head = number;
    } else {
        g->nodes[q->tail].next = number;
    }
    q->tail = number;
}

static uint32_t queue_take(const struct brood_graph *g, struct queue *q)
{
    uint32_t number = q->head;

    if (number != GRAPH_NONE) {
        q->head = g->nodes[number].next;
    }
    return number;
}

void graph_make_ready(struct brood_graph *graph, uint32_t number)
{
    struct node *node = &graph->nodes[number];

    node->state = NODE_READY;
    graph->counts.waiting--;
    graph->counts.ready++;
    ready_put(&graph->ready, node->class,
              &(struct ready_item){ .level = node->level,
                                    .seq = node->seq,
                                    .priority = node->priority,
                                    .node = number });
}

/* Nobody can ask for it by name, and it is in no list. */
static void forget(struct brood_graph *g, uint32_t number)
{
    struct node *node = &g->nodes[number];

    if (node->name == NULL) {
        *node = (struct node){ .state = NODE_FREE, .next = g->free_node };
        g->free_node = number;
    }
}

bool graph_is_met(enum brood_after after,
                  enum node_state ended,
                  enum brood_skip *ret_why)
{
    if (after == BROOD_AFTER_ANY ||
        (after == BROOD_AFTER_OK && ended == NODE_OK) ||
        (after == BROOD_AFTER_FAILED && ended == NODE_FAILED)) {
        return true;
    }
    *ret_why = ended == NODE_OK       ? BROOD_SKIP_OK
               : ended == NODE_FAILED ? BROOD_SKIP_FAILED
                                      : BROOD_SKIP_SKIPPED;
    return false;
}

void graph_skip(struct brood_graph *graph,
                uint32_t number,
                enum brood_skip why,
                uint32_t because)
{
    struct node *node = &graph->nodes[number];

    node->state = NODE_SKIPPED;
    node->why = (uint8_t)why;
    node->because = because;
    graph->counts.waiting--;
    graph->counts.skipped++;
    ready_leave(&graph->ready, node->class);
    queue_add(graph, &graph->skipped, number);
}

/* One link less: the node that waits at its end may go on, or never will. */
static void take_link(struct brood_graph *g,
                      const struct link_to *link,
                      uint32_t ended)
{
    struct node *node = &g->nodes[link->node];
    enum brood_skip why;

    node->n_unmet--;
    if (node->state == NODE_WAITING) {
        if (!graph_is_met(link->after, g->nodes[ended].state, &why)) {
            graph_skip(g, link->node, why, ended);
        } else if (node->n_unmet == 0) {
            graph_make_ready(g, link->node);
        }
    } else if (node->n_unmet == 0 && node->is_told) {
        forget(g, link->node);
    }
}

static void take_links(struct brood_graph *g, uint32_t number)
{
    uint32_t at = g->nodes[number].links;

    g->nodes[number].links = GRAPH_NONE;
    while (at != GRAPH_NONE) {
        struct link_to link = g->links[at];

        g->links[at].next = g->free_link;
        g->free_link = at;
        at = link.next;
        take_link(g, &link, number);
    }
}

/*
 * Skipped nodes are passed on in the order of their list, in which new ones
 * come at the end; so the list is what is left to do, and nothing is kept
 * beside it.
 */
void graph_pass_on(struct brood_graph *graph, uint32_t number)
{
    uint32_t last =
        graph->skipped.head == GRAPH_NONE ? GRAPH_NONE : graph->skipped.tail;
    uint32_t at;

    take_links(graph, number);
    at = last == GRAPH_NONE ? graph->skipped.head : graph->nodes[last].next;
    for (; at != GRAPH_NONE; at = graph->nodes[at].next) {
        take_links(graph, at);
    }
}

int brood_graph_end(struct brood_graph *graph, uint32_t number, int ok)
{
    struct node *node;

    if (number >= graph->n_nodes || graph->nodes[number].state != NODE_TAKEN) {
        return -ESRCH;
    }
    node = &graph->nodes[number];
    ready_give_back(&graph->ready, node->class);
    ready_leave(&graph->ready, node->class);
    node->state = ok ? NODE_OK : NODE_FAILED;
    graph->counts.taken--;
    graph->counts.ended_ok += ok != 0;
    graph->counts.ended_failed += ok == 0;
    graph_pass_on(graph, number);
    forget(graph, number);
    return 0;
}

int brood_graph_pause(struct brood_graph *graph, uint32_t number)
{
    struct node *node;

    if (number >= graph->n_nodes || graph->nodes[number].state != NODE_TAKEN) {
        return -ESRCH;
    }
    node = &graph->nodes[number];
    node->state = NODE_PAUSED;
    graph->counts.taken--;
    graph->counts.waiting++;
    ready_give_back(&graph->ready, node->class);
    return 0;
}

int brood_graph_resume(struct brood_graph *graph, uint32_t number)
{
    if (number >= graph->n_nodes || graph->nodes[number].state != NODE_PAUSED) {
        return -ESRCH;
    }
    graph_make_ready(graph, number);
    return 0;
}

int brood_graph_next(struct brood_graph *graph, struct brood_graph_item *ret)
{
    uint32_t number;

    if (ready_take(&graph->ready, &number) == 0) {
        return 0;
    }
    graph->nodes[number].state = NODE_TAKEN;
    graph->counts.ready--;
    graph->counts.taken++;
    *ret = (struct brood_graph_item){ .number = number,
                                      .tag = graph->nodes[number].tag };
    return 1;
}

int brood_graph_skipped(struct brood_graph *graph,
                        struct brood_graph_skipped *ret)
{
    uint32_t number = queue_take(graph, &graph->skipped);
    const struct node *node;

    if (number == GRAPH_NONE) {
        return 0;
    }
    node = &graph->nodes[number];
    *ret = (struct brood_graph_skipped){
        .item = { .number = number, .tag = node->tag },
        .why = (enum brood_skip)node->why,
        .because = graph->nodes[node->because].name,
    };
    graph->nodes[number].is_told = true;
    if (node->n_unmet == 0) {
        forget(graph, number);
    }
    return 1;
}

struct brood_graph_counts brood_graph_count(const struct brood_graph *graph)
{
    return graph->counts;
}
