/* start - from the graph to the pool. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/batch.h"
#include "batch/paths.h"
#include "run/quote.h"

enum {
    VARIABLE_SIZE = 64,
    /* Jobs looked at in one round, when none of them has to run. */
    LOOKS_MAX = 1000,
};

#define NS_PER_MS INT64_C(1000000)

static struct batch_active *active_new(struct batch *batch)
{
    struct batch_active *a = batch->unused;

    if (a != NULL) {
        batch->unused = a->next;
    } else {
        a = calloc(1, sizeof(*a));
        if (a == NULL) {
            text_no_memory();
        }
    }
    a->batch = batch;
    a->next = batch->active;
    if (a->next != NULL) {
        a->next->where = &a->next;
    }
    a->where = &batch->active;
    batch->active = a;
    batch->n_active++;
    return a;
}

void batch_active_free(struct batch *batch, struct batch_active *active)
{
    *active->where = active->next;
    if (active->next != NULL) {
        active->next->where = active->where;
    }
    batch->n_active--;
    arena_reset(&active->arena);
    text_clear(&active->news.note);
    text_clear(&active->tail.seen[0]);
    text_clear(&active->tail.seen[1]);
    *active =
        (struct batch_active){ .arena = active->arena, .next = batch->unused };
    batch->unused = active;
}

static const char *keep(struct batch_active *a, const char *text)
{
    return text == NULL ? NULL : arena_copy(&a->arena, text, strlen(text));
}

static struct spec_words keep_words(struct batch_active *a,
                                    const struct spec_words *words)
{
    const char **items = arena_take(&a->arena, (words->n + 1) * sizeof(*items));

    for (size_t i = 0; i < words->n; i++) {
        items[i] = keep(a, words->items[i]);
    }
    items[words->n] = NULL;
    return (struct spec_words){ .items = items, .n = words->n };
}

/* What is needed of the line while the job runs, and after. */
static void keep_spec(struct batch_active *a, const struct spec *from)
{
    struct spec *s = &a->spec;

    *s = *from;
    s->id = keep(a, from->id);
    s->sh = keep(a, from->sh);
    s->argv = keep_words(a, &from->argv);
    s->env = keep_words(a, &from->env);
    s->cwd = keep(a, from->cwd);
    s->stdin_text = keep(a, from->stdin_text);
    s->stdin_file = keep(a, from->stdin_file);
    s->tags = keep_words(a, &from->tags);
    s->outputs = keep_words(a, &from->outputs);
    s->after = s->after_any = s->after_fail = (struct spec_words){ 0 };
    s->locks = s->resources = s->inputs = (struct spec_words){ 0 };
}

void batch_command_add(const struct spec *spec, struct text *out)
{
    if (spec->sh != NULL) {
        text_add_string(out, spec->sh);
        return;
    }
    for (size_t i = 0; i < spec->argv.n; i++) {
        text_add_string(out, i > 0 ? " " : "");
        quote_add(out, spec->argv.items[i], strlen(spec->argv.items[i]), false);
    }
}

void batch_tags_add(const struct spec *spec, struct text *out)
{
    for (size_t i = 0; i < spec->tags.n; i++) {
        text_add_string(out, spec->tags.items[i]);
        text_add_char(out, ' ');
    }
}

static const char *keep_text(struct batch_active *a, struct text *text)
{
    const char *copy = arena_copy(&a->arena, text_string(text), text->size);

    text_clear(text);
    return copy;
}

static const char *command_of(struct batch_active *a)
{
    struct text text = { 0 };

    if (a->spec.sh != NULL) {
        return a->spec.sh;
    }
    batch_command_add(&a->spec, &text);
    return keep_text(a, &text);
}

static const char *tags_of(struct batch_active *a)
{
    struct text text = { 0 };

    batch_tags_add(&a->spec, &text);
    return keep_text(a, &text);
}

static void make_env(struct batch *batch,
                     const struct batch_active *a,
                     char run[VARIABLE_SIZE],
                     struct text *job,
                     const char **ret)
{
    size_t n = a->spec.env.n;

    if (n > 0) {
        memcpy(ret, a->spec.env.items, n * sizeof(*ret));
    }
    text_add_string(job, "BROOD_JOB=");
    if (a->spec.id != NULL) {
        text_add_string(job, a->spec.id);
    } else {
        text_add_number(job, a->job->seq);
    }
    ret[n++] = text_string(job);
    if (batch->store != NULL) {
        (void)snprintf(run, VARIABLE_SIZE, "BROOD_RUN=%s",
                       store_run_id(batch->store));
        ret[n++] = run;
    }
    ret[n] = NULL;
}

static enum brood_hold hold_for(const struct halt *halt)
{
    static const enum brood_hold holds[] = {
        [HALT_FAIL] = BROOD_HOLD_FAILED,
        [HALT_SUCCESS] = BROOD_HOLD_OK,
        [HALT_DONE] = BROOD_HOLD_ALWAYS,
    };

    return halt->when == HALT_NEVER ? BROOD_HOLD_NEVER : holds[halt->what];
}

