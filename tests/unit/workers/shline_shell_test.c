/*
 * What shline_prepare() makes of a line and an environment is compared with
 * what the shells of this machine make of them.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "unit/workers/prepared.h"
#include "unit/workers/run.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char path_entry[] = "PATH=" CHILDREN_DIR ":/usr/bin:/bin";

static char root[] = "/tmp/brood-shline-XXXXXX";
static char *bash_as_sh;
static char *link_to_usr;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sort the lines of a text; it has fewer than @max. */
static size_t sort_lines(char *text, char **lines, size_t max)
{
    size_t count = 0;
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        assert_true(count < max);
        lines[count] = line;
        count++;
    }
    qsort((void *)lines, count, sizeof(*lines), by_text);
    return count;
}

enum {
    LINES_MAX = 200,
};

static void assert_same_lines(struct run *want, struct run *got)
{
    char *wanted[LINES_MAX];
    char *seen[LINES_MAX];
    size_t n = sort_lines((char *)want->out.data, wanted, LINES_MAX);

    assert_int_equal(want->status, got->status);
    assert_int_equal(sort_lines((char *)got->out.data, seen, LINES_MAX), n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(wanted[i], seen[i]);
    }
}

/* Through the shell and directly: no difference. */
static void assert_same(const char *shell, const struct scene *scene)
{
    char option[] = "-c";
    char *argv[] = { (char *)(uintptr_t)shell, option,
                     (char *)(uintptr_t)scene->line, NULL };
    struct environ_vector env = { 0 };
    struct prepared p;
    struct run want;
    struct run got;

    if (shell_is_missing(shell)) {
        return;
    }
    prepared_make(&p, shell, scene);
    assert_int_equal(p.answer, 1);
    assert_ok(environ_make(&env, &p.table, &p.added));
    assert_ok(run_program(shell, argv, env.entries, scene->dir, &want));
    assert_ok(run_program(p.words.program, p.words.argv, p.env.entries,
                          scene->dir, &got));
    assert_same_lines(&want, &got);
    run_clear(&want);
    run_clear(&got);
    environ_vector_clear(&env);
    prepared_clear(&p);
}

static void assert_answer(const char *shell,
                          const struct scene *scene,
                          int answer)
{
    struct prepared p;

    if (shell_is_missing(shell)) {
        answer = 0;
    }
    prepared_make(&p, shell, scene);
    if (p.answer != answer) {
        print_error("%s: %s, %s\n", shell, scene->line, scene->base[0]);
    }
    assert_int_equal(p.answer, answer);
    prepared_clear(&p);
}

static int make_shells(void **state)
{
    (void)state;
    if (mkdtemp(root) == NULL || asprintf(&bash_as_sh, "%s/sh", root) < 0 ||
        asprintf(&link_to_usr, "%s/usr", root) < 0 ||
        symlink("/bin/bash", bash_as_sh) < 0 ||
        symlink("/usr", link_to_usr) < 0) {
        return -1;
    }
    return 0;
}

static int remove_shells(void **state)
{
    (void)state;
    (void)unlink(bash_as_sh);
    (void)unlink(link_to_usr);
    free(bash_as_sh);
    free(link_to_usr);
    return rmdir(root);
}

/* In all shells that a line may go round. */
static void assert_same_in_all(const struct scene *scene)
{
    assert_same("/bin/bash", scene);
    assert_same(bash_as_sh, scene);
    assert_same("/bin/dash", scene);
}

static void assert_needs_shell_in_all(const struct scene *scene)
{
    assert_answer("/bin/bash", scene, 0);
    assert_answer(bash_as_sh, scene, 0);
    assert_answer("/bin/dash", scene, 0);
}

#define SCENE(line_, dir_, ...) \
    (&(const struct scene){     \
        .line = (line_), .dir = (dir_), .base = __VA_ARGS__ })
