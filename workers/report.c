/*
 * report - what a child left behind, as the result that goes to core.
 */
#include <errno.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "workers/job.h"
#include "workers/state.h"

#define NS_PER_US     1000
#define BYTES_PER_KIB 1024

static int64_t timeval_ns(const struct timeval *t)
{
    return (int64_t)t->tv_sec * CLOCK_NS_PER_S +
           (int64_t)t->tv_usec * NS_PER_US;
}

static enum message_outcome outcome_of(const struct child *c)
{
    if (c->spawn_error != 0) {
        return MESSAGE_SPAWN_FAILED;
    }
    switch (c->stop) {
    case STOP_TIME:
        return MESSAGE_TIMED_OUT;
    case STOP_CANCEL:
        return MESSAGE_CANCELLED;
    case STOP_NONE:
        break;
    }
    if (c->lost) {
        return MESSAGE_LOST;
    }
    return WIFSIGNALED(c->status) ? MESSAGE_SIGNALLED : MESSAGE_EXITED;
}

static void fill_end(struct message_result *m, const struct child *c)
{
    m->exit_status = -1;
    if (c->spawn_error != 0 || c->lost) {
        return;
    }
    if (WIFEXITED(c->status)) {
        m->exit_status = WEXITSTATUS(c->status);
    } else if (WIFSIGNALED(c->status)) {
        m->signal = WTERMSIG(c->status);
        m->flags |= WCOREDUMP(c->status) ? MESSAGE_RESULT_CORE : 0;
    }
    m->user_ns = timeval_ns(&c->usage.ru_utime);
    m->system_ns = timeval_ns(&c->usage.ru_stime);
    m->max_rss_bytes = (uint64_t)c->usage.ru_maxrss * BYTES_PER_KIB;
}

/* A stream that was handed over piece by piece has nothing left to show. */
static void fill_stream(struct message_captured *m, struct stream *s)
{
    if (s->policy == MESSAGE_POLICY_STREAM) {
        m->fd = -1;
        m->lost = s->capture.lost;
        m->error = s->capture.error;
        return;
    }
    capture_take(&s->capture, m);
}

static void free_slot(struct worker *w, struct child *c)
{
    capture_reset(&c->out.capture);
    capture_reset(&c->err.capture);
    c->job = job_free(c->job);
    c->state = CHILD_FREE;
    list_remove(&c->link);
    list_prepend(c->index < w->options.slots ? &w->free : &w->spare, &c->link);
}

/* Core wants to know of this end before anything else is started. */
static void hold_if_asked(struct worker *w,
                          const struct job *job,
                          const struct message_result *m)
{
    bool ok = m->outcome == MESSAGE_EXITED && m->exit_status == 0;
    uint32_t flag = ok ? MESSAGE_JOB_HOLD_OK : MESSAGE_JOB_HOLD_FAILED;

    if ((job->m.flags & flag) != 0) {
        orders_give_back(w, UINT32_MAX);
    }
}

int child_report(struct worker *w, struct child *c)
{
    struct message_result m = {
        .key = c->job->m.key,
        .outcome = (uint8_t)outcome_of(c),
        .flags = c->leaked ? MESSAGE_RESULT_LEAKED : 0,
        .step = (uint8_t)c->spawn_step,
        .error = c->spawn_error,
        .stop_signal = c->stop_signal,
        .pid = (uint32_t)c->pid,
        .slot = c->slot,
        .start_ns = c->start_real_ns,
        .duration_ns = c->end_ns - c->start_ns,
    };
    int out_fd = c->out.capture.fd;
    int err_fd = c->err.capture.fd;
    int r;

    fill_end(&m, c);
    fill_stream(&m.out, &c->out);
    fill_stream(&m.err, &c->err);
    r = outbox_result(&w->outbox, &m);
    if (r < 0) {
        /* The files were taken out; they are still ours. */
        c->out.capture.fd = out_fd;
        c->err.capture.fd = err_fd;
        return r;
    }
    hold_if_asked(w, c->job, &m);
    free_slot(w, c);
    return 0;
}
