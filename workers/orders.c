/*
 * orders - what core says to a worker, carried out.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "proto/channel.h"
#include "proto/decode.h"
#include "workers/job.h"
#include "workers/state.h"

enum {
    /* Orders before children have their turn. */
    ORDERS_MAX = 64,
};

/* When to try an order again. */
#define ORDER_AGAIN_NS (5 * CLOCK_NS_PER_MS)

struct context *context_free(struct context *context)
{
    if (context != NULL) {
        environ_table_clear(&context->env);
        free(context->dir);
        free(context);
    }
    return NULL;
}

const struct context *worker_context(const struct worker *w, uint32_t id)
{
    for (unsigned i = 0; i < w->n_contexts; i++) {
        if (w->contexts[i]->id == id) {
            return w->contexts[i];
        }
    }
    return NULL;
}

static int add_context(struct worker *w, struct reader *reader)
{
    struct message_context m;
    struct context *context = NULL;
    struct context **contexts;
    int r = decode_context(reader, &m);

    if (r < 0) {
        return r;
    }
    contexts = brood_realloc((void *)w->contexts,
                             (w->n_contexts + 1) * sizeof(struct context *));
    if (contexts == NULL) {
        return -ENOMEM;
    }
    w->contexts = contexts;
    context = brood_calloc(1, sizeof(*context));
    if (context == NULL) {
        return -ENOMEM;
    }
    context->id = m.id;
    context->dir = brood_strdup(m.dir);
    r = context->dir == NULL ? -ENOMEM
                             : environ_table_make(&m.env, &context->env);
    if (r < 0) {
        context_free(context);
        return r;
    }
    w->contexts[w->n_contexts++] = context;
    return 0;
}

static int forget_context(struct worker *w, struct reader *reader)
{
    struct message_forget m;
    int r = decode_forget(reader, &m);

    for (unsigned i = 0; r == 0 && i < w->n_contexts; i++) {
        if (w->contexts[i]->id == m.id) {
            /* It may remember this table. */
            shline_shell_clear(&w->command.shell);
            context_free(w->contexts[i]);
            w->contexts[i] = w->contexts[--w->n_contexts];
            break;
        }
    }
    return r;
}

static int give_back(struct worker *w, struct job *job, int reason)
{
    int r = outbox_returned(&w->outbox, &(struct message_returned){
                                            .key = job->m.key,
                                            .reason = reason,
                                        });

    if (r == 0) {
        job_free(job);
    }
    return r;
}

uint32_t orders_give_back(struct worker *w, uint32_t count)
{
    uint32_t n = 0;

    /* From the end: what is in front is about to start. */
    while (n < count && !list_is_empty(&w->ready)) {
        struct job *job = LIST_ENTRY(w->ready.prev, struct job, link);

        if (give_back(w, job, 0) < 0) {
            break;
        }
        n++;
    }
    return n;
}

static int take_back(struct worker *w, struct reader *reader)
{
    struct message_take_back m;
    int r = decode_take_back(reader, &m);

    if (r < 0) {
        return r;
    }
    /* An answer is owed, even if it names no job. */
    return orders_give_back(w, m.count) > 0
               ? 0
               : outbox_say(&w->outbox, MESSAGE_RETURNED);
}

static struct job *find_waiting(struct list *list, uint64_t key)
{
    for (struct list *l = list->next; l != list; l = l->next) {
        struct job *job = LIST_ENTRY(l, struct job, link);

        if (job->m.key == key) {
            return job;
        }
    }
    return NULL;
}

static int cancel_one(struct worker *w, uint64_t key)
{
    struct job *job = find_waiting(&w->ready, key);

    if (job == NULL) {
        job = find_waiting(&w->urgent, key);
    }
    if (job != NULL) {
        return give_back(w, job, -ECANCELED);
    }
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        struct child *c = LIST_ENTRY(l, struct child, link);

        if (c->job->m.key == key) {
            stop_begin(w, c, STOP_CANCEL);
            break;
        }
    }
    return 0; /* It has ended: the result is on its way. */
}

static int cancel(struct worker *w, struct reader *reader)
{
    int r = 0;

    while (r == 0 && reader->left > 0) {
        struct message_cancel m;

        r = decode_cancel(reader, &m);
        if (r == 0) {
            r = cancel_one(w, m.key);
        }
    }
    return r;
}

/* Time limits do not count the time in which the jobs stood still. */
static void freeze(struct worker *w)
{
    int64_t now_ns = clock_mono_ns();

    w->frozen = true;
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        child_freeze(w, LIST_ENTRY(l, struct child, link), now_ns);
    }
}

