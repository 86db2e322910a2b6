/* show - what the user sees. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/descriptors.h"
#include "test/testing.h"

enum {
    WORD_WIDTH = 7,
    USAGE_WIDTH = 29,
    FDS_WIDTH = 10,
};

#define BYTES_MIB (1024.0 * 1024.0)

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static void put(struct testing *t, struct text *text)
{
    writer_put(&t->writer, WRITER_OUT, text->data, text->size);
    text_clear(text);
}

static void add_seconds(struct text *out, int64_t ns)
{
    text_add_format(out, "%6" PRId64 ".%03d s", ns / NS_PER_S,
                    (int)(ns % NS_PER_S / NS_PER_MS));
}

static void add_name(struct text *out,
                     const struct testing *t,
                     const struct test_case *c)
{
    text_add_string(out, c->test->name);
    if (t->options.stress > 1) {
        text_add_format(out, " (%u/%u)", c->iteration, t->options.stress);
    }
}

/* Each line of an output, with blanks before it. */
static void add_output(struct text *out, const struct text *output)
{
    const char *at = text_string(output);
    const char *end = at + output->size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline == NULL ? end : newline;

        text_add_string(out, "    ");
        text_add(out, at, (size_t)(stop - at));
        text_add_char(out, '\n');
        at = stop + 1;
    }
}

/* A line that GitHub shows with the change (workflow commands). */
static void add_annotation(struct text *out,
                           const struct testing *t,
                           const struct test_case *c)
{
    if (getenv("GITHUB_ACTIONS") != NULL) {
        text_add_string(out, "::error title=");
        add_name(out, t, c);
        text_add_format(out, "::%s %s\n", verdict_word(c->verdict),
                        text_string(&c->reason));
    }
}

void test_show_start(struct testing *t)
{
    const char *no_color = getenv("NO_COLOR");
    size_t disabled = 0;

    t->has_colors =
        isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0');
    for (size_t i = 0; i < t->n_cases; i++) {
        disabled += t->cases[i].test->is_disabled;
    }
    if (!t->options.quiet && t->options.bisect == NULL) {
        test_say(t, "%zu test%s, %u at once", t->n_cases - disabled,
                 t->n_cases - disabled == 1 ? "" : "s", t->slots);
    }
}

/* The word for what became of it, in colour on a terminal (no-color.org). */
static void add_word(struct text *out,
                     const struct testing *t,
                     enum verdict verdict)
{
    static const char *const colors[] = {
        [VERDICT_PASS] = "32",      [VERDICT_FLAKY] = "33",
        [VERDICT_FAIL] = "31;1",    [VERDICT_CRASH] = "31;1",
        [VERDICT_TIMEOUT] = "31",   [VERDICT_NOT_RUN] = "31",
        [VERDICT_SKIP] = "36",      [VERDICT_DISABLED] = "36",
        [VERDICT_CANCELLED] = "36",
    };

    if (t->has_colors) {
        text_add_format(out, "\033[%sm", colors[verdict]);
    }
    text_add_format(out, "%*s", WORD_WIDTH, verdict_word(verdict));
    text_add_string(out, t->has_colors ? "\033[0m " : " ");
}

static void add_usage(struct text *out,
                      const struct testing *t,
                      const struct test_case *c)
{
    if (c->attempts > 0) {
        text_add_format(out, "%8.3f s CPU %8.1f MiB  ",
                        (double)c->cpu_ns / (double)NS_PER_S,
                        (double)c->rss_bytes / BYTES_MIB);
    } else {
        text_add_format(out, "%*s", USAGE_WIDTH, "");
    }
    if (t->descriptors != NULL && test_descriptors_of(t, c) >= 0) {
        text_add_format(out, "%4" PRId64 " fds  ", test_descriptors_of(t, c));
    } else if (t->descriptors != NULL) {
        text_add_format(out, "%*s", FDS_WIDTH, "");
    }
}

static void add_descriptors(struct text *out,
                            const struct testing *t,
                            const struct test_case *c)
{
    struct text files = { 0 };

    if (test_descriptors_add(t, c, false, &files)) {
        text_add_format(out, "  (%s)", files.data);
    }
    text_clear(&files);
}

