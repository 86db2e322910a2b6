/*
 * The words that shline makes of a line are those that the shell makes of it:
 * many lines from a fixed seed, put to the shells of this machine.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit/workers/run.h"
#include "workers/shline.h"
#include "workers/shline_names.h"

enum {
    /* Lines in one script: the shell prints its words itself. */
    SCRIPT_LINES = 20000,
    /* Lines each given to a shell of its own, and printed by a program. */
    SINGLE_LINES = 150,
    FRAGMENTS_MAX = 12,
    LINE_SIZE = 256,
};

static uint64_t random_state;

static size_t random_below(size_t n)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (size_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

/* Most are plain, so that many lines are taken; some are not, so that a line
 * that should not be taken is seen if it is. */
static const char *const fragments[] = {
    "a",        "bc",       "-x",       "/usr",
    ".",        "=",        ":",        ",",
    "%",        "@",        "+",        "]",
    "^",        "!",        "if",       "done",
    "x=1",      "v=",       "~/",       "1",
    "~",        "#",        "a~",       "a#",
    " ",        " ",        " ",        " ",
    "\t",       "  ",       "\\ ",      "\\a",
    "\\\\",     "\\'",      "\\\"",     "\\$",
    "\\*",      "\\;",      "\\~",      "\\#",
    "\\\t",     "''",       "'a b'",    "'\\'",
    "'$a'",     "'*'",      "'\n'",     "\"\"",
    "\"a b\"",  "\"\\\\\"", "\"\\a\"",  "\"\\$\"",
    "\"\\\"\"", "\"*\"",    "\"'\"",    "\"\n\"",
    "'\"'",     "\"#~\"",   "\xc3\xa9", "\xff",
    "\x81",     "\x88",     "\r",       "\x01",
    "\x7f",     "\x1b",     "'\x81'",   "\"\x82\x01\"",
    "\\\x83",   "\\\x01",   "\\\x7f",   "\x0b",
    "\xa0",     "\xc2\xa0",
};

static const char *const odd[] = {
    "*",    "?", "[a]", "$a",    "`",        ";",      "&",
    "|",    "<", "(",   "{a,b}", "{1..2}",   "{}",     "\n",
    "\\\n", "'", "\"",  "\\",    "\"\\\n\"", "\"$a\"", "$'a'",
};

static void make_line(const char *program, char *line)
{
    size_t count = 1 + random_below(FRAGMENTS_MAX);
    size_t at = (size_t)snprintf(line, LINE_SIZE, "%s ", program);

    for (size_t i = 0; i < count; i++) {
        const char *f = random_below(60) == 0
                            ? odd[random_below(sizeof(odd) / sizeof(odd[0]))]
                            : fragments[random_below(sizeof(fragments) /
                                                     sizeof(fragments[0]))];

        at += (size_t)snprintf(line + at, LINE_SIZE - at, "%s", f);
    }
}

/* A shell of this machine, or a skipped test. */
static struct shline_shell find(const char *path)
{
    struct environ_table table = { 0 };
    struct shline_shell shell = { 0 };

    assert_ok(shline_shell_set(&shell, path, &table));
    if (shell.kind == SHLINE_OTHER) {
        shline_shell_clear(&shell);
        skip();
    }
    shell.table = NULL;
    return shell;
}

static void add_text(struct buf *b, const char *text)
{
    assert_ok(buf_add(b, text, strlen(text)));
}

/* A number of the form in which the script and show_argv print it. */
static void add_number(struct buf *b, size_t number, const char *after)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%zu%s", number, after);
    add_text(b, text);
}

static void add_as_script(struct buf *b, char *const *words, size_t count)
{
    add_number(b, count, " words\n");
    for (size_t i = 0; i < count; i++) {
        add_text(b, "<");
        add_text(b, words[i]);
        add_text(b, ">\n");
    }
}

static void add_as_program(struct buf *b, char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_number(b, strlen(words[i]), ":");
        add_text(b, words[i]);
        add_text(b, "\n");
    }
}

static void assert_same(const struct buf *want, const struct buf *got)
{
    size_t i = 0;

    while (i < want->size && i < got->size && want->data[i] == got->data[i]) {
        i++;
    }
    if (i < want->size || i < got->size) {
        size_t from = i < 100 ? 0 : i - 100;

        print_error("ours: %.200s\nits:  %.200s\n",
                    (const char *)want->data + from,
                    (const char *)got->data + from);
        fail();
    }
}

static const char script_head[] = "w() { printf '%d words\\n' $#; for a do "
                                  "printf '<%s>\\n' \"$a\"; done; }\n";

static void run_script(const char *shell,
                       const struct buf *script,
                       struct run *r)
{
    char path[] = "/tmp/brood-lines-XXXXXX";
    char *argv[] = { (char *)(uintptr_t)shell, path, NULL };
    char *envp[] = { NULL };
    int fd = mkostemp(path, O_CLOEXEC);

