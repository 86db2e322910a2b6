/* control - signals, and how a batch is stopped. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "batch/batch.h"
#include "run/signals.h"
#include "run/standstill.h"

#define NS_PER_S INT64_C(1000000000)

void batch_drain(struct batch *batch)
{
    if (batch->phase < BATCH_DRAINS) {
        batch->phase = BATCH_DRAINS;
        if (batch->batch != NULL) {
            (void)brood_drain(batch->batch);
        }
    }
}

void batch_kill(struct batch *batch)
{
    if (batch->phase < BATCH_KILLS) {
        batch->phase = BATCH_KILLS;
        if (batch->batch != NULL) {
            (void)brood_cancel_all(batch->batch);
            batch_channel_stop(batch);
        }
    }
}

static void signal_jobs(struct batch *batch, int signal)
{
    if (batch->pool != NULL) {
        (void)brood_signal(batch->pool, signal);
    }
}

static void interrupt(struct batch *batch, int signal)
{
    batch->signal = signal;
    if (batch->phase == BATCH_KILLS) {
        signal_jobs(batch, SIGKILL);
        batch->writer.abandoned = true;
        return;
    }
    batch_say(batch, "SIG%s: stopping all jobs", sigabbrev_np(signal));
    batch_kill(batch);
}

static void hang_up(struct batch *batch)
{
    if (batch->phase < BATCH_DRAINS) {
        batch_drain(batch);
        batch_say(batch, "SIGHUP: starting no more jobs, %u to finish",
                  batch->n_active);
    }
}

static void list_running(struct batch *batch)
{
    struct brood_graph_counts c = brood_graph_count(batch->graph);
    int64_t now = clock_now_ns();

    batch_say(batch,
              "%u running, %" PRIu64 " ok, %" PRIu64 " failed, %" PRIu64
              " to go",
              batch->n_active, batch->counts.ok, batch->counts.failed,
              c.waiting + c.ready);
    for (const struct batch_active *a = batch->active; a != NULL; a = a->next) {
        struct text place = { 0 };

        batch_job_place(a->job, &place);
        if (a->started_ns > 0) {
            text_add_format(&place, ": process %d, %lld s", a->pid,
                            (long long)((now - a->started_ns) / NS_PER_S));
        }
        if (a->news.has_progress) {
            text_add_format(&place, ", %d%% %s", (int)(a->news.fraction * 100),
                            text_string(&a->news.note));
        }
        if (a->started_ns > 0) {
            batch_say(batch, "%s", text_string(&place));
        }
        text_clear(&place);
    }
}

static void suspend(struct batch *batch)
{
    int looks = 0;

    progress_erase(&batch->progress);
    batch_live_erase(batch);
    signal_jobs(batch, SIGTSTP);
    for (const struct batch_active *a = batch->active; a != NULL; a = a->next) {
        if (a->started_ns > 0) {
            standstill_wait(a->pid, &looks);
        }
    }
    signals_stop_here();
}

void batch_signals(void *user)
{
    struct batch *batch = user;
    int signal;

    while ((signal = signals_next(batch->signal_fd)) != 0) {
        switch (signal) {
        case SIGINT:
        case SIGTERM:
        case SIGQUIT:
            if (batch->writer.busy) {
                batch->writer.abandoned = true;
            }
            interrupt(batch, signal);
            break;
        case SIGHUP:
            hang_up(batch);
            break;
        case SIGUSR1:
            list_running(batch);
            break;
        case SIGTSTP:
            suspend(batch);
            break;
        case SIGCONT:
            signal_jobs(batch, SIGCONT);
            break;
        default:
            break;
        }
    }
}
