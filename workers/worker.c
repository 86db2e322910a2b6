#include "workers/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "proto/channel.h"
#include "workers/job.h"
#include "workers/state.h"
#include "workers/sys.h"

enum {
    EVENTS_MAX = 64,
    /* Children started before the running ones are looked after. */
    STARTS_MAX = 16,
    /* Capture memory that a slot keeps between jobs. */
    CAPTURE_KEEP_BYTES = 4096,
    /* How often a start is put off while nothing runs. */
    BUSY_TRIES_MAX = 100,
    /* Rounds of orders before children have their turn. */
    ROUNDS_MAX = 4,
};

/* How long jobs wait behind long ones before they are given back, for another
 * worker to run. */
#define READY_NS (50 * CLOCK_NS_PER_MS)
/* When to try again what failed for a reason outside of this worker. */
#define BUSY_NS (5 * CLOCK_NS_PER_MS)

static void start_one(struct worker *w, struct child *c, struct job *job)
{
    int r = c == NULL ? -ENOMEM : child_start(w, c, job);

    if (r == 0) {
        return;
    }
    if (w->n_running > 0) {
        w->busy = true; /* until one of them ends */
    } else if (r == -ETXTBSY && job->busy_tries++ < BUSY_TRIES_MAX) {
        w->busy = true;
        timers_add(&w->timers, &w->busy_timer, clock_mono_ns() + BUSY_NS);
    } else if (outbox_returned(&w->outbox, &(struct message_returned){
                                               .key = job->m.key,
                                               .reason = r,
                                           }) == 0) {
        job_free(job);
    }
}

/* A place for a child beyond the slots; NULL: no memory. */
static struct child *spare_child(struct worker *w)
{
    struct child **extras;
    struct child *c;

    if (!list_is_empty(&w->spare)) {
        return LIST_ENTRY(list_first(&w->spare), struct child, link);
    }
    if (timers_reserve(&w->timers, (size_t)w->options.slots + w->n_extras + 2) <
        0) {
        return NULL;
    }
    extras = brood_realloc((void *)w->extras,
                           (w->n_extras + 1) * sizeof(struct child *));
    if (extras == NULL) {
        return NULL;
    }
    w->extras = extras;
    c = brood_calloc(1, sizeof(*c));
    if (c == NULL) {
        return NULL;
    }
    child_init(c, w, w->options.slots + w->n_extras);
    c->slot = 0;
    w->extras[w->n_extras++] = c;
    list_remove(&c->link);
    list_append(&w->spare, &c->link);
    return c;
}

static void start_urgent(struct worker *w)
{
    while (!w->busy && !list_is_empty(&w->urgent)) {
        start_one(w, spare_child(w),
                  LIST_ENTRY(list_first(&w->urgent), struct job, link));
    }
}

static bool can_start(const struct worker *w)
{
    return !w->busy &&
           (!list_is_empty(&w->urgent) ||
            (!list_is_empty(&w->ready) && !list_is_empty(&w->free)));
}

static void start_ready(struct worker *w)
{
    start_urgent(w);
    for (int i = 0; i < STARTS_MAX && can_start(w); i++) {
        start_one(w, LIST_ENTRY(list_first(&w->free), struct child, link),
                  LIST_ENTRY(list_first(&w->ready), struct job, link));
    }
}

static struct child *child_at(const struct worker *w, uint32_t index)
{
    return index < w->options.slots ? &w->children[index]
                                    : w->extras[index - w->options.slots];
}

static void on_event(struct worker *w, const struct epoll_event *event)
{
    enum watch_kind kind = (enum watch_kind)(event->data.u64 & 0xff);
    uint32_t generation = (uint32_t)(event->data.u64 >> 32);
    uint32_t index = (uint32_t)(event->data.u64 >> 8) & 0xffffff;
    bool hung_up = (event->events & (EPOLLHUP | EPOLLERR)) != 0;
    struct child *c;

    if (kind == WATCH_CHANNEL) {
        w->channel_is_due = true;
        return;
    }
    if (kind == WATCH_ORPHAN) {
        orphan_on_exit(w, (pid_t)index);
        return;
    }
    c = child_at(w, index);
    if (c->generation != generation || c->state != CHILD_RUNNING) {
        return;
    }
    switch (kind) {
    case WATCH_EXIT:
        if (!c->reaped && !c->leader_ended) {
            child_on_exit(w, c);
        }
        break;
    case WATCH_OUT:
        if (c->out.fd >= 0) {
            child_on_output(w, c, &c->out, hung_up);
        }
        break;
    case WATCH_ERR:
        if (c->err.fd >= 0) {
            child_on_output(w, c, &c->err, hung_up);
        }
        break;
    case WATCH_INPUT:
        if (c->feed.fd >= 0) {
            feed_on_room(w, c);
        }
        break;
    default:
        break;
    }
}

