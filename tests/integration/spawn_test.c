/* brood_spawn(): one program, its streams, its signals and its end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    LOG_SIZE = 64,
    TEXT_SIZE = 1 << 20,
};

/* What happened, in order: S spawn, X error, d data, e end, x exit, w drain,
 * c close. Data that follows data is not repeated. */
struct fixture {
    struct brood *pool;
    struct brood_child *child;
    char log[LOG_SIZE];
    size_t n_log;
    char text[2][TEXT_SIZE];
    size_t size[2];
    int exit_status;
    int signal;
    struct brood_result result;
    int fds_before;
};

static void note(struct fixture *f, char what)
{
    if (what == 'd' && f->n_log > 0 && f->log[f->n_log - 1] == 'd') {
        return;
    }
    assert_true(f->n_log < LOG_SIZE - 1);
    f->log[f->n_log++] = what;
    f->log[f->n_log] = '\0';
}

static void on_spawn(struct brood_child *child, void *user)
{
    (void)child;
    note(user, 'S');
}

static void on_error(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    (void)child;
    (void)result;
    note(user, 'X');
}

static void on_data(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    struct fixture *f = user;

    (void)child;
    note(f, 'd');
    assert_true(f->size[stream - 1] + size <= TEXT_SIZE);
    memcpy(f->text[stream - 1] + f->size[stream - 1], data, size);
    f->size[stream - 1] += size;
}

static void on_end(struct brood_child *child, int stream, void *user)
{
    (void)child;
    (void)stream;
    note(user, 'e');
}

static void on_drain(struct brood_child *child, void *user)
{
    (void)child;
    note(user, 'w');
}

static void on_exit_(struct brood_child *child,
                     int exit_status,
                     int sig,
                     void *user)
{
    struct fixture *f = user;

    (void)child;
    note(f, 'x');
    f->exit_status = exit_status;
    f->signal = sig;
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct fixture *f = user;

    (void)child;
    note(f, 'c');
    f->result = *result;
}

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.fds_before = count_fds();
    assert_ok(brood_open(&(struct brood_options){ .slots = 1 }, &f.pool));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->child = brood_child_free(f->child);
    f->pool = brood_close(f->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

static void spawn(struct fixture *f, const struct brood_job *job)
{
    struct brood_child_options options = {
        .job = *job,
        .on_spawn = on_spawn,
        .on_error = on_error,
        .on_data = on_data,
        .on_end = on_end,
        .on_drain = on_drain,
        .on_exit = on_exit_,
        .on_close = on_close,
        .user = f,
        .write_high_bytes = 100000,
    };

    assert_ok(brood_spawn(f->pool, &options, &f->child));
}

static void events_come_in_their_order(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){
                 .argv = (const char *const[]){ "/bin/true", NULL } });
    assert_int_equal(f->n_log, 0);
    assert_ok(brood_child_wait(f->child, -1));
    assert_string_equal(f->log, "Sxc");
    assert_true(brood_child_pid(f->child) > 0);
    assert_int_equal(f->exit_status, 0);
    assert_err(brood_child_kill(f->child, 0), -ESRCH);
}

static void output_is_streamed_and_ends(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){
                 .shell = "echo out; echo err >&2; exit 3",
                 .out = BROOD_OUTPUT_STREAM,
                 .err = BROOD_OUTPUT_STREAM,
             });
    assert_ok(brood_child_wait(f->child, -1));
    assert_memory_equal(f->text[0], "out\n", 4);
    assert_memory_equal(f->text[1], "err\n", 4);
    assert_int_equal(f->result.exit_status, 3);
    assert_int_equal(f->exit_status, 3);
    assert_int_equal(f->log[0], 'S');
    assert_int_equal(f->log[f->n_log - 1], 'c');
    assert_non_null(strchr(f->log, 'x'));
    assert_non_null(strchr(f->log, 'e'));
    assert_ptr_not_equal(strchr(f->log, 'e'), strrchr(f->log, 'e'));
}

static void what_cannot_start_is_told_once(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){
                 .argv = (const char *const[]){ "/no/such/program", NULL },
                 .out = BROOD_OUTPUT_STREAM });
    assert_ok(brood_child_wait(f->child, -1));
    assert_string_equal(f->log, "Xc");
    assert_int_equal(f->result.error, -ENOENT);
    assert_int_equal(f->result.step, BROOD_STEP_EXEC);
    assert_int_equal(brood_child_pid(f->child), 0);
}

