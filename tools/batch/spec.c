#include "batch/spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/spec_reader.h"

static const struct spec nothing_given = {
    .cpus = 1,
    .skip_code = -1,
    .ok_codes = { 1 },
};

struct spec_reader *spec_reader_new(bool plain)
{
    struct spec_reader *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        text_no_memory();
    }
    r->plain = plain;
    r->defaults = nothing_given;
    return r;
}

struct spec_reader *spec_reader_free(struct spec_reader *reader)
{
    if (reader != NULL) {
        if (reader->json != NULL) {
            yajl_free(reader->json);
        }
        arena_clear(&reader->arena);
        arena_clear(&reader->default_arena);
        free(reader->words);
        free(reader->amounts);
        text_clear(&reader->name);
        text_clear(&reader->error);
        free(reader);
    }
    return NULL;
}

static size_t skip_blanks(const char *line, size_t size)
{
    size_t i = 0;

    while (i < size && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')) {
        i++;
    }
    return i;
}

/* What the line set lives in its arena, which becomes that of the defaults;
 * what it took over from earlier defaults must stay as well. */
static void keep_defaults(struct spec_reader *r)
{
    r->defaults = r->ret->job;
    arena_join(&r->default_arena, &r->arena);
}

int spec_read(struct spec_reader *reader,
              const char *line,
              size_t size,
              struct spec_line *ret)
{
    const char *nul = memchr(line, '\0', size);
    size_t start = skip_blanks(line, size);
    int r = 0;

    arena_reset(&reader->arena);
    reader->line = line;
    reader->size = size;
    reader->ret = ret;
    *ret = (struct spec_line){ .kind = SPEC_NOTHING, .job = reader->defaults };
    if (nul != NULL) {
        (void)spec_fail_at(reader, (size_t)(nul - line), "a NUL byte");
        r = -EINVAL;
    } else if (start == size || line[start] == '#') {
        return 0;
    } else if (reader->plain || size - start < 2 ||
               memcmp(line + start, "{\"", 2) != 0) {
        ret->kind = SPEC_JOB;
        ret->job.sh = arena_copy(&reader->arena, line, size);
    } else {
        ret->kind = SPEC_JOB;
        r = spec_read_json(reader);
        if (r == 0 && ret->kind == SPEC_JOB && ret->job.sh == NULL &&
            ret->job.argv.n == 0) {
            (void)spec_fail_at(reader, reader->object_at,
                               "a job needs 'argv' or 'sh'");
            r = -EINVAL;
        }
    }
    if (r < 0) {
        ret->error = text_string(&reader->error);
        return r;
    }
    if (ret->kind == SPEC_DEFAULTS) {
        keep_defaults(reader);
    }
    reader->has_job = reader->has_job || ret->kind == SPEC_JOB;
    return 0;
}