#define ASSERT_SAME(...)        assert_same_in_all(SCENE(__VA_ARGS__))
#define ASSERT_NEEDS_SHELL(...) assert_needs_shell_in_all(SCENE(__VA_ARGS__))
#define ASSERT_BASH_NEEDS_SHELL(...) \
    assert_answer("/bin/bash", SCENE(__VA_ARGS__), 0)
#define ASSERT_DASH_NEEDS_SHELL(...) \
    assert_answer("/bin/dash", SCENE(__VA_ARGS__), 0)

static void the_program_sees_the_same_environment(void **state)
{
    (void)state;
    ASSERT_SAME("show_env", NULL, LIST(path_entry));
    ASSERT_SAME("show_env", NULL,
                LIST(path_entry, "A=1", "EMPTY=", "_=old", "B=x y", "A=2"));
    ASSERT_SAME("show_env", NULL,
                LIST("a-b=1", path_entry, "9x=1", "PS1=x", "PS2=", "=x",
                     "\xc3\xa9=1", "a.b=2"));
    ASSERT_SAME("show_env", NULL,
                LIST(path_entry, "ENV=/nonexistent", "MAIL=x", "CDPATH=/",
                     "HISTSIZE=3", "COLUMNS=7", "TERM=x", "UMASK=1"));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "LC_ALL=C", "LANG=xx_YY"));
}

static void the_level_of_shells_is_the_same(void **state)
{
    (void)state;
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "SHLVL=0"));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "SHLVL=5"));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "SHLVL=998"));
}

static void the_directory_has_the_same_name(void **state)
{
    char *pwd;

    (void)state;
    ASSERT_SAME("show_env", "/usr", LIST(path_entry));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD=/usr"));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD=/tmp"));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD=/nonexistent"));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD=usr"));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD="));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD=//usr/"));
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, "PWD=/usr/bin/../."));
    ASSERT_SAME("show_env", "/", LIST(path_entry, "PWD=/"));
    ASSERT_SAME("show_env", link_to_usr, LIST(path_entry));
    assert_true(asprintf(&pwd, "PWD=%s", link_to_usr) > 0);
    ASSERT_SAME("show_env", "/usr", LIST(path_entry, pwd));
    ASSERT_SAME("show_env", link_to_usr, LIST(path_entry, pwd));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, pwd));
    free(pwd);
}

static void the_former_directory_is_the_same(void **state)
{
    (void)state;
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "OLDPWD=/usr"));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "OLDPWD=/nonexistent"));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "OLDPWD=/etc/passwd"));
    ASSERT_SAME("show_env", NULL, LIST(path_entry, "OLDPWD="));
    ASSERT_SAME("show_env", NULL,
                LIST("a-b=1", "PS1=x", path_entry, "OLDPWD=/nonexistent"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "OLDPWD=x"));
}

static void what_the_job_adds_is_there(void **state)
{
    (void)state;
    ASSERT_SAME("show_env", "/usr", LIST("PATH=/nonexistent", "A=1"),
                LIST("A=2", path_entry, "B=3", "PWD=/tmp", "B=4", "OLDPWD=/x"));
    ASSERT_SAME("show_env", NULL, LIST("a-b=1", path_entry), LIST("B=3"));
}

static void the_same_program_is_found(void **state)
{
    (void)state;
    ASSERT_SAME("./show_env", CHILDREN_DIR, LIST("A=1"));
    ASSERT_SAME("../children/show_env", CHILDREN_DIR, LIST("PATH="));
    ASSERT_SAME(CHILDREN_DIR "/show_env x", NULL, LIST("PATH=x:~"));
    ASSERT_SAME("show_env", NULL,
                LIST("PATH=/nonexistent:/etc/:/etc/passwd:" CHILDREN_DIR "/"));
    ASSERT_SAME("show_argv 'a b' c\\ d \"\"", NULL, LIST(path_entry));
}

