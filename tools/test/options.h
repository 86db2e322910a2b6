#ifndef BROOD_TOOLS_TEST_OPTIONS_H
#define BROOD_TOOLS_TEST_OPTIONS_H

/* options - what the user asked `brood test` for. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wordexp.h>

#include "option.h"

extern const struct option_table test_option_table;

enum test_option {
    OPT_JOBS = 1,
    OPT_INCLUDE,
    OPT_EXCLUDE,
    OPT_LABEL,
    OPT_LABEL_NOT,
    OPT_NUMBERS,
    OPT_UNION,
    OPT_FROM_FILE,
    OPT_EXCLUDE_FROM_FILE,
    OPT_RERUN_FAILED,
    OPT_SHARD,
    OPT_CONFIG,
    OPT_TAP_PROGRAMS,
    OPT_FROM_JOBS,
    OPT_RECURSE,
    OPT_LIST,
    OPT_JSON,
    OPT_NO_TESTS,
    OPT_TEST_DIR,
    OPT_REPEAT,
    OPT_RETRIES,
    OPT_STRESS,
    OPT_BISECT,
    OPT_CHANGED,
    OPT_FIXTURE_ANY,
    OPT_FIXTURE_SETUP,
    OPT_FIXTURE_CLEANUP,
    OPT_STOP,
    OPT_MAX_FAIL,
    OPT_STOP_TIME,
    OPT_TEST_LOAD,
    OPT_WRAP,
    OPT_SHUFFLE,
    OPT_SEED,
    OPT_TIMEOUT,
    OPT_TIMEOUT_FACTOR,
    OPT_SLOW,
    OPT_LIMIT,
    OPT_RESOURCES,
    OPT_STORE,
    OPT_NO_STORE,
    OPT_KEEP,
    OPT_OUTPUT,
    OPT_OUTPUT_ON_FAILURE,
    OPT_VERBOSE,
    OPT_OUTPUT_LINES,
    OPT_USAGE,
    OPT_DESCRIPTORS,
    OPT_QUIET,
    OPT_NO_PROGRESS,
    OPT_JUNIT,
    OPT_TAP,
    OPT_EVENTS,
};

enum test_ask {
    TEST_ASK_RUN,
    TEST_ASK_LIST,
    /** --help and --version have been answered. */
    TEST_ASK_NOTHING,
};

/** Whose output is shown. */
enum test_show {
    TEST_SHOW_FAILED,
    TEST_SHOW_ALL,
    TEST_SHOW_NONE,
};

enum test_repeat {
    TEST_REPEAT_NOT,
    TEST_REPEAT_UNTIL_FAIL,
    TEST_REPEAT_UNTIL_PASS,
    TEST_REPEAT_AFTER_TIMEOUT,
};

struct test_texts {
    const char **items;
    size_t n;
};

/** -I first,last,step,number,...; -1: not given. With a 0 there are only the
 * numbers. */
struct test_numbers {
    bool is_given;
    long first;
    long last;
    long step;
    const char *more; /* numbers with commas, or NULL */
};

struct test_options {
    enum test_ask ask;
    unsigned slots; /* 0: not given */
    const char *config;

    struct test_texts include;
    struct test_texts exclude;
    struct test_texts labels;
    struct test_texts labels_not;
    struct test_numbers numbers;
    /** What the numbers say is added to what the expressions say. */
    bool is_union;
    /** Files of names, one a line: those alone, and not those. */
    struct test_texts from_files;
    struct test_texts exclude_files;
    bool rerun_failed;
    bool changed;
    /** Fixtures whose setup, or cleanup, is not added. */
    struct test_texts no_setup;
    struct test_texts no_cleanup;
    long shard; /* 0: all */
    long shards;

    enum test_repeat repeat;
    unsigned repeat_n;
    unsigned retries;
    const char *bisect;   /* NULL: not */
    unsigned stress;      /* 1 unless given */
    unsigned max_fail;    /* 0: any number */
    double load;          /* 0: not given */
    int64_t stop_time_ns; /* since 1970; 0: not given */
    /** A command that each test's own becomes arguments of; no words: none. */
    wordexp_t wrap;
    uint64_t seed;      /* 0: not given */
    int64_t timeout_ms; /* 0: not given */
    double timeout_factor;
    int64_t slow_ms;
    /** NAME=N, for labels. */
    struct test_texts limits;

    const char *resources; /* NULL: none */
    const char *store;     /* NULL: beside the source */
    /** How many runs keep what tests wrote; 0: all. */
    int64_t keep;
    enum test_show show;
    unsigned output_lines; /* 0: all */
    bool no_store;
    bool is_shuffled;
    bool json; /* the list */
    bool none_is_ok;
    bool usage;
    bool descriptors;
    bool quiet;
    bool no_progress;
    bool tap_programs;
    bool from_jobs;
    bool recurse;
    const char *junit;
    const char *tap;
    const char *events;
    struct test_texts sources;
};

/** Read the value of an option. Returns: 0, or -EINVAL after a message. */
int test_option_value(const struct option_found *found,
                      struct test_options *ret);
void test_texts_add(struct test_texts *texts, const char *text);

/** Read the options of `brood test`; what is wrong is said on stderr.
 * Returns: 0, or -EINVAL. */
int test_options_read(int argc, char **argv, struct test_options *ret);
void test_options_clear(struct test_options *options);

#endif /* BROOD_TOOLS_TEST_OPTIONS_H */
