#include "entry.h"

#include <brood.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/decode.h"
#include "proto/encode.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    CONTEXT = 7,
    JOB_SIZE_MAX = 64 << 20,
    BAD_ENUM = 100,
};

static const char *const prog[] = { "prog", "arg", NULL };

/* A job as the worker will read it; its views lead into the buffer. */
struct view {
    struct buf buf;
    struct message_job job;
};

static void view_job(struct view *v, const struct brood_job *job)
{
    struct message_header header;
    struct entry *entry = NULL;
    struct reader reader;

    *v = (struct view){ 0 };
    assert_ok(entry_new(job, CONTEXT, 0, &entry));
    assert_non_null(entry);
    assert_ok(message_begin(&v->buf, MESSAGE_JOBS));
    assert_ok(encode_record(&v->buf, entry->record, entry->record_size));
    message_end(&v->buf);
    assert_ok(message_open(v->buf.data, v->buf.size, true, &header, &reader));
    assert_ok(decode_job(&reader, &v->job));
    assert_int_equal(reader.left, 0);
    entry = entry_free(entry);
}

static void refuse(const struct brood_job *job, int error)
{
    struct entry *entry = NULL;

    assert_err(entry_new(job, CONTEXT, 0, &entry), error);
    assert_null(entry);
}

static void exactly_one_command_is_asked_for(void **state)
{
    static const char *const empty[] = { NULL };

    (void)state;
    refuse(&(struct brood_job){ 0 }, -EINVAL);
    refuse(&(struct brood_job){ .argv = prog, .shell = "x" }, -EINVAL);
    refuse(&(struct brood_job){ .argv = empty }, -EINVAL);
}

static void a_struct_of_an_unknown_older_layout_is_refused(void **state)
{
    struct view v;

    (void)state;
    refuse(&(struct brood_job){ .size = 1, .shell = "x" }, -EINVAL);
    refuse(&(struct brood_job){ .size = sizeof(struct brood_job) - 1,
                                .shell = "x" },
           -EINVAL);
    view_job(&v, &(struct brood_job){ .size = sizeof(struct brood_job),
                                      .shell = "x" });
    buf_clear(&v.buf);
}

static void negative_times_are_refused(void **state)
{
    (void)state;
    refuse(&(struct brood_job){ .shell = "x", .timeout_ms = -1 }, -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .timeout_ms = INT64_MIN },
           -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .drain_ms = -1 }, -EINVAL);
    refuse(&(struct brood_job){ .shell = "x",
                                .n_stop = 1,
                                .stop = { { SIGTERM, -1 } } },
           -EINVAL);
}

static void unknown_policies_are_refused(void **state)
{
    (void)state;
    refuse(&(struct brood_job){ .shell = "x",
                                .input = (enum brood_input)BAD_ENUM },
           -EINVAL);
    refuse(&(struct brood_job){ .shell = "x",
                                .out = (enum brood_output_policy)BAD_ENUM },
           -EINVAL);
    refuse(&(struct brood_job){ .shell = "x",
                                .err = (enum brood_output_policy)BAD_ENUM },
           -EINVAL);
    refuse(
        &(struct brood_job){ .shell = "x", .hold = (enum brood_hold)BAD_ENUM },
        -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .out = BROOD_OUTPUT_MERGE },
           -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .input = BROOD_INPUT_FILE },
           -EINVAL);
    refuse(&(struct brood_job){ .shell = "x",
                                .input = BROOD_INPUT_BYTES,
                                .input_size_bytes = 1 },
           -EINVAL);
}

static void unknown_signals_are_refused(void **state)
{
    static const int bad[] = { 0, -1, -SIGKILL, INT_MAX };
    struct brood_job job = { .shell = "x", .n_stop = 2 };
    const int sigs_after = SIGRTMAX + 1;

    (void)state;
    job.stop[0].signal = SIGTERM;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        job.stop[1].signal = bad[i];
        refuse(&job, -EINVAL);
    }
    job.stop[1].signal = sigs_after;
    refuse(&job, -EINVAL);
    job.stop[1].signal = SIGKILL;
    job.n_stop = BROOD_STOP_STEPS_MAX + 1;
    refuse(&job, -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .parent_death_signal = -1 },
           -EINVAL);
    refuse(
        &(struct brood_job){ .shell = "x", .parent_death_signal = sigs_after },
        -EINVAL);
}

static void an_env_string_needs_a_name_and_a_value(void **state)
{
    static const char *const bare[] = { "A=1", "B", NULL };
    static const char *const nameless[] = { "=1", NULL };
    static const char *const nothing[] = { "", NULL };

    (void)state;
    refuse(&(struct brood_job){ .shell = "x", .env = bare }, -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .env = nameless }, -EINVAL);
    refuse(&(struct brood_job){ .shell = "x", .env = nothing }, -EINVAL);
}

