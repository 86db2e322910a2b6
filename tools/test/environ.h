#ifndef BROOD_TOOLS_TEST_ENVIRON_H
#define BROOD_TOOLS_TEST_ENVIRON_H

/* environ - ENVIRONMENT_MODIFICATION: operations on variables, one by one. */

#include <stdbool.h>

#include "arena.h"
#include "suite/suite.h"

/**
 * The whole environment of a test that changes it.
 *
 * @base   "NAME=VALUE" strings, NULL-terminated.
 * @error  which operation cannot be understood.
 *
 * Returns:   the strings, NULL-terminated, in @arena; NULL and why.
 */
const char **environ_make(struct arena *arena,
                          const char *const *base,
                          const struct suite_test *test,
                          struct text *error);

#endif /* BROOD_TOOLS_TEST_ENVIRON_H */
