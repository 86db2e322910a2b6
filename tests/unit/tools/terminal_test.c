/* Text that steers a terminal, and what is left of it. */
#include "run/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/check.h"

static const struct {
    const char *text;
    const char *want;
} cases[] = {
    { "", "" },
    { "plain \xc3\xa4 \t\r\n", "plain \xc3\xa4 \t\r\n" },
    { "a\033[31;1mb\033[0mc", "abc" },
    { "\033[38:2::1:2:3mx\033[K\033[?25l\033[2 qy", "xy" },
    { "a\033]0;title\007b", "ab" },
    { "\033]8;;http://x\033\\link\033]8;;\033\\.", "link." },
    { "\033Pq#0\033\\a\033_x\033\\b\033^y\033\\c\033Xz\033\\d", "abcd" },
    { "\033(Ba\0337b\033=c\033Md", "abcd" },
    /* Not whole. */
    { "a\033", "a" },
    { "a\033[", "a" },
    { "a\033[31", "a" },
    { "a\033[3\nb", "a\nb" },
    { "a\033[3\033[0mb", "ab" },
    { "a\033]0;title\nb", "a\nb" },
    { "a\033]0;ti\033[1mb", "ab" },
    { "a\033]0;ti\030b", "ab" },
    { "a\033\nb", "a\nb" },
    { "a\033\033[1mb", "ab" },
    { "a\033[\xc3\xa4", "a\xc3\xa4" },
};

static void what_steers_a_terminal_is_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text out = { 0 };

        terminal_strip(&out, cases[i].text, strlen(cases[i].text));
        if (strcmp(text_string(&out), cases[i].want) != 0) {
            fail_msg("case %zu: '%s'", i, text_string(&out));
        }
        text_clear(&out);
    }
}

static void colours_may_stay(void **state)
{
    static const char text[] =
        "\033[31;1mred\033[0m\033[2J \033]0;title\007\033[m\033[";
    struct text out = { 0 };

    (void)state;
    terminal_keep_colors(&out, text, sizeof(text) - 1);
    assert_string_equal(text_string(&out), "\033[31;1mred\033[0m \033[m");
    text_clear(&out);
}

static void any_bytes_are_taken(void **state)
{
    static const char text[] = "a\0b\033\0c\033]\0\007d";
    static const char want[] = "a\0b\0cd";
    struct text out = { 0 };

    (void)state;
    terminal_strip(&out, text, sizeof(text) - 1);
    assert_int_equal(out.size, sizeof(want) - 1);
    assert_memory_equal(out.data, want, sizeof(want) - 1);
    text_clear(&out);
}

static void control_characters_of_a_line_are_shown_as_such(void **state)
{
    struct text out = { 0 };

    (void)state;
    terminal_add_plain(&out, "a\nb\033[1m\177\t\xc2\x9b.\xc3\xa4\xc2\xa0");
    assert_string_equal(text_string(&out), "a?b?[1m???.\xc3\xa4\xc2\xa0");
    text_clear(&out);
}

static void a_file_is_no_able_terminal(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, 0), 0);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    assert_false(terminal_is_able(fds[0]));
    (void)close(fds[0]);
    (void)close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_steers_a_terminal_is_left_out),
        cmocka_unit_test(colours_may_stay),
        cmocka_unit_test(any_bytes_are_taken),
        cmocka_unit_test(control_characters_of_a_line_are_shown_as_such),
        cmocka_unit_test(a_file_is_no_able_terminal),
    };

    return cmocka_run_group_tests_name("tools.terminal", tests, NULL, NULL);
}
