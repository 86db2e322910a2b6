#ifndef BROOD_WORKERS_CHILD_H
#define BROOD_WORKERS_CHILD_H

/*
 * child - a job's process, from its start to its result, in one slot.
 *
 *     FREE -> start -> RUNNING -> (ended and output at its end) -> ENDED
 *          -> result in the outbox -> FREE
 *
 * A child has ended when it has been reaped and each captured stream has
 * reached its end, in either order, or the drain time has passed.
 *
 * Most children are over within a moment and write little. So the streams are
 * watched only after FRESH_NS; a child that ends before has its pipes emptied
 * then, at the price of one system call instead of four, and one wake-up of the
 * worker instead of three. After one that wrote a lot, they are watched at once.
 *
 * Descriptors in epoll are named by kind, slot and generation of the slot's
 * use: another thread's child may hold a copy of a closed descriptor for the
 * time of its start, and events for it may still come.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/list.h"
#include "workers/feed.h"
#include "workers/stream.h"
#include "workers/timers.h"
#include "workers/tree.h"

struct job;
struct worker;

enum child_state {
    CHILD_FREE,
    CHILD_RUNNING,
    CHILD_ENDED,
};

/** Why a child is being stopped. */
enum stop_reason {
    STOP_NONE,
    STOP_TIME,
    STOP_CANCEL,
};

struct child {
    struct list link;
    struct list fresh; /* in the worker's list of that name, or in none */
    enum child_state state;
    uint32_t index;
    uint32_t generation;
    unsigned slot;
    struct job *job;

    pid_t pid; /* 0: none was started */
    int pidfd;
    /** epoll does not tell of its end: it is looked at by the clock. */
    bool unwatched;
    struct stream out;
    struct stream err;
    struct feed feed;

    /** The last start that can have copied our ends of its pipes. */
    uint64_t last_start;

    int64_t start_real_ns;
    int64_t start_ns;
    int64_t end_ns;
    bool reaped;
    bool lost;
    bool leaked;
    int status;
    struct rusage usage;
    /** Why no process was started. */
    int spawn_step;
    int spawn_error;

    /** When the time limit ends it; 0: there is none, or it stands still. */
    int64_t limit_due_ns;
    /** What is left of a limit that stands still; 0: none does. */
    int64_t limit_left_ns;

    /* The stop ladder (workers/stop.c). */
    enum stop_reason stop;
    unsigned stop_step;
    int stop_signal;
    int64_t stop_due_ns;
    bool leader_ended;
    struct tree_list tree;

    /** The time limit, the next step of the ladder, or the drain's end. */
    struct timer timer;
};

void child_init(struct child *c, struct worker *w, uint32_t index);
void child_clear(struct child *c);

/**
 * Start a job in a free slot.
 *
 * Returns:   0: the job has been taken; it runs, or has ended because it could
 *            not be started. Or a negative error: no process, descriptor or
 *            memory can be had now; the job is still the caller's.
 */
int child_start(struct worker *w, struct child *c, struct job *job);

/** The pidfd is readable. */
void child_on_exit(struct worker *w, struct child *c);
/** A stream is readable, or has @hung_up: nobody writes to it any more. */
void child_on_output(struct worker *w,
                     struct child *c,
                     struct stream *s,
                     bool hung_up);
/** The timer fired. */
void child_on_time(struct worker *w, struct child *c, int64_t now_ns);
/** Its time limit stands still, or goes on; what stops it does so anyway. */
void child_freeze(struct worker *w, struct child *c, int64_t now_ns);
void child_thaw(struct worker *w, struct child *c, int64_t now_ns);

/** Core wants to know all that happens to it. */
bool child_has_events(const struct child *c);
/** Reap it; it has ended. */
void child_reap(struct worker *w, struct child *c);
/** Put the result of an ended child into the outbox; its slot is free then.
 * Returns: 0 or -ENOMEM, and it is to be tried again. */
int child_report(struct worker *w, struct child *c);
/** Send a signal to its group, or to it @alone; it has not been reaped. */
void child_signal(const struct child *c, int sig, bool alone);
/** Let it go: it lives on, and its result says that it is lost.
 * Returns: 0 or -ENOMEM. */
int child_leave(struct worker *w, struct child *c);

/** Begin to stop a child (workers/stop.c). */
void stop_begin(struct worker *w, struct child *c, enum stop_reason reason);
/** Its leader has ended: the rest of the group is waited for. */
void stop_on_exit(struct worker *w, struct child *c);
/** The timer fired while it is being stopped and not reaped. */
void stop_on_time(struct worker *w, struct child *c, int64_t now_ns);

#endif /* BROOD_WORKERS_CHILD_H */
