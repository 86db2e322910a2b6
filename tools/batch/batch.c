#include "batch/batch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/option_values.h"
#include "run/signals.h"

void batch_say(struct batch *batch, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    writer_say(&batch->writer, "brood batch", format, args);
    va_end(args);
}

void batch_fail(struct batch *batch, int status, const char *format, ...)
{
    va_list args;

    batch->status = status;
    va_start(args, format);
    writer_say(&batch->writer, "brood batch", format, args);
    va_end(args);
}

static uint64_t memory_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long size = sysconf(_SC_PAGESIZE);

    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : INT64_MAX;
}

static void set_resource(struct batch *batch, const char *name, uint64_t amount)
{
    if (brood_graph_resource(batch->graph, name, amount) < 0) {
        text_no_memory();
    }
}

static void open_graph(struct batch *batch)
{
    const struct batch_options *o = &batch->options;
    struct text name = { 0 };

    if (brood_graph_new(NULL, &batch->graph) < 0) {
        text_no_memory();
    }
    set_resource(batch, "mem",
                 o->mem_bytes > 0 ? o->mem_bytes : memory_bytes());
    for (size_t i = 0; i < o->n_resources; i++) {
        const char *equals = strchr(o->resources[i], '=');

        text_reset(&name);
        text_add_string(&name, "resource ");
        text_add(&name, o->resources[i], (size_t)(equals - o->resources[i]));
        set_resource(batch, text_string(&name), strtoull(equals + 1, NULL, 10));
    }
    text_clear(&name);
}

void batch_set_slots(struct batch *batch)
{
    struct run_options run = { 0 };

    (void)option_value_jobs("100%", &run);
    if (batch->options.slots > 0) {
        batch->slots = batch->options.slots;
    } else {
        batch->slots =
            batch->limits.slots > 0 ? batch->limits.slots : run.slots;
    }
    batch_set_ahead(batch, batch->slots);
}

void batch_set_ahead(struct batch *batch, unsigned ahead)
{
    batch->ahead = ahead;
    set_resource(batch, "cpus", (uint64_t)batch->slots + ahead);
}

static void end_dead(void *user, const char *id)
{
    batch_end_orphans(user, id);
}

static void join_words(int argc, char **argv, struct text *out)
{
    for (int i = 0; i < argc; i++) {
        text_add_string(out, i > 0 ? " " : "");
        text_add_string(out, argv[i]);
    }
}

static int open_store(struct batch *batch)
{
    const struct batch_options *o = &batch->options;
    const char *first = batch->files[0].path;

    if (o->no_store || o->ask == BATCH_ASK_CHECK ||
        (o->store == NULL && strcmp(first, "-") == 0)) {
        return 0;
    }
    text_add_string(&batch->store_path, o->store != NULL ? o->store : first);
    text_add_string(&batch->store_path, o->store != NULL ? "" : ".brood");
    if (o->ask == BATCH_ASK_DRY_RUN &&
        access(text_string(&batch->store_path), F_OK) < 0) {
        return 0;
    }
    if (store_open(text_string(&batch->store_path), &batch->store) < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "%s", store_error(batch->store));
        return -1;
    }
    return 0;
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

static int open_signals(struct batch *batch)
{
    batch->signal_fd = signals_open();
    if (batch->signal_fd < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "cannot receive signals: %s",
                   brood_strerror(batch->signal_fd));
        return -1;
    }
    batch->writer.wake_fd = batch->signal_fd;
    batch->writer.on_wake = batch_signals;
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

static void run_all(struct batch *batch)
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

static int status_of(const struct batch *batch)
{
    const struct store_counts *c = &batch->counts;

    if (batch->signal != 0) {
        return BATCH_STATUS_SIGNAL + batch->signal;
    }
    if (batch->status != 0) {
        return batch->status;
    }
    if (batch->n_bad_lines > 0) {
        return BATCH_STATUS_USAGE;
    }
    /* What was skipped came after one that has failed, or after one that was
     * to fail and did not. */
    return c->failed > 0 || batch->n_known_failed > 0 || batch->n_not_run > 0
               ? BATCH_STATUS_FAILED
               : 0;
}

static void end_run(struct batch *batch)
{
    int status = status_of(batch);

    if (batch->pool != NULL && batch->store != NULL &&
        batch->status != BATCH_STATUS_RECORD &&
        store_end_run(batch->store, status, &batch->counts) < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "%s", store_error(batch->store));
    }
    batch_events_done(batch, status_of(batch));
    batch_show_recorded(batch);
    batch_show_summary(batch);
}

static void check(struct batch *batch)
{
    while (batch->phase == BATCH_READS) {
        (void)batch_plan_read(batch);
        if (batch->is_starved) {
            struct pollfd fd = { .fd = batch->files[batch->file].source.fd,
                                 .events = POLLIN };

            (void)poll(&fd, 1, -1);
        }
    }
    if (batch->options.ask == BATCH_ASK_CHECK && status_of(batch) == 0 &&
        !batch->options.quiet) {
        batch_say(batch, "%" PRIu64 " job%s, nothing wrong", batch->n_jobs,
                  batch->n_jobs == 1 ? "" : "s");
    }
}

static void run_batch(struct batch *batch)
{
    if (batch->options.ask == BATCH_ASK_CHECK) {
        check(batch);
    } else if (batch->options.ask == BATCH_ASK_DRY_RUN) {
        check(batch);
        batch_start_show(batch);
    } else {
        run_all(batch);
        end_run(batch);
    }
}

static void clear(struct batch *batch)
{
    batch->batch = brood_batch_free(batch->batch);
    batch->pool = brood_close(batch->pool);
    batch->store = store_close(batch->store);
    batch_show_clear(batch);
    batch_start_clear(batch);
    batch_plan_clear(batch);
    batch->graph = brood_graph_free(batch->graph);
    if (batch->signal_fd >= 0) {
        (void)close(batch->signal_fd);
    }
    free(batch->dir);
    text_clear(&batch->store_path);
    text_clear(&batch->command);
    logfile_close(&batch->events);
    progress_clear(&batch->progress);
    batch_live_clear(batch);
    writer_clear(&batch->writer);
    batch_options_clear(&batch->options);
}

int batch_main(int argc, char **argv)
{
    struct batch batch = { .signal_fd = -1 };
    int first = 0;
    int status;
    int r = batch_options_read(argc, argv, &batch.options, &first);

    if (r != 0) {
        batch_options_clear(&batch.options);
        return r < 0 ? BATCH_STATUS_USAGE : 0;
    }
    writer_init(&batch.writer);
    batch.dir = getcwd(NULL, 0);
    join_words(argc, argv, &batch.command);
    open_graph(&batch);
    if (batch_plan_open(&batch, argc, argv, first) == 0 &&
        open_store(&batch) == 0 && batch_events_open(&batch) == 0 &&
        (batch.options.ask != BATCH_ASK_RUN || open_signals(&batch) == 0)) {
        run_batch(&batch);
    }
    writer_flush(&batch.writer);
    status = status_of(&batch);
    clear(&batch);
    return status;
}
