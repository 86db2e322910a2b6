/*
 * bisect - which test makes another fail that runs after it.
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

static void search(struct bisect *b)
{
    while (b->n > 1 && !is_stopped(b)) {
        size_t half = b->n / 2;

        if (fails_after(b, b->tests, half)) {
            b->n = half;
        } else if (!is_stopped(b) &&
                   fails_after(b, b->tests + half, b->n - half)) {
            b->tests += half;
            b->n -= half;
        } else {
            return; /* It takes some of both. */
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
    struct suite_test **tests =
        calloc(t->suite.n + 1, sizeof(struct suite_test *));

    if (tests == NULL) {
        text_no_memory();
    }
    b.tests = tests;
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
    free((void *)tests);
}