/* Jobs wait, and no slot is free for them. */
static bool is_stuck(const struct worker *w)
{
    return !list_is_empty(&w->ready) && list_is_empty(&w->free) && !w->frozen;
}

/* What epoll had no room for. */
static void watch_again(struct worker *w)
{
    if (!w->watch_due) {
        return;
    }
    w->watch_due = false;
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        struct child *c = LIST_ENTRY(l, struct child, link);

        streams_resume(w, c);
        feed_resume(w, c);
    }
}

static void on_times(struct worker *w)
{
    int64_t now_ns = clock_mono_ns();
    struct timer *timer;

    w->tree_is_fresh = false;
    if (is_stuck(w) && now_ns - w->ready_since_ns >= READY_NS) {
        (void)orders_give_back(w, UINT32_MAX);
    }
    streams_watch_fresh(w, now_ns);
    while ((timer = timers_take_due(&w->timers, now_ns)) != NULL) {
        if (timer->kind == WORKER_TIMER_BUSY) {
            w->busy = false;
            w->channel_is_due = true;
            watch_again(w);
        } else {
            child_on_time(w, LIST_ENTRY(timer, struct child, timer), now_ns);
        }
    }
}

static void report_ended(struct worker *w)
{
    struct list *l;

    while ((l = list_first(&w->ended)) != NULL) {
        if (child_report(w, LIST_ENTRY(l, struct child, link)) < 0) {
            timers_add(&w->timers, &w->busy_timer, clock_mono_ns() + BUSY_NS);
            return;
        }
    }
}

/* The shorter of a wait (-1: for ever) and a time that is left. */
static int sooner_ms(int ms, int64_t left_ns)
{
    int64_t left_ms = (left_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS;

    if (left_ns <= 0) {
        return 0;
    }
    return ms < 0 || left_ms < ms ? (int)left_ms : ms;
}

static int wait_ms(const struct worker *w)
{
    int64_t now_ns = clock_mono_ns();
    int ms = timers_wait_ms(&w->timers, now_ns);

    if (w->channel_is_due || can_start(w)) {
        return 0;
    }
    if (outbox_has_any(&w->outbox)) {
        ms = sooner_ms(ms, outbox_due_ns(&w->outbox) - now_ns);
    }
    if (is_stuck(w)) {
        ms = sooner_ms(ms, w->ready_since_ns + READY_NS - now_ns);
    }
    if (!list_is_empty(&w->fresh)) {
        ms = sooner_ms(ms, streams_fresh_due_ns(w) - now_ns);
    }
    return ms;
}

/* Say what there is to say: at once when there is nothing to start, since core
 * may be waiting for it; else when it is enough or has waited. */
static void flush(struct worker *w)
{
    if (!outbox_has_any(&w->outbox)) {
        return;
    }
    if (list_is_empty(&w->ready) ||
        outbox_is_due(&w->outbox, clock_mono_ns())) {
        (void)outbox_flush(&w->outbox);
        /* A send may have taken the news of an arrival from the descriptor. */
        w->channel_is_due = true;
    }
}

/* All that can be done without waiting. */
static void work(struct worker *w)
{
    int rounds = 0;

    do {
        if (w->channel_is_due) {
            orders_receive(w);
        }
        start_ready(w);
        report_ended(w);
        flush(w);
    } while (w->channel_is_due && !w->is_over && ++rounds < ROUNDS_MAX);
}

static void run(struct worker *w)
{
    struct epoll_event events[EVENTS_MAX];

    for (;;) {
        int n;

        work(w);
        if (w->is_over) {
            return;
        }
        n = epoll_wait(w->epoll, events, EVENTS_MAX, wait_ms(w));
        for (int i = 0; i < n; i++) {
            on_event(w, &events[i]);
        }
        on_times(w);
        report_ended(w);
    }
}

/* Core has seen the end of all jobs before it says that all is over; a child
 * that is left all the same ends with us. */
static void end_children(struct worker *w)
{
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        struct child *c = LIST_ENTRY(l, struct child, link);

        if (!c->reaped) {
            child_signal(c, SIGKILL, false);
            (void)sys_reap_wait(c->pid);
        }
        sys_close(&c->pidfd);
        sys_close(&c->out.fd);
        sys_close(&c->err.fd);
        feed_end(&c->feed);
        c->job = job_free(c->job);
    }
    while (!list_is_empty(&w->ready)) {
        job_free(LIST_ENTRY(list_first(&w->ready), struct job, link));
    }
    while (!list_is_empty(&w->urgent)) {
        job_free(LIST_ENTRY(list_first(&w->urgent), struct job, link));
    }
    orphans_clear(w);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;

    run(w);
    end_children(w);
    (void)outbox_flush(&w->outbox);
    (void)outbox_say(&w->outbox, MESSAGE_BYE);
    w->channel = channel_close(w->channel);
    return NULL;
}