static void thaw(struct worker *w)
{
    int64_t now_ns = clock_mono_ns();

    w->frozen = false;
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        child_thaw(w, LIST_ENTRY(l, struct child, link), now_ns);
    }
}

static int send_signal(struct worker *w, struct reader *reader)
{
    struct message_signal m;
    int r = decode_signal(reader, &m);
    int sig;

    if (r < 0) {
        return r;
    }
    sig = (int)m.signal;
    if (sig == SIGTSTP || sig == SIGSTOP) {
        freeze(w);
    } else if (sig == SIGCONT) {
        thaw(w);
    }
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        const struct child *c = LIST_ENTRY(l, struct child, link);

        if (!c->reaped) {
            child_signal(c, sig, false);
        }
    }
    return 0;
}

static int take_credit(struct worker *w, struct reader *reader)
{
    struct message_credit m;
    int r = decode_credit(reader, &m);

    if (r < 0) {
        return r;
    }
    w->streamed_bytes -=
        m.bytes < w->streamed_bytes ? m.bytes : w->streamed_bytes;
    for (struct list *l = w->running.next; l != &w->running && w->n_paused > 0;
         l = l->next) {
        streams_resume(w, LIST_ENTRY(l, struct child, link));
    }
    return 0;
}

/*
 * The kernel tells the thread that started a child of its end by SIGCHLD. With
 * the default disposition it drops the signal on the spot, unless the thread
 * has it blocked: then the signal goes on to the process, and each child's end
 * would wake a thread of the host out of its system call. So it is blocked
 * only while the host has a handler, which is not to run here.
 */
static void follow_sigchld(const struct worker *w)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)pthread_sigmask(
        w->spawner.sigchld_is_default ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

static int take_jobs(struct worker *w,
                     struct frame *frame,
                     struct reader *reader)
{
    bool was_empty = list_is_empty(&w->ready);
    int r = job_group_open(frame, reader, &w->ready, &w->urgent);

    if (was_empty) {
        w->ready_since_ns = clock_mono_ns();
    }
    if (r > 0) {
        spawner_sample_signals(&w->spawner);
        follow_sigchld(w);
    }
    return r < 0 ? r : 0;
}

static int carry_out(struct worker *w, struct frame *frame)
{
    struct message_header header;
    struct reader reader;
    int r = message_open(frame_data(frame), frame_size(frame),
                         channel_is_local(w->channel), &header, &reader);

    if (r < 0) {
        return r;
    }
    switch (header.type) {
    case MESSAGE_CONTEXT:
        return add_context(w, &reader);
    case MESSAGE_FORGET:
        return forget_context(w, &reader);
    case MESSAGE_JOBS:
        return take_jobs(w, frame, &reader);
    case MESSAGE_TAKE_BACK:
        return take_back(w, &reader);
    case MESSAGE_CANCEL:
        return cancel(w, &reader);
    case MESSAGE_SIGNAL:
        return send_signal(w, &reader);
    case MESSAGE_CREDIT:
        return take_credit(w, &reader);
    case MESSAGE_INPUT:
        return steer_input(w, &reader);
    case MESSAGE_PAUSE:
        return steer_pause(w, &reader);
    case MESSAGE_KILL:
        return steer_kill(w, &reader);
    case MESSAGE_LEAVE:
        return steer_leave(w, &reader);
    case MESSAGE_PEEK:
        return steer_peek(w, &reader);
    case MESSAGE_SHUTDOWN:
        w->is_over = true;
        return 0;
    default:
        return -EBADMSG;
    }
}

/* Take the next frame, unless one is waiting to be tried again. */
static void next_order(struct worker *w)
{
    int r = w->order == NULL ? channel_receive(w->channel, &w->order) : 0;

    if (r < 0 && r != -EAGAIN) {
        timers_add(&w->timers, &w->busy_timer,
                   clock_mono_ns() + ORDER_AGAIN_NS);
    }
}

void orders_receive(struct worker *w)
{
    int n = 0;

    w->channel_is_due = false;
    next_order(w);
    while (w->order != NULL) {
        if (n++ == ORDERS_MAX) {
            w->channel_is_due = true;
            return;
        }
        /* No order is dropped for lack of memory: it is tried again. */
        if (carry_out(w, w->order) == -ENOMEM) {
            timers_add(&w->timers, &w->busy_timer,
                       clock_mono_ns() + ORDER_AGAIN_NS);
            return;
        }
        w->order = frame_unref(w->order);
        if (!w->is_over) {
            next_order(w);
        }
    }
}
