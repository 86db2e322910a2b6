/* summary - what is said at the end: those that were flaky or failed once more,
 * and how many tests became what. */
#include <string.h>

#include "run/quote.h"
#include "run/terminal.h"
#include "test/descriptors.h"
#include "test/testing.h"

#define NS_PER_S 1e9

enum {
    /* Between the word and the name, where no time is. */
    TIME_WIDTH = 14,
};

static void add_count(struct text *out, size_t n, const char *what)
{
    if (n > 0) {
        text_add_format(out, ", %zu %s", n, what);
    }
}

static bool is_listed(const struct test_case *c, bool bad)
{
    return c->is_over &&
           (bad ? verdict_is_bad(c->verdict) : c->verdict == VERDICT_FLAKY);
}

/* "9 of 40 failed, 2 crashed" */
static void add_times(struct text *out, const struct test_case *cases, size_t n)
{
    static const struct {
        enum verdict verdict;
        const char *what;
    } kinds[] = {
        { VERDICT_FAIL, "failed" },
        { VERDICT_CRASH, "crashed" },
        { VERDICT_TIMEOUT, "timed out" },
        { VERDICT_NOT_RUN, "could not be run" },
        { VERDICT_FLAKY, "flaky" },
    };
    size_t counts[VERDICT_CANCELLED + 1] = { 0 };
    size_t over = 0;
    const char *separator = "";

    for (size_t i = 0; i < n; i++) {
        counts[cases[i].verdict] += cases[i].is_over;
        over += cases[i].is_over && cases[i].verdict != VERDICT_CANCELLED;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t count = counts[kinds[i].verdict];

        if (count > 0 && *separator == '\0') {
            text_add_format(out, "%zu of %zu %s", count, over, kinds[i].what);
            separator = ", ";
        } else {
            add_count(out, count, kinds[i].what);
        }
    }
}

/* One line for all of --stress, among those that are bad if one of them is. */
static void list_stress(const struct testing *t,
                        const struct test_case *cases,
                        size_t n,
                        bool bad,
                        struct text *out)
{
    const struct test_case *worst = NULL;

    for (size_t i = 0; i < n; i++) {
        if (worst == NULL
                ? is_listed(&cases[i], true) || is_listed(&cases[i], false)
                : is_listed(&cases[i], true) &&
                      !verdict_is_bad(worst->verdict)) {
            worst = &cases[i];
        }
    }
    if (worst == NULL || !is_listed(worst, bad)) {
        return;
    }
    test_show_add_word(t, worst->verdict, out);
    text_add_format(out, "%*s", TIME_WIDTH, "");
    terminal_add_plain(out, worst->test->name);
    text_add_string(out, ": ");
    add_times(out, cases, n);
    text_add_char(out, '\n');
}

static void list(const struct testing *t, bool bad, struct text *out)
{
    unsigned times = t->options.stress;

    for (size_t i = 0; i < t->n_cases; i += times) {
        if (times > 1) {
            list_stress(t, &t->cases[i], times, bad, out);
        } else if (is_listed(&t->cases[i], bad)) {
            test_show_add_line(t, &t->cases[i], out);
        }
    }
}

static void add_counts(const struct testing *t, struct text *out)
{
    const size_t *v = t->counts.verdicts;

    text_add_format(out, "%zu of %zu passed",
                    v[VERDICT_PASS] + v[VERDICT_FLAKY],
                    t->n_cases - v[VERDICT_DISABLED]);
    add_count(out, v[VERDICT_FLAKY], "flaky");
    add_count(out, v[VERDICT_FAIL], "failed");
    add_count(out, v[VERDICT_CRASH], "crashed");
    add_count(out, v[VERDICT_TIMEOUT], "timed out");
    add_count(out, v[VERDICT_NOT_RUN], "could not be run");
    add_count(out, v[VERDICT_SKIP], "skipped");
    add_count(out, v[VERDICT_DISABLED], "disabled");
    add_count(out, t->counts.slow, "slow");
    add_count(out, t->counts.leaked, "left processes behind");
    if (t->descriptors != NULL) {
        add_count(out, test_descriptors_count(t), "left descriptors open");
    }
    add_count(out, t->n_cases - t->counts.over + v[VERDICT_CANCELLED],
              "not run");
    text_add_format(out, " in %.3f s",
                    (double)(t->end_ns - t->start_ns) / NS_PER_S);
}

void test_show_summary(struct testing *t)
{
    struct text out = { 0 };

    /* How often tests of --stress failed is said nowhere else. */
    if (!t->options.quiet || t->options.stress > 1) {
        list(t, false, &out);
        list(t, true, &out);
    }
    if (out.size > 0) {
        test_show_gap(t);
        writer_put(&t->writer, WRITER_OUT, out.data, out.size);
        text_reset(&out);
    }
    add_counts(t, &out);
    test_say(t, "%s", text_string(&out));
    if (t->store != NULL && t->status == TEST_STATUS_FAILED &&
        !t->options.quiet && !t->options.rerun_failed) {
        text_reset(&out);
        quote_add(&out, text_string(&t->store_path), t->store_path.size, false);
        test_say(t,
                 "--rerun-failed runs what has failed again, "
                 "brood log %s shows more",
                 text_string(&out));
    }
    text_clear(&out);
}
