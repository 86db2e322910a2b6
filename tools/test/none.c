/* none - why there is no test to be run. */
#include <unistd.h>

#include "file.h"
#include "test/testing.h"

/* Of a directory, what a user may have meant; NULL: nothing comes to mind. */
static const char *hint_of(const char *source)
{
    if (file_is_in(source, "CTestTestfile.cmake", F_OK) ||
        file_is_in(source, "meson-info", F_OK)) {
        return NULL;
    }
    if (file_is_in(source, "CMakeCache.txt", F_OK)) {
        return "its project does not call enable_testing()";
    }
    if (file_is_in(source, "CMakeLists.txt", F_OK) ||
        file_is_in(source, "meson.build", F_OK)) {
        return "it has sources; the build directory is wanted";
    }
    return NULL;
}

static void add_empty(const struct testing *t, struct text *out)
{
    const struct test_texts *sources = &t->options.sources;

    for (size_t i = 0; i < sources->n; i++) {
        const char *hint = hint_of(sources->items[i]);

        text_add_format(out, "%s'%s'", i > 0 ? ", " : "", sources->items[i]);
        if (hint != NULL) {
            text_add_format(out, " (%s)", hint);
        }
    }
    text_add_string(out, sources->n == 1 ? " has no tests" : " have no tests");
}

/* "no test", or how many the other options have left. */
static void add_subject(const struct testing *t,
                        const char *none,
                        struct text *out)
{
    if (t->n_matching == t->suite.n) {
        text_add_string(out, none);
    } else {
        text_add_format(out, "none of the %zu test%s that match%s",
                        t->n_matching, t->n_matching == 1 ? "" : "s",
                        t->n_matching == 1 ? "es" : "");
    }
}

void test_none_add(const struct testing *t, struct text *out)
{
    const struct test_options *o = &t->options;

    if (t->suite.n == 0) {
        add_empty(t, out);
    } else if (t->n_matching == 0) {
        text_add_format(out, "no match among %zu test%s", t->suite.n,
                        t->suite.n == 1 ? "" : "s");
    } else if (o->rerun_failed) {
        add_subject(t, "no test", out);
        text_add_string(out,
                        t->store == NULL
                            ? " is known to have failed: there is no record"
                            : " failed when it ran last");
    } else if (o->changed) {
        add_subject(t, "no test", out);
        text_add_string(out, " has changed since it passed");
    } else {
        text_add_format(out, "shard %ld/%ld has none of %zu test%s", o->shard,
                        o->shards, t->n_matching,
                        t->n_matching == 1 ? "" : "s");
    }
}
