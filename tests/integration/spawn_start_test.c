/* How brood_spawn() finds a program, what it gives to it, and what it says when
 * there is none. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integration/spawned.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    FAILURES = 100,
    /* More than one argument may have, and than all may have. */
    LONG_ARG = 200000,
    MANY_ARGS = 9000,
    ARG_SIZE = 1000,
    MIXED = 40,
};

/* A directory of its own for a test's files; the last one of them. */
struct place {
    char dir[PATH_MAX / 2];
    char path[PATH_MAX];
};

static void place_make(struct place *p)
{
    const char *tmp = getenv("TMPDIR");

    (void)snprintf(p->dir, sizeof(p->dir), "%s/brood-spawn-XXXXXX",
                   tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(p->dir));
}

static const char *place_write(struct place *p,
                               const char *name,
                               const char *text,
                               mode_t mode)
{
    int fd;

    (void)snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, name);
    fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
    return p->path;
}

static void place_remove(struct place *p)
{
    assert_int_equal(unlink(p->path), 0);
    assert_int_equal(rmdir(p->dir), 0);
}

/* The start is told before all else, however fast the child is (Node's
 * spawn-event). */
static void the_start_is_told_first_and_once(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    for (int i = 0; i < FAILURES; i++) {
        spawned_run(n, s,
                    &(struct brood_job){ .shell = "echo x",
                                         .out = BROOD_OUTPUT_STREAM });
        assert_int_equal(s->log[0], 'S');
        assert_null(memchr(s->log + 1, 'S', s->n_log - 1));
        assert_string_equal(spawned_text(s, 1), "x\n");
        assert_true(strcmp(s->log, "Sdexc") == 0 ||
                    strcmp(s->log, "Sdxec") == 0);
    }
}

static void a_program_is_looked_up_in_the_childs_own_path(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    char path[PATH_MAX];
    const char *env[] = { path, NULL };
    struct place p;
    struct brood_job job = {
        .argv = (const char *const[]){ "only-here", NULL },
        .env = env,
        .clean_env = 1,
    };

    place_make(&p);
    (void)place_write(&p, "only-here", "#!/bin/sh\necho found\n", 0700);
    (void)snprintf(path, sizeof(path), "PATH=/nowhere:%s", p.dir);
    spawned_run(n, s, &job);
    assert_string_equal(spawned_text(s, 1), "found\n");
    job.clean_env = 0;
    spawned_run(n, s, &job);
    assert_string_equal(spawned_text(s, 1), "found\n");
    job.env = NULL;
    spawned_run(n, s, &job);
    assert_string_equal(s->log, "Xc");
    assert_int_equal(s->failure.error, -ENOENT);
    place_remove(&p);
}

static void without_a_path_the_systems_is_used(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "true", NULL },
                             .env = (const char *const[]){ "A=1", NULL },
                             .clean_env = 1 });
    assert_string_equal(s->log, "Sxc");
    assert_int_equal(s->exit_status, 0);
}

/* As libuv's spawn_relative_path. */
static void a_name_with_a_slash_counts_from_the_new_directory(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct place p;
    struct brood_job job = { .argv = (const char *const[]){ "./prog", NULL } };

    place_make(&p);
    (void)place_write(&p, "prog", "#!/bin/sh\necho here\n", 0700);
    job.dir = p.dir;
    spawned_run(n, s, &job);
    assert_string_equal(spawned_text(s, 1), "here\n");
    job.dir = NULL;
    spawned_run(n, s, &job);
    assert_int_equal(s->failure.error, -ENOENT);
    assert_int_equal(s->failure.step, BROOD_STEP_EXEC);
    place_remove(&p);
}

static void arguments_arrive_byte_for_byte(void **state)
{
    static const char show_argv[] = CHILDREN_DIR "/show_argv";
    static const char *const argv[] = {
        show_argv, "a b", "'\"", "$HOME", "*", "line\nline", "\xff", "", NULL,
    };
    static const char want[] = "3:a b\n2:'\"\n5:$HOME\n1:*\n9:line\nline\n"
                               "1:\xff\n0:\n";
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(n, s, &(struct brood_job){ .argv = argv });
    assert_string_equal(strchr(spawned_text(s, 1), '\n') + 1, want);
    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ show_argv, NULL },
                             .argv0 = "a b" });
    assert_string_equal(spawned_text(s, 1), "3:a b\n");
    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ show_argv, NULL },
                             .argv0 = "" });
    assert_string_equal(spawned_text(s, 1), "0:\n");
}

/* Node joins them with blanks, without quoting. */
static void a_shell_line_takes_no_arguments(void **state)
{
    struct nest *n = *state;
    struct brood_child *child = NULL;

    assert_err(
        brood_spawn(n->pool,
                    &(struct brood_child_options){
                        .job = { .shell = "echo",
                                 .argv = (const char *const[]){ "a", NULL } } },
                    &child),
        -EINVAL);
    assert_err(brood_spawn(n->pool, &(struct brood_child_options){ 0 }, &child),
               -EINVAL);
    assert_null(child);
}

/* As libuv's spawn_exercise_sigchld_issue. */
static void failures_hide_no_end(void **state)
{
    struct nest *n = *state;
    struct spawned *good = &n->child[0];
    struct spawned *bad = &n->child[1];

    spawned_start(
        n, good,
        &(struct brood_job){ .argv = (const char *const[]){ "cat", NULL },
                             .input = BROOD_INPUT_STREAM });
    for (int i = 0; i < FAILURES; i++) {
        spawned_run(n, bad,
                    &(struct brood_job){
                        .argv = (const char *const[]){ "/no/such", NULL } });
        assert_string_equal(bad->log, "Xc");
    }
    assert_string_equal(good->log, "S");
    assert_ok(brood_child_end_input(good->child));
    spawned_wait(good);
    assert_string_equal(good->log, "Sxc");
    assert_int_equal(good->exit_status, 0);
}

