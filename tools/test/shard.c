/* shard - one of several parts of the chosen tests (--shard). */
#include <stdlib.h>
#include <string.h>

#include "test/testing.h"

struct part {
    struct suite_test *test;
    double cost;
};

static int by_cost(const void *a, const void *b)
{
    const struct part *x = a;
    const struct part *y = b;

    return x->cost < y->cost   ? 1
           : x->cost > y->cost ? -1
           : strcmp(x->test->name, y->test->name) != 0
               ? strcmp(x->test->name, y->test->name)
               : (x->test > y->test) - (x->test < y->test);
}

/* The longest first, each to the part that has least: the parts take about as
 * long, and are the same with the same record. */
void test_shard_keep(struct testing *t)
{
    struct suite *suite = &t->suite;
    struct part *parts = calloc(suite->n + 1, sizeof(*parts));
    double *sums = calloc((size_t)t->options.shards, sizeof(*sums));
    size_t n = 0;

    if (parts == NULL || sums == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < suite->n; i++) {
        if (suite->tests[i].is_chosen) {
            struct test_case c = { .test = &suite->tests[i] };

            test_history_look(t, &c);
            parts[n++] = (struct part){ .test = &suite->tests[i],
                                        .cost = (double)(c.usual_ns + 1) };
        }
    }
    qsort(parts, n, sizeof(*parts), by_cost);
    for (size_t i = 0; i < n; i++) {
        long least = 0;

        for (long k = 1; k < t->options.shards; k++) {
            least = sums[k] < sums[least] ? k : least;
        }
        sums[least] += parts[i].cost;
        parts[i].test->is_chosen = least + 1 == t->options.shard;
    }
    free(parts);
    free(sums);
}
