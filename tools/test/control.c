/* control - signals, and how a run is stopped. */
#include <signal.h>
#include <string.h>

#include "run/signals.h"
#include "run/standstill.h"
#include "test/testing.h"

#define NS_PER_S INT64_C(1000000000)

void test_drain(struct testing *t)
{
    if (!t->is_draining) {
        t->is_draining = true;
        if (t->batch != NULL) {
            (void)brood_drain(t->batch);
        }
    }
}

void test_kill(struct testing *t)
{
    test_drain(t);
    if (!t->is_killing) {
        t->is_killing = true;
        if (t->batch != NULL) {
            (void)brood_cancel_all(t->batch);
        }
        test_backtraces_stop(t);
    }
}

size_t test_count_started(const struct testing *t)
{
    size_t n = 0;

    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        n += c->started_ns > 0;
    }
    return n;
}

static void list_running(struct testing *t)
{
    int64_t now = clock_now_ns();
    struct text name = { 0 };

    test_say(t, "%zu of %zu done, %zu running", t->counts.over, t->n_cases,
             test_count_started(t));
    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->started_ns > 0) {
            text_reset(&name);
            test_show_add_name(t, c, &name);
            test_say(t, "%s: process %d, %.1f s", text_string(&name), c->pid,
                     (double)(now - c->started_ns) / (double)NS_PER_S);
        }
    }
    text_clear(&name);
}

/* Between two runs of --bisect there is no pool. */
static void send(struct testing *t, int signal)
{
    if (t->pool != NULL) {
        (void)brood_signal(t->pool, signal);
    }
}

static void suspend(struct testing *t)
{
    int looks = 0;

    progress_erase(&t->progress);
    send(t, SIGTSTP);
    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->started_ns > 0) {
            standstill_wait(c->pid, &looks);
        }
    }
    signals_stop_here();
}

static void interrupt(struct testing *t, int signal)
{
    t->signal = signal;
    if (t->is_killing) {
        send(t, SIGKILL);
        /* And a third time if nobody takes what we write. */
        t->writer.abandoned = t->interrupts > 1;
        t->interrupts++;
        return;
    }
    t->interrupts = 1;
    test_say(t, "SIG%s: stopping all tests; once more kills them",
             sigabbrev_np(signal));
    list_running(t);
    test_kill(t);
}

void test_signals(void *user)
{
    struct testing *t = user;
    int signal;

    while ((signal = signals_next(t->signal_fd)) != 0) {
        switch (signal) {
        case SIGINT:
        case SIGTERM:
        case SIGQUIT:
            interrupt(t, signal);
            break;
        case SIGHUP:
            test_say(t, "SIGHUP: starting no more tests");
            t->has_hung_up = true;
            test_drain(t);
            break;
        case SIGUSR1:
            list_running(t);
            break;
        case SIGTSTP:
            suspend(t);
            break;
        case SIGCONT:
            send(t, SIGCONT);
            break;
        default:
            break;
        }
    }
}
