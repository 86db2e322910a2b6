#ifndef BROOD_WORKERS_TREE_H
#define BROOD_WORKERS_TREE_H

/*
 * tree - the processes that a job has made, for when it is stopped.
 *
 * A job's process group can be signalled with one kill(2). This finds the
 * others: descendants that went into a group or session of their own. The
 * kernel keeps no record of them: when a parent dies, its children are given
 * to another process, and the link is lost. So a list is made at the first
 * step of the stop ladder and kept; later steps scan again and add to it.
 *
 *     tree_scan(&tree);
 *     tree_collect(&tree, child, &list);
 *     tree_signal(&list, SIGTERM);
 *     ...                          the next step
 *     tree_scan(&tree);
 *     tree_collect(&tree, child, &list);
 *     tree_signal(&list, SIGKILL);
 *     tree_alive(&list) == 0       all are gone
 *     tree_list_clear(&list);
 *
 * A pid says nothing by itself, since it may be given out again. A process is
 * named by its pid and the time it was started, and is checked for both before
 * each signal. One scan serves any number of jobs. It costs some microseconds
 * for each process of the machine: for the stop path only.
 *
 * Threads: one at a time for each struct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "workers/tree_process.h"

/** A process and where it is in the tree. Indices count from 1; 0: none. */
struct tree_node {
    struct tree_process process;
    size_t child;   /* the first */
    size_t sibling; /* the next */
    bool listed;    /* while a list is made */
};

/** All processes at one moment. Zeroed memory is an empty one. */
struct tree {
    struct tree_node *nodes; /* in order of pid */
    size_t count;
    size_t room;
    struct buf names; /* for getdents */
};

/** Some of them. Zeroed memory is an empty list. */
struct tree_list {
    struct tree_process *processes;
    size_t count;
    size_t room;
};

/**
 * Look at all processes.
 *
 * Returns:   0; -ENOMEM; or an error of opening /proc. On error the tree holds
 *            no processes.
 */
int tree_scan(struct tree *tree);

/** Free what a scan needed; the tree is empty and usable again. */
void tree_clear(struct tree *tree);

/**
 * Add to a list the living processes that belong to a job.
 *
 * Those are: the members of the group @root, the descendants of @root and of
 * everything in the list (by parent), and the members of groups and sessions
 * that one of these has made. Neither @root itself nor the calling process is
 * ever added. What is in the list already is not added twice.
 *
 * @root  the job's child, which must not have been reaped yet (a zombie will
 *        do): after that its pid and group may be given to others. 0: only
 *        look for descendants of what is in the list.
 *
 * Returns:   the number of processes added, or -ENOMEM; on error the list may
 *            have got some of them.
 */
int tree_collect(struct tree *tree, pid_t root, struct tree_list *list);

/**
 * Send a signal to each process of a list that is still the one it was.
 *
 * Returns:   how many got it.
 */
size_t tree_signal(const struct tree_list *list, int signal);

/**
 * Take the processes out of the list that have ended. A zombie has ended.
 *
 * Returns:   how many are left.
 */
size_t tree_alive(struct tree_list *list);

/** Empty a list and free it; it is usable again. */
void tree_list_clear(struct tree_list *list);

#endif /* BROOD_WORKERS_TREE_H */
