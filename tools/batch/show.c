/* show - what the user sees. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "batch/batch.h"

enum {
    /* Output that is larger is not kept in memory until it is recorded: the
     * record is written at once. */
    KEPT_MAX_BYTES = 256 * 1024,
    LINE_MAX_BYTES = 200,
};

struct batch_piece {
    size_t size;
    int stream;
};

void batch_show_keep(struct batch *batch,
                     int stream,
                     const char *data,
                     size_t size)
{
    struct batch_shown *shown = &batch->shown;

    if (size == 0) {
        return;
    }
    if (shown->n_pieces == shown->room) {
        shown->room = 2 * shown->room + 16;
        shown->pieces =
            reallocarray(shown->pieces, shown->room, sizeof(*shown->pieces));
        if (shown->pieces == NULL) {
            text_no_memory();
        }
    }
    shown->pieces[shown->n_pieces++] =
        (struct batch_piece){ .size = size, .stream = stream };
    text_add(&shown->bytes, data, size);
}

void batch_show_recorded(struct batch *batch)
{
    struct batch_shown *shown = &batch->shown;
    const char *at = shown->bytes.data;

    for (size_t i = 0; i < shown->n_pieces; i++) {
        if (shown->pieces[i].stream == BATCH_EVENTS) {
            text_add(&batch->events.lines, at, shown->pieces[i].size);
        } else {
            writer_put(&batch->writer, shown->pieces[i].stream, at,
                       shown->pieces[i].size);
        }
        at += shown->pieces[i].size;
    }
    shown->n_pieces = 0;
    text_reset(&shown->bytes);
    batch_events_flush(batch);
}

void batch_show_clear(struct batch *batch)
{
    free(batch->shown.pieces);
    text_clear(&batch->shown.bytes);
}

static void say_lost(struct batch *batch,
                     const struct batch_active *a,
                     const struct brood_output *output,
                     int error)
{
    struct text place = { 0 };

    if (output->lost_bytes > 0 || error < 0) {
        batch_job_place(a->job, &place);
        batch_say(batch, "%s: a part of its output is lost: %s",
                  text_string(&place),
                  brood_strerror(error < 0 ? error : output->error));
        text_clear(&place);
    }
}

static void show_output(struct batch *batch,
                        const struct batch_active *a,
                        int stream,
                        const struct brood_output *output)
{
    int r = 0;

    if (output->data != NULL && output->size_bytes <= KEPT_MAX_BYTES) {
        batch_show_keep(batch, stream, output->data,
                        (size_t)output->size_bytes);
    } else if (output->size_bytes > 0) {
        (void)batch_commit(batch, true);
        batch_show_recorded(batch);
        r = writer_copy(&batch->writer, stream, output);
    }
    say_lost(batch, a, output, r);
}

/* The command in one line of bounded length. */
static void add_command(struct text *out, const char *command)
{
    size_t size = strlen(command);

    for (size_t i = 0; i < size && i < LINE_MAX_BYTES; i++) {
        bool is_plain = (unsigned char)command[i] >= ' ';

        text_add(out, is_plain ? &command[i] : " ", 1);
    }
    text_add_string(out, size > LINE_MAX_BYTES ? "..." : "");
}

static void keep_line(struct batch *batch,
                      const struct batch_job *job,
                      const char *reason,
                      const char *command)
{
    struct text line = { 0 };

    text_add_string(&line, "brood batch: ");
    batch_job_place(job, &line);
    text_add_format(&line, ": %s", reason);
    if (command != NULL) {
        text_add_string(&line, ": ");
        add_command(&line, command);
    }
    text_add_char(&line, '\n');
    batch_show_keep(batch, WRITER_ERR, line.data, line.size);
    text_clear(&line);
}

void batch_show_line(struct batch *batch,
                     const struct batch_job *job,
                     const char *reason)
{
    keep_line(batch, job, reason, NULL);
}

void batch_show_result(struct batch *batch,
                       const struct batch_active *active,
                       const struct brood_result *result,
                       bool ok,
                       const char *reason)
{
    enum batch_show show = batch->options.show;

    if (show == BATCH_SHOW_ALL || (show == BATCH_SHOW_FAILED && !ok)) {
        show_output(batch, active, WRITER_OUT, &result->out);
        show_output(batch, active, WRITER_ERR, &result->err);
    }
    if (!ok && reason != NULL && !batch->options.quiet) {
        keep_line(batch, active->job, reason, active->command);
    }
}

static void add_count(struct text *out, uint64_t n, const char *what)
{
    if (n > 0) {
        text_add_format(out, ", %" PRIu64 " %s", n, what);
    }
}

void batch_show_summary(struct batch *batch)
{
    const struct store_counts *c = &batch->counts;
    uint64_t ended = c->ok + c->failed + c->skipped + c->known;
    struct text line = { 0 };

    if (batch->options.quiet) {
        return;
    }
    text_add_format(&line, "%" PRIu64 " job%s: %" PRIu64 " ok", batch->n_jobs,
                    batch->n_jobs == 1 ? "" : "s", c->ok);
    add_count(&line, c->failed, "failed");
    add_count(&line, c->skipped, "skipped");
    add_count(&line, c->known - batch->n_known_failed, "done before");
    add_count(&line, batch->n_known_failed,
              "failed before (--rerun-failed runs them again)");
    add_count(&line, batch->n_jobs - ended, "not run");
    if (batch->store != NULL && batch->pool != NULL) {
        text_add_format(&line, "; run %lld in %s",
                        (long long)store_run_number(batch->store),
                        text_string(&batch->store_path));
    }
    batch_say(batch, "%s", text_string(&line));
    text_clear(&line);
}
