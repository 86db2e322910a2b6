#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "entry.h"
#include "fork.h"
#include "nursery.h"
#include "pool.h"
#include "proto/steer.h"

enum {
    WRITE_HIGH_DEFAULT = 1 << 20,
};

void child_deliver_later(struct brood_child *child)
{
    if (list_is_empty(&child->due)) {
        list_append(&child->pool->due_children, &child->due);
    }
    /* In a round of the pool it is seen to before the round ends. */
    if (!child->pool->in_callback) {
        pool_wake_at(child->pool, 0);
    }
}

static bool is_told(const struct brood_child *child)
{
    return !child->freed;
}

static void child_destroy(struct brood_child *child)
{
    if (child->is_gone != NULL) {
        *child->is_gone = true;
    }
    list_remove(&child->link);
    list_remove(&child->due);
    child->fork = fork_free(child->fork);
    buf_clear(&child->early);
    buf_clear(&child->early_signals);
    for (int i = 0; i < 2; i++) {
        buf_clear(&child->streams[i].held);
    }
    if (child->has_result) {
        nursery_drop_result(&child->result);
    }
    free(child);
}

static void tell_data(struct brood_child *child,
                      int stream,
                      const void *data,
                      size_t size)
{
    if (is_told(child) && child->options.on_data != NULL) {
        child->pool->n_called++;
        child->options.on_data(child, stream, data, size, child->options.user);
    }
}

static void tell_end(struct brood_child *child, int stream)
{
    struct child_stream *s = child_stream_of(child, stream);

    s->told = true;
    if (is_told(child) && child->options.on_end != NULL) {
        child->pool->n_called++;
        child->options.on_end(child, stream, child->options.user);
    }
}

static void on_start(struct brood_batch *batch,
                     const struct brood_result *start,
                     void *user)
{
    struct brood_child *child = start->tag;

    (void)batch;
    (void)user;
    child->pid = start->pid;
    child->started = true;
    if (child->freed) {
        while (child->options.job.new_session &&
               nursery_send_leave(child) == -ENOMEM) {
            brood_mem_wait();
        }
        return;
    }
    nursery_send_early(child);
    if (child->options.on_spawn != NULL) {
        child->pool->n_called++;
        child->options.on_spawn(child, child->options.user);
    }
    if (child->fork != NULL) {
        /* What has come over its channel has waited for this. */
        child_deliver_later(child);
    }
}

static void on_output(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size,
                      void *user)
{
    struct brood_child *child = job->tag;
    struct child_stream *s = child_stream_of(child, stream);

    (void)batch;
    (void)user;
    if (size == 0) {
        s->over = true;
    }
    if (child->freed) {
        return;
    }
    if (s->paused || s->held.size > 0) {
        /* No memory to wait in: then it does not wait. */
        if (size == 0 || buf_add(&s->held, data, size) == 0) {
            return;
        }
    }
    if (size > 0) {
        tell_data(child, stream, data, size);
    } else {
        tell_end(child, stream);
    }
}

static void tell_exit(struct brood_child *child, int exit_status, int sig)
{
    child->exited = true;
    child->input_error = child->input_error < 0 ? child->input_error : -EPIPE;
    if (is_told(child) && child->options.on_exit != NULL) {
        child->pool->n_called++;
        child->options.on_exit(child, exit_status, sig, child->options.user);
    }
}

void child_on_ended(struct brood_child *child, const struct message_ended *m)
{
    if (!child->exited) {
        tell_exit(child, m->exit_status, m->signal);
    }
    if (child->freed) {
        /* Others may hold its output for long. */
        (void)nursery_send_leave(child);
    }
}

bool child_is_streamed(const struct brood_child *child, int stream)
{
    const struct brood_job *job = &child->options.job;

    return (stream == 1 ? job->out : job->err) == BROOD_OUTPUT_STREAM;
}

