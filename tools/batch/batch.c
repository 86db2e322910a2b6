#include "batch/batch.h"

#include <inttypes.h>
#include <poll.h>
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
        batch_engine_run(batch);
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
