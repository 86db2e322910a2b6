#ifndef BROOD_TOOLS_SUITE_CMAKE_CACHE_H
#define BROOD_TOOLS_SUITE_CMAKE_CACHE_H

/* cmake_cache - what a build directory's CMakeCache.txt says. */

#include "text.h"

/**
 * Check the configuration that is asked for against those that the build has.
 * Without this, ctest leaves out all tests of a build of several configurations.
 *
 * @config  NULL: none. Set to the only one, if there is one.
 *
 * Returns:   0, also where there is no such file; or -1 and why.
 */
int cmake_cache_check(const char *dir,
                      const char **config,
                      struct text *names,
                      struct text *error);

#endif /* BROOD_TOOLS_SUITE_CMAKE_CACHE_H */