/* Deliver what a stream that is not paused holds. */
static bool deliver_stream(struct brood_child *child, int stream)
{
    struct child_stream *s = child_stream_of(child, stream);

    if (!child_is_streamed(child, stream) || !child->started) {
        return true;
    }
    if (s->held.size > 0 && !s->paused) {
        struct buf held = s->held;

        s->held = (struct buf){ 0 };
        tell_data(child, stream, held.data, held.size);
        buf_clear(&held);
    }
    if (s->over && !s->told && !s->paused && s->held.size == 0) {
        tell_end(child, stream);
    }
    return child->freed || (!s->paused && s->held.size == 0);
}

/* Messages go before the end. Returns: nothing more will come. */
static bool deliver_fork(struct brood_child *child, bool ended)
{
    if (child->freed) {
        child->fork = fork_free(child->fork);
    }
    if (child->fork != NULL) {
        fork_pump(child, ended);
    }
    return child->freed || fork_is_over(child);
}

static void tell_close(struct brood_child *child,
                       const struct brood_result *result)
{
    bool failed = result->pid == 0;

    if (!failed && !child->exited) {
        tell_exit(child, result->exit_status, result->signal);
    }
    if (result->outcome == BROOD_SPAWN_FAILED && is_told(child) &&
        child->options.on_error != NULL) {
        child->pool->n_called++;
        child->options.on_error(child, result, child->options.user);
    }
    child->exited = true;
    child->closed = true;
    if (is_told(child) && child->options.on_close != NULL) {
        child->pool->n_called++;
        child->options.on_close(child, result, child->options.user);
    }
}

static void on_tail(struct brood_batch *batch,
                    const struct brood_result *job,
                    int stream,
                    const void *data,
                    size_t size_bytes,
                    void *user)
{
    struct brood_child *child = job->tag;

    (void)batch;
    (void)user;
    if (is_told(child) && child->options.on_tail != NULL) {
        child->pool->n_called++;
        child->options.on_tail(child, stream, data, size_bytes,
                               child->options.user);
    }
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct brood_child *child = result->tag;
    bool all = true;

    (void)batch;
    (void)user;
    for (int stream = 1; stream <= 2; stream++) {
        child_stream_of(child, stream)->over = true;
        all = deliver_stream(child, stream) && all;
    }
    all = deliver_fork(child, true) && all;
    if (!all && nursery_keep_result(result, &child->result)) {
        child->has_result = true;
        return;
    }
    tell_close(child, result);
    if (child->freed) {
        child_destroy(child);
    }
}

const struct brood_batch_options nursery_options = {
    .on_start = on_start,
    .on_output = on_output,
    .on_tail = on_tail,
    .on_result = on_result,
    .queue_max = UINT32_MAX,
    .queue_max_bytes = SIZE_MAX,
};

static void deliver_held(struct brood_child *child)
{
    bool all = true;

    for (int stream = 1; stream <= 2; stream++) {
        all = deliver_stream(child, stream) && all;
    }
    all = deliver_fork(child, false) && all;
    if (child->has_result && all) {
        struct brood_result result = child->result;

        child->has_result = false;
        tell_close(child, &result);
        nursery_drop_result(&result);
    }
    if (child->freed && child->closed) {
        child_destroy(child);
    }
}

void children_deliver(struct brood *pool)
{
    unsigned n = 0;
    struct list *l;

    /* Each once: what callbacks add to it is for the next round. */
    for (l = pool->due_children.next; l != &pool->due_children; l = l->next) {
        n++;
    }
    while (n-- > 0 && (l = list_first(&pool->due_children)) != NULL) {
        list_remove(l);
        deliver_held(LIST_ENTRY(l, struct brood_child, due));
    }
}

int brood_spawn(struct brood *pool,
                const struct brood_child_options *options,
                struct brood_child **ret_child)
{
    struct brood_child *child;
    int r;

