/* What a child of brood_spawn() finds around it: variables, directory. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "integration/spawned.h"
#include "support/check.h"

enum {
    DIRS = 8,
};

static void the_environment_is_that_of_the_moment(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    for (int i = 0; i < 3; i++) {
        char value[2] = { (char)('0' + i), '\0' };

        assert_int_equal(setenv("BROOD_TEST_NOW", value, 1), 0);
        spawned_start(n, s,
                      &(struct brood_job){ .shell = "echo $BROOD_TEST_NOW" });
        assert_int_equal(setenv("BROOD_TEST_NOW", "later", 1), 0);
        spawned_wait(s);
        assert_int_equal(spawned_text(s, 1)[0], value[0]);
    }
    assert_int_equal(unsetenv("BROOD_TEST_NOW"), 0);
}

static void added_variables_win_and_come_once(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct brood_job job = {
        .argv = (const char *const[]){ CHILDREN_DIR "/show_env", NULL },
        .env = (const char *const[]){ "BROOD_T=b", "brood_t=c",
                                      "BROOD_E=", "BROOD_T=d", NULL },
    };
    const char *first;

    assert_int_equal(setenv("BROOD_T", "a", 1), 0);
    spawned_run(n, s, &job);
    first = strstr(spawned_text(s, 1), "9:BROOD_T=d\n");
    assert_non_null(first);
    assert_non_null(strstr(spawned_text(s, 1), "9:brood_t=c\n"));
    assert_non_null(strstr(spawned_text(s, 1), "8:BROOD_E=\n"));
    assert_non_null(strstr(spawned_text(s, 1), ":PATH="));
    assert_null(strstr(first + 2, ":BROOD_T="));
    assert_null(strstr(spawned_text(s, 1), "BROOD_T=a"));
    job.clean_env = 1;
    spawned_run(n, s, &job);
    assert_int_equal(s->text[0].size,
                     strlen("9:BROOD_T=d\n9:brood_t=c\n8:BROOD_E=\n"));
    job.env = NULL;
    spawned_run(n, s, &job);
    assert_int_equal(s->text[0].size, 0);
    assert_int_equal(s->exit_status, 0);
    assert_int_equal(unsetenv("BROOD_T"), 0);
}

static void start_in_dirs(struct nest *n, const char *const *dirs)
{
    char before[PATH_MAX];
    char now[PATH_MAX];

    assert_non_null(getcwd(before, sizeof(before)));
    for (int i = 0; i < DIRS; i++) {
        spawned_start(n, &n->child[i],
                      &(struct brood_job){ .shell = "pwd; cat",
                                           .dir = dirs[i],
                                           .input = BROOD_INPUT_STREAM,
                                           .out = BROOD_OUTPUT_STREAM });
    }
    for (int i = 0; i < DIRS; i++) {
        struct spawned *s = &n->child[i];

        spawned_until_bytes(s, 1, 1);
        assert_non_null(getcwd(now, sizeof(now)));
        assert_string_equal(now, before);
        spawned_text(s, 1);
        s->text[0].data[s->text[0].size - 1] = '\0';
        assert_string_equal((const char *)s->text[0].data,
                            dirs[i] == NULL || *dirs[i] == '\0' ? before
                                                                : dirs[i]);
    }
    for (int i = 0; i < DIRS; i++) {
        assert_ok(brood_child_end_input(n->child[i].child));
        spawned_wait(&n->child[i]);
    }
}

static void a_directory_is_the_childs_alone(void **state)
{
    static const char *const dirs[DIRS] = { "/",    "/usr", NULL, "/etc",
                                            "/dev", "",     "/",  "/proc" };
    struct nest n;

    (void)state;
    nest_open(&n, &(struct brood_options){ .slots = 4, .threads = 4 });
    start_in_dirs(&n, dirs);
    nest_close(&n);
}

/* Others blame the program. */
static void a_missing_directory_is_told_apart(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "true", NULL },
                             .dir = "/no/such" });
    assert_string_equal(s->log, "Xc");
    assert_int_equal(s->failure.step, BROOD_STEP_CHDIR);
    assert_int_equal(s->failure.error, -ENOENT);
}

static void what_was_given_may_be_overwritten_at_once(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    char program[] = "sh";
    char flag[] = "-c";
    char line[] = "pwd; echo $V; cat";
    char env[] = "V=v";
    char dir[] = "/";
    char input[] = "in\n";
    const char *argv[] = { program, flag, line, NULL };
    const char *envs[] = { env, NULL };
    struct brood_job job = { .argv = argv,
                             .env = envs,
                             .dir = dir,
                             .input = BROOD_INPUT_BYTES,
                             .input_data = input,
                             .input_size_bytes = sizeof(input) - 1 };

    spawned_start(n, s, &job);
    memset(program, 'x', sizeof(program));
    memset(flag, 'x', sizeof(flag));
    memset(line, 'x', sizeof(line));
    memset(env, 'x', sizeof(env));
    memset(dir, 'x', sizeof(dir));
    memset(input, 'x', sizeof(input));
    memset((void *)argv, 0, sizeof(argv));
    memset((void *)envs, 0, sizeof(envs));
    memset(&job, 0xff, sizeof(job));
    spawned_wait(s);
    assert_string_equal(spawned_text(s, 1), "/\nv\nin\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_environment_is_that_of_the_moment),
        TEST(added_variables_win_and_come_once),
        cmocka_unit_test(a_directory_is_the_childs_alone),
        TEST(a_missing_directory_is_told_apart),
        TEST(what_was_given_may_be_overwritten_at_once),
    };

    return cmocka_run_group_tests_name("integration.spawn_surroundings", tests,
                                       NULL, NULL);
}
