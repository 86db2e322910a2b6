/* plan - from the chosen tests to cases, and a graph of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "test/testing.h"

enum {
    NAME_SIZE = 48,
    /* Tests that failed last come before all others. */
    PRIORITY_FAILED = 2000000,
    PRIORITY_RANDOM = 1000000,
    NS_PER_S = 1000000000,
};

/* While the graph is made. */
struct planner {
    struct testing *t;
    /** The chosen tests by name. */
    size_t *by_name;
    size_t n;
    /** Those of them that set a fixture up. */
    size_t *setups;
    size_t n_setups;
    struct arena arena;
    uint64_t seed;
};

static const struct suite_test *tests_to_sort;

static int compare_names(const void *a, const void *b)
{
    return strcmp(tests_to_sort[*(const size_t *)a].name,
                  tests_to_sort[*(const size_t *)b].name);
}

static void sort_names(struct planner *p)
{
    const struct suite *suite = &p->t->suite;

    p->by_name = calloc(suite->n + 1, sizeof(*p->by_name));
    p->setups = calloc(suite->n + 1, sizeof(*p->setups));
    if (p->by_name == NULL || p->setups == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < suite->n; i++) {
        if (suite->tests[i].is_chosen) {
            p->by_name[p->n++] = i;
        }
        if (suite->tests[i].is_chosen && suite->tests[i].setup.n > 0) {
            p->setups[p->n_setups++] = i;
        }
    }
    tests_to_sort = suite->tests;
    qsort(p->by_name, p->n, sizeof(*p->by_name), compare_names);
}