static void add_case(struct text *out,
                     const struct testing *t,
                     const struct test_case *c)
{
    add_word(out, t, c->verdict);
    if (c->attempts > 0) {
        add_seconds(out, c->duration_ns);
    } else {
        text_add_format(out, "%12s", "");
    }
    text_add_string(out, "  ");
    if (t->options.usage) {
        add_usage(out, t, c);
    }
    add_name(out, t, c);
    if (c->reason.size > 0) {
        text_add_format(out, "  (%s)", c->reason.data);
    }
    if (c->left.size > 0) {
        text_add_format(out, "  (left behind, and ended: %s)", c->left.data);
    } else if (c->leaked) {
        text_add_string(out, "  (left a process that holds its output)");
    }
    if (t->descriptors != NULL) {
        add_descriptors(out, t, c);
    }
    text_add_char(out, '\n');
}

void test_show_case(struct testing *t, const struct test_case *c)
{
    bool bad = verdict_is_bad(c->verdict);
    struct text out = { 0 };

    if (c->verdict == VERDICT_CANCELLED || t->options.bisect != NULL ||
        (t->options.quiet && !bad && c->verdict != VERDICT_FLAKY)) {
        return;
    }
    add_case(&out, t, c);
    if (t->options.show == TEST_SHOW_ALL ||
        (bad && t->options.show == TEST_SHOW_FAILED)) {
        add_output(&out, &c->output);
    }
    if (bad) {
        add_annotation(&out, t, c);
    }
    put(t, &out);
}

void test_show_slow(struct testing *t, const struct test_case *c)
{
    struct text out = { 0 };

    text_add_format(&out, "%*s ", WORD_WIDTH, "SLOW");
    add_seconds(&out, test_clock_ns() - c->started_ns);
    text_add_string(&out, "  ");
    add_name(&out, t, c);
    text_add_string(&out, "  (runs)\n");
    put(t, &out);
}

static void add_count(struct text *out, size_t n, const char *what)
{
    if (n > 0) {
        text_add_format(out, ", %zu %s", n, what);
    }
}

void test_show_summary(struct testing *t)
{
    const size_t *v = t->counts.verdicts;
    size_t not_run = t->n_cases - t->counts.over + v[VERDICT_CANCELLED];
    struct text out = { 0 };

    for (size_t i = 0; i < t->n_cases && !t->options.quiet; i++) {
        if (verdict_is_bad(t->cases[i].verdict) && t->cases[i].is_over) {
            add_case(&out, t, &t->cases[i]);
        }
    }
    put(t, &out);
    text_add_format(&out, "%zu of %zu passed",
                    v[VERDICT_PASS] + v[VERDICT_FLAKY],
                    t->n_cases - v[VERDICT_DISABLED]);
    add_count(&out, v[VERDICT_FLAKY], "flaky");
    add_count(&out, v[VERDICT_FAIL] + v[VERDICT_CRASH], "failed");
    add_count(&out, v[VERDICT_TIMEOUT], "timed out");
    add_count(&out, v[VERDICT_NOT_RUN], "could not be run");
    add_count(&out, v[VERDICT_SKIP], "skipped");
    add_count(&out, v[VERDICT_DISABLED], "disabled");
    add_count(&out, t->counts.slow, "slow");
    add_count(&out, t->counts.leaked, "leave processes");
    if (t->descriptors != NULL) {
        add_count(&out, test_descriptors_count(t), "leave descriptors open");
    }
    add_count(&out, not_run, "not run");
    text_add_format(&out, " in %.3f s",
                    (double)(t->end_ns - t->start_ns) / (double)NS_PER_S);
    test_say(t, "%s", text_string(&out));
    text_clear(&out);
    if (t->store != NULL && t->status == TEST_STATUS_FAILED &&
        !t->options.quiet && !t->options.rerun_failed) {
        test_say(t,
                 "--rerun-failed runs what has failed again, "
                 "brood log %s shows more",
                 text_string(&t->store_path));
    }
}