    assert_ok(fd);
    assert_int_equal(write(fd, script->data, script->size), script->size);
    (void)close(fd);
    assert_ok(run_program(shell, argv, envp, NULL, r));
    (void)unlink(path);
}

static void compare_script(const char *path)
{
    struct shline_shell shell = find(path);
    struct shline_words words = { 0 };
    struct buf script = { 0 };
    struct buf want = { 0 };
    char line[LINE_SIZE];
    size_t taken = 0;
    struct run run;

    random_state = UINT64_C(0x9e3779b97f4a7c15);
    add_text(&script, script_head);
    for (size_t i = 0; i < SCRIPT_LINES; i++) {
        make_line("w", line);
        if (shline_split(line, &shell, &words) == 1) {
            taken++;
            add_text(&script, line);
            add_text(&script, "\n");
            add_as_script(&want, words.argv + 1, words.count - 1);
        }
    }
    /* Enough of them are taken to mean something. */
    assert_true(taken > SCRIPT_LINES / 4);
    run_script(path, &script, &run);
    assert_same(&want, &run.out);
    run_clear(&run);
    buf_clear(&script);
    buf_clear(&want);
    shline_words_clear(&words);
    shline_shell_clear(&shell);
}

static void compare_single(const char *path)
{
    static char dir[] = "PATH=" CHILDREN_DIR;
    struct shline_shell shell = find(path);
    struct shline_words words = { 0 };
    char *envp[] = { dir, NULL };
    char option[] = "-c";
    char line[LINE_SIZE];
    char *argv[] = { (char *)(uintptr_t)path, option, line, NULL };
    size_t taken = 0;

    random_state = UINT64_C(0xd1b54a32d192ed03);
    while (taken < SINGLE_LINES) {
        struct buf want = { 0 };
        struct run run;

        make_line(taken % 2 == 0 ? "show_argv" : "\t'show'_\\argv", line);
        if (shline_split(line, &shell, &words) == 1) {
            taken++;
            assert_ok(run_program(path, argv, envp, NULL, &run));
            add_as_program(&want, words.argv, words.count);
            assert_same(&want, &run.out);
            run_clear(&run);
            buf_clear(&want);
        }
    }
    shline_words_clear(&words);
    shline_shell_clear(&shell);
}

static void lines_of_a_script_are_split_as_sh_does(void **state)
{
    (void)state;
    compare_script("/bin/sh");
}

static void lines_of_a_script_are_split_as_bash_does(void **state)
{
    (void)state;
    compare_script("/bin/bash");
}

static void single_lines_are_split_as_sh_does(void **state)
{
    (void)state;
    compare_single("/bin/sh");
}

static void single_lines_are_split_as_bash_does(void **state)
{
    (void)state;
    compare_single("/bin/bash");
}

/* Each word that a shell of this machine has for itself is known. */
static void assert_knows(const char *path, const char *question)
{
    char option[] = "-c";
    char *argv[] = { (char *)(uintptr_t)path, option,
                     (char *)(uintptr_t)question, NULL };
    char *envp[] = { NULL };
    struct shline_shell shell = find(path);
    struct run run;
    char *word;
    char *rest;

    assert_ok(run_program(path, argv, envp, NULL, &run));
    rest = (char *)run.out.data;
    while ((word = strsep(&rest, "\n")) != NULL) {
        if (*word != '\0' && shline_builtin_of(word) == SHLINE_NONE) {
            print_error("%s: %s is a word of its own\n", path, word);
            fail();
        }
    }
    assert_true(run.out.size > 0);
    run_clear(&run);
    shline_shell_clear(&shell);
}

static void all_words_of_bash_are_known(void **state)
{
    (void)state;
    assert_knows("/bin/bash", "compgen -b; compgen -k");
}

/* dash has no list; it can be asked for each that any shell has. */
static void all_words_of_sh_are_known(void **state)
{
    static const char question[] =
        "for w in ! . : [ [[ { } alias autoload bg bind break builtin caller "
        "case cd chdir command compgen complete continue coproc declare dirs "
        "disown do done echo elif else enable esac eval exec exit export false "
        "fc fg fi float for function getopts global hash help hist history if "
        "in integer jobs kill let local logout mapfile nameref newgrp popd "
        "print printf pushd pwd r read readonly rehash return select set "
        "setvar "
        "shift shopt source stop suspend test then time times trap true type "
        "typeset ulimit umask unalias unset until wait wordexp whence which "
        "while cat sleep nohup ls env basename dirname getconf; do "
        "case $(command -V $w 2>&1) in "
        "*builtin*|*keyword*|*reserved*) echo $w;; esac; done";

    (void)state;
    assert_knows("/bin/sh", question);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_script_are_split_as_sh_does),
        cmocka_unit_test(lines_of_a_script_are_split_as_bash_does),
        cmocka_unit_test(single_lines_are_split_as_sh_does),
        cmocka_unit_test(single_lines_are_split_as_bash_does),
        cmocka_unit_test(all_words_of_bash_are_known),
        cmocka_unit_test(all_words_of_sh_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
