#include "workers/child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "workers/job.h"
#include "workers/launch.h"
#include "workers/spawn.h"
#include "workers/state.h"
#include "workers/sys.h"

enum {
    /* Bytes that come re-arm the drain time, up to so many times in all. */
    DRAIN_TIMES_MAX = 20,
    /* A child that wrote so much would have waited for its pipe to be read:
     * the next so many are watched from their start. */
    CHATTY_BYTES = 32 * 1024,
    CHATTY_NEXT = 8,
};

/* How long to wait before looking again at what could not be watched. */
#define POLL_NS (10 * CLOCK_NS_PER_MS)
/* How long a child that is being started may take, before its holding an output
 * is taken for a leak of the job that wrote it. */
#define START_MAX_NS (2000 * CLOCK_NS_PER_MS)

void child_init(struct child *c, struct worker *w, uint32_t index)
{
    *c = (struct child){
        .index = index,
        .slot = w->options.first_slot + index,
        .pidfd = -1,
        .feed.fd = -1,
        .out.fd = -1,
        .err.fd = -1,
        .timer.kind = WORKER_TIMER_CHILD,
    };
    list_init(&c->fresh);
    capture_init(&c->out.capture, &w->capture_limits);
    capture_init(&c->err.capture, &w->capture_limits);
    list_append(&w->free, &c->link);
}

void child_clear(struct child *c)
{
    capture_free(&c->out.capture);
    capture_free(&c->err.capture);
    buf_clear(&c->feed.buf);
    tree_list_clear(&c->tree);
}

static void child_begin(struct worker *w, struct child *c, struct job *job)
{
    list_remove(&c->link);
    list_append(&w->running, &c->link);
    list_remove(&job->link);
    c->state = CHILD_RUNNING;
    c->job = job;
    w->n_running++;
}

static void child_end(struct worker *w, struct child *c)
{
    if (c->out.capture.size + c->err.capture.size >= CHATTY_BYTES) {
        w->chatty = CHATTY_NEXT;
    } else if (w->chatty > 0) {
        w->chatty--;
    }
    timers_remove(&w->timers, &c->timer);
    list_remove(&c->fresh);
    feed_end(&c->feed);
    c->state = CHILD_ENDED;
    list_remove(&c->link);
    list_append(&w->ended, &c->link);
    w->n_running--;
    w->busy = false;
}

/* Once started, the job is told of and its clock runs. */
static void child_note_start(struct worker *w, struct child *c)
{
    const struct message_job *m = &c->job->m;

    if ((m->flags & MESSAGE_JOB_NOTIFY) != 0) {
        (void)outbox_started(&w->outbox, &(struct message_started){
                                             .key = m->key,
                                             .pid = (uint32_t)c->pid,
                                             .slot = c->slot,
                                             .start_ns = c->start_real_ns,
                                         });
    }
    if (m->timeout_ms > 0 && m->timeout_ms < INT64_MAX / CLOCK_NS_PER_MS / 2) {
        c->limit_due_ns = c->start_ns + m->timeout_ms * CLOCK_NS_PER_MS;
        timers_add(&w->timers, &c->timer, c->limit_due_ns);
    }
}

bool child_has_events(const struct child *c)
{
    return (c->job->m.flags & MESSAGE_JOB_EVENTS) != 0;
}

int child_start(struct worker *w, struct child *c, struct job *job)
{
    enum spawn_step step = SPAWN_OK;
    int r = 0;

    if ((job->m.flags & MESSAGE_JOB_NOTIFY) != 0) {
        r = outbox_reserve_started(&w->outbox);
    }
    if (r < 0) {
        return r;
    }
    c->generation++;
    c->start_real_ns = clock_real_ns();
    c->start_ns = clock_mono_ns();
    r = launch(w, c, job, &step);
    if (r < 0 && launch_may_succeed_later(step, r)) {
        return r;
    }
    child_begin(w, c, job);
    w->ready_since_ns = c->start_ns;
    if (r < 0) {
        c->spawn_step = (int)step;
        c->spawn_error = r;
        c->end_ns = clock_mono_ns();
        child_end(w, c);
        return 0;
    }
    child_note_start(w, c);
    if ((c->out.fd >= 0 || c->err.fd >= 0) &&
        ((w->chatty == 0 && !child_has_events(c)) || streams_watch(w, c) < 0)) {
        list_append(&w->fresh, &c->fresh);
    }
    if (c->unwatched) {
        timers_add(&w->timers, &c->timer, c->start_ns);
    }
    return 0;
}

static void finish_if_done(struct worker *w, struct child *c)
{
    if (c->reaped && c->out.fd < 0 && c->err.fd < 0) {
        child_end(w, c);
    }
}

static void tell_end(struct worker *w, const struct child *c)
{
    struct message_ended m = { .key = c->job->m.key, .exit_status = -1 };

    if (c->lost) {
        m.signal = 0;
    } else if (WIFEXITED(c->status)) {
        m.exit_status = WEXITSTATUS(c->status);
    } else {
        m.signal = WTERMSIG(c->status);
        m.flags = WCOREDUMP(c->status) ? MESSAGE_RESULT_CORE : 0;
    }
    /* What cannot be told for lack of memory is told by the result. */
    (void)outbox_ended(&w->outbox, &m);
}

