/* control - signals and time limits. */

#include <signal.h>
#include <string.h>

#include "run/engine.h"
#include "run/signals.h"
#include "run/standstill.h"

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

enum {
    /* Jobs that must have succeeded before a median means something. */
    MEDIAN_MIN = 3,
};

static void end_feeding(struct run *run, enum run_phase phase)
{
    run->phase = phase;
    if (run->pending != NULL) {
        run_job_free(run, run->pending);
        run->pending = NULL;
    }
}

void run_drain(struct run *run)
{
    if (run->phase < RUN_DRAINS) {
        end_feeding(run, RUN_DRAINS);
        engine_drain(run);
    }
}

void run_kill(struct run *run)
{
    if (run->phase < RUN_KILLS) {
        end_feeding(run, RUN_KILLS);
        engine_cancel_all(run);
    }
}

static void interrupt(struct run *run, int signal)
{
    run->interrupted = true;
    if (run->phase == RUN_KILLS) {
        (void)brood_signal(run->pool, SIGKILL);
        /* Nobody reads: let nothing keep us. */
        run->writer.abandoned = true;
        return;
    }
    run_say(run, "SIG%s: stopping all jobs", sigabbrev_np(signal));
    run_kill(run);
}

static void hang_up(struct run *run)
{
    if (run->phase >= RUN_DRAINS) {
        return;
    }
    run_drain(run);
    run_say(run, "SIGHUP: starting no more jobs, %llu to finish",
            (unsigned long long)run->n_running);
}

static void list_running(struct run *run)
{
    int64_t now = clock_now_ns();
    struct text name = { 0 };

    run_say(run, "%llu running, %llu done, %llu failed",
            (unsigned long long)run->n_running,
            (unsigned long long)run->n_ended,
            (unsigned long long)run->halt->failed);
    for (const struct run_job *job = run->running; job != NULL;
         job = job->next) {
        run_say(run, "job %llu, process %d, %lld s: %s",
                (unsigned long long)job->seq, job->pid,
                (long long)((now - job->started_ns) / NS_PER_S),
                run_job_name(job, &name));
    }
    text_clear(&name);
}

static void suspend(struct run *run)
{
    int looks = 0;

    progress_erase(&run->progress);
    (void)brood_signal(run->pool, SIGTSTP);
    for (const struct run_job *job = run->running; job != NULL;
         job = job->next) {
        standstill_wait(job->pid, &looks);
    }
    signals_stop_here();
}

void run_signals(void *user)
{
    struct run *run = user;
    int signal;

    while ((signal = signals_next(run->signal_fd)) != 0) {
        switch (signal) {
        case SIGINT:
        case SIGTERM:
        case SIGQUIT:
            if (run->writer.busy) {
                run->writer.abandoned = true;
            }
            interrupt(run, signal);
            break;
        case SIGHUP:
            hang_up(run);
            break;
        case SIGUSR1:
            list_running(run);
            break;
        case SIGTSTP:
            suspend(run);
            break;
        case SIGCONT:
            (void)brood_signal(run->pool, SIGCONT);
            break;
        default:
            break;
        }
    }
}

int run_check_times(struct run *run)
{
    int64_t now = clock_now_ns();
    int64_t next = INT64_MAX;
    int64_t limit;

    if (run->options.timeout_percent == 0 || run->median.n < MEDIAN_MIN) {
        return -1;
    }
    limit = median_ns(&run->median) / 100 * run->options.timeout_percent;
    for (struct run_job *job = run->running; job != NULL; job = job->next) {
        int64_t left = job->started_ns + limit - now;

        if (job->timed_out) {
            continue;
        }
        if (left <= 0) {
            job->timed_out = engine_cancel(run, job) == 0;
        } else if (left < next) {
            next = left;
        }
    }
    if (next == INT64_MAX) {
        return -1;
    }
    next = next / NS_PER_MS + 1;
    return next > INT32_MAX ? INT32_MAX : (int)next;
}