    if (options->size != 0 && options->size < sizeof(*options)) {
        return -EINVAL;
    }
    child = brood_calloc(1, sizeof(*child));
    if (child == NULL) {
        return -ENOMEM;
    }
    child->pool = pool;
    child->options = *options;
    list_init(&child->link);
    list_init(&child->due);
    if (child->options.write_high_bytes == 0) {
        child->options.write_high_bytes = WRITE_HIGH_DEFAULT;
    }
    r = nursery_submit(pool, child);
    if (r < 0) {
        free(child);
        return r;
    }
    list_append(&pool->children, &child->link);
    *ret_child = child;
    return 0;
}

struct brood_child *brood_child_free(struct brood_child *child)
{
    if (child == NULL) {
        return NULL;
    }
    if (child->is_exec) {
        (void)brood_child_stop(child);
        return NULL;
    }
    fork_end_calls(child);
    child->freed = true;
    if (child->closed || child->has_result) {
        /* It may be in use: one of its callbacks may be running. */
        child->closed = true;
        child_deliver_later(child);
        return NULL;
    }
    if (child->exited || child->options.job.new_session) {
        while (child->started && nursery_send_leave(child) == -ENOMEM) {
            brood_mem_wait();
        }
    } else {
        while (brood_child_stop(child) == -ENOMEM) {
            brood_mem_wait();
        }
    }
    child_deliver_later(child);
    for (int stream = 1; stream <= 2; stream++) {
        /* What it still says is not waited for. */
        while (brood_child_resume(child, stream) == -ENOMEM) {
            brood_mem_wait();
        }
    }
    return NULL;
}

void children_wake(struct brood *pool)
{
    for (struct list *l = pool->children.next; l != &pool->children;
         l = l->next) {
        struct brood_child *child = LIST_ENTRY(l, struct brood_child, link);

        if (fork_is_waiting(child)) {
            child_deliver_later(child);
        }
    }
}

/* One that is to live on is with a worker, which will start it soon. */
static bool one_is_to_leave(const struct brood *pool)
{
    for (struct list *l = pool->children.next; l != &pool->children;
         l = l->next) {
        const struct brood_child *child =
            LIST_ENTRY(l, struct brood_child, link);

        if (child->options.job.new_session && !child->started &&
            nursery_is_sent(child)) {
            return true;
        }
    }
    return false;
}

void children_close(struct brood *pool)
{
    struct list *l = pool->children.next;

    while (l != &pool->children) {
        struct brood_child *child = LIST_ENTRY(l, struct brood_child, link);

        l = l->next;
        if (!child->freed) {
            (void)brood_child_free(child);
        }
    }
    while (one_is_to_leave(pool)) {
        (void)pool_round(pool, -1);
    }
}

int brood_child_pid(const struct brood_child *child)
{
    return child->pid;
}

static int wait_ms(int64_t end_ns, int timeout_ms)
{
    int64_t left_ns = end_ns - clock_mono_ns();

    if (timeout_ms < 0) {
        return -1;
    }
    return left_ns <= 0 ? 0 : (int)(left_ns / CLOCK_NS_PER_MS + 1);
}

int brood_child_wait(struct brood_child *child, int timeout_ms)
{
    int64_t end_ns = clock_mono_ns() + timeout_ms * CLOCK_NS_PER_MS;
    struct brood *pool = child->pool;
    bool is_gone = false;
    int r = 0;

    child->is_gone = &is_gone;
    while (r >= 0 && !is_gone && !child->closed) {
        r = pool_round(pool, wait_ms(end_ns, timeout_ms));
        r = r == -EINTR ? 0 : r;
        if (r >= 0 && !is_gone && !child->closed && timeout_ms >= 0 &&
            clock_mono_ns() >= end_ns) {
            r = -ETIMEDOUT;
        }
    }
    if (!is_gone) {
        child->is_gone = NULL;
    }
    return r < 0 ? r : 0;
}
