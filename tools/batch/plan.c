/* plan - from the lines of job files to the graph. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/batch.h"

enum {
    /* Lines read in one round, and jobs that may wait where their order does
     * not matter. */
    LINES_MAX = 1000,
    WINDOW = 10000,
    EDGES_MAX = 1 << 20,
};

static void say_line(struct batch *batch,
                     const struct batch_file *file,
                     size_t column,
                     const char *error)
{
    batch->n_bad_lines++;
    if (column > 0) {
        batch_say(batch, "%s:%u:%zu: %s", file->name, file->line, column,
                  error);
    } else {
        batch_say(batch, "%s:%u: %s", file->name, file->line, error);
    }
}

static int open_file(struct batch *batch, struct batch_file *file)
{
    char delimiter = batch->options.null_delimited ? '\0' : '\n';
    int r = source_from_file(&file->source, file->path, delimiter);

    file->name = r < 0 ? file->path : file->source.name;
    if (r < 0) {
        batch_fail(batch, BATCH_STATUS_USAGE, "cannot read '%s': %s",
                   file->path, brood_strerror(r));
        return -1;
    }
    file->is_open = true;
    file->reader = spec_reader_new(batch->options.plain);
    texts_init(&file->texts, file->source.may_wait ? -1 : file->source.fd);
    return 0;
}

int batch_plan_open(struct batch *batch, int argc, char **argv, int first)
{
    static const char *const standard_input[] = { "-" };
    int n = argc - first;

    if (n == 0 && isatty(STDIN_FILENO)) {
        batch_fail(batch, BATCH_STATUS_USAGE,
                   "no job file; see 'brood batch --help'");
        return -1;
    }
    batch->n_files = n > 0 ? (size_t)n : 1;
    batch->files = calloc(batch->n_files, sizeof(*batch->files));
    if (batch->files == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < batch->n_files; i++) {
        batch->files[i].path = n > 0 ? argv[first + (int)i] : standard_input[0];
        if (open_file(batch, &batch->files[i]) < 0) {
            return -1;
        }
    }
    batch->is_before_from = batch->options.from != NULL;
    return 0;
}

void batch_plan_clear(struct batch *batch)
{
    struct batch_job *next;

    for (struct batch_job *job = batch->jobs; job != NULL; job = next) {
        next = job->next;
        batch_job_free(job);
    }
    for (size_t i = 0; i < batch->n_files; i++) {
        struct batch_file *file = &batch->files[i];

        if (file->is_open) {
            source_close(&file->source);
            texts_clear(&file->texts);
            file->reader = spec_reader_free(file->reader);
        }
    }
    free(batch->files);
    batch_grow_clear(batch);
    kinds_clear(&batch->kinds);
}

/* What is said on the command line comes before what the file says. */
static bool is_option(const struct batch *batch, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < batch->options.n_resources; i++) {
        const char *given = batch->options.resources[i];

        if (strncmp(given, name, size) == 0 && given[size] == '=') {
            return true;
        }
    }
    return false;
}

static void set_limits(struct batch *batch, const struct spec_limits *limits)
{
    if (limits->slots > 0) {
        batch->limits.slots = limits->slots;
    }
    if (limits->mem_bytes > 0 && batch->options.mem_bytes == 0) {
        (void)brood_graph_resource(batch->graph, "mem", limits->mem_bytes);
    }
    for (size_t i = 0; i < limits->resources.n; i++) {
        struct text name = { 0 };

        text_add_format(&name, "resource %s", limits->resources.items[i]);
        if (!is_option(batch, limits->resources.items[i])) {
            (void)brood_graph_resource(batch->graph, text_string(&name),
                                       limits->amounts[i]);
        }
        text_clear(&name);
    }
}

/* Whether --from means this job. */
static bool is_from(const struct batch *batch,
                    const struct batch_file *file,
                    const struct spec *spec)
{
    char *end;
    unsigned long line = strtoul(batch->options.from, &end, 10);

    return (spec->id != NULL && strcmp(spec->id, batch->options.from) == 0) ||
           (*end == '\0' && line == file->line);
}

static void add_job(struct batch *batch,
                    struct batch_file *file,
                    const struct spec *spec,
                    struct batch_job *job)
{
    struct text error = { 0 };

    if (batch->is_before_from && is_from(batch, file, spec)) {
        batch->is_before_from = false;
    }
    job->is_assumed = batch->is_before_from;
    job->occurrence =
        batch->store != NULL ? kinds_count(&batch->kinds, spec) : 0;
    if (batch_wish(batch, spec, job, &error) < 0) {
        say_line(batch, file, 0, text_string(&error));
        batch_job_free(job);
    }
    text_clear(&error);
}

int batch_job_new(struct batch *batch,
                  struct batch_file *file,
                  const struct value *line,
                  uint64_t at,
                  struct batch_job **ret)
{
    struct batch_job *job = calloc(1, sizeof(*job));
    int r;

