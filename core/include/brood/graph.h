#ifndef BROOD_GRAPH_H
#define BROOD_GRAPH_H

/*
 * graph - which job may start next, of jobs that depend on each other and
 * share what there is too little of.
 *
 * It runs nothing: it takes jobs in any order, hands out one that may start
 * now, and is told how that ended.
 *
 *     add -> WAITING (for others) -> READY -> taken by next -> ended
 *                \-> skipped: it can never start
 *
 * Of the jobs that are ready, the one with the highest priority comes first;
 * among these, once the graph is closed, the one with the longest path of
 * costs behind it; then in the order in which they were added. What a job
 * needs is taken when it is handed out and given back when it ends. While a
 * job does not fit, others that do may pass it, up to a number of times
 * (patience); then what it needs is kept for it, so that a wide job starts.
 *
 * Names may be used before the job that they belong to has been added. A job
 * without a name is forgotten when it has ended; one with a name leaves its
 * name and how it ended. Nothing here is recursive: a chain of a million jobs
 * is as good as a million jobs side by side.
 *
 * A graph belongs to no pool. Threads: one at a time for each graph.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A graph. Opaque. */
struct brood_graph;

/** What a job waits for in another. */
enum brood_after {
    /** That it ends well; else this one is skipped. */
    BROOD_AFTER_OK,
    /** That it ends, however: skipped counts too. */
    BROOD_AFTER_ANY,
    /** That it fails; if it ends well or is skipped, this one is skipped. */
    BROOD_AFTER_FAILED,
};

/** One dependency. */
struct brood_edge {
    /** The name of the job that comes first. */
    const char *name;
    enum brood_after after;
};

/** An amount of a resource. */
struct brood_need {
    const char *resource;
    uint64_t amount;
};

/** A job, as the graph sees it. Zero is the default everywhere. */
struct brood_graph_job {
    /** sizeof(struct brood_graph_job), or 0 for that of version 0.1. */
    size_t size;
    /** NULL or "": none; no other job can then depend on it. */
    const char *name;
    const struct brood_edge *edges;
    unsigned n_edges;
    /** Each resource once; an amount of 0 needs nothing. */
    const struct brood_need *needs;
    unsigned n_needs;
    /** Higher ones start first. */
    int priority;
    /** How long it is expected to run, in nanoseconds; 0: as 1. */
    int64_t cost_ns;
    /** Yours. */
    void *tag;
};

/** A job that was handed out, or skipped. */
struct brood_graph_item {
    /** For brood_graph_end(); used again after that. */
    uint32_t number;
    /** As given to brood_graph_add(). */
    void *tag;
};

/** Why a job can never start. */
enum brood_skip {
    /** One that it comes after has failed. */
    BROOD_SKIP_FAILED,
    /** One that it comes after was skipped itself. */
    BROOD_SKIP_SKIPPED,
    /** One that was to fail has ended well. */
    BROOD_SKIP_OK,
    /** It comes after a name that no job has. */
    BROOD_SKIP_MISSING,
    /** It comes after itself, over others or not. */
    BROOD_SKIP_CYCLE,
};

/** A job that was skipped. */
struct brood_graph_skipped {
    struct brood_graph_item item;
    enum brood_skip why;
    /** The name of the job that is the reason; valid while the graph is. */
    const char *because;
};

/** What is wrong with a graph when it is closed. */
struct brood_graph_problem {
    /** BROOD_SKIP_MISSING or BROOD_SKIP_CYCLE. */
    enum brood_skip kind;
    /** The jobs: one that names a missing job, or the cycle in the order of
     * its edges, each job before those that wait for it. */
    const struct brood_graph_item *items;
    size_t n_items;
    /** Names: the missing one, or those of the items. Valid until the callback
     * returns. */
    const char *const *names;
};

/** How a graph is made. Zero is the default everywhere. */
struct brood_graph_options {
    /** sizeof(struct brood_graph_options), or 0 for that of version 0.1. */
    size_t size;
    /** How many jobs may start past one that does not fit; 0: 32. */
    unsigned patience;
};

