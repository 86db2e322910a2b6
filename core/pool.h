#ifndef BROOD_CORE_POOL_H
#define BROOD_CORE_POOL_H

/*
 * The rooms of core, all in the owner's thread:
 *
 *     submit (entry) -> batch queue -> schedule -> peer ==> worker
 *     worker ==> collect -> (again: queue) or result -> order -> callback
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "brood/batch.h"
#include "brood/pool.h"
#include "lines.h"
#include "order.h"
#include "peer.h"
#include "spin.h"
#include "table.h"

struct brood_child;
struct channel_context;
struct message_result;

struct brood {
    struct channel_context *context;
    struct peer *peers;
    unsigned n_peers;
    unsigned slots;
    int epoll;
    /** A timer in @epoll: there is something to do at that time. */
    int wake;
    int64_t wake_due_ns;
    struct table table;
    struct list batches;
    /** The children of brood_spawn(), and the batch that they are jobs of. */
    struct list children;
    struct list due_children;
    /** The crews of warm children. */
    struct list warms;
    struct brood_batch *nursery;
    struct lines lines;
    struct spin spin;
    /** Entries that ended without a child: their results are due. */
    struct list ended;
    char *tmp_dir;
    uint32_t context_last;
    /** How long jobs last, as a moving average; 0: not known yet. */
    int64_t job_ns;
    /** Some worker has been without a job, and the queues empty, since. */
    int64_t idle_since_ns;
    /** A queue or a peer changed: schedule() has something to look at. */
    bool changed;
    /** A job could not be started with nothing running, and no result has
     * come since. */
    bool was_refused;
    bool warms_due;
    bool in_callback;
    /** Callbacks made in this brood_poll(). */
    int n_called;
};

struct brood_batch {
    struct list link;
    struct brood *pool;
    struct brood_batch_options options;
    uint32_t context;
    struct list queue;
    uint32_t n_queued;
    size_t queued_bytes;
    struct brood_batch_counts counts;
    /** With a gap between starts: no start before this time, nor while a job
     * that was handed out has not been heard of. */
    int64_t start_next_ns;
    bool start_pending;
    bool closed;
    bool draining;
    bool cancelled;
    /** Freed or stopped: results of a pull batch go nowhere. */
    bool dropping;
    struct order order;
};

/** Have a child seen to when @fd (of its channel, or of the monitor) is readable
 * (edge-triggered); no more. Returns: 0 or a negative error. */
int pool_watch_child(struct brood *pool,
                     int fd,
                     struct brood_child *child,
                     bool is_monitor);
void pool_unwatch(struct brood *pool, int fd);

/** Have brood_fd() become readable at @due_ns (0: now). */
void pool_wake_at(struct brood *pool, int64_t due_ns);

/** Queue an entry, which the batch owns then. Returns: 0 or -ENOMEM, and the
 * entry has been freed. */
int batch_queue(struct brood_batch *batch,
                struct entry *entry,
                uint64_t *ret_id);

/** Hand out queued jobs to workers. Returns: 0 or a negative error. */
int schedule(struct brood *pool);
/** A job that was handed out has been heard of: the gap begins. */
void schedule_started(struct brood_batch *batch);
/** Put a job back at the front of its batch's queue. */
void schedule_again(struct entry *entry);
/** Take a queued job out of its queue. */
void schedule_remove(struct entry *entry);

/** Take in all that the workers have sent. Returns: 0 or a negative error. */
int collect(struct brood *pool);

/** End a job with @result: it goes to its batch, and the entry dies. */
void entry_finish(struct entry *entry, struct brood_result *result);
/** End a job that is not with a worker with a result that core makes. */
void entry_end(struct entry *entry, enum brood_outcome outcome, int error);
/** Deliver the results of entry_end(). */
void deliver_ended(struct brood *pool);
/** Deliver what is next in the order of a batch. */
void deliver_ordered(struct brood_batch *batch);
/** Close the files of a result. */
void result_close(struct brood_result *result);
/** Fill in what identifies @entry's job. */
void result_identify(struct brood_result *result, const struct entry *entry);

/** One round: collect, schedule; and wait if there was nothing to do. */
int pool_round(struct brood *pool, int timeout_ms);

#endif /* BROOD_CORE_POOL_H */
