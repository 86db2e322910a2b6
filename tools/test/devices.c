/*
 * devices - what a case gets of the machine's resources, and who waits.
 *
 * Whoever finds too little waits until some are given back; then all that wait
 * try again, in the graph's order. Others may pass one that waits, but not for
 * ever: when it has tried in vain so often, what it needs is kept for it.
 */
#include <stdlib.h>

#include "test/testing.h"

enum {
    VAIN_MAX = 8,
};

/* Whether a case must let another one that has waited for long go first. */
static bool must_stand_back(const struct testing *t, const struct test_case *c)
{
    return t->starving != NULL && t->starving != c &&
           resources_share(t->starving->test, c->test);
}

/* Returns: whether it has what it needs. */
static bool take(struct testing *t, struct test_case *c)
{
    c->devices = calloc(c->test->n_needs, sizeof(*c->devices));
    if (c->devices == NULL) {
        text_no_memory();
    }
    if (resources_take(&t->resources, c->test, c->devices)) {
        return true;
    }
    free(c->devices);
    c->devices = NULL;
    return false;
}

static void wait_for_some(struct testing *t, struct test_case *c)
{
    (void)brood_graph_pause(t->graph, c->number);
    c->next_waiting = t->waiting;
    t->waiting = c;
}

static void wake_all(struct testing *t)
{
    while (t->waiting != NULL) {
        struct test_case *waiting = t->waiting;

        t->waiting = waiting->next_waiting;
        (void)brood_graph_resume(t->graph, waiting->number);
    }
}

bool test_take_devices(struct testing *t, struct test_case *c)
{
    if (t->options.resources == NULL || c->test->n_needs == 0) {
        return true;
    }
    if (!resources_suffice(&t->resources, c->test)) {
        test_judge_unrun(t, c, VERDICT_NOT_RUN,
                         "it needs more resources than there are");
        return false;
    }
    if (must_stand_back(t, c)) {
        wait_for_some(t, c);
        return false;
    }
    if (take(t, c)) {
        if (t->starving == c) {
            t->starving = NULL;
            wake_all(t);
        }
        return true;
    }
    c->vain++;
    if (c->vain >= VAIN_MAX && t->starving == NULL) {
        t->starving = c;
    }
    wait_for_some(t, c);
    return false;
}

void test_give_back(struct testing *t, struct test_case *c)
{
    if (t->starving == c) {
        /* It has been judged without having had them. */
        t->starving = NULL;
        wake_all(t);
    }
    if (c->devices == NULL) {
        return;
    }
    resources_give_back(&t->resources, c->test, c->devices);
    free(c->devices);
    c->devices = NULL;
    wake_all(t);
}