/* Returns: the index of a chosen test; SIZE_MAX: it is none. */
static size_t find(const struct planner *p, const char *name)
{
    size_t low = 0;
    size_t high = p->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(p->t->suite.tests[p->by_name[middle]].name, name);

        if (order == 0) {
            return p->by_name[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return SIZE_MAX;
}

/* What the graph calls a case. */
static const char *name_of(struct planner *p, size_t index, unsigned iteration)
{
    char name[NAME_SIZE];
    int n = snprintf(name, sizeof(name), "%zu.%u", index, iteration);

    return arena_copy(&p->arena, name, (size_t)n);
}

struct edges {
    struct brood_edge *items;
    unsigned n;
    unsigned room;
};

static void add_edge(struct planner *p,
                     struct edges *edges,
                     size_t index,
                     unsigned iteration,
                     enum brood_after after)
{
    if (edges->n == edges->room) {
        edges->room = 2 * edges->room + 8;
        edges->items =
            reallocarray(edges->items, edges->room, sizeof(*edges->items));
        if (edges->items == NULL) {
            text_no_memory();
        }
    }
    edges->items[edges->n++] =
        (struct brood_edge){ .name = name_of(p, index, iteration),
                             .after = after };
}

static bool shares(const struct suite_words *a, const struct suite_words *b)
{
    for (size_t i = 0; i < a->n; i++) {
        if (suite_has(b, a->items[i])) {
            return true;
        }
    }
    return false;
}

/* A test comes after what sets its fixtures up, and only if that passes; one
 * that cleans up comes after all that use its fixtures. */
static void add_fixtures(struct planner *p,
                         struct edges *edges,
                         const struct test_case *c)
{
    const struct suite_test *tests = p->t->suite.tests;
    const struct suite_test *test = c->test;

    for (size_t k = 0; test->required.n > 0 && k < p->n_setups; k++) {
        size_t i = p->setups[k];

        if (&tests[i] != test && shares(&test->required, &tests[i].setup)) {
            add_edge(p, edges, i, c->iteration, BROOD_AFTER_OK);
        }
    }
    for (size_t k = 0; test->cleanup.n > 0 && k < p->n; k++) {
        size_t i = p->by_name[k];

        if (&tests[i] != test && (shares(&test->cleanup, &tests[i].required) ||
                                  shares(&test->cleanup, &tests[i].setup))) {
            add_edge(p, edges, i, c->iteration, BROOD_AFTER_ANY);
        }
    }
}

static void add_depends(struct planner *p,
                        struct edges *edges,
                        const struct test_case *c)
{
    for (size_t i = 0; i < c->test->depends.n; i++) {
        size_t index = find(p, c->test->depends.items[i]);

        if (index != SIZE_MAX && &p->t->suite.tests[index] != c->test) {
            add_edge(p, edges, index, c->iteration, BROOD_AFTER_ANY);
        }
    }
}

struct needs {
    struct brood_need *items;
    unsigned n;
};

/* The same twice is once. */
static void add_need(struct planner *p,
                     struct needs *needs,
                     const char *kind,
                     const char *name,
                     size_t name_size)
{
    struct text text = { 0 };
    const char *resource;

    text_add_string(&text, kind);
    text_add(&text, name, name_size);
    resource = arena_copy(&p->arena, text.data, text.size);
    text_clear(&text);
    for (unsigned i = 0; i < needs->n; i++) {
        if (strcmp(needs->items[i].resource, resource) == 0) {
            return;
        }
    }
    needs->items[needs->n++] =
        (struct brood_need){ .resource = resource, .amount = 1 };
}

static void add_needs(struct planner *p,
                      struct needs *needs,
                      const struct suite_test *test)
{
    const struct test_texts *limits = &p->t->options.limits;
    unsigned slots = p->t->slots;

    needs->items = arena_take(&p->arena, (2 + test->locks.n + limits->n) *
                                             sizeof(*needs->items));
    needs->items[needs->n++] = (struct brood_need){
        .resource = "cpus",
        .amount = test->is_serial || test->processors > slots
                      ? slots
                      : test->processors,
    };
    for (size_t i = 0; i < test->locks.n; i++) {
        add_need(p, needs, "lock ", test->locks.items[i],
                 strlen(test->locks.items[i]));
        (void)brood_graph_resource(p->t->graph,
                                   needs->items[needs->n - 1].resource, 1);
    }
    for (size_t i = 0; i < limits->n; i++) {
        const char *equals = strchr(limits->items[i], '=');
        size_t size = (size_t)(equals - limits->items[i]);

        for (size_t k = 0; k < test->labels.n; k++) {
            if (strlen(test->labels.items[k]) == size &&
                memcmp(test->labels.items[k], limits->items[i], size) == 0) {
                add_need(p, needs, "limit ", limits->items[i], size);
            }
        }
    }
}

static int priority_of(struct planner *p, const struct test_case *c)
{
    if (p->t->options.bisect != NULL) {
        /* In order, and that one last. */
        return strcmp(c->test->name, p->t->options.bisect) == 0
                   ? INT32_MIN
                   : -(int)(c->test - p->t->suite.tests);
    }
    if (p->t->options.is_shuffled) {
        /* xorshift64* */
        p->seed ^= p->seed >> 12;
        p->seed ^= p->seed << 25;
        p->seed ^= p->seed >> 27;
        return (int)((p->seed * UINT64_C(0x2545f4914f6cdd1d)) >> 32) %
               PRIORITY_RANDOM;
    }
    return c->test->priority +
           (c->known == STORE_KNOWN_FAILED ? PRIORITY_FAILED : 0);
}

static int64_t cost_of(const struct testing *t, const struct test_case *c)
{
    if (t->options.is_shuffled || t->options.bisect != NULL) {
        return 1;
    }
    if (c->usual_ns > 0) {
        return c->usual_ns;
    }
    return c->test->cost > 0 ? (int64_t)(c->test->cost * NS_PER_S) : 0;
}

static int add_case(struct planner *p, struct test_case *c, size_t index)
{
    struct testing *t = p->t;
    struct edges edges = { 0 };
    struct needs needs = { 0 };
    struct brood_graph_job job = { .tag = c };
    int r;

    add_depends(p, &edges, c);
    add_fixtures(p, &edges, c);
    add_needs(p, &needs, c->test);
    job.name = name_of(p, index, c->iteration);
    job.edges = edges.items;
    job.n_edges = edges.n;
    job.needs = needs.items;
    job.n_needs = needs.n;
    job.priority = priority_of(p, c);
    job.cost_ns = cost_of(t, c);
    r = brood_graph_add(t->graph, &job, &c->number);
    free(edges.items);
    if (r < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot plan '%s': %s", c->test->name,
                  brood_strerror(r));
    }
    return r;
}

static int make_cases(struct planner *p)
{
    struct testing *t = p->t;
    unsigned times = t->options.stress;
    int r = 0;

    t->cases = calloc(p->n * times + 1, sizeof(*t->cases));
    if (t->cases == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < t->suite.n && r == 0; i++) {
        for (unsigned k = 1;
             k <= times && t->suite.tests[i].is_chosen && r == 0; k++) {
            struct test_case *c = &t->cases[t->n_cases++];

            c->test = &t->suite.tests[i];
            c->iteration = k;
            t->has_wide = t->has_wide || t->options.load > 0 ||
                          c->test->is_serial || c->test->processors > 1;
            test_history_look(t, c);
            r = test_rules_make(t, c);
            if (r == 0) {
                r = add_case(p, c, i);
            }
        }
    }
    return r;
}

static int make_resources(struct testing *t)
{
    int r = brood_graph_resource(t->graph, "cpus", t->slots);

    for (size_t i = 0; i < t->options.limits.n && r == 0; i++) {
        const char *equals = strchr(t->options.limits.items[i], '=');
        struct text name = { 0 };

        text_add_string(&name, "limit ");
        text_add(&name, t->options.limits.items[i],
                 (size_t)(equals - t->options.limits.items[i]));
        r = brood_graph_resource(t->graph, text_string(&name),
                                 strtoull(equals + 1, NULL, 10));
        text_clear(&name);
    }
    return r;
}

static void on_problem(const struct brood_graph_problem *problem, void *user)
{
    struct testing *t = user;
    struct text names = { 0 };

    for (size_t i = 0; i < problem->n_items; i++) {
        const struct test_case *c = problem->items[i].tag;

        text_add_format(&names, "'%s' -> ", c->test->name);
    }
    test_fail(t, TEST_STATUS_USAGE, "tests wait for each other: %s'%s'",
              text_string(&names),
              ((const struct test_case *)problem->items[0].tag)->test->name);
    text_clear(&names);
}

static void seed(struct planner *p)
{
    struct testing *t = p->t;

    if (!t->options.is_shuffled) {
        return;
    }
    while (t->options.seed == 0) {
        uint32_t random = 0;

        if (getrandom(&random, sizeof(random), 0) != sizeof(random)) {
            random = (uint32_t)clock_now_ns();
        }
        t->options.seed = random;
    }
    p->seed = t->options.seed;
    test_say(t, "the order is random: --seed %llu",
             (unsigned long long)t->options.seed);
}

int test_plan(struct testing *t)
{
    struct planner p = { .t = t };
    int r = brood_graph_new(NULL, &t->graph);

    if (r == 0) {
        r = make_resources(t);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot plan: %s", brood_strerror(r));
        return -1;
    }
    seed(&p);
    sort_names(&p);
    r = make_cases(&p);
    if (r == 0) {
        r = brood_graph_close(t->graph, on_problem, t) == 0 ? 0 : -1;
    }
    free(p.by_name);
    free(p.setups);
    arena_clear(&p.arena);
    return r;
}

void test_plan_clear(struct testing *t)
{
    for (size_t i = 0; i < t->n_cases; i++) {
        struct test_case *c = &t->cases[i];

        text_clear(&c->reason);
        text_clear(&c->output);
        text_clear(&c->left);
        text_clear(&c->core);
        text_clear(&c->core_name);
        for (size_t k = 0; k < c->n_failures; k++) {
            text_clear(&c->failures[k].reason);
            text_clear(&c->failures[k].output);
        }
        free(c->failures);
    }
    free(t->cases);
    t->cases = NULL;
    t->n_cases = 0;
    test_rules_clear(t);
    t->graph = brood_graph_free(t->graph);
}
