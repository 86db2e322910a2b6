#ifndef BROOD_TOOLS_SUITE_MESON_SETUP_H
#define BROOD_TOOLS_SUITE_MESON_SETUP_H

/*
 * meson_setup - what Meson tells nobody but itself of its tests.
 *
 * Its introspection leaves out which tests are expected to fail, what a cross
 * build runs programs with, and how a variable is changed that is already in
 * the environment (env.prepend()). It keeps all of that as Python objects,
 * which only its own modules can read: so these are asked.
 */

#include "suite/json_tree.h"

/**
 * Read the tests of a build directory, in the order of its introspection.
 *
 * @ret  an array of objects: "name"; "should_fail"; "exit_status", if one other
 *       than 0 is expected; "env" and "unset", what is changed of our
 *       environment; "wrapper", the words before the command. For
 *       yajl_tree_free(). NULL where the build directory has no such file.
 *
 * Returns:   0, or -1 and why.
 */
int meson_setup_read(const char *dir, yajl_val *ret, struct text *error);

/** Set what is in one of its objects. */
void meson_setup_apply(struct suite *suite,
                       struct suite_test *test,
                       yajl_val setup);
/** Set which end is expected: "should_fail" or "expected_fail", and an exit
 * status of that name. Newer introspection has these too. */
void meson_set_expected(struct suite *suite,
                        struct suite_test *test,
                        yajl_val json,
                        const char *exit_name);
/** An object of strings as variables, NAME=VALUE. */
struct suite_words meson_env(struct suite *suite, yajl_val env);

#endif /* BROOD_TOOLS_SUITE_MESON_SETUP_H */
