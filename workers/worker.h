#ifndef BROOD_WORKERS_WORKER_H
#define BROOD_WORKERS_WORKER_H

/*
 * worker - a party at the far end of a channel that runs jobs.
 *
 * One thread, one epoll loop, many children:
 *
 *     frame -> group of jobs -> ready queue -> child in a slot -> outbox
 *
 * It has all signals blocked, so that the host's handlers never run in it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

struct channel_context;
struct worker;

struct worker_options {
    struct channel_context *context;
    /** The channel's name; its binding end exists. */
    const char *name;
    unsigned slots;
    unsigned first_slot;
    size_t output_memory_bytes;
    const char *tmp_dir; /* not copied */
    bool restore_nofile;
    struct rlimit nofile;
};

/**
 * Start a worker: its channel is connected when this returns.
 *
 * Returns:   0 or a negative error.
 * Ownership: the caller ends it with MESSAGE_SHUTDOWN, then worker_join().
 * Threads:   any.
 */
int worker_start(const struct worker_options *options, struct worker **ret);

/**
 * Wait for the worker's end and free it.
 *
 * Returns:   NULL.
 * Threads:   any, one.
 */
struct worker *worker_join(struct worker *worker);

#endif /* BROOD_WORKERS_WORKER_H */
