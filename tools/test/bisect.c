/*
 * bisect - which tests make another fail that runs after them.
 *
 *     alone: passes -> after all others: fails -> after half of them ...
 *
 * Tests run one after the other, in the order of their numbers, each time in a
 * run of its own.
 *
 * As in every other run, tests come with those that set up and clean up what
 * they require. Those that the target needs itself run each time, so they are
 * no suspects. Those that only suspects need are: one of them may be at fault
 * alone. So the set that is searched always has all that its tests need, and a
 * part of it is tried with what that part needs, and only if this is less than
 * the whole.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "test/testing.h"

enum outcome {
    OUTCOME_PASSES,
    OUTCOME_FAILS,
    /** No verdict: the search is over. */
    OUTCOME_NONE,
};

struct bisect {
    struct testing *t;
    struct suite_test *target;
    /** The tests that may be at fault, with all that they need. */
    struct suite_test **tests;
    size_t n;
    /** Room for as many. */
    struct suite_test **tried;
    bool is_over;
};

/* Choose tests and the target, and what these need. Sets ret, which may be
 * tests, to the suspects among them. Returns: how many. */
static size_t choose(struct bisect *b,
                     struct suite_test *const *tests,
                     size_t n,
                     struct suite_test **ret)
{
    size_t n_chosen = 0;

    for (size_t i = 0; i < b->t->suite.n; i++) {
        b->t->suite.tests[i].is_chosen = false;
    }
    for (size_t i = 0; i < n; i++) {
        tests[i]->is_chosen = true;
    }
    b->target->is_chosen = true;
    if (test_select_fixtures(b->t) < 0) {
        b->is_over = true;
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->tests[i]->is_chosen) {
            ret[n_chosen++] = b->tests[i];
        }
    }
    return n_chosen;
}

/* The search cannot go on: the target was skipped, or not run. */
static void give_up(struct bisect *b, const struct test_case *c)
{
    struct testing *t = b->t;

    b->is_over = true;
    if (t->has_hung_up && t->signal == 0) {
        t->signal = SIGHUP;
    }
    if (t->status != 0) {
        return; /* it has been said why */
    }
    if (c != NULL && c->is_over && c->verdict == VERDICT_SKIP) {
        test_fail(t, TEST_STATUS_FAILED,
                  "--bisect: '%s' was skipped; not finished", b->target->name);
        return;
    }
    if (c != NULL && c->is_over && c->verdict == VERDICT_NOT_RUN) {
        test_say(t, "'%s': %s", b->target->name, text_string(&c->reason));
    }
    test_fail(t, TEST_STATUS_FAILED, "--bisect: '%s' was not run; not finished",
              b->target->name);
}

static enum outcome outcome_of(const struct test_case *c)
{
    if (c == NULL || !c->is_over || c->is_late) {
        return OUTCOME_NONE;
    }
    switch (c->verdict) {
    case VERDICT_PASS:
    case VERDICT_FLAKY:
        return OUTCOME_PASSES;
    case VERDICT_FAIL:
    case VERDICT_CRASH:
    case VERDICT_TIMEOUT:
        return OUTCOME_FAILS;
    default:
        return OUTCOME_NONE;
    }
}

/* Run what is chosen: the target and n suspects. */
static enum outcome run(struct bisect *b, size_t n)
{
    struct testing *t = b->t;
    const struct test_case *c = NULL;
    enum outcome outcome;

