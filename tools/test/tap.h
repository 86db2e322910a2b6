#ifndef BROOD_TOOLS_TEST_TAP_H
#define BROOD_TOOLS_TEST_TAP_H

/*
 * tap - what a program says in the Test Anything Protocol, versions 12 to 14:
 * a plan, and a line for each test. Lines that are indented belong to subtests,
 * which count by the line of their parent.
 */

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

enum {
    TAP_WHY_SIZE = 120,
    /* So many of those that are not ok are named. */
    TAP_NAMED_MAX = 10,
};

struct tap {
    long plan; /* -1: none */
    bool has_two_plans;
    unsigned n; /* lines "ok" and "not ok" */
    unsigned n_bad;
    unsigned n_skipped;
    unsigned n_todo;
    /** Of those, the ones that are ok all the same. */
    unsigned n_todo_ok;
    /** Of the first that are not ok, which they are, from 1. */
    unsigned bad[TAP_NAMED_MAX];
    /** A number that is not the one that was due; -1: none. */
    long out_of_order;
    bool has_bailed_out;
    /** Why it bailed out, or skips all. */
    char why[TAP_WHY_SIZE];
};

void tap_read(const char *data, size_t size, struct tap *ret);
/** All of it is skipped. */
bool tap_is_skipped(const struct tap *tap);
/** As it should be; else @reason gets why not. */
bool tap_is_good(const struct tap *tap, struct text *reason);

#endif /* BROOD_TOOLS_TEST_TAP_H */
