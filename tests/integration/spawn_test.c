/* brood_spawn(): one program, its streams, its signals and its end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "integration/spawned.h"
#include "support/check.h"

enum {
    INPUT_SIZE = 1 << 20,
};

static void events_come_in_their_order(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){
                      .argv = (const char *const[]){ "/bin/true", NULL } });
    assert_int_equal(s->n_log, 0);
    spawned_wait(s);
    assert_string_equal(s->log, "Sxc");
    assert_true(brood_child_pid(s->child) > 0);
    assert_int_equal(s->exit_status, 0);
    assert_err(brood_child_kill(s->child, 0), -ESRCH);
}

static void output_is_streamed_and_ends(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){
                      .shell = "echo out; echo err >&2; exit 3",
                      .out = BROOD_OUTPUT_STREAM,
                      .err = BROOD_OUTPUT_STREAM,
                  });
    spawned_wait(s);
    assert_string_equal(spawned_text(s, 1), "out\n");
    assert_string_equal(spawned_text(s, 2), "err\n");
    assert_int_equal(s->result.exit_status, 3);
    assert_int_equal(s->exit_status, 3);
    assert_int_equal(s->log[0], 'S');
    assert_int_equal(s->log[s->n_log - 1], 'c');
    assert_non_null(strchr(s->log, 'x'));
    assert_non_null(strchr(s->log, 'e'));
    assert_ptr_not_equal(strchr(s->log, 'e'), strrchr(s->log, 'e'));
}

static void what_cannot_start_is_told_once(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){
                      .argv = (const char *const[]){ "/no/such/program", NULL },
                      .out = BROOD_OUTPUT_STREAM });
    spawned_wait(s);
    assert_string_equal(s->log, "Xc");
    assert_int_equal(s->result.error, -ENOENT);
    assert_int_equal(s->result.step, BROOD_STEP_EXEC);
    assert_int_equal(brood_child_pid(s->child), 0);
}

static void input_is_written_as_it_is_taken(void **state)
{
    static char block[50000];
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    size_t sent = 0;

    spawned_start(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "cat", NULL },
                             .input = BROOD_INPUT_STREAM,
                             .out = BROOD_OUTPUT_STREAM });
    memset(block, 'x', sizeof(block));
    while (sent < INPUT_SIZE - sizeof(block)) {
        int r = brood_child_write(s->child, block, sizeof(block));

        if (r >= 0) {
            sent += sizeof(block);
        } else {
            assert_int_equal(r, -EAGAIN);
        }
        if (r != 0) {
            s->n_log = 0;
            spawned_until(s, 'w');
        }
    }
    assert_ok(brood_child_end_input(s->child));
    assert_err(brood_child_write(s->child, "x", 1), -EPIPE);
    s->n_log = 0;
    spawned_wait(s);
    assert_int_equal(s->text[0].size, sent);
}

static void a_child_that_reads_no_more_breaks_the_pipe(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){ .shell = "exec <&-; echo; sleep 100",
                                       .input = BROOD_INPUT_STREAM,
                                       .out = BROOD_OUTPUT_STREAM });
    spawned_until_bytes(s, 1, 1);
    assert_int_equal(brood_child_write(s->child, "x", 1), 0);
    while (brood_child_write(s->child, "x", 1) == 0) {
        assert_true(brood_poll(n->pool, 10) >= 0);
    }
    assert_err(brood_child_write(s->child, "x", 1), -EPIPE);
    assert_ok(brood_child_kill(s->child, SIGTERM));
    spawned_wait(s);
    assert_int_equal(s->signal, SIGTERM);
    assert_int_equal(s->result.outcome, BROOD_SIGNALLED);
}

static void a_paused_stream_waits_and_loses_nothing(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){ .shell = "head -c 500000 /dev/zero",
                                       .out = BROOD_OUTPUT_STREAM });
    assert_ok(brood_child_pause(s->child, 1));
    assert_err(brood_child_wait(s->child, 300), -ETIMEDOUT);
    assert_int_equal(s->text[0].size, 0);
    assert_ok(brood_child_resume(s->child, 1));
    spawned_wait(s);
    assert_int_equal(s->text[0].size, 500000);
    assert_int_equal(s->log[s->n_log - 1], 'c');
}

static void a_stopped_child_notices_a_kill(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){
                      .argv = (const char *const[]){ "sleep", "100", NULL } });
    assert_ok(brood_child_kill(s->child, SIGSTOP));
    spawned_until(s, 'S');
    assert_ok(brood_child_kill(s->child, SIGTERM));
    assert_ok(brood_child_wait(s->child, 5000));
    assert_int_equal(s->signal, SIGTERM);
}

static void a_freed_child_ends_and_is_not_heard_of(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){ .shell = "sleep 100; :",
                                       .out = BROOD_OUTPUT_STREAM });
    spawned_until(s, 'S');
    s->child = brood_child_free(s->child);
    for (int i = 0; i < 20; i++) {
        assert_true(brood_poll(n->pool, 5) >= 0);
    }
    assert_string_equal(s->log, "S");
}

static void one_in_its_own_session_lives_on(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    int pid;

    spawned_start(n, s,
                  &(struct brood_job){
                      .argv = (const char *const[]){ "sleep", "100", NULL },
                      .new_session = 1 });
    spawned_until(s, 'S');
    pid = brood_child_pid(s->child);
    assert_int_equal(getsid(pid), pid);
    s->child = brood_child_free(s->child);
    for (int i = 0; i < 5; i++) {
        assert_true(brood_poll(n->pool, 5) >= 0);
    }
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (kill(pid, 0) == 0) {
        /* The pool reaps it while it is there. */
        assert_true(brood_poll(n->pool, 5) >= 0);
    }
}

static void attributes_reach_the_child(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    int pair[2];
    char byte = 0;

    skip_under_valgrind("it sets no limit of open files");
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    spawned_start(
        n, s,
        &(struct brood_job){
            .argv =
                (const char *const[]){
                    "sh", "-c",
                    "umask; ulimit -n; echo $0 $X; printf y >&7; echo e >&2",
                    NULL },
            .argv0 = "other",
            .env = (const char *const[]){ "X=1", "PATH=/bin:/usr/bin", NULL },
            .clean_env = 1,
            .fds = (const struct brood_fd[]){ { 7, pair[1] } },
            .n_fds = 1,
            .set = BROOD_SET_UMASK,
            .umask = 027,
            .rlimits =
                (const struct brood_rlimit[]){ { RLIMIT_NOFILE, 50, 60 } },
            .n_rlimits = 1,
            .out = BROOD_OUTPUT_STREAM,
            .err = BROOD_OUTPUT_MERGE });
    close(pair[1]);
    spawned_wait(s);
    assert_string_equal(spawned_text(s, 1), "0027\n50\nother 1\ne\n");
    assert_int_equal(read(pair[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(pair[0]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_come_in_their_order),
        TEST(output_is_streamed_and_ends),
        TEST(what_cannot_start_is_told_once),
        TEST(input_is_written_as_it_is_taken),
        TEST(a_child_that_reads_no_more_breaks_the_pipe),
        TEST(a_paused_stream_waits_and_loses_nothing),
        TEST(a_stopped_child_notices_a_kill),
        TEST(a_freed_child_ends_and_is_not_heard_of),
        TEST(one_in_its_own_session_lives_on),
        TEST(attributes_reach_the_child),
    };

    return cmocka_run_group_tests_name("integration.spawn", tests, NULL, NULL);
}
