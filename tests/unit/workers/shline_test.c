#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "unit/workers/texts.h"
#include "workers/shline.h"
#include "workers/shline_names.h"

static const struct shline_shell dash = {
    .kind = SHLINE_DASH,
    .bytes_are_plain = true,
};
static const struct shline_shell bash = {
    .kind = SHLINE_BASH,
    .bytes_are_plain = true,
    .builtin_dir = "/bin/",
};

/* The words in brackets, or "shell". */
static void say(const struct shline_shell *shell,
                const char *line,
                char *text,
                size_t size)
{
    struct shline_words words = { 0 };
    int r = shline_split(line, shell, &words);
    size_t at = 0;

    assert_ok(r);
    if (r == 0) {
        assert_null(words.argv);
        (void)snprintf(text, size, "shell");
        shline_words_clear(&words);
        return;
    }
    for (size_t i = 0; i < words.count; i++) {
        at += (size_t)snprintf(text + at, size - at, "[%s]", words.argv[i]);
    }
    assert_null(words.argv[words.count]);
    shline_words_clear(&words);
}

struct expectation {
    const char *line;
    const char *said;
};

static void assert_said(const struct shline_shell *shell,
                        const struct expectation *e,
                        size_t count)
{
    char said[1024];

    for (size_t i = 0; i < count; i++) {
        say(shell, e[i].line, said, sizeof(said));
        if (strcmp(said, e[i].said) != 0) {
            print_error("line: %s\n", e[i].line);
        }
        assert_string_equal(said, e[i].said);
    }
}

#define ASSERT_SAID(...)                                          \
    do {                                                          \
        const struct expectation list[] = { __VA_ARGS__ };        \
                                                                  \
        assert_said(&dash, list, sizeof(list) / sizeof(list[0])); \
        assert_said(&bash, list, sizeof(list) / sizeof(list[0])); \
    } while (0)

static void words_are_split_at_blanks(void **state)
{
    (void)state;
    ASSERT_SAID({ "ls", "[ls]" }, { "ls -l /tmp", "[ls][-l][/tmp]" },
                { "  ls\t\t-l  ", "[ls][-l]" }, { "ls \r", "[ls][\r]" },
                { "ls a\vb", "[ls][a\vb]" },
                { "gcc -c x.c -o x.o", "[gcc][-c][x.c][-o][x.o]" },
                { "ls -%+,./@^_-]", "[ls][-%+,./@^_-]]" }, { "", "shell" },
                { "   ", "shell" });
}

static void quotes_are_taken_off(void **state)
{
    (void)state;
    ASSERT_SAID({ "ls 'a b'", "[ls][a b]" }, { "ls \"a b\"", "[ls][a b]" },
                { "ls ''", "[ls][]" }, { "ls \"\"", "[ls][]" },
                { "ls '' \"\" ''", "[ls][][][]" },
                { "ls a'b c'd\"e f\"g", "[ls][ab cde fg]" },
                { "ls '\"'\"'\"", "[ls][\"']" },
                { "ls '$x `y` \\ * ? ; & | < > ( ) # ~ {a,b}'",
                  "[ls][$x `y` \\ * ? ; & | < > ( ) # ~ {a,b}]" },
                { "ls \"* ? ; & | < > ( ) # ~ {a,b} ! '\"",
                  "[ls][* ? ; & | < > ( ) # ~ {a,b} ! ']" },
                { "ls 'a\nb'", "[ls][a\nb]" }, { "ls \"a\nb\"", "[ls][a\nb]" },
                { "'ls' -l", "[ls][-l]" }, { "l's'", "[ls]" },
                { "ls 'a", "shell" }, { "ls \"a", "shell" },
                { "ls a'", "shell" }, { "''", "shell" }, { "'' a", "shell" });
}

static void backslashes_are_as_posix_says(void **state)
{
    (void)state;
    ASSERT_SAID({ "ls a\\ b", "[ls][a b]" }, { "ls \\a\\\\", "[ls][a\\]" },
                { "ls \\* \\$x \\; \\' \\\"", "[ls][*][$x][;]['][\"]" },
                { "ls \\~ \\#", "[ls][~][#]" },
                { "ls \"\\$ \\` \\\" \\\\\"", "[ls][$ ` \" \\]" },
                { "ls \"\\a \\n \\'\"", "[ls][\\a \\n \\']" },
                { "ls '\\'", "[ls][\\]" }, { "l\\s", "[ls]" },
                { "ls a\\\nb", "shell" }, { "ls \"a\\\nb\"", "shell" },
                { "ls \\", "shell" }, { "ls \"\\", "shell" });
}