/** How many jobs are where. */
struct brood_graph_counts {
    uint64_t waiting;
    uint64_t ready;
    uint64_t taken;
    uint64_t ended_ok;
    uint64_t ended_failed;
    uint64_t skipped;
};

/**
 * Make a graph.
 *
 * @options    may be NULL.
 * @ret_graph  set on success.
 *
 * Returns:   0, or a negative error; on error *ret_graph is untouched.
 * Errors:    -EINVAL a size that is too small; -ENOMEM.
 * Ownership: the caller ends it with brood_graph_free().
 * Threads:   any thread.
 */
BROOD_API int brood_graph_new(const struct brood_graph_options *options,
                              struct brood_graph **ret_graph);

/**
 * Free a graph. @graph: NULL is allowed.
 *
 * Returns:   NULL.
 * Errors:    none.
 * Ownership: ends the caller's ownership.
 * Threads:   one at a time.
 */
BROOD_API struct brood_graph *brood_graph_free(struct brood_graph *graph);

/**
 * Say how much there is of a resource: before any job needs it, and again when
 * that changes. When there is less than running jobs have, others wait until
 * enough has come back. A job that needs more than there is waits for more.
 *
 * Returns:   0, or a negative error.
 * Errors:    -EINVAL no name; -ERANGE more than INT64_MAX; -ENOMEM.
 * Ownership: the name is copied.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_resource(struct brood_graph *graph,
                                   const char *name,
                                   uint64_t amount);

/**
 * Add a job. To a closed graph too, where it is skipped if it comes after a
 * name that no job has.
 *
 * @ret_number  set on success; may be NULL. It may have been skipped already.
 *
 * Returns:   0, or a negative error, and nothing was added.
 * Errors:    -EEXIST    another job has the name;
 *            -ENOENT    a resource that has not been told;
 *            -ERANGE    it needs more than there is;
 *            -EINVAL    an edge without a name, an unknown kind of edge, a
 *                       resource twice, a negative cost;
 *            -ENOMEM;   -EOVERFLOW more than 4 billion jobs or edges at once.
 * Ownership: all is copied.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_add(struct brood_graph *graph,
                              const struct brood_graph_job *job,
                              uint32_t *ret_number);

/**
 * Say that all names are known, and look for what is wrong.
 *
 * Jobs that wait for a missing job, or for themselves, are skipped. From now
 * on the longest path decides among jobs of one priority.
 *
 * @on_problem  called for each; must not use the graph. May be NULL.
 *
 * Returns:   how many problems, or a negative error.
 * Errors:    -ENOMEM, and the graph is as before.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_close(
    struct brood_graph *graph,
    void (*on_problem)(const struct brood_graph_problem *problem, void *user),
    void *user);

/**
 * Take the job that is to start next.
 *
 * Returns:   1 and *ret; 0 none may start before another has ended (or been
 *            added).
 * Errors:    none.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_next(struct brood_graph *graph,
                               struct brood_graph_item *ret);

/**
 * Take a job that can never start. It has ended: its number is not to be used.
 *
 * Returns:   1 and *ret; 0 there is none (now).
 * Errors:    none.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_skipped(struct brood_graph *graph,
                                  struct brood_graph_skipped *ret);

/**
 * Tell that a job which was taken has ended.
 *
 * @ok  whether as it should have: BROOD_AFTER_OK or BROOD_AFTER_FAILED.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH no job of this number is taken.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_end(struct brood_graph *graph,
                              uint32_t number,
                              int ok);

/**
 * Give back what a job that was taken has, without ending it: it will be tried
 * again, later.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH no job of this number is taken.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_pause(struct brood_graph *graph, uint32_t number);

/**
 * Make a job ready again that was paused.
 *
 * Returns:   0, or a negative error.
 * Errors:    -ESRCH no job of this number is paused.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API int brood_graph_resume(struct brood_graph *graph, uint32_t number);

/**
 * Tell how a graph stands.
 *
 * Returns:   the counts.
 * Errors:    none.
 * Ownership: none.
 * Threads:   one at a time.
 */
BROOD_API struct brood_graph_counts brood_graph_count(
    const struct brood_graph *graph);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_GRAPH_H */
