#ifndef BROOD_TOOLS_TEST_PATTERN_H
#define BROOD_TOOLS_TEST_PATTERN_H

/*
 * pattern - regular expressions as CMake has them (string(REGEX)), found with
 * PCRE2: ^ and $ are the ends of the text and . any byte, a newline too; there
 * are no {counts}, no classes such as \d, and a backslash makes the character
 * behind it plain.
 */

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct pattern;

/**
 * Make a pattern.
 *
 * Returns:   it; NULL and why in @error: one line without a newline.
 */
struct pattern *pattern_new(const char *expression, struct text *error);
struct pattern *pattern_free(struct pattern *pattern);
/** Whether it is found in some bytes. */
bool pattern_matches(const struct pattern *pattern,
                     const char *data,
                     size_t size);

/** Translate an expression to one of PCRE2. */
void pattern_translate(const char *expression, struct text *out);

#endif /* BROOD_TOOLS_TEST_PATTERN_H */