static void syntax_needs_the_shell(void **state)
{
    static const char *const lines[] = {
        "a | b", "a|b",      "a & b",   "a &",       "a && b", "a ; b",
        "a;",    "a < b",    "a > b",   "a 2>&1",    "(a)",    "a ()",
        "a $x",  "a \"$x\"", "a `b`",   "a \"`b`\"", "a $(b)", "a *",
        "a ?",   "a [b]",    "a {b,c}", "a {1..3}",  "{ a; }", "a }",
        "a\nb",  "a\n",      "a $'b'",  "a b*c",     "#a",     "a #b",
        "a\t#b", "a ~",      "a ~/b",   "a b=~",     "a b:~",  "a ''~",
        "a ''#", "a \\x~",   "~/a",     "a |& b",    "a <<b",  "-a",
        "+a",    "a \"b$\"", "a &>b",   "a @(b)",    "a !(b)",
    };
    char said[64];

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        say(&dash, lines[i], said, sizeof(said));
        assert_string_equal(said, "shell");
        say(&bash, lines[i], said, sizeof(said));
        assert_string_equal(said, "shell");
    }
}

static void signs_inside_of_words_are_plain(void **state)
{
    (void)state;
    ASSERT_SAID(
        { "ls a~ b~c", "[ls][a~][b~c]" }, { "ls a#b a##", "[ls][a#b][a##]" },
        { "ls a=b :c d:e", "[ls][a=b][:c][d:e]" }, { "ls !", "[ls][!]" },
        { "ls a!b", "[ls][a!b]" }, { "ls %1", "[ls][%1]" },
        { "ls -n", "[ls][-n]" }, { " -a", "[-a]" },
        { "ls if then", "[ls][if][then]" }, { "a-b_c.d", "[a-b_c.d]" },
        { "./a", "[./a]" }, { "a%b", "[a%b]" });
}

static void an_assignment_in_front_needs_the_shell(void **state)
{
    (void)state;
    ASSERT_SAID({ "a=b", "shell" }, { "a=b c", "shell" }, { "a= c", "shell" },
                { "a+=b c", "shell" }, { "./a=b", "shell" },
                { "'a=b'", "shell" }, { "env a=b", "[env][a=b]" });
}

static void what_is_no_program_needs_the_shell(void **state)
{
    (void)state;
    ASSERT_SAID(
        { "cd /", "shell" }, { "exit 3", "shell" }, { ". file", "shell" },
        { ":", "shell" }, { "! ls", "shell" }, { "if", "shell" },
        { "time ls", "shell" }, { "exec ls", "shell" }, { "'cd' /", "shell" },
        { "\\cd /", "shell" }, { "printf x", "shell" },
        { "test -f x", "shell" }, { "export x", "shell" },
        { "local x", "shell" }, { "source x", "shell" }, { "%1", "shell" },
        { "'%1'", "shell" }, { "while x", "shell" }, { "shopt", "shell" },
        { "chdir /", "shell" }, { "ulimit", "shell" }, { "cdx", "[cdx]" },
        { "c", "[c]" }, { "sleep 1", "[sleep][1]" }, { "cat x", "[cat][x]" },
        { "/bin/cd", "[/bin/cd]" });
}

static void builtins_of_bash_that_are_programs_too_are_run_directly(
    void **state)
{
    const struct expectation in_bash[] = {
        { "echo", "[echo]" },
        { "echo a  b", "[echo][a][b]" },
        { "echo a -n", "[echo][a][-n]" },
        { "echo ''", "[echo][]" },
        { "true", "[true]" },
        { "false", "[false]" },
        { "echo -n a", "shell" },
        { "echo --help", "shell" },
        { "echo '-'", "shell" },
        { "echo 'a\\n'", "shell" },
        { "true a", "[true][a]" },
        { "false --help", "shell" },
    };
    const struct expectation in_dash[] = {
        { "echo", "shell" },
        { "echo a", "shell" },
        { "true", "shell" },
        { "false", "shell" },
    };

    (void)state;
    assert_said(&bash, in_bash, sizeof(in_bash) / sizeof(in_bash[0]));
    assert_said(&dash, in_dash, sizeof(in_dash) / sizeof(in_dash[0]));
}

static void bytes_with_the_high_bit_are_plain_if_the_shell_says_so(void **state)
{
    const struct shline_shell other = { .kind = SHLINE_BASH };
    const struct expectation needs[] = { { "ls \xc3\xa9", "shell" },
                                         { "ls '\xc3\xa9'", "shell" },
                                         { "ls e", "[ls][e]" } };

    (void)state;
    ASSERT_SAID(
        { "ls \xc3\xa9 '\xff' \\\x81\x80", "[ls][\xc3\xa9][\xff][\x81\x80]" });
    assert_said(&other, needs, sizeof(needs) / sizeof(needs[0]));
}

static void an_unknown_shell_runs_every_line(void **state)
{
    const struct shline_shell other = { .bytes_are_plain = true };
    const struct expectation needs[] = { { "ls", "shell" } };

    (void)state;
    assert_said(&other, needs, 1);
}

