/* foot - the line at the foot of the terminal: how far it is, and what runs. */
#include <stdlib.h>

#include "run/terminal.h"
#include "test/testing.h"

enum {
    /* So many of those that run are named, if they do so for so long. */
    NAMED_MAX = 4,
    NAMED_S = 1,
};

#define NS_PER_S INT64_C(1000000000)

static int by_start(const void *a, const void *b)
{
    const struct test_case *const *x = a;
    const struct test_case *const *y = b;

    return ((*x)->started_ns > (*y)->started_ns) -
           ((*x)->started_ns < (*y)->started_ns);
}

/* Those that have run longest. */
static void add_running(const struct testing *t,
                        int64_t now_ns,
                        struct text *out)
{
    const struct test_case *oldest[NAMED_MAX];
    size_t n = 0;

    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->started_ns == 0 || now_ns - c->started_ns < NAMED_S * NS_PER_S) {
            continue;
        }
        if (n < NAMED_MAX) {
            oldest[n++] = c;
        } else if (c->started_ns < oldest[n - 1]->started_ns) {
            oldest[n - 1] = c;
        }
        qsort((void *)oldest, n, sizeof(const struct test_case *), by_start);
    }
    for (size_t i = 0; i < n; i++) {
        text_add_string(out, i > 0 ? ", " : "");
        terminal_add_plain(out, oldest[i]->test->name);
        text_add_format(
            out, " %lld s",
            (long long)((now_ns - oldest[i]->started_ns) / NS_PER_S));
    }
}

/* By the record, if it knows all that are left: how long they take together,
 * and at least as long as the longest. */
static int64_t left_ns(const struct testing *t, int64_t now_ns)
{
    int64_t sum = 0;
    int64_t longest = 0;

    for (size_t i = 0; i < t->n_cases; i++) {
        const struct test_case *c = &t->cases[i];
        int64_t left = c->usual_ns;

        if (c->is_over || c->test->is_disabled) {
            continue;
        }
        if (left == 0) {
            return 0;
        }
        if (c->started_ns > 0) {
            left -= now_ns - c->started_ns;
        }
        sum += left > 0 ? left : 0;
        longest = left > longest ? left : longest;
    }
    sum /= t->slots;
    return sum > longest ? sum : longest;
}

void test_foot_draw(struct testing *t)
{
    int64_t now_ns = clock_now_ns();
    struct progress_counts counts;

    if (progress_wait_ms(&t->progress, now_ns) != 0) {
        return;
    }
    text_reset(&t->foot);
    add_running(t, now_ns, &t->foot);
    counts = (struct progress_counts){
        .running = test_count_started(t),
        .done = t->counts.over,
        .failed = verdict_count_bad(t->counts.verdicts),
        .total = (int64_t)t->n_cases,
        .left_ns = left_ns(t, now_ns),
        .detail = text_string(&t->foot),
    };
    progress_draw(&t->progress, &counts, now_ns);
}