static void the_builtins_of_bash_do_the_same(void **state)
{
    const struct scene lines[] = {
        { "echo", NULL, LIST("A=1"), NULL },
        { "echo a  'b  c'", NULL, LIST("PATH=/nonexistent"), NULL },
        { "echo a -n", NULL, LIST(path_entry), NULL },
        { "true", NULL, LIST(path_entry), NULL },
        { "false", NULL, LIST(path_entry), NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_same("/bin/bash", &lines[i]);
        assert_same(bash_as_sh, &lines[i]);
        assert_answer("/bin/dash", &lines[i], 0);
    }
}

static void what_is_searched_in_other_ways_needs_the_shell(void **state)
{
    (void)state;
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("A=1"));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("PATH="));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("PATH=bin:" CHILDREN_DIR));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("PATH=:" CHILDREN_DIR));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("PATH=" CHILDREN_DIR ":"));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("PATH=" CHILDREN_DIR ":~"));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST("PATH=" CHILDREN_DIR ":/%x"));
    ASSERT_NEEDS_SHELL("nonexistent-x", NULL, LIST(path_entry));
    ASSERT_NEEDS_SHELL("show_env", "/nonexistent", LIST(path_entry));
}

static void an_environment_that_means_something_needs_the_shell(void **state)
{
    (void)state;
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "IFS=x"));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "LD_PRELOAD=x"));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST(path_entry), LIST("IFS="));
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST(path_entry), LIST("OPTIND=3"));
    ASSERT_DASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry), LIST("a-b=1"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "BASH_ENV=x"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SHELLOPTS=x"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SHLVL=x"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SHLVL="));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SHLVL=01"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SHLVL=999"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SHLVL=-1"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry, "SSH_CLIENT=x"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL,
                            LIST(path_entry, "LC_ALL=xx_YY.UTF-8"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry),
                            LIST("BASH_FUNC_show_env%%=() {  :\n}"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry),
                            LIST("SHLVL=1"));
    ASSERT_BASH_NEEDS_SHELL("show_env", NULL, LIST(path_entry),
                            LIST("LC_ALL=C"));
    assert_answer("/bin/bash",
                  &(const struct scene){
                      .line = "show_env",
                      .base = LIST(path_entry, "SSH_CLIENT=x", "SHLVL=1"),
                  },
                  1);
}

