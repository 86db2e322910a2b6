#include "run/emit.h"

#include <string.h>

enum {
    HOLD_MEMORY_MAX = 16 * 1024 * 1024,
    READ_SIZE = 64 * 1024,
};

/* Where bytes go that were held. */
struct target {
    struct emit *emit;
    struct emit_job *job;
    int stream;
};

void emit_init(struct emit *emit,
               struct writer *writer,
               bool tagged,
               const char *tmp_dir)
{
    *emit = (struct emit){ .writer = writer, .tagged = tagged };
    emit->store.memory_max_bytes = HOLD_MEMORY_MAX;
    spill_init(&emit->store.spill, tmp_dir);
}

void emit_clear(struct emit *emit)
{
    spill_clear(&emit->store.spill);
}

void emit_text(struct emit *emit,
               struct emit_job *job,
               int stream,
               const char *data,
               size_t size)
{
    struct emit_stream *to = &job->streams[stream - 1];

    if (!emit->tagged) {
        writer_put(emit->writer, stream, data, size);
        return;
    }
    while (size > 0) {
        const char *end = memchr(data, '\n', size);
        size_t n = end == NULL ? size : (size_t)(end - data) + 1;

        if (!to->in_line) {
            writer_put(emit->writer, stream, job->tag.data, job->tag.size);
            writer_put(emit->writer, stream, "\t", 1);
        }
        writer_put(emit->writer, stream, data, n);
        to->in_line = end == NULL;
        data += n;
        size -= n;
    }
}

static int emit_output(struct emit *emit,
                       struct emit_job *job,
                       int stream,
                       const struct brood_output *output)
{
    struct text buffer = { 0 };
    uint64_t at = 0;
    int64_t n = 0;

    if (output->size_bytes == 0) {
        return 0;
    }
    if (output->data != NULL) {
        emit_text(emit, job, stream, output->data, (size_t)output->size_bytes);
        return 0;
    }
    if (!emit->tagged) {
        return writer_copy(emit->writer, stream, output);
    }
    while (at < output->size_bytes && !emit->writer->abandoned) {
        n = brood_output_read(output, at, text_reserve(&buffer, READ_SIZE),
                              READ_SIZE);
        if (n <= 0) {
            break;
        }
        emit_text(emit, job, stream, buffer.data, (size_t)n);
        at += (uint64_t)n;
    }
    text_clear(&buffer);
    return n < 0 ? (int)n : 0;
}

int emit_whole(struct emit *emit,
               struct emit_job *job,
               const struct brood_result *result)
{
    int r = emit_output(emit, job, WRITER_OUT, &result->out);
    int r_err = emit_output(emit, job, WRITER_ERR, &result->err);

    return r < 0 ? r : r_err;
}

static void put_held(void *user, const void *data, size_t size)
{
    const struct target *target = user;

    emit_text(target->emit, target->job, target->stream, data, size);
}

/* Show the first @size bytes of what is held. */
static void show_held(struct emit *emit,
                      struct emit_job *job,
                      int stream,
                      uint64_t size)
{
    struct target target = { emit, job, stream };

    hold_take(&job->streams[stream - 1].held, &emit->store, size, put_held,
              &target);
}

void emit_piece(struct emit *emit,
                struct emit_job *job,
                int stream,
                const void *data,
                size_t size)
{
    struct emit_stream *to = &job->streams[stream - 1];
    const char *end = memrchr(data, '\n', size);
    size_t whole = end == NULL ? 0 : (size_t)(end - (const char *)data) + 1;

    to->received += size;
    if (!job->turn) {
        if (whole > 0) {
            to->whole = to->held.size + whole;
        }
        hold_add(&to->held, &emit->store, data, size);
        return;
    }
    if (whole > 0) {
        if (to->held.size > 0) {
            show_held(emit, job, stream, to->held.size);
        }
        emit_text(emit, job, stream, data, whole);
    }
    if (size > whole) {
        hold_add(&to->held, &emit->store, (const char *)data + whole,
                 size - whole);
    }
}

void emit_turn(struct emit *emit, struct emit_job *job)
{
    if (job->turn) {
        return;
    }
    job->turn = true;
    for (int stream = WRITER_OUT; stream <= WRITER_ERR; stream++) {
        struct emit_stream *to = &job->streams[stream - 1];

        if (to->whole > 0) {
            show_held(emit, job, stream, to->whole);
            to->whole = 0;
        }
    }
}

void emit_end(struct emit *emit, struct emit_job *job)
{
    emit_turn(emit, job);
    for (int stream = WRITER_OUT; stream <= WRITER_ERR; stream++) {
        uint64_t left = job->streams[stream - 1].held.size;

        if (left > 0) {
            show_held(emit, job, stream, left);
        }
    }
}

void emit_job_reset(struct emit *emit, struct emit_job *job)
{
    for (int i = 0; i < 2; i++) {
        hold_clear(&job->streams[i].held, &emit->store);
        job->streams[i] = (struct emit_stream){ 0 };
    }
    text_reset(&job->tag);
    job->turn = false;
}

int emit_job_error(const struct emit_job *job)
{
    return job->streams[0].held.error != 0 ? job->streams[0].held.error
                                           : job->streams[1].held.error;
}
