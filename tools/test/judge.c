/* judge - what became of a case, and what follows from it. */
#include <stdlib.h>
#include <string.h>

#include "test/testing.h"

#define MS_PER_S 1e3

static bool keeps_output(const struct testing *t, enum verdict verdict)
{
    return verdict_is_bad(verdict) || t->options.show == TEST_SHOW_ALL;
}

/* Which limit it has reached. */
static void add_limit(const struct testing *t, struct test_case *c)
{
    int64_t ms = c->has_matched ? test_limit_after(t, c) : c->timeout_ms;

    text_reset(&c->reason);
    if (c->is_late) {
        text_add_string(&c->reason, "--stop-time has come");
    } else {
        text_add_format(&c->reason, "after %.10g s%s", (double)ms / MS_PER_S,
                        c->has_matched ? ", TIMEOUT_AFTER_MATCH" : "");
    }
}

static enum verdict judge_once(struct testing *t,
                               struct test_case *c,
                               const struct brood_result *result)
{
    bool is_streamed = c->test->timeout_match.n > 0;
    enum verdict verdict;

    text_reset(&c->core);
    text_reset(&c->reason);
    if (!is_streamed) {
        text_reset(&c->output);
    }
    if (!is_streamed && verdict_reads(&c->rules)) {
        test_output_read(&result->out, &c->output);
    }
    verdict = verdict_judge(&c->rules, result, &c->output, &c->reason);
    if (verdict == VERDICT_CANCELLED && c->timed_out) {
        verdict = VERDICT_TIMEOUT;
    }
    if (verdict == VERDICT_TIMEOUT) {
        add_limit(t, c);
    }
    if (!keeps_output(t, verdict)) {
        text_clear(&c->output);
    } else if (!is_streamed && c->output.size == 0) {
        test_output_read(&result->out, &c->output);
    }
    if (c->output.data != NULL || keeps_output(t, verdict)) {
        test_output_read(&result->err, &c->output);
    }
    if (keeps_output(t, verdict)) {
        test_core_add(t, c, result);
    } else {
        test_core_leave(t, c, result);
    }
    return verdict;
}

static void note(struct test_case *c, const struct brood_result *result)
{
    c->attempts++;
    c->start_ns = result->start_ns;
    c->duration_ns = result->duration_ns;
    c->cpu_ns = result->user_ns + result->system_ns;
    c->rss_bytes = result->max_rss_bytes;
    c->slot = result->slot;
}

/* Whether it is run once more. */
static bool is_again(const struct testing *t,
                     const struct test_case *c,
                     enum verdict verdict)
{
    const struct test_options *o = &t->options;
    unsigned retries = o->retries > 0 ? o->retries : c->test->retries;
    bool bad = verdict_is_bad(verdict);

    if (t->is_draining || verdict == VERDICT_CANCELLED ||
        verdict == VERDICT_SKIP) {
        return false;
    }
    switch (o->repeat) {
    case TEST_REPEAT_UNTIL_FAIL:
        return !bad && c->attempts < o->repeat_n;
    case TEST_REPEAT_UNTIL_PASS:
        return bad && c->attempts < o->repeat_n;
    case TEST_REPEAT_AFTER_TIMEOUT:
        return verdict == VERDICT_TIMEOUT && c->attempts < o->repeat_n;
    default:
        return bad && c->attempts <= retries;
    }
}

/* Once they have been shown, only JUnit asks for outputs. */
static void keep_outputs(const struct testing *t, struct test_case *c)
{
    if (t->options.junit != NULL) {
        test_output_cut(&c->output);
        return;
    }
    text_clear(&c->output);
    for (size_t i = 0; i < c->n_failures; i++) {
        text_clear(&c->failures[i].output);
    }
}

/* Keep what an attempt left that did not pass. */
static void keep_failure(const struct testing *t,
                         struct test_case *c,
                         enum verdict verdict)
{
    struct test_attempt *failure;

    c->failures =
        reallocarray(c->failures, c->n_failures + 1, sizeof(*c->failures));
    if (c->failures == NULL) {
        text_no_memory();
    }
    /* The last of them may still be shown. */
    if (t->options.junit == NULL && c->n_failures > 0) {
        text_clear(&c->failures[c->n_failures - 1].output);
    }
    test_output_cut(&c->output);
    failure = &c->failures[c->n_failures++];
    *failure = (struct test_attempt){ .verdict = verdict,
                                      .duration_ns = c->duration_ns,
                                      .reason = c->reason,
                                      .output = c->output };
    c->reason = (struct text){ 0 };
    c->output = (struct text){ 0 };
}

/* A case has failed for good: as soon as that is known, since no more may be
 * started after so many. */
static void count_bad(struct testing *t, struct test_case *c)
{
    if (c->is_counted) {
        return;
    }
    c->is_counted = true;
    t->counts.bad++;
    if (t->counts.bad == t->options.max_fail && !t->is_draining) {
        test_say(t, "starting no more tests after %zu failure%s", t->counts.bad,
                 t->counts.bad == 1 ? "" : "s");
        test_drain(t);
    }
}

static void finish(struct testing *t,
                   struct test_case *c,
                   enum verdict verdict,
                   const struct brood_result *result)
{
    bool bad = verdict_is_bad(verdict);

    if (!bad && verdict == VERDICT_PASS && c->n_failures > 0) {
        verdict = VERDICT_FLAKY;
        text_reset(&c->reason);
        text_add_format(&c->reason, "passed at attempt %u", c->attempts);
    }
    test_give_back(t, c);
    c->verdict = verdict;
    c->is_over = true;
    t->counts.verdicts[verdict]++;
    t->counts.over++;
    t->counts.leaked += c->leaked;
    test_history_record(t, c, result);
    test_show_case(t, c);
    test_report_case(t, c);
    keep_outputs(t, c);
    if (bad) {
        count_bad(t, c);
    }
    if (verdict != VERDICT_CANCELLED) {
        (void)brood_graph_end(t->graph, c->number, !bad);
    }
}

void test_judge_conclude(struct testing *t,
                         struct test_case *c,
                         enum verdict verdict,
                         const struct brood_result *result)
{
    test_core_give_back(c);
    if (!is_again(t, c, verdict)) {
        finish(t, c, verdict, result);
        return;
    }
    if (verdict_is_bad(verdict)) {
        keep_failure(t, c, verdict);
    }
    c->timed_out = false;
    c->has_matched = false;
    (void)test_submit(t, c);
}

void test_judge(struct testing *t,
                struct test_case *c,
                const struct brood_result *result)
{
    enum verdict verdict = judge_once(t, c, result);

    if (result->outcome == BROOD_SKIPPED || result->attempt == 0) {
        /* It was not started, because the run ends. */
        verdict =
            result->outcome == BROOD_SPAWN_FAILED ? verdict : VERDICT_CANCELLED;
    }
    if (verdict != VERDICT_CANCELLED) {
        note(c, result);
    }
    if (verdict_is_bad(verdict) && !is_again(t, c, verdict)) {
        count_bad(t, c);
    }
    if (!test_backtrace_hold(t, c, verdict, result)) {
        test_judge_conclude(t, c, verdict, result);
    }
}

void test_judge_unrun(struct testing *t,
                      struct test_case *c,
                      enum verdict verdict,
                      const char *reason)
{
    if (reason != NULL) {
        text_reset(&c->reason);
        text_add_string(&c->reason, reason);
    }
    finish(t, c, verdict, NULL);
}
