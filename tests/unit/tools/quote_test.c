#include "run/quote.h"

#include <stdio.h>

#include "support/check.h"

static void assert_quoted(const char *from, const char *to, bool for_csh)
{
    struct text out = { 0 };

    quote_add(&out, from, strlen(from), for_csh);
    assert_string_equal(text_string(&out), to);
    text_clear(&out);
}

static void plain_words_stay_bare(void **state)
{
    (void)state;
    assert_quoted("a/b.c_d-e+F9", "a/b.c_d-e+F9", false);
    assert_quoted("-x", "-x", false);
}

static void nothing_becomes_a_pair_of_quotes(void **state)
{
    (void)state;
    assert_quoted("", "''", false);
}

static void everything_else_stands_in_single_quotes(void **state)
{
    static const char *const odd[] = { "a b", "$x",  "a=b", "a,b",  "a:b",
                                       "a@b", "a%b", "~",   "{}",   "*",
                                       "!",   "#",   "^",   "a\\b", "\"",
                                       "\t",  "\n",  "\xe9" };
    char want[16];

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        (void)snprintf(want, sizeof(want), "'%s'", odd[i]);
        assert_quoted(odd[i], want, false);
    }
}

static void single_quotes_stand_in_double_ones(void **state)
{
    (void)state;
    assert_quoted("it's", "'it'\"'\"'s'", false);
    assert_quoted("'", "\"'\"", false);
    assert_quoted("'a'", "\"'\"'a'\"'\"", false);
    assert_quoted("a''b", "'a'\"'\"''\"'\"'b'", false);
    assert_quoted("''", "\"'\"''\"'\"", false);
}

static void csh_is_kept_from_history_and_newlines(void **state)
{
    (void)state;
    assert_quoted("a!b", "'a\\!b'", true);
    assert_quoted("a\nb", "'a\\\nb'", true);
    assert_quoted("a b", "'a b'", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words_stay_bare),
        cmocka_unit_test(nothing_becomes_a_pair_of_quotes),
        cmocka_unit_test(everything_else_stands_in_single_quotes),
        cmocka_unit_test(single_quotes_stand_in_double_ones),
        cmocka_unit_test(csh_is_kept_from_history_and_newlines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
