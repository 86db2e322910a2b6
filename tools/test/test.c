#include "test/testing.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/option_values.h"

void test_say(struct testing *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    t->has_gap = false;
    writer_say(&t->writer, "brood test", format, args);
    va_end(args);
}

void test_fail(struct testing *t, int status, const char *format, ...)
{
    va_list args;

    t->status = status;
    va_start(args, format);
    t->has_gap = false;
    writer_say(&t->writer, "brood test", format, args);
    va_end(args);
}

/* As -j says, or CTEST_PARALLEL_LEVEL, which those set who know ctest. */
static void set_slots(struct testing *t)
{
    const char *level = getenv("CTEST_PARALLEL_LEVEL");
    struct run_options run = { 0 };

    if (level == NULL || option_value_jobs(level, &run) < 0 ||
        strspn(level, "0") == strlen(level)) {
        (void)option_value_jobs("100%", &run);
    }
    t->slots = t->options.slots > 0 ? t->options.slots : run.slots;
}

static size_t count_chosen(const struct suite *suite)
{
    size_t n = 0;

    for (size_t i = 0; i < suite->n; i++) {
        n += suite->tests[i].is_chosen;
    }
    return n;
}

static void finish(struct testing *t)
{
    const size_t *v = t->counts.verdicts;

    if (t->status == 0 && (t->counts.bad + v[VERDICT_CANCELLED] > 0 ||
                           t->counts.over < t->n_cases)) {
        t->status = TEST_STATUS_FAILED;
    }
    if (t->has_hung_up && t->signal == 0 && t->counts.over < t->n_cases) {
        t->signal = SIGHUP;
    }
    test_report_junit(t);
    test_report_tap(t);
    test_show_summary(t);
    test_record_end(t);
}

static int read_resources(struct testing *t)
{
    struct text error = { 0 };
    int r = 0;

    if (t->options.resources != NULL) {
        r = resources_read(&t->resources, &t->suite, t->options.resources,
                           &error);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_USAGE, "%s", text_string(&error));
    }
    text_clear(&error);
    return r;
}

int test_status(const struct testing *t)
{
    return t->signal != 0 ? TEST_STATUS_SIGNAL + t->signal : t->status;
}

/* What was shown may not have been taken. */
static void flush(struct testing *t)
{
    writer_flush(&t->writer);
    if (writer_error(&t->writer) < 0 && t->status == 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot write to standard output: %s",
                  brood_strerror(writer_error(&t->writer)));
        writer_flush(&t->writer);
    }
}

static void tell_none(struct testing *t)
{
    struct text why = { 0 };

    test_none_add(t, &why);
    test_fail(t, t->options.none_is_ok ? 0 : TEST_STATUS_NONE, "%s",
              text_string(&why));
    if (t->options.none_is_ok && t->options.ask == TEST_ASK_RUN) {
        /* Not those of an earlier run. */
        test_report_junit(t);
        test_report_tap(t);
    }
    text_clear(&why);
}

static void work(struct testing *t)
{
    if (test_load(t) < 0 || test_record_open(t) < 0 || test_select(t) < 0) {
        return;
    }
    if (count_chosen(&t->suite) == 0) {
        tell_none(t);
        return;
    }
    if (t->options.ask == TEST_ASK_LIST) {
        test_list(t);
        return;
    }
    set_slots(t);
    if (read_resources(t) < 0) {
        return;
    }
    if (t->options.bisect != NULL) {
        t->store = store_close(t->store);
        test_bisect(t);
        return;
    }
    if (test_plan(t) < 0 || test_reports_open(t) < 0) {
        return;
    }
    test_run(t);
    if (t->start_ns > 0) {
        finish(t);
    }
}

static void clear(struct testing *t)
{
    test_run_clear(t);
    test_plan_clear(t);
    if (t->signal_fd >= 0) {
        (void)close(t->signal_fd);
    }
    resources_clear(&t->resources);
    t->store = store_close(t->store);
    logfile_close(&t->events);
    text_clear(&t->command);
    text_clear(&t->store_path);
    suite_clear(&t->suite);
    writer_clear(&t->writer);
    test_options_clear(&t->options);
}

int test_main(int argc, char **argv)
{
    struct testing t = { .signal_fd = -1 };
    int status;

    test_record_name(&t, argc, argv);
    if (test_options_read(argc, argv, &t.options) < 0) {
        text_clear(&t.command);
        test_options_clear(&t.options);
        return TEST_STATUS_USAGE;
    }
    if (t.options.ask == TEST_ASK_NOTHING) {
        text_clear(&t.command);
        test_options_clear(&t.options);
        return 0;
    }
    writer_init(&t.writer);
    work(&t);
    flush(&t);
    status = test_status(&t);
    clear(&t);
    return status;
}