    if (job == NULL) {
        text_no_memory();
    }
    *job = (struct batch_job){ .file = file,
                               .line = file->line,
                               .next = batch->jobs,
                               .where = &batch->jobs };
    if (job->next != NULL) {
        job->next->where = &job->next;
    }
    batch->jobs = job;
    r = texts_add(&file->texts, line->data, line->size, at, &job->place);
    if (r < 0) {
        batch_fail(batch, BATCH_STATUS_RECORD, "cannot keep a job: %s",
                   brood_strerror(r));
        batch_drain(batch);
        batch_job_free(job);
        return r;
    }
    *ret = job;
    return 0;
}

static void read_line(struct batch *batch,
                      struct batch_file *file,
                      const struct value *line,
                      uint64_t at)
{
    struct spec_line read;
    struct batch_job *job;

    file->line++;
    if (spec_read(file->reader, line->data, line->size, &read) < 0) {
        say_line(batch, file, read.column, read.error);
        return;
    }
    if (read.kind == SPEC_LIMITS) {
        set_limits(batch, &read.limits);
    }
    if (read.kind != SPEC_JOB) {
        return;
    }
    if (batch_job_new(batch, file, line, at, &job) == 0) {
        add_job(batch, file, &read.job, job);
    }
}

static void on_problem(const struct brood_graph_problem *problem, void *user)
{
    struct batch *batch = user;
    struct text text = { 0 };

    batch->n_bad_lines++;
    batch_job_place(problem->items[0].tag, &text);
    if (problem->kind == BROOD_SKIP_MISSING) {
        text_add_format(&text, ": it comes after '%s', which no job is called",
                        problem->names[0]);
    } else {
        text_add_string(&text, ": jobs wait for each other: ");
        for (size_t i = 0; i < problem->n_items; i++) {
            text_add_format(&text, "'%s' -> ", problem->names[i]);
        }
        text_add_format(&text, "'%s'", problem->names[0]);
    }
    batch_say(batch, "%s", text_string(&text));
    text_clear(&text);
}

static void close_graph(struct batch *batch)
{
    int r = brood_graph_close(batch->graph, on_problem, batch);

    if (r == -ENOMEM) {
        text_no_memory();
    }
    if (batch->is_before_from) {
        batch->n_bad_lines++;
        batch_say(batch, "--from: there is no job '%s'", batch->options.from);
    }
    batch->phase = BATCH_CLOSED;
}

/* Where the order of jobs does not matter, those that come later may wait in
 * the file, unless nothing can start without them. */
static bool is_enough(const struct batch *batch)
{
    struct brood_graph_counts c = brood_graph_count(batch->graph);

    return !batch->has_order && c.ready >= WINDOW &&
           batch->options.ask == BATCH_ASK_RUN;
}

bool batch_plan_read(struct batch *batch)
{
    batch->is_starved = false;
    for (int n = 0; batch->phase == BATCH_READS && !is_enough(batch); n++) {
        struct batch_file *file = &batch->files[batch->file];
        struct value line;
        uint64_t at = file->at;
        int r;

        if (n >= LINES_MAX) {
            return true;
        }
        r = source_next(&file->source, &line);
        if (r == -EAGAIN) {
            batch->is_starved = true;
            return false;
        }
        if (r < 0) {
            batch_fail(batch, BATCH_STATUS_USAGE, "cannot read '%s': %s",
                       file->name, brood_strerror(r));
        }
        if (r == 1) {
            file->at += line.size + 1;
            read_line(batch, file, &line, at);
        } else if (++batch->file == batch->n_files) {
            close_graph(batch);
        }
    }
    return false;
}

const struct batch_file *batch_plan_waits_for(const struct batch *batch)
{
    return batch->is_starved && batch->phase == BATCH_READS
               ? &batch->files[batch->file]
               : NULL;
}

void batch_job_place(const struct batch_job *job, struct text *out)
{
    text_add_format(out, "%s:%u", job->file->name, job->line);
}

int batch_job_read(struct batch *batch,
                   const struct batch_job *job,
                   struct spec_line *ret)
{
    const char *line = NULL;
    int r = texts_read(&job->file->texts, &job->place, &line);

    (void)batch;
    return r < 0 ? r : spec_read(job->file->reader, line, job->place.size, ret);
}

void batch_job_key(const struct batch *batch,
                   const struct batch_job *job,
                   const struct spec *spec,
                   unsigned char ret[STORE_KEY_SIZE])
{
    identity_of(spec, job->occurrence, batch->dir, batch_grow_key(job), ret);
}

void batch_job_free(struct batch_job *job)
{
    batch_grow_free(job);
    texts_forget(&job->file->texts, &job->place);
    *job->where = job->next;
    if (job->next != NULL) {
        job->next->where = job->where;
    }
    free(job);
}
