/* jobs - the jobs of a job file as tests. */
#include <errno.h>
#include <string.h>

#include <brood.h>

#include "batch/spec.h"
#include "run/source.h"
#include "suite/suite.h"

static struct suite_words copy(struct suite *suite,
                               const struct spec_words *words)
{
    return suite_copy_words(suite, words->items, words->n);
}

/* A line for the shell goes to sh -c. */
static struct suite_words command_of(struct suite *suite,
                                     const struct spec *job)
{
    const char *const words[] = { "/bin/sh", "-c", job->sh };

    return job->sh == NULL ? copy(suite, &job->argv)
                           : suite_copy_words(suite, words, 3);
}

static const uint64_t *codes_of(struct suite *suite, const struct spec *job)
{
    uint64_t *codes = arena_take(&suite->arena, sizeof(job->ok_codes));

    memcpy(codes, job->ok_codes, sizeof(job->ok_codes));
    return codes;
}

static void add_test(struct suite *suite,
                     const struct spec *job,
                     const char *path,
                     unsigned line)
{
    struct text name = { 0 };
    struct suite_test *test;

    if (job->id != NULL) {
        text_add_string(&name, job->id);
    } else {
        text_add_format(&name, "%s:%u", path, line);
    }
    test = suite_add(suite, text_string(&name));
    text_clear(&name);
    test->argv = command_of(suite, job);
    test->dir = suite_copy(suite, job->cwd);
    test->env = copy(suite, &job->env);
    test->timeout_ms = job->timeout_ms > 0 ? job->timeout_ms : -1;
    test->retries = job->retries;
    test->processors = job->cpus;
    test->locks = copy(suite, &job->locks);
    test->labels = copy(suite, &job->tags);
    test->depends = copy(suite, &job->after_any);
    test->required_files = copy(suite, &job->inputs);
    test->priority = job->priority;
    test->skip_code = job->skip_code;
    test->ok_codes = codes_of(suite, job);
}

static int read_lines(struct suite *suite,
                      struct source *source,
                      struct spec_reader *reader,
                      const char *path,
                      struct text *error)
{
    unsigned line = 0;
    struct value value;
    int r;

    while ((r = source_next(source, &value)) == 1) {
        struct spec_line read;

        line++;
        if (spec_read(reader, value.data, value.size, &read) < 0) {
            text_add_format(error, "%s:%u:%zu: %s", path, line, read.column,
                            read.error);
            return -1;
        }
        if (read.kind == SPEC_JOB) {
            add_test(suite, &read.job, path, line);
        }
    }
    if (r < 0) {
        text_add_format(error, "cannot read '%s': %s", path, brood_strerror(r));
    }
    return r;
}

int suite_from_jobs(struct suite *suite, const char *path, struct text *error)
{
    struct spec_reader *reader;
    struct source source;
    int r = source_from_file(&source, path, '\n');

    if (r < 0) {
        text_add_format(error, "cannot read '%s': %s", path, brood_strerror(r));
        return -1;
    }
    reader = spec_reader_new(false);
    r = read_lines(suite, &source, reader, path, error);
    (void)spec_reader_free(reader);
    source_close(&source);
    return r;
}