static void a_function_of_the_environment_needs_the_shell(void **state)
{
    static const char *const strings[] = { "A=1", "BASH_FUNC_f%%=() {  :\n}",
                                           "BASH_FUNC_ls%%=() {  :\n}", NULL };
    const struct expectation list[] = {
        { "f", "shell" },  { "f x", "shell" }, { "'f' x", "shell" },
        { "ls", "shell" }, { "ff", "[ff]" },   { "g f", "[g][f]" }
    };
    struct environ_table table = { 0 };
    struct buf b = { 0 };
    struct message_texts texts = texts_of(&b, strings);
    struct shline_shell shell = bash;

    (void)state;
    assert_ok(environ_table_make(&texts, &table));
    shell.has_functions = true;
    shell.table = &table;
    assert_said(&shell, list, sizeof(list) / sizeof(list[0]));
    environ_table_clear(&table);
    buf_clear(&b);
}

enum {
    LONGEST = 128 * 1024 - 1,
};

static void a_line_that_the_shell_could_not_be_given_is_left_to_it(void **state)
{
    struct shline_words words = { 0 };
    char *line = malloc(LONGEST + 2);

    (void)state;
    assert_non_null(line);
    for (size_t i = 0; i <= LONGEST; i++) {
        line[i] = i % 2 == 0 ? 'a' : ' ';
    }
    line[LONGEST + 1] = '\0';
    assert_int_equal(shline_split(line, &dash, &words), 0);
    line[LONGEST] = '\0';
    assert_int_equal(shline_split(line, &dash, &words), 1);
    assert_int_equal(words.count, (LONGEST + 1) / 2);
    for (size_t i = 0; i < words.count; i++) {
        assert_string_equal(words.argv[i], "a");
    }
    shline_words_clear(&words);
    free(line);
}

static void the_words_of_the_next_line_need_no_memory(void **state)
{
    struct shline_words words = { 0 };

    (void)state;
    brood_fault_arm("mem", 1);
    assert_err(shline_split("ls a b c", &dash, &words), -ENOMEM);
    assert_null(words.argv);
    assert_int_equal(shline_split("ls a b c", &dash, &words), 1);
    brood_fault_arm("mem", 1);
    assert_int_equal(shline_split("ls 'a b'", &dash, &words), 1);
    brood_fault_arm("mem", 0);
    assert_int_equal(words.count, 2);
    shline_words_clear(&words);
    assert_null(words.argv);
}

static void variables_are_what_the_shells_make_of_them(void **state)
{
    (void)state;
#define IS(kind, entry, what) \
    assert_int_equal(shline_variable_of(SHLINE_##kind, entry), SHLINE_##what)
    IS(DASH, "PATH=/bin", PASSED);
    IS(DASH, "a_B9=", PASSED);
    IS(DASH, "a-b=1", DROPPED);
    IS(DASH, "9a=1", DROPPED);
    IS(DASH, "=x", DROPPED);
    IS(DASH, "novalue", DROPPED);
    IS(DASH, "BASH_FUNC_f%%=() { :; }", DROPPED);
    IS(DASH, "IFS=x", MINDED);
    IS(DASH, "OPTIND=1", MINDED);
    IS(DASH, "PPID=1", MINDED);
    IS(DASH, "BASH_ENV=x", PASSED);
    IS(DASH, "LD_PRELOAD=x", MINDED);
    IS(DASH, "LD_LIBRARY_PATH=x", PASSED);
    IS(BASH, "a-b=1", PASSED);
    IS(BASH, "BASH_ENV=x", MINDED);
    IS(BASH, "BASHOPTS=x", MINDED);
    IS(BASH, "SHELLOPTS=x", MINDED);
    IS(BASH, "POSIXLY_CORRECT=", MINDED);
    IS(BASH, "BASH_FUNC_f%%=() { :; }", PASSED);
    IS(BASH, "BASH_FUNC_a/b%%=() { :; }", MINDED);
    IS(BASH, "BASH_FUNC_%%=() { :; }", MINDED);
    IS(BASH, "=x", DROPPED);
    IS(BASH, "PS1=x", DROPPED);
    IS(BASH, "PS4=x", MINDED);
    IS(BASH, "PS11=x", PASSED);
    IS(BASH, "COMP_WORDBREAKS=x", MINDED);
    IS(BASH, "UID=x", MINDED);
#undef IS
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_split_at_blanks),
        cmocka_unit_test(quotes_are_taken_off),
        cmocka_unit_test(backslashes_are_as_posix_says),
        cmocka_unit_test(syntax_needs_the_shell),
        cmocka_unit_test(signs_inside_of_words_are_plain),
        cmocka_unit_test(an_assignment_in_front_needs_the_shell),
        cmocka_unit_test(what_is_no_program_needs_the_shell),
        cmocka_unit_test(
            builtins_of_bash_that_are_programs_too_are_run_directly),
        cmocka_unit_test(
            bytes_with_the_high_bit_are_plain_if_the_shell_says_so),
        cmocka_unit_test(an_unknown_shell_runs_every_line),
        cmocka_unit_test(a_function_of_the_environment_needs_the_shell),
        cmocka_unit_test(
            a_line_that_the_shell_could_not_be_given_is_left_to_it),
        cmocka_unit_test(the_words_of_the_next_line_need_no_memory),
        cmocka_unit_test(variables_are_what_the_shells_make_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