static void input_is_written_as_it_is_taken(void **state)
{
    static char block[50000];
    struct fixture *f = *state;
    size_t sent = 0;

    spawn(f, &(struct brood_job){ .argv = (const char *const[]){ "cat", NULL },
                                  .input = BROOD_INPUT_STREAM,
                                  .out = BROOD_OUTPUT_STREAM });
    memset(block, 'x', sizeof(block));
    while (sent < TEXT_SIZE - sizeof(block)) {
        int r = brood_child_write(f->child, block, sizeof(block));

        if (r >= 0) {
            sent += sizeof(block);
        } else {
            assert_int_equal(r, -EAGAIN);
        }
        if (r != 0) {
            f->n_log = 0;
            f->log[0] = '\0';
            while (strchr(f->log, 'w') == NULL) {
                assert_true(brood_poll(f->pool, -1) >= 0);
                assert_true(f->n_log < LOG_SIZE - 4);
            }
        }
    }
    assert_ok(brood_child_end_input(f->child));
    assert_err(brood_child_write(f->child, "x", 1), -EPIPE);
    f->n_log = 0;
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->size[0], sent);
}

static void a_child_that_reads_no_more_breaks_the_pipe(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){ .shell = "exec <&-; echo; sleep 100",
                                  .input = BROOD_INPUT_STREAM,
                                  .out = BROOD_OUTPUT_STREAM });
    while (f->size[0] == 0) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_int_equal(brood_child_write(f->child, "x", 1), 0);
    while (brood_child_write(f->child, "x", 1) == 0) {
        assert_true(brood_poll(f->pool, 10) >= 0);
    }
    assert_err(brood_child_write(f->child, "x", 1), -EPIPE);
    assert_ok(brood_child_kill(f->child, SIGTERM));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->signal, SIGTERM);
    assert_int_equal(f->result.outcome, BROOD_SIGNALLED);
}

static void a_paused_stream_waits_and_loses_nothing(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){ .shell = "head -c 500000 /dev/zero",
                                  .out = BROOD_OUTPUT_STREAM });
    assert_ok(brood_child_pause(f->child, 1));
    assert_err(brood_child_wait(f->child, 300), -ETIMEDOUT);
    assert_int_equal(f->size[0], 0);
    assert_ok(brood_child_resume(f->child, 1));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->size[0], 500000);
    assert_int_equal(f->log[f->n_log - 1], 'c');
}

static void a_stopped_child_notices_a_kill(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){
                 .argv = (const char *const[]){ "sleep", "100", NULL } });
    assert_ok(brood_child_kill(f->child, SIGSTOP));
    while (f->n_log == 0) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_ok(brood_child_kill(f->child, SIGTERM));
    assert_ok(brood_child_wait(f->child, 5000));
    assert_int_equal(f->signal, SIGTERM);
}

static void a_freed_child_ends_and_is_not_heard_of(void **state)
{
    struct fixture *f = *state;

    spawn(f, &(struct brood_job){ .shell = "sleep 100; :",
                                  .out = BROOD_OUTPUT_STREAM });
    while (f->n_log == 0) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    f->child = brood_child_free(f->child);
    for (int i = 0; i < 20; i++) {
        assert_true(brood_poll(f->pool, 5) >= 0);
    }
    assert_string_equal(f->log, "S");
}

static void one_in_its_own_session_lives_on(void **state)
{
    struct fixture *f = *state;
    int pid;

    spawn(f, &(struct brood_job){
                 .argv = (const char *const[]){ "sleep", "100", NULL },
                 .new_session = 1 });
    while (f->n_log == 0) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    pid = brood_child_pid(f->child);
    assert_int_equal(getsid(pid), pid);
    f->child = brood_child_free(f->child);
    for (int i = 0; i < 5; i++) {
        assert_true(brood_poll(f->pool, 5) >= 0);
    }
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (kill(pid, 0) == 0) {
        /* The pool reaps it while it is there. */
        assert_true(brood_poll(f->pool, 5) >= 0);
    }
}

static void attributes_reach_the_child(void **state)
{
    struct fixture *f = *state;
    int pair[2];
    char byte = 0;

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    spawn(f,
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
    assert_ok(brood_child_wait(f->child, -1));
    f->text[0][f->size[0]] = '\0';
    assert_string_equal(f->text[0], "0027\n50\nother 1\ne\n");
    assert_int_equal(read(pair[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(pair[0]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