static void a_closed_descriptor_is_refused(void **state)
{
    int fds = count_fds();

    (void)state;
    refuse(&(struct brood_job){ .shell = "x",
                                .input = BROOD_INPUT_FD,
                                .input_fd = -1 },
           -EBADF);
    refuse(&(struct brood_job){ .shell = "x",
                                .input = BROOD_INPUT_FD,
                                .input_fd = INT_MAX },
           -EBADF);
    assert_int_equal(count_fds(), fds);
}

static void a_descriptor_is_duplicated_and_ends_with_the_entry(void **state)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fds = count_fds();
    struct entry *entry = NULL;

    (void)state;
    assert_true(fd >= 0);
    assert_ok(entry_new(&(struct brood_job){ .shell = "x",
                                             .input = BROOD_INPUT_FD,
                                             .input_fd = fd },
                        CONTEXT, 0, &entry));
    assert_true(entry->input_fd > STDERR_FILENO);
    assert_true(entry->input_fd != fd);
    assert_int_equal(fcntl(entry->input_fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(count_fds(), fds + 1);
    entry = entry_free(entry);
    assert_int_equal(count_fds(), fds);
    (void)close(fd);
    assert_null(entry_free(NULL));
}

static char *long_text(size_t size)
{
    char *text = malloc(size + 1);

    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    return text;
}

static void a_job_that_is_too_large_is_refused(void **state)
{
    char *text = long_text(JOB_SIZE_MAX);
    const char *const one[] = { "prog", text, NULL };
    const char *const two[] = { text + JOB_SIZE_MAX / 2,
                                text + JOB_SIZE_MAX / 2, NULL };
    struct entry *entry = NULL;

    (void)state;
    refuse(&(struct brood_job){ .shell = text }, -E2BIG);
    refuse(&(struct brood_job){ .argv = one }, -E2BIG);
    refuse(&(struct brood_job){ .argv = two }, -E2BIG);
    refuse(&(struct brood_job){ .shell = "x", .dir = text }, -E2BIG);
    refuse(&(struct brood_job){ .shell = "x",
                                .input = BROOD_INPUT_BYTES,
                                .input_data = text,
                                .input_size_bytes = JOB_SIZE_MAX },
           -E2BIG);
    /* More than is there: the size alone must do. */
    refuse(&(struct brood_job){ .shell = "x",
                                .input = BROOD_INPUT_BYTES,
                                .input_data = text,
                                .input_size_bytes = SIZE_MAX },
           -E2BIG);
    text[0] = 'A';
    text[1] = '=';
    refuse(&(struct brood_job){ .shell = "x",
                                .env = (const char *const[]){ text, NULL } },
           -E2BIG);
    /* Half of it is fine. */
    assert_ok(
        entry_new(&(struct brood_job){ .shell = two[0] }, CONTEXT, 0, &entry));
    entry = entry_free(entry);
    free(text);
}

static void zero_is_the_default_everywhere(void **state)
{
    struct view v;

    (void)state;
    view_job(&v, &(struct brood_job){ .argv = prog });
    assert_int_equal(v.job.context, CONTEXT);
    assert_int_equal(v.job.flags, 0);
    assert_int_equal(v.job.input, BROOD_INPUT_NONE);
    assert_int_equal(v.job.out, BROOD_OUTPUT_CAPTURE);
    assert_int_equal(v.job.err, BROOD_OUTPUT_CAPTURE);
    assert_int_equal(v.job.timeout_ms, 0);
    assert_int_equal(v.job.drain_ms, 50);
    assert_int_equal(v.job.nice, 0);
    assert_int_equal(v.job.death_signal, 0);
    assert_int_equal(v.job.input_fd, -1);
    assert_int_equal(v.job.n_stop, 2);
    assert_int_equal(v.job.stop[0].signal, SIGTERM);
    assert_int_equal(v.job.stop[0].wait_ms, 2000);
    assert_int_equal(v.job.stop[1].signal, SIGKILL);
    assert_string_equal(v.job.dir, "");
    assert_string_equal(v.job.input_path, "");
    assert_string_equal(v.job.slot_mark, "");
    assert_int_equal(v.job.args.count, 2);
    assert_memory_equal(v.job.args.data, "prog\0arg", 9);
    assert_int_equal(v.job.env.count, 0);
    buf_clear(&v.buf);
}

static void a_shell_line_is_for_sh_unless_told(void **state)
{
    struct view v;

    (void)state;
    view_job(&v, &(struct brood_job){ .shell = "a b" });
    assert_int_equal(v.job.flags, MESSAGE_JOB_SHELL);
    assert_string_equal(v.job.shell_path, "/bin/sh");
    assert_int_equal(v.job.args.count, 1);
    assert_string_equal(v.job.args.data, "a b");
    buf_clear(&v.buf);
    view_job(&v, &(struct brood_job){ .shell = "", .shell_path = "/bin/x" });
    assert_string_equal(v.job.shell_path, "/bin/x");
    assert_string_equal(v.job.args.data, "");
    buf_clear(&v.buf);
}

static void what_was_asked_for_is_what_is_sent(void **state)
{
    static const char *const env[] = { "A=1", "B=", "C==", NULL };
    struct view v;

    (void)state;
    view_job(&v, &(struct brood_job){
                     .argv = prog,
                     .env = env,
                     .dir = "/dir",
                     .input = BROOD_INPUT_BYTES,
                     .input_data = "bytes",
                     .input_size_bytes = 5,
                     .out = BROOD_OUTPUT_STREAM,
                     .err = BROOD_OUTPUT_MERGE,
                     .timeout_ms = INT64_MAX,
                     .drain_ms = 1,
                     .slot_mark = "@",
                     .hold = BROOD_HOLD_ALWAYS,
                     .notify_start = 1,
                     .parent_death_signal = SIGRTMAX,
                     .nice = -3,
                 });
    assert_int_equal(v.job.env.count, 3);
    assert_memory_equal(v.job.env.data, "A=1\0B=\0C==", 11);
    assert_string_equal(v.job.dir, "/dir");
    assert_int_equal(v.job.input_data.size, 5);
    assert_memory_equal(v.job.input_data.data, "bytes", 5);
    assert_int_equal(v.job.out, BROOD_OUTPUT_STREAM);
    assert_int_equal(v.job.err, BROOD_OUTPUT_MERGE);
    assert_true(v.job.timeout_ms == INT64_MAX);
    assert_int_equal(v.job.drain_ms, 1);
    assert_string_equal(v.job.slot_mark, "@");
    assert_int_equal(v.job.flags, MESSAGE_JOB_NOTIFY | MESSAGE_JOB_HOLD_FAILED |
                                      MESSAGE_JOB_HOLD_OK);
    assert_int_equal(v.job.death_signal, SIGRTMAX);
    assert_int_equal(v.job.nice, -3);
    buf_clear(&v.buf);
}

static void a_ladder_ends_with_kill(void **state)
{
    struct brood_job job = { .shell = "x", .n_stop = 1 };
    struct view v;

    (void)state;
    job.stop[0] = (struct brood_stop_step){ SIGINT, 10 };
    view_job(&v, &job);
    assert_int_equal(v.job.n_stop, 2);
    assert_int_equal(v.job.stop[0].signal, SIGINT);
    assert_int_equal(v.job.stop[0].wait_ms, 10);
    assert_int_equal(v.job.stop[1].signal, SIGKILL);
    buf_clear(&v.buf);

    job.stop[0].signal = SIGKILL;
    view_job(&v, &job);
    assert_int_equal(v.job.n_stop, 1);
    buf_clear(&v.buf);

    /* A full one has no room; a worker kills at its end all the same. */
    for (int i = 0; i < BROOD_STOP_STEPS_MAX; i++) {
        job.stop[i] = (struct brood_stop_step){ SIGHUP, i };
    }
    job.n_stop = BROOD_STOP_STEPS_MAX;
    view_job(&v, &job);
    assert_int_equal(v.job.n_stop, BROOD_STOP_STEPS_MAX);
    assert_int_equal(v.job.stop[BROOD_STOP_STEPS_MAX - 1].signal, SIGHUP);
    buf_clear(&v.buf);
}

static void attempts_are_at_least_one(void **state)
{
    int tag = 0;
    struct entry *entry = NULL;

    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        assert_ok(entry_new(
            &(struct brood_job){ .shell = "x", .attempts = n, .tag = &tag },
            CONTEXT, 0, &entry));
        assert_int_equal(entry->attempts_max, n == 0 ? 1 : n);
        assert_int_equal(entry->attempt, 0);
        assert_ptr_equal(entry->tag, &tag);
        entry = entry_free(entry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_one_command_is_asked_for),
        cmocka_unit_test(a_struct_of_an_unknown_older_layout_is_refused),
        cmocka_unit_test(negative_times_are_refused),
        cmocka_unit_test(unknown_policies_are_refused),
        cmocka_unit_test(unknown_signals_are_refused),
        cmocka_unit_test(an_env_string_needs_a_name_and_a_value),
        cmocka_unit_test(a_closed_descriptor_is_refused),
        cmocka_unit_test(a_descriptor_is_duplicated_and_ends_with_the_entry),
        cmocka_unit_test(a_job_that_is_too_large_is_refused),
        cmocka_unit_test(zero_is_the_default_everywhere),
        cmocka_unit_test(a_shell_line_is_for_sh_unless_told),
        cmocka_unit_test(what_was_asked_for_is_what_is_sent),
        cmocka_unit_test(a_ladder_ends_with_kill),
        cmocka_unit_test(attempts_are_at_least_one),
    };

    return cmocka_run_group_tests_name("core.entry", tests, NULL, NULL);
}