static int submit(struct batch *batch, struct batch_active *a)
{
    const struct spec *spec = &a->spec;
    char run[VARIABLE_SIZE];
    struct text name = { 0 };
    struct text input = { 0 };
    const char **env = calloc(spec->env.n + 3, sizeof(*env));
    struct brood_job job = {
        .argv = spec->sh == NULL ? spec->argv.items : NULL,
        .shell = spec->sh,
        .env = env,
        .dir = spec->cwd,
        .timeout_ms = spec->timeout_ms,
        .parent_death_signal = SIGTERM,
        .hold = hold_for(&batch->options.halt),
        .notify_start = 1,
        .tag = a,
    };
    int r;

    if (env == NULL) {
        text_no_memory();
    }
    make_env(batch, a, run, &name, env);
    if (spec->stdin_text != NULL) {
        job.input = BROOD_INPUT_BYTES;
        job.input_data = spec->stdin_text;
        job.input_size_bytes = strlen(spec->stdin_text);
    } else if (spec->stdin_file != NULL) {
        path_in(spec->cwd, spec->stdin_file, &input);
        job.input = BROOD_INPUT_FILE;
        job.input_path = text_string(&input);
    }
    if (spec->channel) {
        batch_grow_begin(batch, a);
        r = batch_channel_start(a, &job);
    } else {
        r = brood_submit(batch->batch, &job, &a->id);
    }
    text_clear(&input);
    text_clear(&name);
    free(env);
    return r;
}

/* Returns: whether the outputs that a job declares are there. */
static bool has_outputs(const struct spec *spec)
{
    struct text path = { 0 };
    bool all = true;

    for (size_t i = 0; i < spec->outputs.n && all; i++) {
        path_in(spec->cwd, spec->outputs.items[i], &path);
        all = access(text_string(&path), F_OK) == 0;
    }
    text_clear(&path);
    return all;
}

/* Whether the record, or --from, has a job as done. */
static bool is_known(struct batch *batch,
                     const struct batch_job *job,
                     const struct spec *spec,
                     const unsigned char *key,
                     bool *ret_ok)
{
    int64_t duration_ns;
    int known;

    *ret_ok = true;
    if (job->is_assumed) {
        return true;
    }
    if (batch->store == NULL || batch->options.again == BATCH_AGAIN_ALL ||
        batch->options.from != NULL) {
        return false;
    }
    known = store_find(batch->store, key, &duration_ns);
    if (known < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "%s", store_error(batch->store));
        batch_kill(batch);
        return false;
    }
    *ret_ok = known == STORE_KNOWN_OK;
    return *ret_ok ? has_outputs(spec)
                   : known == STORE_KNOWN_FAILED &&
                         batch->options.again == BATCH_AGAIN_NONE;
}

static void refuse(struct batch *batch, struct batch_active *a, int error)
{
    batch_finish_refused(batch, a->job, a, brood_strerror(error));
}

static void start_job(struct batch *batch, struct batch_job *job)
{
    struct spec_line line;
    struct batch_active *a;
    bool ok;
    int r = batch_job_read(batch, job, &line);

    if (r < 0) {
        batch_finish_refused(batch, job, NULL,
                             r == -ESTALE || r == -EINVAL
                                 ? "the job file has been changed meanwhile"
                                 : brood_strerror(r));
        return;
    }
    a = active_new(batch);
    a->job = job;
    batch_job_key(batch, job, &line.job, a->key);
    if (job->attempts == 0 && is_known(batch, job, &line.job, a->key, &ok)) {
        if (line.job.channel && !job->is_assumed) {
            batch_grow_known(batch, a->key);
        }
        batch_active_free(batch, a);
        batch_finish_known(batch, job, ok);
        return;
    }
    keep_spec(a, &line.job);
    a->command = command_of(a);
    a->tags = tags_of(a);
    r = submit(batch, a);
    if (r < 0) {
        refuse(batch, a, r);
    }
}

void batch_start_again(struct batch *batch, struct batch_active *active)
{
    int r = submit(batch, active);

    if (r < 0) {
        refuse(batch, active, r);
    }
}

bool batch_start(struct batch *batch)
{
    struct brood_graph_item item;

    batch_finish_skipped(batch);
    for (int n = 0; batch->phase < BATCH_DRAINS; n++) {
        if (n == LOOKS_MAX) {
            return true;
        }
        if (brood_batch_room(batch->batch) == 0 ||
            brood_graph_next(batch->graph, &item) == 0) {
            break;
        }
        start_job(batch, item.tag);
        batch_finish_skipped(batch);
    }
    return false;
}

static void show_command(struct batch *batch, const struct spec *spec)
{
    struct text line = { 0 };

    batch_command_add(spec, &line);
    text_add_char(&line, '\n');
    writer_put(&batch->writer, WRITER_OUT, line.data, line.size);
    text_clear(&line);
}

void batch_start_show(struct batch *batch)
{
    struct brood_graph_item item;

    while (brood_graph_next(batch->graph, &item) == 1) {
        const struct batch_job *job = item.tag;
        unsigned char key[STORE_KEY_SIZE];
        struct spec_line line;
        bool ok = true;

        if (batch_job_read(batch, job, &line) == 0) {
            batch_job_key(batch, job, &line.job, key);
            if (!is_known(batch, job, &line.job, key, &ok)) {
                show_command(batch, &line.job);
            } else if (line.job.channel && !job->is_assumed) {
                batch_grow_known(batch, key);
            }
        }
        (void)brood_graph_end(batch->graph, item.number, ok);
    }
}

void batch_start_clear(struct batch *batch)
{
    while (batch->active != NULL) {
        batch_active_free(batch, batch->active);
    }
    while (batch->unused != NULL) {
        struct batch_active *next = batch->unused->next;

        arena_clear(&batch->unused->arena);
        free(batch->unused);
        batch->unused = next;
    }
}

int batch_start_retries(struct batch *batch)
{
    int64_t now = clock_now_ns();

    while (batch->retries != NULL && batch->retries->retry_ns <= now) {
        struct batch_job *job = batch->retries;

        batch->retries = job->next_retry;
        (void)brood_graph_resume(batch->graph, job->number);
    }
    return batch->retries == NULL
               ? -1
               : (int)((batch->retries->retry_ns - now) / NS_PER_MS + 1);
}
