/* Regular expressions as CMake has them. */
#include "test/pattern.h"

#include <string.h>

#include "support/check.h"

static const struct {
    const char *expression;
    const char *text;
    bool matches;
} cases[] = {
    { "hel+o", "say helllo", true },
    { "hel+o", "heo", false },
    { "^a", "ba\na", false },
    { "a$", "a\nb", false },
    { "a$", "a\n", false },
    { "a.b", "a\nb", true },
    { "a|b", "xb", true },
    { "(ab)+c", "ababc", true },
    { "[a-c]+x", "bcx", true },
    { "[^a-c]x", "ax", false },
    { "[]x]", "]", true },
    { "[^]x]", "y", true },
    { "[^]x]", "]", false },
    { "[a\\]", "\\", true },
    { "[[:alpha:]]", "z", false }, /* no classes: a set, and a ] */
    { "a\\.b", "a.b", true },
    { "a\\.b", "axb", false },
    { "\\d", "d", true }, /* no classes */
    { "\\d", "5", false },
    { "\\w\\s", "ws", true },
    { "a{2}", "a{2}", true }, /* no counts */
    { "a{2}", "aa", false },
    { "#x y", "#x y", true },
    { "", "anything", true },
    { "\\\\", "a\\b", true },
};

static void they_mean_what_cmake_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text error = { 0 };
        struct pattern *pattern = pattern_new(cases[i].expression, &error);

        if (pattern == NULL) {
            fail_msg("%s", text_string(&error));
        }
        if (pattern_matches(pattern, cases[i].text, strlen(cases[i].text)) !=
            cases[i].matches) {
            fail_msg("'%s' in '%s'", cases[i].expression, cases[i].text);
        }
        assert_null(pattern_free(pattern));
    }
}

static void bytes_of_any_kind_are_looked_through(void **state)
{
    static const char bytes[] = "\0\xff"
                                "abc\0def";
    struct text error = { 0 };
    struct pattern *pattern = pattern_new("c.d", &error);

    (void)state;
    assert_true(pattern_matches(pattern, bytes, sizeof(bytes) - 1));
    assert_false(pattern_matches(pattern, bytes, 4));
    assert_false(pattern_matches(pattern, NULL, 0));
    (void)pattern_free(pattern);
}

static void what_is_none_is_told(void **state)
{
    static const char *const bad[] = { "(", "a)", "[a", "*", "(?i)a", "a**" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) - 1; i++) {
        struct text error = { 0 };

        assert_null(pattern_new(bad[i], &error));
        assert_non_null(
            strstr(text_string(&error), "expected a regular expression"));
        assert_null(strchr(text_string(&error), '\n'));
        text_clear(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_mean_what_cmake_means),
        cmocka_unit_test(bytes_of_any_kind_are_looked_through),
        cmocka_unit_test(what_is_none_is_told),
    };

    return cmocka_run_group_tests_name("tools.pattern", tests, NULL, NULL);
}
