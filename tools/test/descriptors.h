#ifndef BROOD_TOOLS_TEST_DESCRIPTORS_H
#define BROOD_TOOLS_TEST_DESCRIPTORS_H

/*
 * descriptors - file descriptors that tests leave open: a leak in what they
 * test, perhaps.
 *
 * testing.descriptors is NULL without --descriptors; but for
 * test_descriptors_open() and test_descriptors_close(), these are not called
 * then.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "arena.h"
#include "test/testing.h"
#include "text.h"

/** With --descriptors, get ready. Returns: 0, or -1 after a message. */
int test_descriptors_open(struct testing *t);
void test_descriptors_close(struct testing *t);
/** Make a case's job one that waits until it is traced. */
void test_descriptors_hold(struct testing *t,
                           const struct test_case *c,
                           struct arena *arena,
                           struct brood_job *job);
/** It has started: trace it. */
void test_descriptors_start(struct testing *t, const struct test_case *c);
/** It has ended. @result  is set right if its program could not be run. */
void test_descriptors_end(struct testing *t,
                          const struct test_case *c,
                          struct brood_result *result);
/** How many it left open; -1: not known. */
int64_t test_descriptors_of(const struct testing *t, const struct test_case *c);
/** How many cases left some. */
size_t test_descriptors_count(const struct testing *t);
/** Add "left 2 descriptors open: 3 /dev/null, ...". @all  name all that are
 * known. Returns: whether there are some. */
bool test_descriptors_add(const struct testing *t,
                          const struct test_case *c,
                          bool all,
                          struct text *out);
/** Add them as members of JSON, behind a comma. */
void test_descriptors_add_json(const struct testing *t,
                               const struct test_case *c,
                               struct text *out);

#endif /* BROOD_TOOLS_TEST_DESCRIPTORS_H */
