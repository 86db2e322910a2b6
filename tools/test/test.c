#include "test/testing.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "run/option_values.h"

enum {
    LINE_SIZE = 256,
    MS_PER_S = 1000,
};

#define NS_PER_S INT64_C(1000000000)

static void say(struct testing *t, const char *format, va_list args)
{
    struct text line = { 0 };
    char *message = NULL;
    int size = vasprintf(&message, format, args);

    if (size < 0) {
        text_no_memory();
    }
    text_add_string(&line, "brood test: ");
    text_add(&line, message, (size_t)size);
    text_add_char(&line, '\n');
    free(message);
    if (t->writer.busy) {
        writer_put_now(&t->writer, line.data, line.size);
    } else {
        writer_put(&t->writer, WRITER_ERR, line.data, line.size);
    }
    text_clear(&line);
}

void test_say(struct testing *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(t, format, args);
    va_end(args);
}

void test_fail(struct testing *t, int status, const char *format, ...)
{
    va_list args;

    t->status = status;
    va_start(args, format);
    say(t, format, args);
    va_end(args);
}

int64_t test_clock_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static bool has_file(const char *dir, const char *name)
{
    struct text path = { 0 };
    bool has;

    text_add_format(&path, "%s/%s", dir, name);
    has = access(text_string(&path), R_OK) == 0;
    text_clear(&path);
    return has;
}

/* "TimeOut: 1500" of DartConfiguration.tcl: what ctest gives tests that say
 * nothing of it. */
static void read_default_limit(struct suite *suite, const char *dir)
{
    struct text path = { 0 };
    char line[LINE_SIZE];
    FILE *file;

    text_add_format(&path, "%s/DartConfiguration.tcl", dir);
    file = fopen(text_string(&path), "re");
    text_clear(&path);
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "TimeOut:", strlen("TimeOut:")) == 0) {
            suite->timeout_ms =
                strtoll(line + strlen("TimeOut:"), NULL, 10) * MS_PER_S;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static int load_dir(struct testing *t, const char *dir, struct text *error)
{
    struct suite *suite = &t->suite;

    if (suite->dir == NULL) {
        suite->dir = dir;
    }
    if (has_file(dir, "CTestTestfile.cmake")) {
        read_default_limit(suite, dir);
        return suite_from_ctest(suite, dir, t->options.config, error);
    }
    if (has_file(dir, "meson-info/intro-tests.json")) {
        return suite_from_meson(suite, dir, error);
    }
    return suite_from_tap_dir(suite, dir, error);
}

/* A file that is no program has the lines of a job file. */
static int load(struct testing *t, const char *source, struct text *error)
{
    size_t size = strlen(source);
    struct stat st;

    if (stat(source, &st) < 0) {
        text_add_format(error, "cannot read '%s': %s", source,
                        brood_strerror(-errno));
        return -1;
    }
    if (S_ISDIR(st.st_mode)) {
        return load_dir(t, source, error);
    }
    if ((st.st_mode & 0111) != 0 || t->options.tap_programs ||
        (size > 2 && strcmp(source + size - 2, ".t") == 0)) {
        return suite_from_program(&t->suite, source, t->options.tap_programs,
                                  error);
    }
    return suite_from_jobs(&t->suite, source, error);
}

static int load_all(struct testing *t)
{
    struct text error = { 0 };
    int r = 0;

    if (t->options.n_sources == 0) {
        r = load(t, ".", &error);
    }
    for (int i = 0; i < t->options.n_sources && r == 0; i++) {
        r = load(t, t->options.sources[i], &error);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_USAGE, "%s", text_string(&error));
    }
    text_clear(&error);
    return r;
}

static void set_slots(struct testing *t)
{
    struct run_options run = { 0 };

    (void)option_value_jobs("100%", &run);
    t->slots = t->options.slots > 0 ? t->options.slots : run.slots;
}

static int open_events(struct testing *t)
{
    uint64_t size;
    int r = 0;

    if (t->options.events != NULL && t->options.ask == TEST_ASK_RUN) {
        r = logfile_open(&t->events, t->options.events, false, &size);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot write '%s': %s",
                  t->options.events, brood_strerror(r));
        t->events.name = NULL;
    }
    return r;
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

    if (t->status == 0 &&
        (v[VERDICT_FAIL] + v[VERDICT_CRASH] + v[VERDICT_TIMEOUT] +
             v[VERDICT_NOT_RUN] + v[VERDICT_CANCELLED] >
         0)) {
        t->status = TEST_STATUS_FAILED;
    }
    test_report_junit(t);
    test_report_tap(t);
    test_show_summary(t);
    test_history_end(t);
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

static void work(struct testing *t)
{
    if (load_all(t) < 0 || test_history_open(t) < 0 || test_select(t) < 0) {
        return;
    }
    if (count_chosen(&t->suite) == 0) {
        test_fail(t, TEST_STATUS_NONE, "no tests were found");
        return;
    }
    if (t->options.ask == TEST_ASK_LIST) {
        test_show_list(t);
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
    if (test_plan(t) < 0 || open_events(t) < 0) {
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
    suite_clear(&t->suite);
    writer_clear(&t->writer);
    test_options_clear(&t->options);
}

int test_main(int argc, char **argv)
{
    struct testing t = { .signal_fd = -1 };
    int status;

    if (test_options_read(argc, argv, &t.options) < 0) {
        test_options_clear(&t.options);
        return TEST_STATUS_USAGE;
    }
    if (t.options.ask == TEST_ASK_NOTHING) {
        test_options_clear(&t.options);
        return 0;
    }
    writer_init(&t.writer);
    work(&t);
    writer_flush(&t.writer);
    status = t.signal != 0 ? TEST_STATUS_SIGNAL + t.signal : t.status;
    clear(&t);
    return status;
}
