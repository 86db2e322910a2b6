#ifndef BROOD_TOOLS_TEST_CASE_H
#define BROOD_TOOLS_TEST_CASE_H

/* case - a test that is to be run: what is known of it before, while it runs,
 * and at its end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"
#include "suite/suite.h"
#include "test/verdict.h"

/** One attempt of a case that did not pass. */
struct test_attempt {
    enum verdict verdict;
    int64_t duration_ns;
    struct text reason;
    struct text output;
};

struct test_tmpdir;

/** A test that is to be run. */
struct test_case {
    const struct suite_test *test;
    struct verdict_rules rules;
    /** Which of --stress, from 1. */
    unsigned iteration;
    uint32_t number; /* of the graph */
    unsigned char key[STORE_KEY_SIZE];
    /** From earlier runs: STORE_KNOWN_..., and how long it took. */
    int known;
    int64_t usual_ns;

    /** While it runs: its job, when it began, and when a word of its being slow
     * is due. */
    uint64_t id;
    int64_t started_ns;
    int64_t slow_ns;
    int pid;
    bool is_slow;
    /** With TIMEOUT_AFTER_MATCH: the limit is kept here. 0: none. */
    int64_t limit_ns;
    int64_t deadline_ns;
    /** Its limit, wherever it is kept; 0: none. */
    int64_t timeout_ms;
    bool has_matched;
    bool timed_out;
    /** How far its output has been looked through for that. */
    size_t looked_at;
    /** --stop-time has come while it ran. */
    bool is_late;

    bool is_over;
    bool is_counted; /* as a failure */
    enum verdict verdict;
    struct text reason;
    /** Of the last attempt; kept where it is shown or reported. */
    struct text output;
    unsigned attempts;
    int64_t start_ns; /* since 1970 */
    int64_t duration_ns;
    int64_t cpu_ns;
    uint64_t rss_bytes;
    unsigned slot;
    bool leaked;
    /** The file of its core; empty: none. */
    struct text core;
    /** The name it had, and gets back: one that tests share; empty: not so. */
    struct text core_name;
    /** Processes that it left behind: "PID COMMAND, ...". */
    struct text left;
    /** Attempts before the last that did not pass. */
    struct test_attempt *failures;
    size_t n_failures;

    /** What it has of the machine's resources; NULL: none. */
    unsigned *devices;
    /** While it runs. */
    struct test_tmpdir *tmpdir;
    /** Those that wait for resources; how often it has found too little. */
    struct test_case *next_waiting;
    unsigned vain;

    /** Those that run. */
    struct test_case *next;
    struct test_case **where;
};

#endif /* BROOD_TOOLS_TEST_CASE_H */
