/*
 * engine - the main loop. How many jobs run at once may be said in a job file:
 * the run and its pool begin when that has been read.
 */
#include <errno.h>
#include <poll.h>

#include "batch/batch.h"

static void end_dead(void *user, const char *id)
{
    batch_end_orphans(user, id);
}

static int begin_run(struct batch *batch)
{
    struct store_run run = { .dir = batch->dir,
                             .command = text_string(&batch->command),
                             .slots = batch->slots };
    int r;

    if (batch->store == NULL) {
        return 0;
    }
    r = store_end_dead_runs(batch->store, end_dead, batch);
    if (r >= 0) {
        r = store_begin_run(batch->store, &run);
    }
    if (r < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "%s", store_error(batch->store));
    }
    return r < 0 ? -1 : 0;
}

static int open_pool(struct batch *batch)
{
    struct brood_options pool = { .slots = batch->slots };
    struct brood_batch_options options = {
        .on_start = batch_on_start,
        .on_result = batch_on_result,
        .on_tail = batch_live_on_tail,
        .user = batch,
        /* The graph keeps count. */
        .queue_max = (1 + BATCH_AHEAD_MAX) * batch->slots,
        .queue_max_bytes = SIZE_MAX / 2,
    };
    int r = brood_open(&pool, &batch->pool);

    if (r == 0) {
        r = brood_batch_new(batch->pool, &options, &batch->batch);
    }
    if (r < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "cannot start: %s",
                   brood_strerror(r));
        return -1;
    }
    if (brood_slots(batch->pool) < batch->slots) {
        batch_say(
            batch,
            "only %u of %u jobs will run at once: the limit of open files "
            "(ulimit -n) allows no more",
            brood_slots(batch->pool), batch->slots);
    }
    return 0;
}

static void erase_progress(void *user)
{
    struct batch *batch = user;

    progress_erase(&batch->progress);
    batch_live_erase(batch);
}

static struct progress_counts progress_of(const struct batch *batch)
{
    const struct store_counts *c = &batch->counts;

    return (struct progress_counts){
        .running = batch->n_active,
        .done = c->ok + c->failed + c->skipped + c->known,
        .failed = c->failed + batch->n_known_failed,
        .known = c->known,
        .total = batch->phase == BATCH_READS ? -1 : (int64_t)batch->n_jobs,
    };
}

static int sooner(int a_ms, int b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static void wait_and_poll(struct batch *batch, int wait_ms)
{
    const struct batch_file *file = batch_plan_waits_for(batch);
    struct pollfd fds[] = {
        { .fd = batch->pool == NULL ? -1 : brood_fd(batch->pool),
          .events = POLLIN },
        { .fd = batch->signal_fd, .events = POLLIN },
        { .fd = file == NULL ? -1 : file->source.fd, .events = POLLIN },
    };
    int r;

    if (poll(fds, 3, wait_ms) > 0 && fds[1].revents != 0) {
        batch_signals(batch);
    }
    r = batch->pool == NULL ? 0 : brood_poll(batch->pool, 0);
    if (r < 0 && r != -EINTR && batch->status == 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "cannot go on: %s",
                   brood_strerror(r));
        batch_kill(batch);
    }
}

static bool is_done(const struct batch *batch)
{
    struct brood_graph_counts c = brood_graph_count(batch->graph);

    return batch->n_active == 0 &&
           (batch->phase >= BATCH_DRAINS ||
            (batch->phase == BATCH_CLOSED && c.ready + c.waiting == 0));
}

static void write_shown(struct batch *batch)
{
    writer_flush(&batch->writer);
    if (writer_error(&batch->writer) < 0 && batch->phase < BATCH_KILLS) {
        if (writer_error(&batch->writer) != -EPIPE) {
            batch_say(batch, "cannot write to standard output: %s",
                      brood_strerror(writer_error(&batch->writer)));
        }
        batch->status = BATCH_STATUS_RECORD;
        batch_kill(batch);
    }
}

/* Jobs of which each needs more than there is, since that has changed. */
static bool is_stuck(const struct batch *batch)
{
    return batch->n_active == 0 && batch->retries == NULL &&
           batch->phase == BATCH_CLOSED;
}

/* Returns: whether there is something to do at once. */
static bool read_and_start(struct batch *batch)
{
    bool more = batch_plan_read(batch);

    if (batch->slots == 0) {
        return more;
    }
    if (batch->pool == NULL && batch->phase < BATCH_KILLS) {
        if (begin_run(batch) < 0 || open_pool(batch) < 0) {
            batch->phase = BATCH_KILLS;
        } else {
            batch_events_begin(batch);
        }
    }
    return batch_start(batch) || more;
}

void batch_engine_run(struct batch *batch)
{
    progress_init(&batch->progress,
                  batch->options.no_progress || batch->options.live
                      ? RUN_PROGRESS_NONE
                      : RUN_PROGRESS_ETA,
                  clock_now_ns());
    batch_live_init(batch);
    batch->writer.on_write = erase_progress;
    batch->writer.user = batch;
    for (;;) {
        int wait_ms = batch_start_retries(batch);
        bool more = read_and_start(batch);
        struct progress_counts c = progress_of(batch);

        wait_ms = sooner(wait_ms, batch_commit(batch, batch->n_active == 0));
        write_shown(batch);
        if (is_done(batch)) {
            break;
        }
        if (!more && is_stuck(batch)) {
            batch_fail(batch, BATCH_STATUS_USAGE,
                       "the jobs that are left need more than there is");
            batch_drain(batch);
            continue;
        }
        progress_draw(&batch->progress, &c, clock_now_ns());
        wait_ms =
            sooner(wait_ms, progress_wait_ms(&batch->progress, clock_now_ns()));
        wait_ms = sooner(wait_ms, batch_live_draw(batch, &c));
        wait_and_poll(batch, more ? 0 : wait_ms);
    }
    (void)batch_commit(batch, true);
    erase_progress(batch);
}