static struct worker *worker_free(struct worker *w)
{
    if (w == NULL) {
        return NULL;
    }
    for (unsigned i = 0; w->children != NULL && i < w->options.slots; i++) {
        child_clear(&w->children[i]);
    }
    for (unsigned i = 0; i < w->n_extras; i++) {
        child_clear(w->extras[i]);
        free(w->extras[i]);
    }
    free((void *)w->extras);
    while (w->n_contexts > 0) {
        context_free(w->contexts[--w->n_contexts]);
    }
    free((void *)w->contexts);
    free(w->children);
    frame_unref(w->order);
    outbox_clear(&w->outbox);
    spawner_clear(&w->spawner);
    command_clear(&w->command);
    timers_clear(&w->timers);
    tree_clear(&w->tree);
    channel_close(w->channel);
    sys_close(&w->epoll);
    sys_close(&w->devnull);
    free(w);
    return NULL;
}

static int make_parts(struct worker *w)
{
    int r = spawner_init(&w->spawner);

    if (r < 0) {
        return r;
    }
    w->spawner.restore_nofile = w->options.restore_nofile;
    w->spawner.nofile = w->options.nofile;
    w->children = brood_calloc(w->options.slots, sizeof(*w->children));
    if (w->children == NULL) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < w->options.slots; i++) {
        child_init(&w->children[i], w, i);
    }
    r = timers_reserve(&w->timers, (size_t)w->options.slots + 1);
    if (r < 0) {
        return r;
    }
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0) {
        return -errno;
    }
    w->devnull = sys_open("/dev/null", O_RDWR);
    if (w->devnull < 0) {
        return w->devnull;
    }
    r = channel_connect(w->options.context, w->options.name, &w->channel);
    if (r < 0) {
        return r;
    }
    w->outbox.channel = w->channel;
    return sys_epoll_add(w->epoll, channel_fd(w->channel), EPOLLIN | EPOLLET,
                         WATCH_CHANNEL);
}

static int start_thread(struct worker *w)
{
    sigset_t all;
    sigset_t before;
    int r;

    (void)sigfillset(&all);
    r = -pthread_sigmask(SIG_SETMASK, &all, &before);
    if (r == 0) {
        r = -pthread_create(&w->thread, NULL, worker_main, w);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    return r;
}

int worker_start(const struct worker_options *options, struct worker **ret)
{
    struct worker *w = brood_calloc(1, sizeof(*w));
    int r;

    if (w == NULL) {
        return -ENOMEM;
    }
    w->options = *options;
    w->epoll = -1;
    w->devnull = -1;
    w->busy_timer.kind = WORKER_TIMER_BUSY;
    w->channel_is_due = true;
    w->capture_limits = (struct capture_limits){
        .memory_bytes = options->output_memory_bytes,
        .keep_bytes = CAPTURE_KEEP_BYTES,
        .tmp_dir = options->tmp_dir,
    };
    list_init(&w->ready);
    list_init(&w->urgent);
    list_init(&w->spare);
    list_init(&w->free);
    list_init(&w->running);
    list_init(&w->fresh);
    list_init(&w->ended);
    r = make_parts(w);
    if (r == 0) {
        r = start_thread(w);
    }
    if (r < 0) {
        worker_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

struct worker *worker_join(struct worker *worker)
{
    (void)pthread_join(worker->thread, NULL);
    return worker_free(worker);
}