static void a_character_set_with_other_blanks_needs_the_shell(void **state)
{
    static const struct {
        const char *entry;
        int answer;
    } sets[] = {
        { "LANG=C", 1 },
        { "LANG=xx.UTF-8", 1 },
        { "LANG=xx.utf8@euro", 1 },
        { "LANG=", 1 },
        { "LANG=zh_TW.BIG5", 0 },
        { "LC_CTYPE=ja_JP.SJIS", 0 },
        { "LANG=de_DE", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        const struct scene high = { "show_argv \xc3\xa9", NULL,
                                    LIST(path_entry, sets[i].entry), NULL };
        const struct scene low = { "show_argv e", NULL,
                                   LIST(path_entry, sets[i].entry), NULL };

        assert_answer("/bin/bash", &high, sets[i].answer);
        assert_answer("/bin/bash", &low, 1);
        assert_answer("/bin/dash", &high, 1);
    }
}

static void functions_of_the_environment_are_run_by_the_shell(void **state)
{
    const char *const *base =
        LIST(path_entry, "BASH_FUNC_show_argv%%=() {  echo function\n}");
    const struct scene function = { "show_argv x", NULL, base, NULL };
    const struct scene program = { "show_ids", NULL, base, NULL };

    (void)state;
    assert_answer("/bin/bash", &function, 0);
    assert_answer("/bin/bash", &program, 1);
    assert_same("/bin/dash", &function);
}

static void only_known_shells_are_gone_round(void **state)
{
    const struct scene scene = { "show_env", NULL, LIST(path_entry), NULL };
    char *restricted;
    char *odd;

    (void)state;
    assert_true(asprintf(&restricted, "%s/rbash", root) > 0);
    assert_true(asprintf(&odd, "%s/fish", root) > 0);
    assert_int_equal(symlink("/bin/bash", restricted), 0);
    assert_int_equal(symlink("/bin/true", odd), 0);
    assert_answer(restricted, &scene, 0);
    assert_answer(odd, &scene, 0);
    assert_answer("/nonexistent/sh", &scene, 0);
    assert_answer("nonexistent-sh", &scene, 0);
    assert_answer("", &scene, 0);
    assert_answer("bash", &scene, 1);
    assert_answer("dash", &scene, 1);
    (void)unlink(restricted);
    (void)unlink(odd);
    free(restricted);
    free(odd);
}

static void a_directory_that_is_gone_needs_the_shell(void **state)
{
    int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *dir;

    (void)state;
    assert_ok(home);
    assert_true(asprintf(&dir, "%s/gone", root) > 0);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(rmdir(dir), 0);
    ASSERT_NEEDS_SHELL("show_env", NULL, LIST(path_entry));
    ASSERT_NEEDS_SHELL("show_env", ".", LIST(path_entry));
    assert_int_equal(fchdir(home), 0);
    (void)close(home);
    free(dir);
}

static void nothing_changes_when_the_shell_is_set_again(void **state)
{
    const struct scene scene = { "ls", NULL, LIST(path_entry), NULL };
    struct prepared p;

    (void)state;
    if (shell_is_missing("bash") || shell_is_missing("dash")) {
        skip();
    }
    prepared_make(&p, "/bin/bash", &scene);
    brood_fault_arm("mem", 1);
    assert_ok(shline_shell_set(&p.shell, "/bin/bash", &p.table));
    assert_err(shline_shell_set(&p.shell, "/bin/dash", &p.table), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_int_equal(p.shell.kind, SHLINE_OTHER);
    assert_ok(shline_shell_set(&p.shell, "/bin/dash", &p.table));
    assert_int_equal(p.shell.kind, SHLINE_DASH);
    prepared_clear(&p);
}

static void each_failing_allocation_is_told(void **state)
{
    const struct scene scene = { "show_env x", "/usr",
                                 LIST("a-b=1", path_entry), NULL };
    int told = 0;
    struct prepared p;

    (void)state;
    if (shell_is_missing("dash")) {
        skip();
    }
    prepared_make(&p, "/bin/dash", &scene);
    assert_int_equal(p.answer, 1);
    for (int n = 1; n < 20; n++) {
        int r;

        shline_shell_clear(&p.shell);
        shline_words_clear(&p.words);
        environ_vector_clear(&p.env);
        assert_ok(environ_make(&p.env, &p.table, &p.added));
        brood_fault_arm("mem", n);
        r = shline_shell_set(&p.shell, "/bin/dash", &p.table);
        if (r == 0) {
            r = shline_prepare(&p.shell, &p.added, scene.line, scene.dir,
                               &p.env, &p.words);
        }
        brood_fault_arm("mem", 0);
        assert_true(r == -ENOMEM || r == 1);
        told += r == -ENOMEM;
    }
    assert_true(told >= 4);
    prepared_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_sees_the_same_environment),
        cmocka_unit_test(the_level_of_shells_is_the_same),
        cmocka_unit_test(the_directory_has_the_same_name),
        cmocka_unit_test(the_former_directory_is_the_same),
        cmocka_unit_test(what_the_job_adds_is_there),
        cmocka_unit_test(the_same_program_is_found),
        cmocka_unit_test(the_builtins_of_bash_do_the_same),
        cmocka_unit_test(what_is_searched_in_other_ways_needs_the_shell),
        cmocka_unit_test(an_environment_that_means_something_needs_the_shell),
        cmocka_unit_test(a_character_set_with_other_blanks_needs_the_shell),
        cmocka_unit_test(functions_of_the_environment_are_run_by_the_shell),
        cmocka_unit_test(only_known_shells_are_gone_round),
        cmocka_unit_test(a_directory_that_is_gone_needs_the_shell),
        cmocka_unit_test(nothing_changes_when_the_shell_is_set_again),
        cmocka_unit_test(each_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, make_shells, remove_shells);
}