    t->counts = (struct test_counts){ 0 };
    if (test_plan(t) == 0) {
        test_run(t);
    }
    for (size_t i = 0; i < t->n_cases; i++) {
        if (t->cases[i].test == b->target) {
            c = &t->cases[i];
        }
    }
    /* A signal may have come after its verdict; there will be no more. */
    outcome = t->status == 0 && t->signal == 0 ? outcome_of(c) : OUTCOME_NONE;
    if (outcome == OUTCOME_NONE) {
        give_up(b, c);
    } else {
        test_say(t, "after %zu other%s: %s (%zu left)", n, n == 1 ? "" : "s",
                 outcome == OUTCOME_FAILS ? "fails" : "passes",
                 outcome == OUTCOME_FAILS ? n : b->n);
    }
    writer_flush(&t->writer);
    test_run_clear(t);
    test_plan_clear(t);
    return outcome;
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
    for (size_t part = 0; part < parts && !b->is_over; part++) {
        size_t n = take(b, part, parts, all_but, b->tried);

        n = choose(b, b->tried, n, b->tried);
        if (n < b->n && !b->is_over && run(b, n) == OUTCOME_FAILS) {
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

    while (b->n > 1 && !b->is_over) {
        if (reduce(b, parts, false)) {
            parts = 2;
        } else if (parts > 2 && reduce(b, parts, true)) {
            parts = parts - 1 < b->n ? parts - 1 : b->n;
        } else if (parts < b->n) {
            parts = 2 * parts < b->n ? 2 * parts : b->n;
        } else {
            return;
        }
    }
}

/* Leave out the tests that run with the others anyway. */
static void drop_fixtures(struct bisect *b)
{
    for (size_t i = 0; i < b->n;) {
        size_t n = take(b, i, b->n, true, b->tried);

        if (choose(b, b->tried, n, b->tried) == b->n) {
            b->n--;
            memmove((void *)(b->tests + i), (const void *)(b->tests + i + 1),
                    (b->n - i) * sizeof(struct suite_test *));
        } else {
            i++;
        }
    }
}

static void tell(struct bisect *b)
{
    struct text names = { 0 };

    drop_fixtures(b);
    for (size_t i = 0; i < b->n; i++) {
        text_add_format(&names, "%s'%s'", i > 0 ? ", " : "", b->tests[i]->name);
    }
    test_fail(b->t, TEST_STATUS_FAILED, "'%s' fails after %s%s",
              b->target->name, b->n > 1 ? "these together: " : "",
              text_string(&names));
    text_clear(&names);
}

/* All that were chosen are suspects, but for those that the target needs. */
static void collect(struct bisect *b)
{
    struct suite *suite = &b->t->suite;
    size_t n = 0;

    for (size_t i = 0; i < suite->n; i++) {
        struct suite_test *test = &suite->tests[i];

        if (test != b->target && test->is_chosen && !test->is_disabled) {
            b->tests[b->n++] = test;
        }
    }
    (void)choose(b, NULL, 0, b->tried);
    for (size_t i = 0; i < b->n; i++) {
        if (!b->tests[i]->is_chosen) {
            b->tests[n++] = b->tests[i];
        }
    }
    b->n = n;
}

/* Returns: the one test of the name; NULL after a message. */
static struct suite_test *find_target(struct testing *t)
{
    const char *name = t->options.bisect;
    struct suite_test *found = suite_find(&t->suite, name);
    size_t n = 0;

    for (const struct suite_test *test = found; test != NULL;
         test = suite_find_next(&t->suite, test)) {
        n++;
    }
    if (n == 0) {
        test_fail(t, TEST_STATUS_USAGE, "--bisect: there is no test '%s'",
                  name);
    } else if (n > 1) {
        test_fail(t, TEST_STATUS_USAGE, "--bisect: there are %zu tests '%s'", n,
                  name);
    } else if (found->is_disabled) {
        test_fail(t, TEST_STATUS_USAGE, "--bisect: '%s' is disabled", name);
    }
    return t->status == 0 ? found : NULL;
}

/* Each step runs each test once, one after the other in their order, to the
 * last: options that say otherwise do not count. */
static void set_options(struct testing *t, struct suite_test *target)
{
    struct test_options *o = &t->options;

    t->slots = 1;
    /* None is handed out ahead of its time, or the target would be while others
     * still wait for one that runs. */
    t->has_wide = true;
    o->max_fail = 0;
    o->repeat = TEST_REPEAT_NOT;
    o->retries = 0;
    o->stress = 1;
    o->is_shuffled = false;
    target->retries = 0;
}

static void bisect(struct bisect *b)
{
    struct testing *t = b->t;
    enum outcome outcome;

    collect(b);
    (void)choose(b, NULL, 0, b->tried);
    outcome = run(b, 0);
    if (outcome == OUTCOME_FAILS) {
        test_fail(t, TEST_STATUS_FAILED, "'%s' fails alone", b->target->name);
    }
    if (outcome != OUTCOME_PASSES) {
        return;
    }
    if (b->n > 0) {
        (void)choose(b, b->tests, b->n, b->tried);
        outcome = run(b, b->n);
    }
    if (outcome == OUTCOME_PASSES) {
        test_say(t, "'%s' passes alone, and after all others", b->target->name);
    } else if (outcome == OUTCOME_FAILS) {
        search(b);
        if (!b->is_over) {
            tell(b);
        }
    }
}

void test_bisect(struct testing *t)
{
    const struct test_options *o = &t->options;
    struct bisect b = { .t = t };

    if (o->junit != NULL || o->tap != NULL || o->events != NULL) {
        test_fail(t, TEST_STATUS_USAGE, "--bisect writes no reports");
        return;
    }
    b.target = find_target(t);
    if (b.target == NULL) {
        return;
    }
    b.tests = calloc(t->suite.n + 1, sizeof(struct suite_test *));
    b.tried = calloc(t->suite.n + 1, sizeof(struct suite_test *));
    if (b.tests == NULL || b.tried == NULL) {
        text_no_memory();
    }
    set_options(t, b.target);
    bisect(&b);
    free((void *)b.tests);
    free((void *)b.tried);
}
