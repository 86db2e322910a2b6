/*
 * pattern_fuzz - take any text as a regular expression of CMake, and look for
 * it in itself: it is one, or told that it is none.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "test/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in a release too. */
static void must(int condition)
{
    if (!condition) {
        abort();
    }
}

/* It has no characters but plain ones. */
static int is_plain(const char *text)
{
    return strpbrk(text, "\\^$.[]|()?*+") == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text expression = { 0 };
    struct text error = { 0 };
    struct pattern *pattern;
    const char *text;

    text_add(&expression, data, size);
    text = text_string(&expression);
    pattern = pattern_new(text, &error);
    must((pattern == NULL) == (error.size > 0));
    must(pattern != NULL || !is_plain(text));
    if (pattern != NULL) {
        int matches = pattern_matches(pattern, text, strlen(text));

        must(matches || !is_plain(text));
    }
    (void)pattern_free(pattern);
    text_clear(&expression);
    text_clear(&error);
    return 0;
}
