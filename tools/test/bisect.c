/*
 * bisect - which tests make another fail that runs after them.
 *
 *     alone: passes -> after all others: fails -> after half of them ...
 *
 * Tests run one after the other, in the order of their numbers, each time in a
 * run of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "test/testing.h"

struct bisect {
    struct testing *t;
    struct suite_test *target;
    /** The tests that may be at fault. */
    struct suite_test **tests;
    size_t n;
    /** Room for as many. */
    struct suite_test **tried;
};

/* Run tests, and then the target. Returns: whether it has failed. */
static bool fails_after(struct bisect *b, struct suite_test **tests, size_t n)
{
    struct testing *t = b->t;
    bool bad = false;

    for (size_t i = 0; i < t->suite.n; i++) {
        t->suite.tests[i].is_chosen = false;
    }
    for (size_t i = 0; i < n; i++) {
        tests[i]->is_chosen = true;
    }
    b->target->is_chosen = true;
    t->counts = (struct test_counts){ 0 };
    if (test_plan(t) == 0) {
        test_run(t);
    }
    for (size_t i = 0; i < t->n_cases; i++) {
        if (t->cases[i].test == b->target) {
            bad = verdict_is_bad(t->cases[i].verdict) || !t->cases[i].is_over;
        }
    }
    test_run_clear(t);
    test_plan_clear(t);
    if (t->status == 0 && t->signal == 0) {
        test_say(t, "after %zu other%s: %s", n, n == 1 ? "" : "s",
                 bad ? "fails" : "passes");
        writer_flush(&t->writer);
    }
    return bad;
}

static bool is_stopped(const struct bisect *b)
{
    return b->t->status != 0 || b->t->signal != 0;
}

/* The tests of one of some parts, or all but these. Returns: how many. */
static size_t take(const struct bisect *b,
                   size_t part,
                   size_t parts,
                   bool all_but,
                   struct suite_test **ret)
{
    size_t first = b->n * part / parts;
    size_t end = b->n * (part + 1) / parts;
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if ((i >= first && i < end) != all_but) {
            ret[n++] = b->tests[i];
        }
    }
    return n;
}

/* Keep one of some parts, or all but one, if that is enough to make the target
 * fail. Returns: whether there was such a part. */
static bool reduce(struct bisect *b, size_t parts, bool all_but)
{
    for (size_t part = 0; part < parts && !is_stopped(b); part++) {
        size_t n = take(b, part, parts, all_but, b->tried);

        if (fails_after(b, b->tried, n)) {
            memcpy((void *)b->tests, (const void *)b->tried,
                   n * sizeof(struct suite_test *));
            b->n = n;
            return true;
        }
    }
    return false;
}

/* Delta debugging (Zeller and Hildebrandt, 2002): what is left makes the target
 * fail, and nothing of it can be left out. */
static void search(struct bisect *b)
{
    size_t parts = 2;

    while (b->n > 1 && !is_stopped(b)) {
        if (reduce(b, parts, false)) {
            parts = 2;
        } else if (parts > 2 && reduce(b, parts, true)) {
            parts--;
        } else if (parts < b->n) {
            parts = 2 * parts < b->n ? 2 * parts : b->n;
        } else {
            return;
        }
    }
}

static void tell(struct bisect *b)
{
    struct text names = { 0 };

    for (size_t i = 0; i < b->n; i++) {
        text_add_format(&names, "%s'%s'", i > 0 ? ", " : "", b->tests[i]->name);
    }
    test_say(b->t, "'%s' fails after %s%s", b->target->name,
             b->n > 1 ? "these together: " : "", text_string(&names));
    text_clear(&names);
}

static void collect(struct bisect *b)
{
    struct suite *suite = &b->t->suite;

    for (size_t i = 0; i < suite->n; i++) {
        struct suite_test *test = &suite->tests[i];

        if (test != b->target && test->is_chosen && !test->is_disabled) {
            b->tests[b->n++] = test;
        }
    }
}

void test_bisect(struct testing *t)
{
    struct bisect b = { .t = t };

    b.tests = calloc(t->suite.n + 1, sizeof(struct suite_test *));
    b.tried = calloc(t->suite.n + 1, sizeof(struct suite_test *));
    if (b.tests == NULL || b.tried == NULL) {
        text_no_memory();
    }
    b.target = suite_find(&t->suite, t->options.bisect);
    if (b.target == NULL) {
        test_fail(t, TEST_STATUS_USAGE, "--bisect: there is no test '%s'",
                  t->options.bisect);
    } else {
        t->slots = 1;
        collect(&b);
        if (fails_after(&b, b.tests, 0)) {
            if (!is_stopped(&b)) {
                test_say(t, "'%s' fails alone", b.target->name);
                t->status = TEST_STATUS_FAILED;
            }
        } else if (!is_stopped(&b) && fails_after(&b, b.tests, b.n)) {
            search(&b);
            if (!is_stopped(&b)) {
                tell(&b);
                t->status = TEST_STATUS_FAILED;
            }
        } else if (!is_stopped(&b)) {
            test_say(t, "'%s' passes alone, and after all others",
                     b.target->name);
        }
    }
    free((void *)b.tests);
    free((void *)b.tried);
}
