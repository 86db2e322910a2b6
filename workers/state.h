#ifndef BROOD_WORKERS_STATE_H
#define BROOD_WORKERS_STATE_H

/* state - what the parts of one worker share; all of it in its thread. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "workers/capture.h"
#include "workers/child.h"
#include "workers/command.h"
#include "workers/orphan.h"
#include "workers/outbox.h"
#include "workers/spawn.h"
#include "workers/timers.h"
#include "workers/tree.h"
#include "workers/worker.h"

enum {
    SCRATCH_SIZE = 64 * 1024,
};

struct reader;

struct worker {
    struct worker_options options;
    pthread_t thread;
    struct channel *channel;
    int epoll;
    int devnull;
    /** Environments and directories of batches. */
    struct context **contexts;
    unsigned n_contexts;
    /** Jobs that have not been started. */
    struct list ready;
    /** Since when none of them has been started. */
    int64_t ready_since_ns;
    /** Jobs that start at once, whatever the slots do. */
    struct list urgent;
    struct child *children; /* one a slot */
    struct list free;       /* slots without a child */
    /** Children beyond the slots; those of them that nobody uses. */
    struct child **extras;
    unsigned n_extras;
    struct list spare;
    struct orphans orphans;
    struct list running;
    /** Running children whose streams are not watched yet, oldest first. */
    struct list fresh;
    /** Ended children whose result has not been put into the outbox. */
    struct list ended;
    unsigned n_running;
    /** How many more children are watched from their start. */
    unsigned chatty;
    /** Nothing can be started until a child ends, or this timer fires. */
    struct timer busy_timer;
    bool busy;
    /** Something could not be watched: it is tried again with the timer. */
    bool watch_due;
    bool tree_is_fresh;
    bool channel_is_due;
    bool is_over;

    struct outbox outbox;
    struct spawner spawner;
    struct spawn_attributes attributes;
    struct command command;
    struct capture_limits capture_limits;
    struct timers timers;
    /** All processes, as they were in this round, if tree_is_fresh. */
    struct tree tree;
    /** Streamed bytes that core has not consumed; streams that wait for it. */
    uint64_t streamed_bytes;
    unsigned n_paused;
    /** The jobs were told to stand still. */
    bool frozen;
    /** The frame being carried out, if it has to be tried again. */
    struct frame *order;
    uint8_t scratch[SCRATCH_SIZE];
};

/** Which timer of the worker fired (struct timer.kind). */
enum worker_timer {
    WORKER_TIMER_CHILD,
    WORKER_TIMER_BUSY,
};

/** What an epoll event is about. */
enum watch_kind {
    WATCH_CHANNEL,
    WATCH_EXIT,
    WATCH_OUT,
    WATCH_ERR,
    WATCH_INPUT,
    WATCH_ORPHAN,
};

/** Give back up to @count jobs that have not been started.
 * Returns: how many. */
uint32_t orders_give_back(struct worker *w, uint32_t count);
/** Read and carry out all that core has sent (workers/orders.c). */
void orders_receive(struct worker *w);
/* What core says of one child (workers/steer.c). Each returns 0 or a negative
 * error; after -ENOMEM the frame is carried out again. */
int steer_input(struct worker *w, struct reader *reader);
int steer_pause(struct worker *w, struct reader *reader);
int steer_kill(struct worker *w, struct reader *reader);
int steer_leave(struct worker *w, struct reader *reader);
int steer_peek(struct worker *w, struct reader *reader);
/** Find a context; NULL: there is none. */
const struct context *worker_context(const struct worker *w, uint32_t id);
struct context *context_free(struct context *context);

#endif /* BROOD_WORKERS_STATE_H */