void child_reap(struct worker *w, struct child *c)
{
    int64_t now_ns = clock_mono_ns();
    int r = -EAGAIN;

    if (!c->unwatched || sys_has_ended(c->pid)) {
        r = sys_reap(c->pid, &c->status, &c->usage);
    }
    if (r == -EAGAIN) {
        /* Its end has not been seen through yet; or it is not watched. */
        timers_add(&w->timers, &c->timer, now_ns + POLL_NS);
        return;
    }
    c->lost = r < 0;
    c->reaped = true;
    c->end_ns = now_ns;
    sys_close(&c->pidfd);
    feed_end(&c->feed);
    tree_list_clear(&c->tree);
    if (child_has_events(c)) {
        tell_end(w, c);
    }
    if (!list_is_empty(&c->fresh)) {
        streams_empty(w, c);
    }
    timers_add(&w->timers, &c->timer,
               now_ns + c->job->m.drain_ms * CLOCK_NS_PER_MS);
    finish_if_done(w, c);
}

void child_on_exit(struct worker *w, struct child *c)
{
    if (c->stop == STOP_NONE) {
        child_reap(w, c);
        return;
    }
    /* Readable until reaped: say no more of it. */
    (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, c->pidfd, NULL);
    stop_on_exit(w, c);
}

static void drain_on_bytes(struct worker *w, struct child *c)
{
    int64_t drain_ns = c->job->m.drain_ms * CLOCK_NS_PER_MS;
    int64_t due_ns = clock_mono_ns() + drain_ns;
    int64_t last_ns = c->end_ns + drain_ns * DRAIN_TIMES_MAX;

    timers_add(&w->timers, &c->timer, due_ns < last_ns ? due_ns : last_ns);
}

void child_on_output(struct worker *w,
                     struct child *c,
                     struct stream *s,
                     bool hung_up)
{
    if (stream_must_wait(w, s)) {
        stream_pause(w, s);
        return;
    }
    if (stream_read(w, c, s, hung_up) == 0) {
        finish_if_done(w, c);
    } else if (c->reaped) {
        drain_on_bytes(w, c);
    }
}

void child_signal(const struct child *c, int sig, bool alone)
{
    bool has_group = (c->job->m.flags & MESSAGE_JOB_SAME_GROUP) == 0;

    (void)kill(alone || !has_group ? c->pid : -c->pid, sig);
}

int child_leave(struct worker *w, struct child *c)
{
    if (!c->reaped) {
        int r = orphan_add(w, c->pid, c->pidfd);

        if (r < 0) {
            return r;
        }
        c->pidfd = -1;
        c->reaped = true;
        c->lost = true;
        c->end_ns = clock_mono_ns();
    }
    stream_forget(w, &c->out);
    stream_forget(w, &c->err);
    child_end(w, c);
    return 0;
}

static void drain_is_over(struct worker *w, struct child *c, int64_t now_ns)
{
    if (c->out.paused || c->err.paused) {
        /* It is we who do not read. */
        timers_add(&w->timers, &c->timer,
                   now_ns + c->job->m.drain_ms * CLOCK_NS_PER_MS);
        return;
    }
    if (spawn_is_in_flight(c->last_start) &&
        now_ns - c->end_ns - c->job->m.drain_ms * CLOCK_NS_PER_MS <
            START_MAX_NS) {
        /* A child that another thread made while this one was started has
         * our ends of its pipes until it executes its program. */
        timers_add(&w->timers, &c->timer, now_ns + POLL_NS);
        return;
    }
    c->leaked = true;
    stream_close(w, c, &c->out);
    stream_close(w, c, &c->err);
    finish_if_done(w, c);
}

/* Its limit has passed; or epoll had no room for its pidfd, or its end could
 * not be reaped: the clock is the next best sign. */
static void look(struct worker *w, struct child *c, int64_t now_ns)
{
    if (c->limit_due_ns > 0 && now_ns >= c->limit_due_ns) {
        stop_begin(w, c, STOP_TIME);
    } else {
        child_reap(w, c);
    }
}

/* Its timer is for the limit, not for the ladder, the drain or a look. */
static bool is_timed(const struct child *c)
{
    return c->stop == STOP_NONE && !c->reaped && !c->unwatched;
}

void child_freeze(struct worker *w, struct child *c, int64_t now_ns)
{
    if (c->limit_due_ns == 0) {
        return;
    }
    c->limit_left_ns = c->limit_due_ns > now_ns ? c->limit_due_ns - now_ns : 1;
    c->limit_due_ns = 0;
    if (is_timed(c)) {
        timers_remove(&w->timers, &c->timer);
    }
}

void child_thaw(struct worker *w, struct child *c, int64_t now_ns)
{
    if (c->limit_left_ns == 0) {
        return;
    }
    c->limit_due_ns = now_ns + c->limit_left_ns;
    c->limit_left_ns = 0;
    if (is_timed(c)) {
        timers_add(&w->timers, &c->timer, c->limit_due_ns);
    }
}

void child_on_time(struct worker *w, struct child *c, int64_t now_ns)
{
    if (c->reaped) {
        drain_is_over(w, c, now_ns);
    } else if (c->stop != STOP_NONE) {
        stop_on_time(w, c, now_ns);
    } else {
        look(w, c, now_ns);
    }
}
