#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

static const struct brood_options two_slots = { .slots = 2 };

static void a_batch_gives_each_job_one_result(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < 1000; i++) {
        bench_shell(&b, "true");
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, 1000);
    assert_int_equal(b.n_ended, 1000);
    for (unsigned i = 1; i <= 1000; i++) {
        const struct seen *s = bench_seen(&b, i);

        assert_int_equal(s->result.outcome, BROOD_EXITED);
        assert_int_equal(s->result.exit_status, 0);
        assert_in_range(s->result.slot, 1, 2);
        assert_int_equal(s->result.attempt, 1);
        assert_true(s->result.pid > 0);
    }
    bench_close(&b);
}

static void output_of_both_streams_comes_with_the_result(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    bench_shell(&b, "echo out; echo err >&2; exit 3");
    bench_submit(&b, &(struct brood_job){
                         .argv = (const char *const[]){ "printf", "%s|", "a b",
                                                        "", "$x", NULL } });
    bench_run(&b);
    assert_string_equal(bench_seen(&b, 1)->out, "out\n");
    assert_string_equal(bench_seen(&b, 1)->err, "err\n");
    assert_int_equal(bench_seen(&b, 1)->result.exit_status, 3);
    assert_string_equal(bench_seen(&b, 2)->out, "a b||$x|");
    bench_close(&b);
}

static void order_of_submission_is_kept_when_asked_for(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &(struct brood_options){ .slots = 4 },
               &(struct brood_batch_options){ .order = BROOD_ORDER_SUBMIT });
    bench_shell(&b, "sleep 0.3; echo slow");
    for (int i = 2; i <= 100; i++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "echo %d", i);
        bench_shell(&b, line);
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, 100);
    assert_string_equal(b.seen[0].out, "slow\n");
    for (unsigned i = 1; i < 100; i++) {
        assert_int_equal(b.seen[i].result.seq, i + 1);
        assert_int_equal(strtol(b.seen[i].out, NULL, 10), i + 1);
    }
    bench_close(&b);
}

static void a_signal_is_told_apart_from_a_status(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    bench_shell(&b, "kill -9 $$");
    bench_shell(&b, "exit 137");
    bench_run(&b);
    assert_int_equal(bench_seen(&b, 1)->result.outcome, BROOD_SIGNALLED);
    assert_int_equal(bench_seen(&b, 1)->result.signal, SIGKILL);
    assert_int_equal(bench_seen(&b, 1)->result.exit_status, -1);
    assert_int_equal(bench_seen(&b, 2)->result.outcome, BROOD_EXITED);
    assert_int_equal(bench_seen(&b, 2)->result.exit_status, 137);
    bench_close(&b);
}

static void what_cannot_start_says_the_step_and_why(void **state)
{
    static const char *const missing[] = { "/no/such/program", NULL };
    static const char *const no_name[] = { "no-such-program-anywhere", NULL };
    static const char *const directory[] = { "/tmp", NULL };
    static const char *const good[] = { "true", NULL };
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    bench_submit(&b, &(struct brood_job){ .argv = missing });
    bench_submit(&b, &(struct brood_job){ .argv = no_name });
    bench_submit(&b, &(struct brood_job){ .argv = directory });
    bench_submit(&b, &(struct brood_job){ .argv = good, .dir = "/no/dir" });
    bench_submit(&b, &(struct brood_job){ .argv = good,
                                          .input = BROOD_INPUT_FILE,
                                          .input_path = "/no/input" });
    bench_run(&b);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(bench_seen(&b, i)->result.outcome, BROOD_SPAWN_FAILED);
        assert_int_equal(bench_seen(&b, i)->result.exit_status, -1);
        assert_int_equal(bench_seen(&b, i)->result.pid, 0);
        assert_int_equal(bench_seen(&b, i)->result.error,
                         i == 3 ? -EACCES : -ENOENT);
    }
    assert_int_equal(bench_seen(&b, 1)->result.step, BROOD_STEP_EXEC);
    assert_int_equal(bench_seen(&b, 2)->result.step, BROOD_STEP_EXEC);
    assert_int_equal(bench_seen(&b, 3)->result.step, BROOD_STEP_EXEC);
    assert_int_equal(bench_seen(&b, 4)->result.step, BROOD_STEP_CHDIR);
    assert_int_equal(bench_seen(&b, 5)->result.step, BROOD_STEP_STREAMS);
    bench_close(&b);
}

static void a_script_without_interpreter_line_is_run_by_sh(void **state)
{
    char path[] = "/tmp/brood-test-XXXXXX";
    int fd = mkstemp(path);
    struct bench b;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "echo $1\n", 8), 8);
    assert_int_equal(fchmod(fd, 0700), 0);
    (void)close(fd);
    bench_open(&b, &two_slots, NULL);
    bench_submit(&b, &(struct brood_job){
                         .argv = (const char *const[]){ path, "x y", NULL } });
    bench_run(&b);
    (void)unlink(path);
    assert_string_equal(bench_seen(&b, 1)->out, "x y\n");
    bench_close(&b);
}

