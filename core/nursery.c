#include "nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "child.h"
#include "entry.h"
#include "pool.h"
#include "proto/encode.h"
#include "proto/steer.h"

/* The environment of this process, and after it what the job adds. */
static const char **make_env(const struct brood_job *job)
{
    size_t n = 0;
    size_t ours = 0;
    const char **env;

    while (environ[ours] != NULL) {
        ours++;
    }
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++) {
        n++;
    }
    env = brood_calloc(ours + n + 1, sizeof(*env));
    if (env == NULL) {
        return NULL;
    }
    n = 0;
    for (size_t i = 0; i < ours; i++) {
        /* What is no variable is not passed on. */
        if (environ[i][0] != '=' && strchr(environ[i], '=') != NULL) {
            env[n++] = environ[i];
        }
    }
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++) {
        env[n++] = job->env[i];
    }
    return env;
}

static int new_entry(struct brood *pool,
                     const struct brood_child *child,
                     struct entry **ret)
{
    struct brood_job job = child->options.job;
    const char **env = NULL;
    int r;

    job.tag = (void *)(uintptr_t)child;
    job.attempts = 1;
    job.hold = BROOD_HOLD_NEVER;
    job.notify_start = 1;
    job.slot_mark = NULL;
    if (!job.clean_env) {
        env = make_env(&job);
        if (env == NULL) {
            return -ENOMEM;
        }
        job.env = env;
        job.clean_env = 1;
    }
    r = entry_new(&job, pool->nursery->context,
                  MESSAGE_JOB_NOW | MESSAGE_JOB_EVENTS, ret);
    free((void *)env);
    return r;
}

int nursery_submit(struct brood *pool, struct brood_child *child)
{
    struct entry *entry = NULL;
    int r = 0;

    if (pool->nursery == NULL) {
        r = brood_batch_new(pool, &nursery_options, &pool->nursery);
    }
    if (r == 0) {
        r = new_entry(pool, child, &entry);
    }
    if (r == 0) {
        r = batch_queue(pool->nursery, entry, &child->id);
    }
    if (r == 0) {
        /* It is on its way now; what fails is tried again by the pool. */
        (void)schedule(pool);
    }
    return r;
}

/* Who runs it; NULL: nobody any more. */
static struct peer *peer_of(const struct brood_child *child)
{
    struct entry *entry = table_find(&child->pool->table, child->id);

    return entry == NULL ? NULL : entry->peer;
}

bool nursery_is_sent(const struct brood_child *child)
{
    return peer_of(child) != NULL;
}

/* Send what was encoded, all of it in @b, if @r is 0. */
static int send_to(const struct brood_child *child, struct buf *b, int r)
{
    struct peer *peer = peer_of(child);

    if (r == 0 && peer != NULL) {
        message_end(b);
        r = peer_send(peer, b);
    }
    buf_clear(b);
    return r;
}

int nursery_send_input(struct brood_child *child,
                       const void *data,
                       size_t size,
                       bool last)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_INPUT);

    if (r == 0) {
        r = encode_piece(&b, &(struct message_piece){
                                 .key = child->id,
                                 .last = last,
                                 .data = { .data = data, .size = size },
                             });
    }
    return send_to(child, &b, r);
}

int nursery_send_pause(struct brood_child *child, int stream, bool paused)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_PAUSE);

    if (r == 0) {
        r = encode_pause(&b, &(struct message_pause){
                                 .key = child->id,
                                 .stream = (uint8_t)stream,
                                 .paused = paused,
                             });
    }
    return send_to(child, &b, r);
}

int nursery_send_kill(struct brood_child *child, int sig)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_KILL);

    if (r == 0) {
        r = encode_kill(&b, &(struct message_kill){
                                .key = child->id,
                                .signal = (uint32_t)sig,
                            });
    }
    return send_to(child, &b, r);
}

int nursery_send_leave(struct brood_child *child)
{
    struct buf b = { 0 };
    int r = message_begin(&b, MESSAGE_LEAVE);

    if (r == 0) {
        r = encode_leave(&b, &(struct message_leave){ .key = child->id });
    }
    return send_to(child, &b, r);
}

void nursery_send_early(struct brood_child *child)
{
    for (int stream = 1; stream <= 2; stream++) {
        if (child->streams[stream - 1].paused) {
            /* Without memory for it, what comes waits here. */
            (void)nursery_send_pause(child, stream, true);
        }
    }
    if (child->early.size > 0 || child->input_ended) {
        while (nursery_send_input(child, child->early.data, child->early.size,
                                  child->input_ended) == -ENOMEM) {
            brood_mem_wait();
        }
        buf_clear(&child->early);
    }
    for (size_t i = 0; i < child->early_signals.size; i++) {
        while (nursery_send_kill(child, child->early_signals.data[i]) ==
               -ENOMEM) {
            brood_mem_wait();
        }
    }
}

static bool keep_output(struct brood_output *output)
{
    void *copy;

    if (output->data == NULL) {
        output->fd = fcntl(output->fd, F_DUPFD_CLOEXEC, 3);
        return output->fd >= 0;
    }
    copy = brood_malloc(output->size_bytes + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, output->data, output->size_bytes);
    output->data = copy;
    return true;
}

static void drop_output(struct brood_output *output)
{
    if (output->data != NULL) {
        free((void *)(uintptr_t)output->data);
    } else if (output->fd >= 0) {
        (void)close(output->fd);
    }
}

bool nursery_keep_result(const struct brood_result *result,
                         struct brood_result *ret)
{
    *ret = *result;
    if (!keep_output(&ret->out)) {
        return false;
    }
    if (!keep_output(&ret->err)) {
        drop_output(&ret->out);
        return false;
    }
    return true;
}

void nursery_drop_result(struct brood_result *result)
{
    drop_output(&result->out);
    drop_output(&result->err);
}