static void check_failure(struct nest *n, const char *file, int error)
{
    struct spawned *s = &n->child[0];
    int fds;

    spawned_run(n, s, &(struct brood_job){ .shell = "true" });
    s->child = brood_child_free(s->child);
    nest_poll(n);
    fds = count_fds();
    spawned_run(n, s,
                &(struct brood_job){
                    .argv = (const char *const[]){ file, NULL },
                    .input = BROOD_INPUT_STREAM,
                    .out = BROOD_OUTPUT_STREAM,
                    .err = BROOD_OUTPUT_STREAM,
                });
    /* The process that was made for it has been reaped by now. */
    assert_false(has_children());
    assert_int_equal(count_fds(), fds);
    assert_false(spawned_has(s, 'S') || spawned_has(s, 'x'));
    assert_non_null(strstr(s->log, "Xc"));
    assert_int_equal(s->failure.outcome, BROOD_SPAWN_FAILED);
    assert_int_equal(s->failure.step, BROOD_STEP_EXEC);
    assert_int_equal(s->failure.error, error);
    assert_int_equal(s->result.pid, 0);
    assert_int_equal(s->result.exit_status, -1);
    assert_err(brood_child_kill(s->child, SIGTERM), -ESRCH);
    assert_err(brood_child_stop(s->child), -ESRCH);
    assert_err(brood_child_write(s->child, "x", 1), -EPIPE);
}

static void each_reason_is_told_by_the_same_route(void **state)
{
    struct nest *n = *state;
    struct place p;

    skip_under_valgrind("it dies when execve() fails late");
    check_failure(n, "/no/such/program", -ENOENT);
    check_failure(n, "", -ENOENT);
    check_failure(n, "/tmp", -EACCES);
    check_failure(n, "/etc/passwd/x", -ENOTDIR);
    place_make(&p);
    check_failure(n, place_write(&p, "f", "x", 0600), -EACCES);
    check_failure(n, place_write(&p, "f", "#!/no/such\n", 0700), -ENOENT);
    place_remove(&p);
}

static void a_script_without_interpreter_line_is_run_by_sh(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct place p;
    const char *argv[] = { NULL, "a b", NULL };

    place_make(&p);
    argv[0] = place_write(&p, "f", "echo \"$1\"\n", 0700);
    spawned_run(n, s, &(struct brood_job){ .argv = argv });
    assert_string_equal(spawned_text(s, 1), "a b\n");
    place_remove(&p);
}

/* As execvp(3) and libuv. */
static void what_may_not_be_run_is_told_rather_than_what_is_not_there(
    void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    char path[PATH_MAX];
    struct place p;

    place_make(&p);
    (void)place_write(&p, "denied", "#!/bin/sh\n", 0600);
    (void)snprintf(path, sizeof(path), "PATH=%s:/nowhere", p.dir);
    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "denied", NULL },
                             .env = (const char *const[]){ path, NULL } });
    assert_int_equal(s->failure.error, -EACCES);
    place_remove(&p);
}

static void arguments_that_are_too_long_are_told(void **state)
{
    static char text[LONG_ARG + 1];
    static const char *argv[MANY_ARGS + 2] = { "true", text };
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    skip_under_valgrind("it dies when execve() fails late");
    memset(text, 'x', LONG_ARG);
    spawned_run(n, s, &(struct brood_job){ .argv = argv });
    assert_string_equal(s->log, "Xc");
    assert_int_equal(s->failure.error, -E2BIG);
    for (int i = 1; i <= MANY_ARGS; i++) {
        argv[i] = text + LONG_ARG - ARG_SIZE;
    }
    spawned_run(n, s, &(struct brood_job){ .argv = argv });
    assert_string_equal(s->log, "Xc");
    assert_int_equal(s->failure.error, -E2BIG);
    assert_false(has_children());
}

static void nothing_piles_up_over_children_of_all_kinds(void **state)
{
    const struct brood_job kinds[] = {
        { .shell = "echo x", .out = BROOD_OUTPUT_STREAM },
        { .argv = (const char *const[]){ "/no/such", NULL } },
        { .shell = "sleep 100; :", .timeout_ms = 1 },
        { .shell = "head -c 100000 /dev/zero" },
        { .shell = "kill -9 $$", .input = BROOD_INPUT_STREAM },
    };
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    int fds = 0;

    for (int i = 0; i < MIXED; i++) {
        spawned_run(n, s, &kinds[i % 5]);
        s->child = brood_child_free(s->child);
        nest_poll(n);
        assert_false(has_children());
        fds = i == 0 ? count_fds() : fds;
        assert_int_equal(count_fds(), fds);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_start_is_told_first_and_once),
        TEST(a_program_is_looked_up_in_the_childs_own_path),
        TEST(without_a_path_the_systems_is_used),
        TEST(a_name_with_a_slash_counts_from_the_new_directory),
        TEST(arguments_arrive_byte_for_byte),
        TEST(a_shell_line_takes_no_arguments),
        TEST(failures_hide_no_end),
        TEST(each_reason_is_told_by_the_same_route),
        TEST(a_script_without_interpreter_line_is_run_by_sh),
        TEST(what_may_not_be_run_is_told_rather_than_what_is_not_there),
        TEST(arguments_that_are_too_long_are_told),
        TEST(nothing_piles_up_over_children_of_all_kinds),
    };

    return cmocka_run_group_tests_name("integration.spawn_start", tests, NULL,
                                       NULL);
}
