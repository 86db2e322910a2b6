/* What is written of a result: the job log, events, progress. */

#include <errno.h>
#include <signal.h>

#include "json.h"
#include "run/events.h"
#include "run/joblog.h"
#include "run/median.h"
#include "run/progress.h"
#include "run/utf8.h"
#include "run/verdict.h"
#include "support/check.h"

#define NS_PER_S INT64_C(1000000000)

static const struct brood_result exited_3 = {
    .seq = 7,
    .outcome = BROOD_EXITED,
    .exit_status = 3,
    .pid = 42,
    .slot = 2,
    .attempt = 1,
    .start_ns = 1700000000 * NS_PER_S + 123400000,
    .duration_ns = 2 * NS_PER_S + 5600000,
    .user_ns = 1500000,
    .max_rss_bytes = 4096,
};

static void verdicts_are_those_of_a_shell(void **state)
{
    static const struct {
        struct brood_result result;
        bool timed_out;
        struct verdict want;
    } rows[] = {
        { { .outcome = BROOD_EXITED }, false, { 0 } },
        { { .outcome = BROOD_EXITED, .exit_status = 9 },
          false,
          { .status = 9, .exit_value = 9 } },
        { { .outcome = BROOD_SIGNALLED, .exit_status = -1, .signal = SIGKILL },
          false,
          { .status = 137, .exit_value = 137, .signal = SIGKILL } },
        { { .outcome = BROOD_TIMED_OUT, .exit_status = -1, .signal = SIGTERM },
          false,
          { .timed_out = true,
            .status = 143,
            .exit_value = -1,
            .signal = SIGTERM } },
        { { .outcome = BROOD_TIMED_OUT },
          false,
          { .timed_out = true, .status = 124, .exit_value = -1 } },
        { { .outcome = BROOD_CANCELLED,
            .exit_status = -1,
            .signal = SIGTERM,
            .attempt = 1 },
          true,
          { .timed_out = true,
            .status = 143,
            .exit_value = -1,
            .signal = SIGTERM } },
        { { .outcome = BROOD_CANCELLED,
            .exit_status = -1,
            .signal = SIGTERM,
            .attempt = 1 },
          false,
          { .void_result = true } },
        { { .outcome = BROOD_SKIPPED }, false, { .void_result = true } },
        { { .outcome = BROOD_SPAWN_FAILED, .error = -ENOENT },
          false,
          { .status = 127, .exit_value = 127 } },
        { { .outcome = BROOD_SPAWN_FAILED, .error = -EACCES },
          false,
          { .status = 126, .exit_value = 126 } },
        { { .outcome = BROOD_LOST },
          false,
          { .status = 255, .exit_value = 255 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict got = verdict_of(&rows[i].result, rows[i].timed_out);

        assert_int_equal(got.void_result, rows[i].want.void_result);
        assert_int_equal(got.timed_out, rows[i].want.timed_out);
        assert_int_equal(got.status, rows[i].want.status);
        assert_int_equal(got.exit_value, rows[i].want.exit_value);
        assert_int_equal(got.signal, rows[i].want.signal);
    }
}

static void the_job_log_has_its_columns(void **state)
{
    static const char want[] = "7\t:\t1700000000.123\t     2.006\t0\t55\t3\t0\t"
                               "a\0b\tc\n";
    struct verdict verdict = verdict_of(&exited_3, false);
    struct logfile log = { .fd = -1 };
    struct text command = { 0 };

    (void)state;
    text_add_string(&command, "a\nb\tc");
    joblog_add(&log, &exited_3, &verdict, 55, &command);
    assert_int_equal(log.lines.size, sizeof(want) - 1);
    assert_memory_equal(log.lines.data, want, sizeof(want) - 1);
    text_clear(&command);
    logfile_close(&log);
}

static void an_event_is_an_object_on_a_line(void **state)
{
    struct logfile log = { .fd = -1 };
    struct text command = { 0 };
    struct events_more more = { .command = &command, .stdout_bytes = 5 };

    (void)state;
    text_add_string(&command, "echo \"a\"");
    events_add(&log, &exited_3, &more);
    assert_string_equal(
        log.lines.data,
        "{\"seq\":7,\"command\":\"echo \\\"a\\\"\",\"outcome\":\"exited\","
        "\"exit_status\":3,\"signal\":null,\"core_dumped\":false,"
        "\"error\":null,\"pid\":42,\"slot\":2,\"attempts\":1,"
        "\"start\":1700000000.123400,\"runtime\":2.005600,"
        "\"user\":0.001500,\"system\":0.000000,\"max_rss_bytes\":4096,"
        "\"stdout_bytes\":5,\"stderr_bytes\":0,\"leaked\":false}\n");
    text_clear(&command);
    logfile_close(&log);
}

static void an_event_of_a_job_that_never_ran_has_no_times(void **state)
{
    const struct brood_result result = {
        .seq = 1,
        .outcome = BROOD_SPAWN_FAILED,
        .exit_status = -1,
        .step = BROOD_STEP_CHDIR,
        .error = -ENOENT,
    };
    struct logfile log = { .fd = -1 };
    struct text command = { 0 };
    struct events_more more = { .command = &command };

    (void)state;
    events_add(&log, &result, &more);
    assert_string_equal(
        log.lines.data,
        "{\"seq\":1,\"command\":\"\",\"outcome\":\"spawn failed\","
        "\"exit_status\":null,\"signal\":null,\"core_dumped\":false,"
        "\"error\":\"cannot enter the directory: no such file or directory\","
        "\"pid\":null,\"slot\":null,\"attempts\":0,\"start\":null,"
        "\"runtime\":null,\"user\":null,\"system\":null,"
        "\"max_rss_bytes\":null,\"stdout_bytes\":0,\"stderr_bytes\":0,"
        "\"leaked\":false}\n");
    logfile_close(&log);
}

static void assert_event_text(const char *data, size_t size, const char *want)
{
    struct text out = { 0 };

    json_add_text(&out, "x", data, size);
    assert_string_equal(text_string(&out), want);
    text_clear(&out);
}

static void json_takes_any_bytes(void **state)
{
    (void)state;
    assert_event_text("a\"\\\n\t\r\b\f\x01\x7f", 10,
                      "\"x\":\"a\\\"\\\\\\n\\t\\r\\b\\f\\u0001\\u007f\"");
    assert_event_text("bl\xc3\xa5", 4, "\"x\":\"bl\xc3\xa5\"");
    assert_event_text("a\0b", 3, "\"x\":\"a\\u0000b\"");
    assert_event_text("\xff", 1, "\"x_base64\":\"/w==\"");
    assert_event_text("a\xff", 2, "\"x_base64\":\"Yf8=\"");
    assert_event_text("ab\xff", 3, "\"x_base64\":\"YWL/\"");
    assert_event_text("abc\xff", 4, "\"x_base64\":\"YWJj/w==\"");
}

static void utf8_is_told_from_other_bytes(void **state)
{
    static const char *const good[] = { "",
                                        "a",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf",
                                        "a\xe2\x82\xac" };
    static const char *const bad[] = { "\x80",
                                       "\xc0\x80",
                                       "\xc1\xbf",
                                       "\xc3",
                                       "\xe0\x9f\xbf",
                                       "\xed\xa0\x80",
                                       "\xe2\x82",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "a\xff" };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(utf8_is_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
    }
}

static void a_median_is_right_to_a_sixteenth(void **state)
{
    struct median median = { 0 };

    (void)state;
    assert_int_equal(median_ns(&median), 0);
    for (int64_t i = 1; i <= 1001; i++) {
        median_add(&median, i * 1000003);
    }
    assert_in_range(median_ns(&median), INT64_C(501) * 1000003,
                    INT64_C(501) * 1000003 * 17 / 16);
    median_add(&median, INT64_MAX);
    median_add(&median, -5);
    assert_int_equal(median.n, 1003);
}

static void assert_line(enum run_progress kind,
                        struct progress_counts counts,
                        int width,
                        const char *want)
{
    struct text out = { 0 };

    progress_line(kind, &counts, 10 * NS_PER_S, width, &out);
    assert_string_equal(text_string(&out), want);
    text_clear(&out);
}

static void progress_says_what_it_knows(void **state)
{
    struct progress_counts c = { .running = 2, .done = 5, .total = -1 };

    (void)state;
    assert_line(RUN_PROGRESS_COUNTS, c, 80, "5 done, 2 running, 0.5/s");
    assert_line(RUN_PROGRESS_BAR, c, 80, "5 done, 2 running, 0.5/s");
    c.failed = 1;
    c.total = 20;
    assert_line(RUN_PROGRESS_COUNTS, c, 80,
                "5/20 done, 2 running, 1 failed, 0.5/s");
    assert_line(RUN_PROGRESS_ETA, c, 80,
                "5/20 done, 2 running, 1 failed, 0:30 left");
    assert_line(RUN_PROGRESS_BAR, c, 60,
                "[#####               ]  25% 5/20 done, 1 failed, 0:30 left");
    assert_line(RUN_PROGRESS_BAR, c, 24, "[##      ]  25% 5/20 do");
    assert_line(RUN_PROGRESS_ALL, c, 80,
                "5/20 done, 2 running, 1 failed, 0.5/s, 0:30 left");
    c.known = 4; /* in no time */
    assert_line(RUN_PROGRESS_ETA, c, 80,
                "5/20 done, 2 running, 1 failed, 2:30 left");
    c.known = 0;
    c.total = -1;
    assert_line(RUN_PROGRESS_ALL, c, 80, "5 done, 2 running, 1 failed, 0.5/s");
    c.total = 20000;
    assert_line(RUN_PROGRESS_ETA, c, 80,
                "5/20000 done, 2 running, 1 failed, 11:06:30 left");
    c.total = 20;
    c.left_ns = 61 * NS_PER_S;
    c.detail = "parses \xc3\xa4 3 s";
    assert_line(
        RUN_PROGRESS_ETA, c, 80,
        "5/20 done, 2 running, 1 failed, 1:01 left: parses \xc3\xa4 3 s");
    /* No half of a character. */
    assert_line(RUN_PROGRESS_ETA, c, 52,
                "5/20 done, 2 running, 1 failed, 1:01 left: parses ");
    assert_line(RUN_PROGRESS_ETA, c, 20, "5/20 done, 2 runnin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_those_of_a_shell),
        cmocka_unit_test(the_job_log_has_its_columns),
        cmocka_unit_test(an_event_is_an_object_on_a_line),
        cmocka_unit_test(an_event_of_a_job_that_never_ran_has_no_times),
        cmocka_unit_test(json_takes_any_bytes),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(a_median_is_right_to_a_sixteenth),
        cmocka_unit_test(progress_says_what_it_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
