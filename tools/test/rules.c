/* rules - what a case's verdict goes by: its expressions, each compiled once. */
#include <stdlib.h>
#include <string.h>

#include "test/testing.h"

/* The pattern of an expression, shared by all tests that have it; NULL after a
 * message. */
static struct pattern *share(struct testing *t,
                             const struct suite_test *test,
                             const char *expression)
{
    struct text error = { 0 };
    struct pattern *pattern;

    for (size_t i = 0; i < t->n_patterns; i++) {
        if (strcmp(t->expressions[i], expression) == 0) {
            return t->patterns[i];
        }
    }
    pattern = pattern_new(expression, &error);
    if (pattern == NULL) {
        test_fail(t, TEST_STATUS_USAGE, "test '%s': %s", test->name,
                  text_string(&error));
        text_clear(&error);
        return NULL;
    }
    t->patterns = reallocarray((void *)t->patterns, t->n_patterns + 1,
                               sizeof(struct pattern *));
    t->expressions = reallocarray((void *)t->expressions, t->n_patterns + 1,
                                  sizeof(const char *));
    if (t->patterns == NULL || t->expressions == NULL) {
        text_no_memory();
    }
    t->expressions[t->n_patterns] = expression;
    t->patterns[t->n_patterns++] = pattern;
    return pattern;
}

static int make_patterns(struct testing *t,
                         const struct suite_test *test,
                         const struct suite_words *from,
                         struct verdict_patterns *ret)
{
    ret->items =
        arena_take(&t->suite.arena, (from->n + 1) * sizeof(struct pattern *));
    for (; ret->n < from->n; ret->n++) {
        ret->items[ret->n] = share(t, test, from->items[ret->n]);
        if (ret->items[ret->n] == NULL) {
            return -1;
        }
    }
    return 0;
}

int test_rules_make(struct testing *t, struct test_case *c)
{
    const struct suite_test *test = c->test;
    int r;

    c->rules.test = test;
    r = make_patterns(t, test, &test->pass, &c->rules.pass);
    if (r == 0) {
        r = make_patterns(t, test, &test->fail, &c->rules.fail);
    }
    if (r == 0) {
        r = make_patterns(t, test, &test->skip, &c->rules.skip);
    }
    return r < 0 ? r
                 : make_patterns(t, test, &test->timeout_match,
                                 &c->rules.timeout_match);
}

void test_rules_clear(struct testing *t)
{
    for (size_t i = 0; i < t->n_patterns; i++) {
        (void)pattern_free(t->patterns[i]);
    }
    free((void *)t->patterns);
    free((void *)t->expressions);
    t->patterns = NULL;
    t->expressions = NULL;
    t->n_patterns = 0;
}
