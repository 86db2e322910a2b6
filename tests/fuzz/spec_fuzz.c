/*
 * spec_fuzz - read any lines as a job file.
 *
 * What is taken must be whole: words end with NULL, variables have a name, a
 * job one command. What is refused must be told, at a column of the line.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "batch/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in a release too. */
static void must(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_words(const struct spec_words *words)
{
    for (size_t i = 0; i < words->n; i++) {
        must(words->items[i] != NULL);
        must(strlen(words->items[i]) < SIZE_MAX);
    }
}

static void check_job(const struct spec *job)
{
    must((job->sh == NULL) != (job->argv.n == 0));
    must(job->argv.n == 0 || job->argv.items[job->argv.n] == NULL);
    must(job->stdin_text == NULL || job->stdin_file == NULL);
    must(job->cpus >= 1 && job->skip_code >= -1 && job->skip_code <= 255);
    must(job->timeout_ms >= 0 && job->backoff_ms >= 0 && job->cost_ns >= 0);
    check_words(&job->argv);
    check_words(&job->after);
    check_words(&job->tags);
    check_words(&job->resources);
    for (size_t i = 0; i < job->env.n; i++) {
        const char *equals = strchr(job->env.items[i], '=');

        must(equals != NULL && equals > job->env.items[i]);
    }
}

static void read_line(struct spec_reader *reader, const char *line, size_t size)
{
    /* Of its own, so that reading beyond it is noticed. */
    char *copy = malloc(size + 1);
    struct spec_line read;

    must(copy != NULL);
    if (size > 0) {
        memcpy(copy, line, size);
    }
    copy = realloc(copy, size == 0 ? 1 : size);
    must(copy != NULL);
    if (spec_read(reader, copy, size, &read) < 0) {
        must(read.column >= 1 && read.column <= size + 1);
        must(read.error != NULL && *read.error != '\0');
        must(strchr(read.error, '\n') == NULL);
    } else if (read.kind == SPEC_JOB) {
        check_job(&read.job);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spec_reader *reader = spec_reader_new(false);
    const char *p = (const char *)data;
    const char *end = p + size;

    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline == NULL ? end : newline;

        read_line(reader, p, (size_t)(stop - p));
        p = stop + (newline != NULL);
    }
    (void)spec_reader_free(reader);
    return 0;
}
