#include "run/engine.h"

#include <stdio.h>
#include <string.h>

#include "run/crew.h"

enum {
    ENV_SIZE = 64,
};

int engine_open(struct run *run)
{
    struct brood_batch_options options = {
        .on_start = run_on_start,
        .on_output = run_on_output,
        .on_end = run_on_end,
        .on_result = run_on_result,
        .user = run,
        .order = run->options.keep_order ? BROOD_ORDER_SUBMIT : BROOD_ORDER_END,
        .dir = run->dir.has_replacement ? NULL : run->options.dir,
        .start_gap_ms = run->options.delay_ms,
    };

    return run->options.warm != NULL
               ? crew_open(run)
               : brood_batch_new(run->pool, &options, &run->batch);
}

void engine_free(struct run *run)
{
    run->crew = brood_warm_close(run->crew);
    run->batch = brood_batch_free(run->batch);
}

/* What may end the run is told before its thread starts anything more. */
static enum brood_hold hold_for(const struct halt *halt)
{
    if (halt->when == HALT_NEVER) {
        return BROOD_HOLD_NEVER;
    }
    switch (halt->what) {
    case HALT_FAIL:
        return BROOD_HOLD_FAILED;
    case HALT_SUCCESS:
        return BROOD_HOLD_OK;
    default:
        return BROOD_HOLD_ALWAYS;
    }
}

static int submit(struct run *run, struct run_job *job)
{
    const struct run_options *options = &run->options;
    char seq[ENV_SIZE];
    const char *env[] = { seq, run->slot_env, NULL };
    struct brood_job order = {
        .shell = text_string(&job->command),
        .shell_path = text_string(&run->shell),
        .env = env,
        .dir = job->dir.size > 0 ? job->dir.data : NULL,
        .timeout_ms = options->timeout_ms,
        .n_stop = options->n_stop,
        .attempts = options->tries,
        .slot_mark = run->mark,
        .nice = options->nice,
        .hold = hold_for(run->halt),
        .notify_start = 1,
        .tag = job,
    };

    (void)snprintf(seq, sizeof(seq), "PARALLEL_SEQ=%llu",
                   (unsigned long long)job->seq);
    memcpy(order.stop, options->stop, sizeof(order.stop));
    if (options->output == RUN_OUTPUT_LINES) {
        order.out = order.err = BROOD_OUTPUT_STREAM;
    } else if (options->output == RUN_OUTPUT_DIRECT) {
        order.out = order.err = BROOD_OUTPUT_INHERIT;
    }
    return brood_submit(run->batch, &order, &job->id);
}

int engine_submit(struct run *run, struct run_job *job)
{
    return run->crew != NULL ? crew_submit(run, job) : submit(run, job);
}

unsigned engine_room(const struct run *run)
{
    return run->crew != NULL ? brood_warm_room(run->crew)
                             : brood_batch_room(run->batch);
}

void engine_close(struct run *run)
{
    if (run->crew == NULL) {
        (void)brood_batch_close(run->batch);
    }
}

bool engine_is_done(const struct run *run)
{
    struct brood_batch_counts c;

    if (run->crew != NULL) {
        return brood_warm_pending(run->crew) == 0;
    }
    c = brood_batch_count(run->batch);
    return c.delivered == c.submitted;
}

void engine_drain(struct run *run)
{
    if (run->crew != NULL) {
        brood_warm_drain(run->crew);
    } else {
        (void)brood_drain(run->batch);
        (void)brood_batch_close(run->batch);
    }
}

void engine_cancel_all(struct run *run)
{
    if (run->crew != NULL) {
        brood_warm_cancel_all(run->crew);
    } else {
        (void)brood_batch_close(run->batch);
        (void)brood_cancel_all(run->batch);
    }
}

int engine_cancel(struct run *run, struct run_job *job)
{
    return run->crew != NULL ? brood_warm_cancel(run->crew, job->id)
                             : brood_cancel(run->batch, job->id);
}
