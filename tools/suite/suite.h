#ifndef BROOD_TOOLS_SUITE_SUITE_H
#define BROOD_TOOLS_SUITE_SUITE_H

/*
 * suite - tests as their source describes them: CTest, Meson, programs that
 * write TAP, any programs, a job file.
 *
 * What a property means is what CTest says it does (cmake-properties(7)).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "text.h"

/** Words, in the order given. */
struct suite_words {
    const char **items; /* ends with NULL behind the n-th */
    size_t n;
};

/** How a test says what became of it. */
enum suite_protocol {
    /** By its exit status. */
    SUITE_EXIT,
    /** By its exit status: 77 skipped, 99 an error. */
    SUITE_MESON,
    /** By lines on standard output. */
    SUITE_TAP,
    /** The same as Meson takes it: no plan is needed, one that has only skipped
     * lines, or none, is skipped, and a TODO that passes is a failure. */
    SUITE_MESON_TAP,
};

/** So much of a kind of resource for one group of a test. */
struct suite_need {
    const char *type;
    unsigned slots;
    /** Which of the test's groups, from 0. */
    unsigned group;
};

struct suite_test {
    const char *name;
    /** None: there is no such program. */
    struct suite_words argv;
    /** The program that is not there, if its name is known. */
    const char *missing;
    const char *dir; /* NULL: ours */
    /** "NAME=VALUE". */
    struct suite_words env;
    /** "NAME=OPERATION:VALUE", after that. */
    struct suite_words env_changes;

    enum suite_protocol protocol;
    /** Regular expressions. */
    struct suite_words pass;
    struct suite_words fail;
    struct suite_words skip;
    bool will_fail;
    int skip_code; /* -1: none */
    /** Exit statuses that are good, beside 0: a bit for each; NULL: none. */
    const uint64_t *ok_codes;

    /** 0: none; -1: not given. */
    int64_t timeout_ms;
    /** What its source gives those that are not given one; 0: none. */
    int64_t default_timeout_ms;
    /** When one of these matches, the limit is this from then on. */
    struct suite_words timeout_match;
    int64_t timeout_after_ms;
    int timeout_signal; /* 0: not given */
    int64_t grace_ms;

    struct suite_words depends;
    struct suite_words setup;
    struct suite_words required;
    struct suite_words cleanup;
    struct suite_words locks;
    struct suite_words labels;
    struct suite_words required_files;
    const struct suite_need *needs;
    size_t n_needs;
    unsigned n_groups;
    unsigned processors;
    bool is_serial;
    bool is_disabled;
    double cost; /* < 0: not given */
    int priority;
    unsigned retries;

    /** Set by selection: it is to be run. */
    bool is_chosen;
    /** In suite->by_name: 1 + the index of another; 0: none. */
    size_t next_of_hash;
};

struct suite {
    struct arena arena;
    struct suite_test *tests;
    size_t n;
    size_t room;
    /** By the hash of the name, 1 + the index of the last test that has it; as
     * many as there is room for tests. */
    size_t *by_name;
    /** The directory that the record belongs to. */
    const char *dir;
    /** What the user should know of the source, in one line; NULL: nothing. */
    const char *warning;
};

void suite_clear(struct suite *suite);

/** Add a test with the defaults; valid until the next is added. @name is
 * copied. */
struct suite_test *suite_add(struct suite *suite, const char *name);
/** The test of a name that was added last, or NULL; and the one before @test of
 * its name. */
struct suite_test *suite_find(const struct suite *suite, const char *name);
struct suite_test *suite_find_next(const struct suite *suite,
                                   const struct suite_test *test);
/** Whether it is judged by lines on standard output. */
bool suite_is_tap(const struct suite_test *test);
/** Whether a word is among some. */
bool suite_has(const struct suite_words *words, const char *word);
/** Copy words into the suite's memory, or a string. */
struct suite_words suite_copy_words(struct suite *suite,
                                    const char *const *items,
                                    size_t n);
const char *suite_copy(struct suite *suite, const char *text);
/** Take a list of CMake, with ; between its words (\; is none). */
struct suite_words suite_split(struct suite *suite, const char *list);

/* Each adds the tests of a source. Returns: 0, or -1 and why in one line. */

/** A build directory of CMake. @config  of ctest -C; NULL: none. */
int suite_from_ctest(struct suite *suite,
                     const char *dir,
                     const char *config,
                     struct text *error);
/** The same, from CTestTestfile.cmake itself. */
int suite_from_testfile(struct suite *suite,
                        const char *dir,
                        const char *config,
                        struct text *error);
/** A build directory of Meson. */
int suite_from_meson(struct suite *suite, const char *dir, struct text *error);
/** A program, or the *.t in a directory. @tap  whether it writes TAP. */
int suite_from_program(struct suite *suite,
                       const char *path,
                       bool tap,
                       struct text *error);
int suite_from_tap_dir(struct suite *suite,
                       const char *dir,
                       bool recurse,
                       struct text *error);
/** A job file, as brood batch has them. */
int suite_from_jobs(struct suite *suite, const char *path, struct text *error);

/* property.c */

/** A value: as one text, and as the words of the list that it is. */
struct suite_value {
    const char *text;
    struct suite_words words;
};

/**
 * Set a property of CTest.
 *
 * Returns:   0; 1 it is none that decides something here; -1 and why.
 */
int suite_property(struct suite *suite,
                   struct suite_test *test,
                   const char *name,
                   const struct suite_value *value,
                   struct text *error);
/** Set needs from the text of RESOURCE_GROUPS: "2,gpus:1,gpus:2;cpus:1". */
int suite_set_needs(struct suite *suite,
                    struct suite_test *test,
                    const struct suite_words *groups,
                    struct text *error);

#endif /* BROOD_TOOLS_SUITE_SUITE_H */
