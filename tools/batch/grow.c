/*
 * grow - jobs that jobs submit while they run.
 *
 * One that is submitted is known by the key of the job that did it, and by how
 * many of its kind that one had submitted before; so a job that is tried again,
 * or run again after a crash, and submits the same, does not do so twice. The
 * record keeps the lines: when a job is not run because it is known, they are
 * taken from there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "batch/batch.h"

/** What one job has submitted. */
struct batch_family {
    unsigned char key[STORE_KEY_SIZE];
    /** The job itself, and those that it has submitted. */
    unsigned n_refs;
    /** What it has submitted in all, and in this attempt. */
    struct kinds all;
    struct kinds now;
    /** Lines in the record. */
    uint64_t n_lines;
};

static struct batch_family *family_new(const unsigned char *key)
{
    struct batch_family *family = calloc(1, sizeof(*family));

    if (family == NULL) {
        text_no_memory();
    }
    memcpy(family->key, key, STORE_KEY_SIZE);
    family->n_refs = 1;
    return family;
}

static void family_leave(struct batch_family *family)
{
    if (family != NULL && --family->n_refs == 0) {
        free(family);
    }
}

/* The job that it is of can submit no more. */
static void family_end(struct batch_family *family)
{
    if (family != NULL) {
        kinds_clear(&family->all);
        kinds_clear(&family->now);
        family_leave(family);
    }
}

const unsigned char *batch_grow_key(const struct batch_job *job)
{
    return job->parent == NULL ? NULL : job->parent->key;
}

void batch_grow_free(struct batch_job *job)
{
    family_end(job->children);
    family_leave(job->parent);
}

void batch_grow_clear(struct batch *batch)
{
    struct batch_file *file = &batch->submitted;

    if (file->is_open) {
        texts_clear(&file->texts);
        file->reader = spec_reader_free(file->reader);
        file->is_open = false;
    }
}

static struct batch_file *submitted(struct batch *batch)
{
    struct batch_file *file = &batch->submitted;

    if (!file->is_open) {
        file->name = "submitted";
        file->reader = spec_reader_new(false);
        texts_init(&file->texts, -1);
        file->is_open = true;
    }
    return file;
}

static bool has_store(const struct batch *batch)
{
    return batch->store != NULL && batch->status != BATCH_STATUS_RECORD;
}

void batch_grow_begin(struct batch *batch, struct batch_active *active)
{
    struct batch_job *job = active->job;

    if (job->children != NULL) {
        kinds_clear(&job->children->now);
        return;
    }
    job->children = family_new(active->key);
    if (has_store(batch)) {
        batch_commit_soon(batch);
        if (store_forget_submitted(batch->store, active->key) < 0) {
            batch_finish_failed_store(batch);
        }
    }
}

/* Returns: 0; 1 the line says nothing; -EINVAL and why. */
static int read_line(struct batch_file *file,
                     const struct value *line,
                     struct spec_line *ret,
                     struct text *error)
{
    if (spec_read(file->reader, line->data, line->size, ret) < 0) {
        if (ret->column > 0) {
            text_add_format(error, "column %zu: ", ret->column);
        }
        text_add_string(error, ret->error);
        return -EINVAL;
    }
    if (ret->kind == SPEC_DEFAULTS || ret->kind == SPEC_LIMITS) {
        text_add_string(error, "a job cannot set 'defaults' or 'limits'");
        return -EINVAL;
    }
    return ret->kind == SPEC_JOB ? 0 : 1;
}

static int add_job(struct batch *batch,
                   struct batch_family *family,
                   const struct value *line,
                   const struct spec *spec,
                   struct text *error)
{
    struct batch_file *file = &batch->submitted;
    struct batch_job *job;
    int r;

    file->line++;
    r = batch_job_new(batch, file, line, 0, &job);
    if (r < 0) {
        text_add_string(error, brood_strerror(r));
        return r;
    }
    job->parent = family;
    family->n_refs++;
    job->occurrence = kinds_count(&family->all, spec);
    r = batch_wish(batch, spec, job, error);
    if (r < 0) {
        batch_job_free(job);
    }
    return r;
}

static int add_line(struct batch *batch,
                    struct batch_family *family,
                    const struct value *line,
                    struct text *error)
{
    struct batch_file *file = submitted(batch);
    struct spec_line read;
    int r = read_line(file, line, &read, error);

    if (r != 0) {
        return r;
    }
    if (kinds_count(&family->now, &read.job) <
        kinds_look(&family->all, &read.job)) {
        return 0; /* An earlier attempt has submitted it. */
    }
    r = add_job(batch, family, line, &read.job, error);
    if (r == 0 && has_store(batch)) {
        batch_commit_soon(batch);
        if (store_add_submitted(batch->store, family->key, ++family->n_lines,
                                line->data, line->size) < 0) {
            batch_finish_failed_store(batch);
        }
    }
    return r;
}

static bool next_line(const char **at, const char *end, struct value *ret)
{
    const char *newline;

    if (*at == end) {
        return false;
    }
    newline = memchr(*at, '\n', (size_t)(end - *at));
    ret->data = *at;
    ret->size = (size_t)((newline == NULL ? end : newline) - *at);
    *at = newline == NULL ? end : newline + 1;
    return true;
}

int batch_grow(struct batch *batch,
               struct batch_active *active,
               const char *lines,
               size_t size,
               struct text *answer)
{
    struct batch_family *family = active->job->children;
    const char *end = lines + size;
    struct text error = { 0 };
    struct value line;
    uint64_t n = 0;
    int number = 0;
    int r = 0;

    if (batch->phase >= BATCH_DRAINS) {
        text_add_string(answer, "the batch is being stopped");
        return -ECANCELED;
    }
    while (r >= 0 && next_line(&lines, end, &line)) {
        number++;
        r = add_line(batch, family, &line, &error);
        n += r == 0;
    }
    if (r < 0) {
        text_add_format(answer, "line %d: %s", number, text_string(&error));
    } else {
        text_add_number(answer, n);
    }
    text_clear(&error);
    return r < 0 ? r : 0;
}

struct loading {
    struct batch *batch;
    struct batch_family *family;
};

static void on_known_line(void *user, const char *data, size_t size)
{
    struct loading *loading = user;
    struct value line = { .data = data, .size = size };
    struct text error = { 0 };
    struct spec_line read;
    int r = read_line(submitted(loading->batch), &line, &read, &error);

    if (r == 0) {
        r = add_job(loading->batch, loading->family, &line, &read.job, &error);
    }
    if (r < 0) {
        loading->batch->n_bad_lines++;
        batch_say(loading->batch, "%s, a job that the record has: %s",
                  text_string(&loading->batch->store_path),
                  text_string(&error));
    }
    text_clear(&error);
}

void batch_grow_known(struct batch *batch,
                      const unsigned char key[STORE_KEY_SIZE])
{
    struct loading loading = { .batch = batch, .family = family_new(key) };

    if (store_submitted(batch->store, key, on_known_line, &loading) < 0) {
        batch_finish_failed_store(batch);
    }
    family_end(loading.family);
}
