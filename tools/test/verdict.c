#include "test/verdict.h"

#include <inttypes.h>
#include <string.h>

#include "test/tap.h"

enum {
    MESON_SKIP = 77,
    MESON_ERROR = 99,
    CODE_BITS = 64,
};

bool verdict_is_bad(enum verdict verdict)
{
    return verdict == VERDICT_FAIL || verdict == VERDICT_CRASH ||
           verdict == VERDICT_TIMEOUT || verdict == VERDICT_NOT_RUN;
}

size_t verdict_count_bad(const size_t counts[VERDICT_CANCELLED + 1])
{
    size_t n = 0;

    for (int i = 0; i <= VERDICT_CANCELLED; i++) {
        n += verdict_is_bad((enum verdict)i) ? counts[i] : 0;
    }
    return n;
}

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {
        [VERDICT_PASS] = "PASS",         [VERDICT_FLAKY] = "FLAKY",
        [VERDICT_FAIL] = "FAIL",         [VERDICT_CRASH] = "CRASH",
        [VERDICT_TIMEOUT] = "TIMEOUT",   [VERDICT_NOT_RUN] = "NOT RUN",
        [VERDICT_SKIP] = "SKIP",         [VERDICT_DISABLED] = "OFF",
        [VERDICT_CANCELLED] = "STOPPED",
    };

    return words[verdict];
}

bool verdict_any(const struct verdict_patterns *patterns,
                 const struct text *output,
                 size_t *ret)
{
    for (size_t i = 0; i < patterns->n; i++) {
        if (pattern_matches(patterns->items[i], output->data, output->size)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

bool verdict_reads(const struct verdict_rules *rules)
{
    return rules->pass.n > 0 || rules->fail.n > 0 || rules->skip.n > 0 ||
           suite_is_tap(rules->test);
}

static bool is_good_status(const struct suite_test *test, int status)
{
    return test->ok_codes == NULL
               ? status == 0
               : (test->ok_codes[status / CODE_BITS] >> (status % CODE_BITS) &
                  1) != 0;
}

/* What becomes of a test that does what it should, or not, when it may be
 * expected to fail. */
static enum verdict judge_expected(const struct suite_test *test,
                                   bool good,
                                   struct text *reason)
{
    if (good != test->will_fail) {
        text_reset(reason);
        return VERDICT_PASS;
    }
    if (good) {
        text_add_string(reason, "it was to fail, and has not");
    }
    return VERDICT_FAIL;
}

static enum verdict judge_tap(const struct suite_test *test,
                              const struct brood_result *result,
                              const struct text *output,
                              struct text *reason)
{
    enum verdict verdict;
    struct tap tap;
    bool good;

    tap_read(output->data, output->size, &tap);
    if (tap_is_skipped(&tap) && result->exit_status == 0) {
        text_add_string(reason, tap.why);
        return VERDICT_SKIP;
    }
    good = tap_is_good(&tap, reason);
    if (result->exit_status != 0) {
        /* An error, which no test is expected to have. */
        if (good) {
            text_add_format(reason, "exit status %d", result->exit_status);
        }
        return VERDICT_FAIL;
    }
    verdict = judge_expected(test, good, reason);
    if (verdict == VERDICT_PASS && tap.n_todo_ok > 0) {
        text_add_format(reason, "%u TODO passed", tap.n_todo_ok);
    }
    return verdict;
}

static enum verdict judge_meson_tap(const struct suite_test *test,
                                    const struct brood_result *result,
                                    const struct text *output,
                                    struct text *reason)
{
    struct tap tap;

    tap_read(output->data, output->size, &tap);
    if (result->exit_status != 0) {
        text_add_format(reason, "exit status %d", result->exit_status);
        return VERDICT_FAIL;
    }
    if (tap.n_skipped == tap.n) {
        text_add_string(reason,
                        tap.n == 0 && *tap.why == '\0' ? "no tests" : tap.why);
        return VERDICT_SKIP;
    }
    if (tap.plan < 0) {
        tap.plan = (long)tap.n;
    }
    if (!tap_is_good(&tap, reason)) {
        return tap.n_bad > 0 && !tap.has_bailed_out
                   ? judge_expected(test, false, reason)
                   : VERDICT_FAIL;
    }
    if (tap.n_todo_ok > 0) {
        text_add_format(reason, "%u TODO passed", tap.n_todo_ok);
        return judge_expected(test, false, reason);
    }
    return judge_expected(test, true, reason);
}

/* By CTest's rules, and those of Meson, which has no expressions. */
static enum verdict judge_status(const struct verdict_rules *rules,
                                 const struct brood_result *result,
                                 const struct text *output,
                                 struct text *reason)
{
    const struct suite_test *test = rules->test;
    int status = result->exit_status;
    bool good = rules->pass.n > 0 || is_good_status(test, status);
    size_t i = 0;

    if ((test->skip_code >= 0 && test->skip_code == status) ||
        (test->protocol == SUITE_MESON && status == MESON_SKIP)) {
        text_add_format(reason, "exit status %d", status);
        return VERDICT_SKIP;
    }
    if (verdict_any(&rules->skip, output, &i)) {
        text_add_format(reason, "'%s' is in its output", test->skip.items[i]);
        return VERDICT_SKIP;
    }
    if (!good) {
        text_add_format(reason, "exit status %d", status);
        if (test->protocol == SUITE_MESON && status == MESON_ERROR) {
            return VERDICT_FAIL; /* an error, which no test should have */
        }
    } else if (rules->pass.n > 0 && !verdict_any(&rules->pass, output, &i)) {
        text_add_format(reason, "'%s' is not in its output",
                        test->pass.items[0]);
        good = false;
    }
    if (verdict_any(&rules->fail, output, &i)) {
        text_reset(reason);
        text_add_format(reason, "'%s' is in its output", test->fail.items[i]);
        good = false;
    }
    return judge_expected(test, good, reason);
}

/* Meson takes a crash for a failure, which may be expected. */
static bool may_crash(const struct suite_test *test)
{
    return (test->protocol == SUITE_MESON ||
            test->protocol == SUITE_MESON_TAP) &&
           test->will_fail;
}

enum verdict verdict_judge(const struct verdict_rules *rules,
                           const struct brood_result *result,
                           const struct text *output,
                           struct text *reason)
{
    switch (result->outcome) {
    case BROOD_EXITED:
        switch (rules->test->protocol) {
        case SUITE_TAP:
            return judge_tap(rules->test, result, output, reason);
        case SUITE_MESON_TAP:
            return judge_meson_tap(rules->test, result, output, reason);
        default:
            return judge_status(rules, result, output, reason);
        }
    case BROOD_SIGNALLED:
        if (may_crash(rules->test)) {
            return VERDICT_PASS;
        }
        text_add_format(reason, "SIG%s%s", sigabbrev_np(result->signal),
                        result->core_dumped ? ", core dumped" : "");
        return VERDICT_CRASH;
    case BROOD_TIMED_OUT:
        return VERDICT_TIMEOUT;
    case BROOD_SPAWN_FAILED:
        text_add_format(reason, "cannot %s: %s", brood_step_name(result->step),
                        brood_strerror(result->error));
        return VERDICT_NOT_RUN;
    case BROOD_LOST:
        text_add_string(reason, "its end has been seen by another");
        return VERDICT_FAIL;
    default:
        return VERDICT_CANCELLED;
    }
}