static void input_comes_from_bytes_file_descriptor_or_nowhere(void **state)
{
    static char large[1 << 20];
    int pair[2];
    struct bench b;

    (void)state;
    memset(large, 'x', sizeof(large));
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_int_equal(write(pair[1], "from fd", 7), 7);
    (void)close(pair[1]);
    bench_open(&b, &two_slots, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "cat",
                                          .input = BROOD_INPUT_BYTES,
                                          .input_data = "bytes",
                                          .input_size_bytes = 5 });
    bench_submit(&b, &(struct brood_job){ .shell = "wc -c",
                                          .input = BROOD_INPUT_BYTES,
                                          .input_data = large,
                                          .input_size_bytes = sizeof(large) });
    bench_submit(&b, &(struct brood_job){ .shell = "wc -c",
                                          .input = BROOD_INPUT_FILE,
                                          .input_path = "/dev/null" });
    bench_submit(&b, &(struct brood_job){ .shell = "cat",
                                          .input = BROOD_INPUT_FD,
                                          .input_fd = pair[0] });
    bench_shell(&b, "wc -c");
    bench_submit(&b, &(struct brood_job){ .shell = "true",
                                          .input = BROOD_INPUT_BYTES,
                                          .input_data = large,
                                          .input_size_bytes = sizeof(large) });
    (void)close(pair[0]);
    bench_run(&b);
    assert_string_equal(bench_seen(&b, 1)->out, "bytes");
    assert_string_equal(bench_seen(&b, 2)->out, "1048576\n");
    assert_string_equal(bench_seen(&b, 3)->out, "0\n");
    assert_string_equal(bench_seen(&b, 4)->out, "from fd");
    assert_string_equal(bench_seen(&b, 5)->out, "0\n");
    assert_int_equal(bench_seen(&b, 6)->result.exit_status, 0);
    b.fds_before--; /* pair[0], closed above */
    bench_close(&b);
}

static void environment_and_directory_are_the_jobs_own(void **state)
{
    static const char *const batch_env[] = { "A=1", "B=2", "PATH=/usr/bin:/bin",
                                             NULL };
    static const char *const job_env[] = { "B=3", "C=", "B=4", NULL };
    struct bench b;

    (void)state;
    bench_open(
        &b, &two_slots,
        &(struct brood_batch_options){ .env = batch_env, .dir = "/usr" });
    bench_submit(&b, &(struct brood_job){ .shell = "echo $A $B ${C-unset}; pwd",
                                          .env = job_env });
    bench_submit(&b, &(struct brood_job){ .shell = "pwd", .dir = "bin/.." });
    bench_submit(&b, &(struct brood_job){
                         .argv = (const char *const[]){ "env", NULL } });
    bench_run(&b);
    assert_string_equal(bench_seen(&b, 1)->out, "1 4\n/usr\n");
    assert_string_equal(bench_seen(&b, 2)->out, "/usr\n");
    assert_string_equal(bench_seen(&b, 3)->out,
                        "A=1\nB=2\nPATH=/usr/bin:/bin\n");
    bench_close(&b);
}

static void the_slot_number_is_put_in_at_the_start(void **state)
{
    static const char *const env[] = { "SLOT=<@@>", NULL };
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < 20; i++) {
        bench_submit(&b, &(struct brood_job){ .shell = "echo <@@> $SLOT",
                                              .env = env,
                                              .slot_mark = "<@@>" });
    }
    bench_run(&b);
    for (unsigned i = 1; i <= 20; i++) {
        char want[32];

        (void)snprintf(want, sizeof(want), "%u %u\n",
                       bench_seen(&b, i)->result.slot,
                       bench_seen(&b, i)->result.slot);
        assert_string_equal(bench_seen(&b, i)->out, want);
    }
    bench_close(&b);
}

static void results_can_be_pulled_one_by_one(void **state)
{
    const struct brood_result *result = NULL;
    struct brood_batch *batch = NULL;
    struct brood *pool = NULL;
    int n = 0;
    int r;

    (void)state;
    assert_ok(brood_open(&two_slots, &pool));
    assert_ok(brood_batch_new(
        pool, &(struct brood_batch_options){ .order = BROOD_ORDER_SUBMIT },
        &batch));
    for (int i = 0; i < 10; i++) {
        assert_ok(brood_submit(
            batch, &(struct brood_job){ .shell = i == 0 ? "sleep 0.2" : "id" },
            NULL));
    }
    assert_err(brood_next(batch, 0, &result), -ETIMEDOUT);
    while ((r = brood_next(batch, -1, &result)) == 1) {
        n++;
        assert_int_equal(result->seq, n);
    }
    assert_int_equal(r, 0);
    assert_int_equal(n, 10);
    batch = brood_batch_free(batch);
    pool = brood_close(pool);
}

