/*
 * events - a line of JSON for each thing that happens, for scripts.
 *
 * They wait with what is shown until the ends among them are on the disk, so
 * that they stay in order.
 */
#include <inttypes.h>
#include <string.h>

#include "batch/batch.h"
#include "json.h"
#include "run/events.h"

static bool wants(const struct batch *batch)
{
    return batch->events.name != NULL;
}

int batch_events_open(struct batch *batch)
{
    uint64_t size;
    int r = 0;

    if (batch->options.events != NULL && batch->options.ask == BATCH_ASK_RUN) {
        r = logfile_open(&batch->events, batch->options.events, false, &size);
    }
    if (r < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "cannot write '%s': %s",
                   batch->options.events, brood_strerror(r));
        batch->events.name = NULL;
    }
    return r < 0 ? -1 : 0;
}

/* {"event":"word","time":seconds */
static void begin(struct text *line, const char *event)
{
    text_add_format(line, "{\"event\":\"%s\"", event);
    json_add_seconds(line, "time", clock_epoch_ns());
}

static void end(struct batch *batch, struct text *line)
{
    text_add_string(line, "}\n");
    batch_show_keep(batch, BATCH_EVENTS, line->data, line->size);
    text_clear(line);
}

static void add_text(struct text *line,
                     const char *name,
                     const char *data,
                     size_t size)
{
    text_add_char(line, ',');
    if (data == NULL) {
        text_add_format(line, "\"%s\":null", name);
    } else {
        json_add_text(line, name, data, size);
    }
}

static void add_string(struct text *line, const char *name, const char *text)
{
    add_text(line, name, text, text == NULL ? 0 : strlen(text));
}

/* Which job it is. */
static void add_job(struct text *line,
                    const struct batch_job *job,
                    const char *id)
{
    text_add_format(line, ",\"seq\":%" PRIu64, job->seq);
    add_string(line, "id", id);
    add_string(line, "file", job->file->name);
    text_add_format(line, ",\"line\":%u", job->line);
}

void batch_events_begin(struct batch *batch)
{
    struct text line = { 0 };

    if (!wants(batch)) {
        return;
    }
    begin(&line, "begin");
    text_add_format(&line, ",\"slots\":%u", batch->slots);
    if (batch->store != NULL) {
        text_add_format(&line, ",\"run\":%lld",
                        (long long)store_run_number(batch->store));
        add_string(&line, "run_id", store_run_id(batch->store));
        add_string(&line, "store", text_string(&batch->store_path));
    }
    end(batch, &line);
}

void batch_events_start(struct batch *batch, const struct batch_active *a)
{
    struct text line = { 0 };

    if (!wants(batch)) {
        return;
    }
    begin(&line, "start");
    add_job(&line, a->job, a->spec.id);
    text_add_format(&line, ",\"attempt\":%u,\"pid\":%d", a->job->attempts + 1,
                    a->pid);
    end(batch, &line);
}

void batch_events_said(struct batch *batch,
                       const struct batch_active *a,
                       const struct store_message *message)
{
    static const char *const events[] = {
        [STORE_MESSAGE] = "message",
        [STORE_PROGRESS] = "progress",
        [STORE_METRIC] = "metric",
    };
    struct text line = { 0 };

    if (!wants(batch)) {
        return;
    }
    begin(&line, events[message->kind]);
    add_job(&line, a->job, a->spec.id);
    if (message->kind == STORE_METRIC) {
        add_string(&line, "name", message->name);
        text_add_format(&line, ",\"value\":%.17g", message->value);
    } else if (message->kind == STORE_PROGRESS) {
        text_add_format(&line, ",\"fraction\":%.6g", message->value);
    }
    if (message->kind != STORE_METRIC) {
        add_text(&line, "text", message->text, message->size);
    }
    end(batch, &line);
}

void batch_events_retry(struct batch *batch,
                        const struct batch_active *a,
                        const char *reason,
                        int64_t wait_ms)
{
    struct text line = { 0 };

    if (!wants(batch)) {
        return;
    }
    begin(&line, "retry");
    add_job(&line, a->job, a->spec.id);
    text_add_format(&line, ",\"attempt\":%u", a->job->attempts);
    add_string(&line, "reason", reason);
    text_add_format(&line, ",\"wait\":%" PRId64 ".%03d", wait_ms / 1000,
                    (int)(wait_ms % 1000));
    end(batch, &line);
}

void batch_events_end(struct batch *batch,
                      const struct batch_job *job,
                      const struct store_result *result)
{
    struct text line = { 0 };

    if (!wants(batch)) {
        return;
    }
    begin(&line, "end");
    add_job(&line, job, result->name);
    text_add_format(&line, ",\"outcome\":\"%s\"",
                    store_outcome_name(result->outcome));
    add_string(&line, "reason", result->reason);
    add_string(&line, "command", result->command);
    if (result->result != NULL) {
        events_add_result(&line, result->result, result->attempts);
        text_add_format(
            &line, ",\"stdout_bytes\":%" PRIu64 ",\"stderr_bytes\":%" PRIu64,
            result->result->out.size_bytes, result->result->err.size_bytes);
    }
    end(batch, &line);
}

void batch_events_done(struct batch *batch, int status)
{
    const struct store_counts *c = &batch->counts;
    struct text line = { 0 };

    if (!wants(batch)) {
        return;
    }
    begin(&line, "done");
    text_add_format(
        &line,
        ",\"status\":%d,\"jobs\":%" PRIu64 ",\"ok\":%" PRIu64
        ",\"failed\":%" PRIu64 ",\"skipped\":%" PRIu64 ",\"known\":%" PRIu64,
        status, batch->n_jobs, c->ok, c->failed, c->skipped, c->known);
    end(batch, &line);
}

void batch_events_flush(struct batch *batch)
{
    if (!wants(batch)) {
        return;
    }
    logfile_flush(&batch->events, &batch->writer);
    if (batch->events.error < 0) {
        const char *name = batch->events.name;

        batch->events.name = NULL;
        batch_fail(batch, BATCH_STATUS_RECORD, "cannot write '%s': %s", name,
                   brood_strerror(batch->events.error));
        batch_kill(batch);
    }
}
