#ifndef BROOD_CORE_WARM_H
#define BROOD_CORE_WARM_H

/*
 * warm - a crew of children (hands) and its tasks.
 *
 * A child works its tasks off in the order of its list: the first is the one
 * that it is working on.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "brood/warm.h"
#include "task.h"

/** One child of the crew. */
struct hand {
    struct brood_warm *warm;
    unsigned number; /* from 1 */
    /** NULL: it is not running. */
    struct brood_child *child;
    /** It has been initialised. */
    bool is_ready;
    /** It gets no more tasks, and ends. */
    bool is_retiring;
    /** Killed for a time limit. */
    bool is_late;
    struct list tasks;
    unsigned n_tasks;
    uint64_t n_done;
    /** The tick since when it has been working on the first, or has none. */
    int64_t head_ns;
    /** When it was measured last how long tasks take, and those since. */
    int64_t measured_ns;
    unsigned n_unmeasured;
    /** When its memory was looked at. */
    int64_t rss_ns;
};

struct brood_warm {
    struct list link; /* in the pool's list */
    struct brood *pool;
    struct brood_warm_options options;
    struct hand *hands;
    unsigned n_hands;
    struct list queue;
    struct list cancelled;
    /** In their order: all tasks without a delivered result, if that counts. */
    struct list order;
    unsigned n_queued;
    uint64_t n_submitted;
    uint64_t n_ended;
    /** How long tasks take, as a moving average; 0: not known yet. */
    int64_t task_ns;
    /** After a long task: so many tasks are handed out one by one. */
    unsigned n_careful;
    /** Children in a row that ended without having done anything. */
    unsigned n_failures;
    /** How often in a row none could be started for want of room. */
    unsigned n_refused;
    /** Why no child can work; 0: they can. */
    int broken;
    bool is_closing;
    bool is_feeding;
    /** There is something to see to. */
    bool is_due;
};

/** Start children and hand out tasks, as far as there are some. */
void warm_feed(struct brood_warm *warm);
/** Give a task that is in no hand its result: now, or when all before it have
 * theirs. */
void warm_end_task(struct brood_warm *warm,
                   struct task *task,
                   const struct brood_task_result *result);
/** Nobody can work: end all tasks. */
void warm_break(struct brood_warm *warm, int status);

/** Start the child of a hand. Returns: 0 or a negative error. */
int hand_start(struct hand *hand);
/** Hand it tasks. */
void hand_feed(struct hand *hand);
/** End its child: after what it has (retire), or at once (kill). */
void hand_retire(struct hand *hand);
void hand_kill(struct hand *hand);
/** Forget its child, which is stopped. */
void hand_close(struct hand *hand);
/** See to its time limits. Returns: when to look again; 0: no need. */
int64_t hand_check(struct hand *hand, int64_t now_ns);

/** See to what is due in all crews. */
void warms_wake(struct brood *pool);

#endif /* BROOD_CORE_WARM_H */
