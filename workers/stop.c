/*
 * stop - the ladder by which a job's processes are brought to an end.
 *
 * Each step sends one signal to the group (and to descendants that left it),
 * then SIGCONT, since a stopped process sees no other; then it waits. The
 * child is not reaped before all of its group have ended or the ladder is
 * done: a zombie leader keeps its pid, and so the group's number, from being
 * given to strangers.
 */
#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "workers/job.h"
#include "workers/state.h"
#include "workers/sys.h"

/* How often a group without a leader is looked at. */
#define RECHECK_NS (10 * CLOCK_NS_PER_MS)
/* How long SIGKILL may take before we stop waiting for the rest. */
#define KILL_WAIT_NS (500 * CLOCK_NS_PER_MS)

static void scan(struct worker *w)
{
    if (!w->tree_is_fresh) {
        /* Without /proc the group is all that can be reached. */
        (void)tree_scan(&w->tree);
        w->tree_is_fresh = true;
    }
}

static void send_signal(struct child *c, int sig)
{
    child_signal(c, sig, false);
    (void)tree_signal(&c->tree, sig);
}

static void next_step(struct worker *w, struct child *c)
{
    const struct message_job *m = &c->job->m;
    int64_t wait_ns = KILL_WAIT_NS;
    int sig = SIGKILL;

    if (c->stop_step < m->n_stop) {
        const struct message_stop_step *step = &m->stop[c->stop_step];

        sig = (int)step->signal;
        if (sig != SIGKILL) {
            wait_ns = step->wait_ms * CLOCK_NS_PER_MS;
        }
    }
    c->stop_step++;
    c->stop_signal = sig;
    scan(w);
    (void)tree_collect(&w->tree, c->pid, &c->tree);
    send_signal(c, sig);
    if (sig != SIGKILL) {
        send_signal(c, SIGCONT);
    }
    c->stop_due_ns = clock_mono_ns() + wait_ns;
    timers_add(&w->timers, &c->timer, c->stop_due_ns);
}

void stop_begin(struct worker *w, struct child *c, enum stop_reason reason)
{
    if (c->stop != STOP_NONE || c->reaped) {
        return;
    }
    c->stop = reason;
    next_step(w, c);
}

void stop_on_exit(struct worker *w, struct child *c)
{
    c->leader_ended = true;
    timers_add(&w->timers, &c->timer, clock_mono_ns());
}

/* Only the leader is left of all that we know of. */
static bool is_alone(struct worker *w, struct child *c)
{
    scan(w);
    (void)tree_collect(&w->tree, c->pid, &c->tree);
    return tree_alive(&c->tree) == 0;
}

void stop_on_time(struct worker *w, struct child *c, int64_t now_ns)
{
    bool killed = c->stop_signal == SIGKILL;

    if (c->unwatched && !c->leader_ended) {
        c->leader_ended = sys_has_ended(c->pid);
    }
    if (c->leader_ended &&
        (is_alone(w, c) || (killed && now_ns >= c->stop_due_ns))) {
        child_reap(w, c);
        return;
    }
    if (now_ns >= c->stop_due_ns) {
        if (killed) {
            /* It cannot die yet (uninterruptible sleep): its end will tell. */
            c->stop_due_ns = now_ns + KILL_WAIT_NS;
        } else {
            next_step(w, c);
            return;
        }
    }
    if ((c->leader_ended || c->unwatched) &&
        now_ns + RECHECK_NS < c->stop_due_ns) {
        timers_add(&w->timers, &c->timer, now_ns + RECHECK_NS);
    } else {
        timers_add(&w->timers, &c->timer, c->stop_due_ns);
    }
}
