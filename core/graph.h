#ifndef BROOD_CORE_GRAPH_H
#define BROOD_CORE_GRAPH_H

/*
 * graph - the inside of struct brood_graph.
 *
 * Jobs, and names that no job has yet, are nodes in one array; who waits for a
 * node hangs on it as a list of links. Numbers are places in these arrays.
 * What is unlocked or skipped by an end is worked off from lists, never by
 * calling deeper.
 */

#include <stdbool.h>
#include <stdint.h>

#include "brood/graph.h"
#include "names.h"
#include "ready.h"

#define GRAPH_NONE UINT32_MAX

enum node_state {
    /** Free, in graph->free_node. */
    NODE_FREE,
    /** A name that others wait for, and no job yet. */
    NODE_NAMED,
    NODE_WAITING,
    NODE_READY,
    NODE_TAKEN,
    NODE_PAUSED,
    NODE_OK,
    NODE_FAILED,
    /** It has been skipped; told to the caller or in graph->skipped. */
    NODE_SKIPPED,
};

struct node {
    void *tag;
    const char *name; /* NULL: none */
    uint64_t seq;
    int64_t cost_ns;
    /** The longest path from its start to an end, once closed. */
    int64_t level;
    int32_t priority;
    uint32_t class;
    /** Links to it that have not been followed yet. */
    uint32_t n_unmet;
    /** Who waits for it, the last added first. */
    uint32_t links;
    /** In lists: free nodes, skipped ones, ended ones to pass on. */
    uint32_t next;
    /** Why it was skipped. */
    uint32_t because;
    uint8_t why;
    uint8_t state;
    /** Skipped, and the caller knows. */
    bool is_told;
};

/** That a node waits for the one in whose list it stands. */
struct link_to {
    uint32_t node;
    uint32_t next;
    enum brood_after after;
};

struct queue {
    uint32_t head;
    uint32_t tail;
};

struct brood_graph {
    struct names names;
    struct ready ready;
    struct node *nodes;
    uint32_t n_nodes;
    uint32_t room_nodes;
    uint32_t free_node;
    struct link_to *links;
    uint32_t n_links;
    uint32_t room_links;
    uint32_t free_link;
    uint64_t next_seq;
    struct queue skipped;
    struct brood_graph_counts counts;
    bool is_closed;
};

static inline bool node_has_ended(const struct node *node)
{
    return node->state >= NODE_OK;
}

/** Whether one who waits may go on when the other has ended so; if not, why. */
bool graph_is_met(enum brood_after after,
                  enum node_state ended,
                  enum brood_skip *ret_why);
/** A node waits for nothing any more. */
void graph_make_ready(struct brood_graph *graph, uint32_t number);
/** A node can never start; @because is the node that is the reason. */
void graph_skip(struct brood_graph *graph,
                uint32_t number,
                enum brood_skip why,
                uint32_t because);
/** Tell those that wait for an ended node, and those that wait for these if
 * they are skipped, and so on. */
void graph_pass_on(struct brood_graph *graph, uint32_t number);

#endif /* BROOD_CORE_GRAPH_H */
