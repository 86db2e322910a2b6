/* show - what the user sees. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/terminal.h"
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

void test_show_add_name(const struct testing *t,
                        const struct test_case *c,
                        struct text *out)
{
    text_add_string(out, c->test->name);
    if (t->options.stress > 1) {
        text_add_format(out, " (%u/%u)", c->iteration, t->options.stress);
    }
}

void test_show_start(struct testing *t)
{
    const char *no_color = getenv("NO_COLOR");
    size_t disabled = 0;

    t->has_colors = terminal_is_able(STDOUT_FILENO) &&
                    (no_color == NULL || *no_color == '\0');
    for (size_t i = 0; i < t->n_cases; i++) {
        disabled += t->cases[i].test->is_disabled;
    }
    if (!t->options.quiet && t->options.bisect == NULL) {
        test_say(t, "%zu test%s, %u at once", t->n_cases - disabled,
                 t->n_cases - disabled == 1 ? "" : "s", t->slots);
    }
}

/* In colour on a terminal (no-color.org). */
static void add_word(const struct testing *t,
                     const char *color,
                     const char *word,
                     struct text *out)
{
    if (t->has_colors) {
        text_add_format(out, "\033[%sm", color);
    }
    text_add_format(out, "%*s", WORD_WIDTH, word);
    text_add_string(out, t->has_colors ? "\033[0m " : " ");
}

void test_show_add_word(const struct testing *t,
                        enum verdict verdict,
                        struct text *out)
{
    static const char *const colors[] = {
        [VERDICT_PASS] = "32",      [VERDICT_FLAKY] = "33",
        [VERDICT_FAIL] = "31;1",    [VERDICT_CRASH] = "31;1",
        [VERDICT_TIMEOUT] = "31",   [VERDICT_NOT_RUN] = "31",
        [VERDICT_SKIP] = "36",      [VERDICT_DISABLED] = "36",
        [VERDICT_CANCELLED] = "36",
    };

    add_word(t, colors[verdict], verdict_word(verdict), out);
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

/* Whether all attempts have failed in one way. */
static bool is_constant(const struct test_case *c)
{
    for (size_t i = 0; i < c->n_failures; i++) {
        if (c->failures[i].verdict != c->verdict) {
            return false;
        }
    }
    return true;
}

/* "in all 3 attempts", behind why it failed. */
static void add_attempts(const struct test_case *c, struct text *out)
{
    const char *separator = c->reason.size > 0 ? ", " : "";

    if (!verdict_is_bad(c->verdict) || c->attempts < 2) {
        return;
    }
    if (c->n_failures + 1 < c->attempts) {
        text_add_format(out, "%sat attempt %u", separator, c->attempts);
    } else if (is_constant(c)) {
        text_add_format(out, "%sin all %u attempts", separator, c->attempts);
    } else {
        text_add_format(out, "%snone of %u attempts passed", separator,
                        c->attempts);
    }
}

/* Its name, and why. */
static void add_rest(const struct testing *t,
                     const struct test_case *c,
                     struct text *out)
{
    struct text why = { 0 };

    test_show_add_name(t, c, out);
    text_add_string(&why, text_string(&c->reason));
    add_attempts(c, &why);
    if (why.size > 0) {
        text_add_format(out, "  (%s)", why.data);
    }
    if (c->left.size > 0) {
        text_add_format(out, "  (left behind, and ended: %s)", c->left.data);
    } else if (c->leaked) {
        text_add_string(out, "  (left a process that holds its output)");
    }
    if (t->descriptors != NULL) {
        add_descriptors(out, t, c);
    }
    text_clear(&why);
}

void test_show_add_line(const struct testing *t,
                        const struct test_case *c,
                        struct text *out)
{
    struct text rest = { 0 };

    test_show_add_word(t, c->verdict, out);
    if (c->attempts > 0) {
        add_seconds(out, c->duration_ns);
    } else {
        text_add_format(out, "%12s", "");
    }
    text_add_string(out, "  ");
    if (t->options.usage) {
        add_usage(out, t, c);
    }
    add_rest(t, c, &rest);
    terminal_add_plain(out, text_string(&rest));
    text_add_char(out, '\n');
    text_clear(&rest);
}

void test_show_gap(struct testing *t)
{
    if (t->has_shown && !t->has_gap) {
        writer_put(&t->writer, WRITER_OUT, "\n", 1);
    }
    t->has_gap = true;
}

void test_show_case(struct testing *t, const struct test_case *c)
{
    bool bad = verdict_is_bad(c->verdict);
    struct text out = { 0 };

    if (c->verdict == VERDICT_CANCELLED || t->options.bisect != NULL ||
        (t->options.quiet && !bad && c->verdict != VERDICT_FLAKY)) {
        return;
    }
    test_show_add_line(t, c, &out);
    if (t->options.show == TEST_SHOW_ALL ||
        ((bad || c->verdict == VERDICT_FLAKY) &&
         t->options.show == TEST_SHOW_FAILED)) {
        test_block_add(t, c, &out);
    }
    if (bad) {
        test_annotation_add(t, c, &out);
    }
    t->has_shown = true;
    t->has_gap = out.size > 1 && out.data[out.size - 2] == '\n';
    put(t, &out);
}

void test_show_slow(struct testing *t, const struct test_case *c)
{
    struct text name = { 0 };
    struct text out = { 0 };

    add_word(t, "33", "SLOW", &out);
    add_seconds(&out, clock_now_ns() - c->started_ns);
    text_add_string(&out, "  ");
    test_show_add_name(t, c, &name);
    terminal_add_plain(&out, text_string(&name));
    text_add_string(&out, "  (still running)\n");
    t->has_shown = true;
    t->has_gap = false;
    text_clear(&name);
    put(t, &out);
}
