#ifndef BROOD_TOOLS_TEST_VERDICT_H
#define BROOD_TOOLS_TEST_VERDICT_H

/*
 * verdict - what became of a test.
 *
 * Of tests of CTest, what ctest 3.25 would say: a signal or a time limit never
 * passes; a match of SKIP_REGULAR_EXPRESSION, or SKIP_RETURN_CODE, skips; with
 * PASS_REGULAR_EXPRESSION the exit status does not count; then WILL_FAIL turns
 * it around.
 */

#include <brood.h>

#include "suite/suite.h"
#include "test/pattern.h"
#include "text.h"

enum verdict {
    VERDICT_PASS,
    /** Passed, but not at once. */
    VERDICT_FLAKY,
    VERDICT_FAIL,
    /** Ended by a signal. */
    VERDICT_CRASH,
    VERDICT_TIMEOUT,
    /** Its program or a file is missing, or its setup has failed. */
    VERDICT_NOT_RUN,
    VERDICT_SKIP,
    VERDICT_DISABLED,
    /** The run was stopped. */
    VERDICT_CANCELLED,
};

/** Whether it makes the run fail. */
bool verdict_is_bad(enum verdict verdict);
/** How many of some do, of a count for each verdict. */
size_t verdict_count_bad(const size_t counts[VERDICT_CANCELLED + 1]);
/** A word of four to seven letters: "PASS". */
const char *verdict_word(enum verdict verdict);

/** Regular expressions of one property. */
struct verdict_patterns {
    struct pattern **items;
    size_t n;
};

/** All that a test's verdict needs. */
struct verdict_rules {
    const struct suite_test *test;
    struct verdict_patterns pass;
    struct verdict_patterns fail;
    struct verdict_patterns skip;
    /** When one is found, there is another time limit. */
    struct verdict_patterns timeout_match;
};

/** Whether one of them is found. @ret  which. */
bool verdict_any(const struct verdict_patterns *patterns,
                 const struct text *output,
                 size_t *ret);
/** Whether the output is needed for the verdict. */
bool verdict_reads(const struct verdict_rules *rules);
/**
 * Judge.
 *
 * @output  of a test by TAP, its standard output; else all of it.
 * @reason  gets a few words; nothing to say is none.
 */
enum verdict verdict_judge(const struct verdict_rules *rules,
                           const struct brood_result *result,
                           const struct text *output,
                           struct text *reason);

#endif /* BROOD_TOOLS_TEST_VERDICT_H */
