/* rules - what a case's verdict goes by: its expressions, each compiled once. */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "test/testing.h"

enum {
    ROOM_FIRST = 64,
};

static size_t *place_of(const struct test_expressions *all,
                        const char *expression)
{
    return &all->by_hash[XXH3_64bits(expression, strlen(expression)) %
                         all->room];
}

static void join(struct test_expressions *all, size_t index)
{
    size_t *place = place_of(all, all->items[index].text);

    all->items[index].next = *place;
    *place = index + 1;
}

static void grow(struct test_expressions *all)
{
    all->room = 2 * all->room + ROOM_FIRST;
    all->items = reallocarray(all->items, all->room, sizeof(*all->items));
    free(all->by_hash);
    all->by_hash = calloc(all->room, sizeof(*all->by_hash));
    if (all->items == NULL || all->by_hash == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < all->n; i++) {
        join(all, i);
    }
}

static struct pattern *find(const struct test_expressions *all,
                            const char *expression)
{
    size_t at = all->n == 0 ? 0 : *place_of(all, expression);

    while (at > 0 && strcmp(all->items[at - 1].text, expression) != 0) {
        at = all->items[at - 1].next;
    }
    return at > 0 ? all->items[at - 1].pattern : NULL;
}

/* The pattern of an expression, shared by all tests that have it; NULL after a
 * message. */
static struct pattern *share(struct testing *t,
                             const struct suite_test *test,
                             const char *expression)
{
    struct test_expressions *all = &t->expressions;
    struct pattern *pattern = find(all, expression);
    struct text error = { 0 };

    if (pattern != NULL) {
        return pattern;
    }
    pattern = pattern_new(expression, &error);
    if (pattern == NULL) {
        test_fail(t, TEST_STATUS_USAGE, "test '%s': %s", test->name,
                  text_string(&error));
        text_clear(&error);
        return NULL;
    }
    if (all->n == all->room) {
        grow(all);
    }
    all->items[all->n] =
        (struct test_expression){ .text = expression, .pattern = pattern };
    join(all, all->n++);
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
    for (size_t i = 0; i < t->expressions.n; i++) {
        (void)pattern_free(t->expressions.items[i].pattern);
    }
    free(t->expressions.items);
    free(t->expressions.by_hash);
    t->expressions = (struct test_expressions){ 0 };
}
