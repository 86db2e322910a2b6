#include "workers/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "workers/job.h"
#include "workers/launch.h"
#include "workers/state.h"
#include "workers/sys.h"

enum {
    /* Bytes that come re-arm the drain time, up to so many times in all. */
    DRAIN_TIMES_MAX = 20,
    /* A child that wrote so much would have waited for its pipe to be read:
     * the next so many are watched from their start. */
    CHATTY_BYTES = 32 * 1024,
    CHATTY_NEXT = 8,
    /* Reads from one stream before others have their turn. */
    READS_MAX = 16,
    /* Streamed bytes on their way to core before children have to wait. */
    STREAM_WINDOW_BYTES = 1 << 20,
};

/* How long to wait before looking again at what could not be watched. */
#define POLL_NS (10 * CLOCK_NS_PER_MS)
/* How long a child has to live for its streams to be watched. */
#define FRESH_NS (5 * CLOCK_NS_PER_MS)

void child_init(struct child *c, struct worker *w, uint32_t index)
{
    *c = (struct child){
        .index = index,
        .slot = w->options.first_slot + index,
        .pidfd = -1,
        .input_fd = -1,
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
    sys_close(&c->input_fd);
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

/* Returns: 0 or a negative error; one that is watched already is none. */
static int watch_stream(struct worker *w, struct child *c, struct stream *s)
{
    int r = s->fd < 0 ? 0 : launch_watch_stream(w, c, s);

    return r == -EEXIST ? 0 : r;
}

static int watch_streams(struct worker *w, struct child *c)
{
    int r = watch_stream(w, c, &c->out);

    return r < 0 ? r : watch_stream(w, c, &c->err);
}

int child_start(struct worker *w, struct child *c, struct job *job)
{
    enum spawn_step step = SPAWN_OK;
    int r;

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
        (w->chatty == 0 || watch_streams(w, c) < 0)) {
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

static ssize_t stream_piece(struct worker *w, struct child *c, struct stream *s)
{
    struct message_output m = {
        .key = c->job->m.key,
        .stream = s == &c->out ? 1 : 2,
        .data.data = w->scratch,
    };
    ssize_t n = read(s->fd, w->scratch, sizeof(w->scratch));

    if (n < 0) {
        return -errno;
    }
    if (n > 0) {
        m.data.size = (size_t)n;
        if (outbox_output(&w->outbox, &m) < 0) {
            s->capture.lost += (uint64_t)n;
            s->capture.error = -ENOMEM;
        } else {
            w->streamed_bytes += (uint64_t)n;
            s->capture.size += (uint64_t)n;
        }
    }
    return n;
}

static bool stream_must_wait(const struct worker *w, const struct stream *s)
{
    return s->policy == MESSAGE_POLICY_STREAM &&
           w->streamed_bytes >= STREAM_WINDOW_BYTES;
}

/*
 * Read from a stream that is readable, or has nobody any more that writes to
 * it: then to its end, since that never blocks.
 *
 * Returns: 1 there may be more; 0 it is at its end, and closed.
 */
static int stream_read(struct worker *w,
                       struct child *c,
                       struct stream *s,
                       bool hung_up)
{
    int reads = hung_up ? READS_MAX : 1;
    ssize_t n = 1;

    while (n > 0 && reads-- > 0) {
        if (stream_must_wait(w, s)) {
            return 1;
        }
        if (s->policy == MESSAGE_POLICY_STREAM) {
            n = stream_piece(w, c, s);
        } else {
            n = capture_read(&s->capture, s->fd, w->scratch,
                             sizeof(w->scratch));
        }
        if (n == -EINTR || n == -EAGAIN) {
            return 1;
        }
    }
    if (n > 0) {
        return 1;
    }
    if (n < 0 && s->capture.error == 0) {
        s->capture.error = (int)n;
    }
    sys_close(&s->fd);
    return 0;
}

/* Take what is in the pipes of a child that was never watched. Pipes that
 * others hold open are watched from here on. */
static void empty_fresh(struct worker *w, struct child *c)
{
    struct pollfd p[] = { { .fd = c->out.fd, .events = POLLIN },
                          { .fd = c->err.fd, .events = POLLIN } };
    struct stream *streams[] = { &c->out, &c->err };

    if (poll(p, 2, 0) < 0) {
        return; /* It stays among the fresh, to be watched. */
    }
    list_remove(&c->fresh);
    for (int i = 0; i < 2; i++) {
        struct stream *s = streams[i];

        if (s->fd < 0) {
            continue;
        }
        if ((p[i].revents & POLLIN) != 0) {
            (void)stream_read(w, c, s, (p[i].revents & POLLHUP) != 0);
        } else if ((p[i].revents & POLLHUP) != 0) {
            sys_close(&s->fd); /* nothing in it, and nobody to write */
        }
        if (s->fd >= 0 && launch_watch_stream(w, c, s) < 0) {
            list_append(&w->fresh, &c->fresh);
            return;
        }
    }
}

void child_reap(struct worker *w, struct child *c)
{
    int64_t now_ns = clock_mono_ns();
    int r = sys_reap(c->pid, &c->status, &c->usage);

    if (r == -EAGAIN) {
        /* Its end has not been seen through yet; or it is not watched. */
        timers_add(&w->timers, &c->timer, now_ns + POLL_NS);
        return;
    }
    c->lost = r < 0;
    c->reaped = true;
    c->end_ns = now_ns;
    sys_close(&c->pidfd);
    sys_close(&c->input_fd);
    tree_list_clear(&c->tree);
    if (!list_is_empty(&c->fresh)) {
        empty_fresh(w, c);
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

static void stream_pause(struct worker *w, struct stream *s)
{
    if (epoll_ctl(w->epoll, EPOLL_CTL_DEL, s->fd, NULL) == 0) {
        s->paused = true;
        w->n_paused++;
    }
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

int64_t child_fresh_due_ns(const struct worker *w)
{
    struct list *first = list_first(&w->fresh);

    return first == NULL
               ? INT64_MAX
               : LIST_ENTRY(first, struct child, fresh)->start_ns + FRESH_NS;
}

void child_watch_fresh(struct worker *w, int64_t now_ns)
{
    while (child_fresh_due_ns(w) <= now_ns) {
        struct child *c =
            LIST_ENTRY(list_first(&w->fresh), struct child, fresh);

        if (watch_streams(w, c) < 0) {
            return; /* No memory for it now; it stays the next. */
        }
        list_remove(&c->fresh);
    }
}

void child_on_input(struct worker *w, struct child *c)
{
    int r = launch_feed(c, &c->job->m.input_data);

    (void)w;
    if (r != -EAGAIN) {
        /* All written, or the child reads no more: both are its own affair. */
        sys_close(&c->input_fd);
    }
}

void child_resume(struct worker *w, struct child *c)
{
    struct stream *streams[] = { &c->out, &c->err };

    for (int i = 0; i < 2; i++) {
        struct stream *s = streams[i];

        if (s->paused && launch_watch_stream(w, c, s) == 0) {
            s->paused = false;
            w->n_paused--;
        }
    }
}

static void drain_is_over(struct worker *w, struct child *c, int64_t now_ns)
{
    if (c->out.paused || c->err.paused) {
        /* It is we who do not read. */
        timers_add(&w->timers, &c->timer,
                   now_ns + c->job->m.drain_ms * CLOCK_NS_PER_MS);
        return;
    }
    c->leaked = true;
    sys_close(&c->out.fd);
    sys_close(&c->err.fd);
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
