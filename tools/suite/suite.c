#include "suite/suite.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    ROOM_FIRST = 64,
};

void suite_clear(struct suite *suite)
{
    arena_clear(&suite->arena);
    free(suite->tests);
    free(suite->by_name);
    *suite = (struct suite){ 0 };
}

const char *suite_copy(struct suite *suite, const char *text)
{
    return text == NULL ? NULL : arena_copy(&suite->arena, text, strlen(text));
}

struct suite_words suite_copy_words(struct suite *suite,
                                    const char *const *items,
                                    size_t n)
{
    const char **copy =
        arena_take(&suite->arena, (n + 1) * sizeof(const char *));

    for (size_t i = 0; i < n; i++) {
        copy[i] = suite_copy(suite, items[i]);
    }
    copy[n] = NULL;
    return (struct suite_words){ .items = copy, .n = n };
}

static size_t *place_of(const struct suite *suite, const char *name)
{
    return &suite->by_name[XXH3_64bits(name, strlen(name)) % suite->room];
}

static void join(struct suite *suite, size_t index)
{
    struct suite_test *test = &suite->tests[index];
    size_t *place = place_of(suite, test->name);

    test->next_of_hash = *place;
    *place = index + 1;
}

static void grow(struct suite *suite)
{
    suite->room = 2 * suite->room + ROOM_FIRST;
    suite->tests =
        reallocarray(suite->tests, suite->room, sizeof(*suite->tests));
    free(suite->by_name);
    suite->by_name = calloc(suite->room, sizeof(*suite->by_name));
    if (suite->tests == NULL || suite->by_name == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < suite->n; i++) {
        join(suite, i);
    }
}

struct suite_test *suite_add(struct suite *suite, const char *name)
{
    struct suite_test *test;

    if (suite->n == suite->room) {
        grow(suite);
    }
    test = &suite->tests[suite->n];
    *test = (struct suite_test){ .name = arena_copy(&suite->arena, name,
                                                    strlen(name)),
                                 .skip_code = -1,
                                 .timeout_ms = -1,
                                 .processors = 1,
                                 .cost = -1 };
    join(suite, suite->n++);
    return test;
}

static struct suite_test *find_from(const struct suite *suite,
                                    size_t at,
                                    const char *name)
{
    while (at > 0 && strcmp(suite->tests[at - 1].name, name) != 0) {
        at = suite->tests[at - 1].next_of_hash;
    }
    return at > 0 ? &suite->tests[at - 1] : NULL;
}

struct suite_test *suite_find(const struct suite *suite, const char *name)
{
    return suite->n == 0 ? NULL
                         : find_from(suite, *place_of(suite, name), name);
}

struct suite_test *suite_find_next(const struct suite *suite,
                                   const struct suite_test *test)
{
    return find_from(suite, test->next_of_hash, test->name);
}

bool suite_is_tap(const struct suite_test *test)
{
    return test->protocol == SUITE_TAP || test->protocol == SUITE_MESON_TAP;
}

bool suite_has(const struct suite_words *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++) {
        if (strcmp(words->items[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a ; ends a word: not behind a backslash, and not inside of []. */
static bool is_end(const char *list, size_t at, int depth)
{
    return list[at] == ';' && depth == 0 && (at == 0 || list[at - 1] != '\\');
}

static size_t count(const char *list)
{
    size_t n = 1;

    for (size_t i = 0; list[i] != '\0'; i++) {
        n += list[i] == ';';
    }
    return n;
}

static void add_word(struct suite *suite,
                     struct suite_words *words,
                     const struct text *word)
{
    if (word->size > 0) {
        words->items[words->n++] = suite_copy(suite, text_string(word));
    }
}

struct suite_words suite_split(struct suite *suite, const char *list)
{
    struct suite_words words = {
        .items =
            arena_take(&suite->arena, (count(list) + 1) * sizeof(const char *))
    };
    struct text word = { 0 };
    int depth = 0;

    for (size_t i = 0; list[i] != '\0'; i++) {
        depth += (list[i] == '[') - (list[i] == ']');
        if (is_end(list, i, depth)) {
            add_word(suite, &words, &word);
            text_reset(&word);
        } else if (list[i] != '\\' || list[i + 1] != ';') {
            text_add_char(&word, list[i]);
        }
    }
    add_word(suite, &words, &word);
    words.items[words.n] = NULL;
    text_clear(&word);
    return words;
}
