/* What programs say in the Test Anything Protocol. */
#include "test/tap.h"

#include <string.h>

#include "support/check.h"

static const struct {
    const char *text;
    /** NULL: good; else why not. */
    const char *why;
} cases[] = {
    { "1..2\nok 1\nok 2 - b\n", NULL },
    { "ok\nok\n1..2\n", NULL },
    { "TAP version 14\r\n1..1\r\nok 1 - x\r\n", NULL },
    { "# a comment\n1..1\n\nsomething else\nok 1", NULL },
    { "1..2\nok 1\nnot ok 2 - x # TODO later\n", NULL },
    { "1..2\nok 1 # skip no net\nok 2\n", NULL },
    { "1..1\n    1..1\n    not ok 1 - inner\nok 1 - outer\n", NULL },
    { "1..1\nok 1 - a \\# TODO is no directive\n", NULL },
    { "1..2\nok 1\nnot ok 2 - x\n", "1 of 2 not ok: 2" },
    { "1..2\nnot ok 1 - a \\# TODO b\nok 2\n", "1 of 2 not ok: 1" },
    { "1..4\nnot ok 1\nok 2\nnot ok 3 # TODO\nnot ok 4\n",
      "2 of 4 not ok: 1, 4" },
    { "1..3\nok 1\nok 2\n", "2 of 3 tests have been run" },
    { "1..1\nok 1\nok 2\n", "2 of 1 tests have been run" },
    { "ok 1\n", "no plan (1..N)" },
    { "", "no plan (1..N)" },
    { "okay\nnot okay\n", "no plan (1..N)" },
    { "1..1\n1..1\nok 1\n", "more than one plan (1..N)" },
    { "1..2\nok 2\nok 1\n", "a test with number 2 out of order" },
    { "1..2\nok 1\nBail out! the disk is full\nok 2\n",
      "bailed out: the disk is full" },
    { "1..0 # SKIP not here\nok 1\n", "1 of 0 tests have been run" },
};

static void it_is_good_or_told_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text reason = { 0 };
        struct tap tap;

        tap_read(cases[i].text, strlen(cases[i].text), &tap);
        if (tap_is_good(&tap, &reason) != (cases[i].why == NULL)) {
            fail_msg("%s: %s", cases[i].text, text_string(&reason));
        }
        assert_string_equal(text_string(&reason),
                            cases[i].why == NULL ? "" : cases[i].why);
        text_clear(&reason);
    }
}

static void all_of_it_may_be_skipped(void **state)
{
    static const char text[] = "1..0 # SKIP no such thing here\n";
    struct tap tap;

    (void)state;
    tap_read(text, sizeof(text) - 1, &tap);
    assert_true(tap_is_skipped(&tap));
    assert_string_equal(tap.why, "no such thing here");
    tap_read("1..0\n", 5, &tap);
    assert_true(tap_is_skipped(&tap));
    tap_read("1..1\nok 1 # SKIP\n", 17, &tap);
    assert_false(tap_is_skipped(&tap));
    assert_int_equal(tap.n_skipped, 1);
}

static void ten_that_are_not_ok_are_named(void **state)
{
    struct text text = { 0 };
    struct text reason = { 0 };
    struct tap tap;

    (void)state;
    text_add_string(&text, "1..23\nok 1\n");
    for (int i = 2; i <= 11; i++) {
        text_add_format(&text, "not ok %d\n", i);
    }
    tap_read(text.data, text.size, &tap);
    assert_false(tap_is_good(&tap, &reason));
    assert_string_equal(text_string(&reason),
                        "10 of 11 not ok: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11");
    for (int i = 12; i <= 23; i++) {
        text_add_format(&text, "not ok %d\n", i);
    }
    text_reset(&reason);
    tap_read(text.data, text.size, &tap);
    assert_false(tap_is_good(&tap, &reason));
    assert_string_equal(text_string(&reason),
                        "22 of 23 not ok: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...");
    text_clear(&text);
    text_clear(&reason);
}

static void those_to_be_done_that_pass_are_counted(void **state)
{
    static const char text[] = "1..4\nok 1 # TODO a\nnot ok 2 # todo b\n"
                               "ok 3 # TODO\nok 4\n";
    struct text reason = { 0 };
    struct tap tap;

    (void)state;
    tap_read(text, sizeof(text) - 1, &tap);
    assert_true(tap_is_good(&tap, &reason));
    assert_int_equal(tap.n_todo, 3);
    assert_int_equal(tap.n_todo_ok, 2);
    text_clear(&reason);
}

static void lines_of_any_length_and_bytes_are_read(void **state)
{
    struct text text = { 0 };
    struct tap tap;

    (void)state;
    text_add_string(&text, "1..1\n");
    for (int i = 0; i < 100000; i++) {
        text_add(&text, i % 7 == 0 ? "\0" : "x", 1);
    }
    text_add_string(&text, "\nok 1\n");
    tap_read(text.data, text.size, &tap);
    assert_int_equal(tap.n, 1);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_good_or_told_why_not),
        cmocka_unit_test(all_of_it_may_be_skipped),
        cmocka_unit_test(ten_that_are_not_ok_are_named),
        cmocka_unit_test(those_to_be_done_that_pass_are_counted),
        cmocka_unit_test(lines_of_any_length_and_bytes_are_read),
    };

    return cmocka_run_group_tests_name("tools.tap", tests, NULL, NULL);
}