static void a_host_loop_can_wait_for_the_descriptor(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < 100; i++) {
        bench_shell(&b, "echo x");
    }
    while (b.n_seen < 100) {
        struct pollfd p = { .fd = brood_fd(b.pool), .events = POLLIN };

        assert_int_equal(poll(&p, 1, 10000), 1);
        assert_ok(brood_poll(b.pool, 0));
    }
    bench_close(&b);
}

struct streamed {
    size_t bytes;
    bool ended;
    bool late;
};

static void on_output(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size_bytes,
                      void *user)
{
    struct streamed *s = user;

    (void)batch;
    (void)data;
    assert_int_equal(job->seq, 1);
    assert_int_equal(stream, 1);
    s->bytes += size_bytes;
    s->late = s->late || s->ended;
}

static void on_stream_end(struct brood_batch *batch,
                          const struct brood_result *result,
                          void *user)
{
    (void)batch;
    (void)result;
    ((struct streamed *)user)->ended = true;
}

static void streamed_output_comes_whole_and_before_the_result(void **state)
{
    struct streamed s = { 0 };
    struct brood_batch *batch = NULL;
    struct brood *pool = NULL;

    (void)state;
    assert_ok(brood_open(&two_slots, &pool));
    assert_ok(brood_batch_new(
        pool,
        &(struct brood_batch_options){
            .on_result = on_stream_end, .on_output = on_output, .user = &s },
        &batch));
    assert_ok(
        brood_submit(batch,
                     &(struct brood_job){ .shell = "head -c 20000000 /dev/zero",
                                          .out = BROOD_OUTPUT_STREAM },
                     NULL));
    assert_ok(brood_run(batch));
    assert_true(s.ended);
    assert_false(s.late);
    assert_int_equal(s.bytes, 20000000);
    batch = brood_batch_free(batch);
    pool = brood_close(pool);
}

static void large_output_goes_through_a_file_to_the_byte(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots,
               &(struct brood_batch_options){ .order = BROOD_ORDER_SUBMIT });
    bench_shell(&b, "sleep 0.5");
    for (int i = 0; i < 40; i++) {
        bench_shell(&b, "head -c 300000 /dev/zero; echo; echo e >&2");
    }
    bench_run(&b);
    for (unsigned i = 2; i <= 41; i++) {
        assert_int_equal(bench_seen(&b, i)->result.out.size_bytes, 300001);
        assert_int_equal(bench_seen(&b, i)->result.out.error, 0);
        assert_string_equal(bench_seen(&b, i)->err, "e\n");
    }
    bench_close(&b);
}

static void bad_jobs_are_refused_and_change_nothing(void **state)
{
    static const char *const empty[] = { NULL };
    static const char *const t[] = { "true", NULL };
    static const char *const bad_env[] = { "NOEQUALS", NULL };
    const struct brood_job bad[] = {
        { 0 },
        { .argv = empty },
        { .argv = t, .shell = "true" },
        { .argv = t, .timeout_ms = -1 },
        { .argv = t, .drain_ms = -1 },
        { .argv = t, .out = BROOD_OUTPUT_MERGE },
        { .argv = t, .env = bad_env },
        { .argv = t, .n_stop = 9 },
        { .argv = t, .stop = { { 99, 0 } }, .n_stop = 1 },
        { .argv = t, .input = BROOD_INPUT_FILE },
    };
    struct bench b;
    uint64_t id = 42;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_err(brood_submit(b.batch, &bad[i], &id), -EINVAL);
    }
    assert_err(brood_submit(b.batch,
                            &(struct brood_job){ .argv = t,
                                                 .input = BROOD_INPUT_FD,
                                                 .input_fd = 999 },
                            &id),
               -EBADF);
    assert_int_equal(id, 42);
    assert_int_equal(brood_batch_count(b.batch).submitted, 0);
    bench_run(&b);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_gives_each_job_one_result),
        cmocka_unit_test(output_of_both_streams_comes_with_the_result),
        cmocka_unit_test(order_of_submission_is_kept_when_asked_for),
        cmocka_unit_test(a_signal_is_told_apart_from_a_status),
        cmocka_unit_test(what_cannot_start_says_the_step_and_why),
        cmocka_unit_test(a_script_without_interpreter_line_is_run_by_sh),
        cmocka_unit_test(input_comes_from_bytes_file_descriptor_or_nowhere),
        cmocka_unit_test(environment_and_directory_are_the_jobs_own),
        cmocka_unit_test(the_slot_number_is_put_in_at_the_start),
        cmocka_unit_test(results_can_be_pulled_one_by_one),
        cmocka_unit_test(a_host_loop_can_wait_for_the_descriptor),
        cmocka_unit_test(streamed_output_comes_whole_and_before_the_result),
        cmocka_unit_test(large_output_goes_through_a_file_to_the_byte),
        cmocka_unit_test(bad_jobs_are_refused_and_change_nothing),
    };

    return cmocka_run_group_tests_name("integration.batch", tests, NULL, NULL);
}
