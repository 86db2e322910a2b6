#ifndef BROOD_TOOLS_TEST_RESOURCES_H
#define BROOD_TOOLS_TEST_RESOURCES_H

/*
 * resources - what the machine has of what tests need in RESOURCE_GROUPS, from
 * a resource specification file (ctest(1)).
 */

#include "suite/suite.h"

struct resources_device {
    const char *type;
    const char *id;
    unsigned slots;
    unsigned used;
};

struct resources {
    struct resources_device *devices;
    size_t n;
};

/** Read a file. Returns: 0, or -1 and why. */
int resources_read(struct resources *resources,
                   struct suite *suite,
                   const char *path,
                   struct text *error);
void resources_clear(struct resources *resources);
/** Whether a test could have all it needs if nothing else ran. */
bool resources_suffice(const struct resources *resources,
                       const struct suite_test *test);
/** Whether two tests need some of the same type. */
bool resources_share(const struct suite_test *a, const struct suite_test *b);
/**
 * Take what a test needs.
 *
 * @ret  the devices, in the order of the test's needs.
 *
 * Returns:   whether all of it is free; else nothing was taken.
 */
bool resources_take(struct resources *resources,
                    const struct suite_test *test,
                    unsigned *ret);
void resources_give_back(struct resources *resources,
                         const struct suite_test *test,
                         const unsigned *devices);
/** The variables that tell a test what it has got: "NAME=VALUE" in @arena.
 * Returns: how many; there is room for 1 + groups + needs. */
size_t resources_variables(const struct resources *resources,
                           const struct suite_test *test,
                           const unsigned *devices,
                           struct arena *arena,
                           const char **ret);

#endif /* BROOD_TOOLS_TEST_RESOURCES_H */
