#ifndef BROOD_TOOLS_TEST_NAMES_H
#define BROOD_TOOLS_TEST_NAMES_H

/* names - whole names of tests from files, one a line. */

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct name {
    const char *text;
    /** Which file, from 0. */
    size_t file;
    /** It has been asked for. */
    bool is_known;
};

struct names {
    /** What the files have, with a NUL behind each line. */
    struct text *texts;
    size_t n_texts;
    /** In the order of strcmp(3). */
    struct name *items;
    size_t n;
};

/** Add the names of some files. Empty lines and those that begin with # are
 * none. Returns: 0, or -1 and why. */
int names_read(struct names *names,
               const char *const *files,
               size_t n_files,
               struct text *error);
void names_clear(struct names *names);
bool names_have(struct names *names, const char *name);

#endif /* BROOD_TOOLS_TEST_NAMES_H */
