/* brood_exec() and its relatives: a command, its output, one answer. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    ROUNDS = 200,
};

struct fixture {
    struct brood *pool;
    unsigned n_done;
    int error;
    int overflow_stream;
    struct brood_result result;
    char out[64];
    uint64_t out_size;
    uint64_t dropped;
    int fds_before;
};

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.fds_before = pool_open(&f.pool);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    pool_close(f->pool, NULL, f->fds_before);
    return 0;
}

static void on_done(const struct brood_completion *done, void *user)
{
    struct fixture *f = user;

    f->n_done++;
    f->error = done->error;
    f->overflow_stream = done->overflow_stream;
    f->result = done->result;
    (void)snprintf(f->out, sizeof(f->out), "%s", done->out.data);
    f->out_size = done->out.size_bytes;
    f->dropped = done->out.dropped_bytes;
    assert_int_equal(strlen(done->err.data), done->err.size_bytes);
}

static void wait_done(struct fixture *f)
{
    while (f->n_done == 0) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
}

static void a_line_is_run_by_the_shell(void **state)
{
    struct fixture *f = *state;
    struct brood_completion done;

    assert_ok(brood_exec_wait(f->pool, "echo $((1+1)); echo x >&2; exit 3",
                              NULL, &done));
    assert_int_equal(done.error, -ECHILD);
    assert_int_equal(done.result.exit_status, 3);
    assert_string_equal(done.out.data, "2\n");
    assert_int_equal(done.out.size_bytes, 2);
    assert_string_equal(done.err.data, "x\n");
    brood_completion_clear(&done);
    brood_completion_clear(&done);
}

static void an_unknown_command_is_not_a_failed_start(void **state)
{
    struct fixture *f = *state;
    struct brood_completion done;

    assert_ok(brood_exec_wait(f->pool, "/no/such/command x", NULL, &done));
    assert_int_equal(done.error, -ECHILD);
    assert_int_equal(done.result.exit_status, 127);
    assert_non_null(strstr(done.err.data, "/no/such/command"));
    brood_completion_clear(&done);
    assert_ok(brood_exec_wait(
        f->pool, "true",
        &(struct brood_exec_options){ .job.shell_path = "/no/such/shell" },
        &done));
    assert_int_equal(done.error, -ENOENT);
    assert_int_equal(done.result.step, BROOD_STEP_EXEC);
    assert_string_equal(done.out.data, "");
    brood_completion_clear(&done);
}

static void a_file_is_run_without_a_shell(void **state)
{
    const char *const args[] = { "%s|", "$HOME", "a b", "", "\xff*", NULL };
    struct fixture *f = *state;
    struct brood_completion done;

    assert_ok(brood_exec_file_wait(f->pool, "printf", args, NULL, &done));
    assert_int_equal(done.error, 0);
    assert_string_equal(done.out.data, "$HOME|a b||\xff*|");
    brood_completion_clear(&done);
    assert_ok(
        brood_exec_file_wait(f->pool, "/no/such/file", NULL, NULL, &done));
    assert_int_equal(done.error, -ENOENT);
    assert_int_equal(done.result.pid, 0);
    brood_completion_clear(&done);
}

static void no_pool_is_needed_to_wait(void **state)
{
    struct brood_completion done;

    (void)state;
    assert_ok(brood_exec_wait(NULL, "echo hi", NULL, &done));
    assert_string_equal(done.out.data, "hi\n");
    assert_int_equal(done.error, 0);
    brood_completion_clear(&done);
}

static void input_of_any_size_is_fed(void **state)
{
    enum {
        SIZE = 8 << 20
    };
    struct fixture *f = *state;
    struct brood_completion done;
    char *bytes = malloc(SIZE);

    assert_non_null(bytes);
    memset(bytes, 'i', SIZE);
    assert_ok(brood_exec_file_wait(
        f->pool, "cat", NULL,
        &(struct brood_exec_options){ .job.input = BROOD_INPUT_BYTES,
                                      .job.input_data = bytes,
                                      .job.input_size_bytes = SIZE },
        &done));
    assert_int_equal(done.error, 0);
    assert_int_equal(done.out.size_bytes, SIZE);
    assert_memory_equal(done.out.data, bytes, SIZE);
    brood_completion_clear(&done);
    free(bytes);
}

static void exactly_the_limit_is_no_overflow(void **state)
{
    struct fixture *f = *state;
    const struct brood_exec_options options = { .max_bytes = 100,
                                                .overflow =
                                                    BROOD_OVERFLOW_STOP };
    struct brood_completion done;

    assert_ok(brood_exec_wait(
        f->pool, "head -c 100 /dev/zero; head -c 100 /dev/zero >&2", &options,
        &done));
    assert_int_equal(done.error, 0);
    assert_int_equal(done.overflow_stream, 0);
    assert_int_equal(done.out.size_bytes, 100);
    brood_completion_clear(&done);
    assert_ok(brood_exec_wait(
        f->pool,
        "trap '' TERM; head -c 101 /dev/zero >&2; sleep 100; sleep 100",
        &options, &done));
    assert_int_equal(done.error, -ENOBUFS);
    assert_int_equal(done.overflow_stream, 2);
    assert_int_equal(done.err.size_bytes, 100);
    assert_int_equal(done.err.dropped_bytes, 1);
    assert_true(done.result.duration_ns < 5 * CLOCK_NS_PER_S);
    brood_completion_clear(&done);
}

static void too_much_keeps_both_ends(void **state)
{
    struct fixture *f = *state;
    struct brood_completion done;

    assert_ok(brood_exec_wait(f->pool, "seq 1000",
                              &(struct brood_exec_options){ .max_bytes = 20 },
                              &done));
    assert_int_equal(done.error, 0);
    assert_int_equal(done.overflow_stream, 1);
    assert_string_equal(done.out.data, "1\n2\n3\n4\n5\n\n999\n1000\n");
    assert_int_equal(done.out.head_bytes, 10);
    assert_int_equal(done.out.size_bytes + done.out.dropped_bytes, 3893);
    brood_completion_clear(&done);
}

static void the_answer_comes_once_whatever_happens(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < ROUNDS; i++) {
        f->n_done = 0;
        assert_ok(brood_exec(f->pool, "echo x; exec sleep 0.005",
                             &(struct brood_exec_options){
                                 .job.timeout_ms = 5 + i % 3,
                                 .max_bytes = 1 + (size_t)(i % 2),
                                 .overflow = i % 5 == 0 ? BROOD_OVERFLOW_STOP
                                                        : BROOD_OVERFLOW_KEEP,
                                 .on_done = on_done,
                                 .user = f },
                             NULL));
        wait_done(f);
        assert_true(brood_poll(f->pool, 0) >= 0);
        assert_int_equal(f->n_done, 1);
        assert_true(f->error == 0 || f->error == -ETIMEDOUT ||
                    f->error == -ENOBUFS);
    }
}

static void a_command_can_be_stopped(void **state)
{
    struct fixture *f = *state;
    struct brood_child *child = NULL;

    assert_ok(brood_exec(
        f->pool, "sleep 100; :",
        &(struct brood_exec_options){ .on_done = on_done, .user = f }, &child));
    assert_ok(brood_child_stop(child));
    wait_done(f);
    assert_int_equal(f->error, -ECANCELED);
}

static void closing_the_pool_answers_first(void **state)
{
    struct fixture *f = *state;

    assert_ok(brood_exec(
        f->pool, "sleep 100; :",
        &(struct brood_exec_options){ .on_done = on_done, .user = f }, NULL));
    f->pool = brood_close(f->pool);
    assert_int_equal(f->n_done, 1);
    assert_int_equal(f->error, -ECANCELED);
}

static void bad_options_are_refused(void **state)
{
    struct fixture *f = *state;
    struct brood_completion done;

    assert_err(brood_exec_wait(f->pool, "x",
                               &(struct brood_exec_options){
                                   .job.out = BROOD_OUTPUT_STREAM },
                               &done),
               -EINVAL);
    assert_err(brood_exec_wait(f->pool, "x",
                               &(struct brood_exec_options){
                                   .job.input = BROOD_INPUT_STREAM },
                               &done),
               -EINVAL);
    assert_err(brood_exec_wait(
                   f->pool, "x",
                   &(struct brood_exec_options){ .job.timeout_ms = -1 }, &done),
               -EINVAL);
    assert_err(brood_exec_wait(f->pool, "x",
                               &(struct brood_exec_options){ .overflow = 2 },
                               &done),
               -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_run_by_the_shell),
        TEST(an_unknown_command_is_not_a_failed_start),
        TEST(a_file_is_run_without_a_shell),
        TEST(no_pool_is_needed_to_wait),
        TEST(input_of_any_size_is_fed),
        TEST(exactly_the_limit_is_no_overflow),
        TEST(too_much_keeps_both_ends),
        TEST(the_answer_comes_once_whatever_happens),
        TEST(a_command_can_be_stopped),
        TEST(closing_the_pool_answers_first),
        TEST(bad_options_are_refused),
    };

    return cmocka_run_group_tests_name("integration.exec", tests, NULL, NULL);
}
