/* reports - results for other programs: JUnit XML, TAP, JSON Lines. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "json.h"
#include "run/terminal.h"
#include "run/utf8.h"
#include "test/descriptors.h"
#include "test/testing.h"

enum {
    FILE_MODE = 0666,
    TIME_SIZE = 40,
};

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static int cannot_write(struct testing *t, const char *path, int error)
{
    test_fail(t, TEST_STATUS_OURS, "cannot write '%s': %s", path,
              brood_strerror(error));
    return error;
}

static void write_file(struct testing *t,
                       const char *path,
                       const struct text *out)
{
    int r = 0;

    if (strcmp(path, "-") == 0) {
        writer_put(&t->writer, WRITER_OUT, text_string(out), out->size);
    } else {
        r = file_write(path, FILE_MODE, out);
    }
    if (r < 0) {
        (void)cannot_write(t, path, r);
    }
}

/* Leave a file as it is, and none where there was none: a run that is killed
 * then has no report, not an empty one. */
static int check_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    struct stat st;

    if (fd >= 0) {
        (void)close(fd);
        return unlink(path) < 0 ? -errno : 0;
    }
    if (errno != EEXIST) {
        return -errno;
    }
    /* A link may lead to a file that is still to be made; and a pipe would wait
     * for its reader, and then be at its end. */
    if (stat(path, &st) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    if (S_ISDIR(st.st_mode)) {
        return -EISDIR;
    }
    return access(path, W_OK) < 0 ? -errno : 0;
}

int test_reports_open(struct testing *t)
{
    const char *const paths[] = { t->options.junit, t->options.tap };
    const char *events = t->options.events;
    uint64_t size;
    int r = 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (paths[i] != NULL && strcmp(paths[i], "-") != 0) {
            r = check_file(paths[i]);
        }
        if (r < 0) {
            return cannot_write(t, paths[i], r);
        }
    }
    if (events != NULL) {
        r = logfile_open(&t->events, events, false, &size);
    }
    if (r < 0) {
        t->events.name = NULL;
        return cannot_write(t, events, r);
    }
    return 0;
}

/* Characters that XML 1.0 has no place for become U+FFFD. */
static void add_xml(struct text *out, const char *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        size_t n = utf8_valid_size(data + at, size - at);

        for (size_t i = at; i < at + n; i++) {
            unsigned char c = (unsigned char)data[i];

            if (c == 0xef && (memcmp(&data[i], "\xef\xbf\xbe", 3) == 0 ||
                              memcmp(&data[i], "\xef\xbf\xbf", 3) == 0)) {
                text_add_string(out, "\xef\xbf\xbd"); /* no characters */
                i += 2;
                continue;
            }

            if (c == '<' || c == '>' || c == '&' || c == '"') {
                text_add_format(out, "&#%d;", c);
            } else if (c < ' ' && c != '\n' && c != '\t' && c != '\r') {
                text_add_string(out, "\xef\xbf\xbd");
            } else {
                text_add(out, &data[i], 1);
            }
        }
        at += n;
        if (at < size) {
            text_add_string(out, "\xef\xbf\xbd");
            at++;
        }
    }
}

static void add_attribute(struct text *out, const char *name, const char *value)
{
    text_add_format(out, " %s=\"", name);
    add_xml(out, value, strlen(value));
    text_add_char(out, '"');
}

static void add_time(struct text *out, const char *name, int64_t ns)
{
    /* Jenkins takes three digits, no more. */
    text_add_format(out, " %s=\"%" PRId64 ".%03d\"", name, ns / NS_PER_S,
                    (int)(ns % NS_PER_S / NS_PER_MS));
}

/* Of an attempt before the last, the output is in an element of its own. */
static void add_failure(struct text *out,
                        const char *element,
                        enum verdict verdict,
                        const struct text *reason,
                        const struct text *output)
{
    bool is_last =
        strcmp(element, "failure") == 0 || strcmp(element, "error") == 0;
    struct text plain = { 0 };

    text_add_format(out, "      <%s", element);
    add_attribute(out, "message",
                  reason->size > 0 ? text_string(reason)
                                   : verdict_word(verdict));
    add_attribute(out, "type", verdict_word(verdict));
    text_add_string(out, is_last ? ">" : "><system-out>");
    terminal_strip(&plain, text_string(output), output->size);
    add_xml(out, text_string(&plain), plain.size);
    text_clear(&plain);
    text_add_format(out, "%s</%s>\n", is_last ? "" : "</system-out>", element);
}

/* The schema has no properties of a case. */
static void add_descriptors(struct text *out,
                            const struct testing *t,
                            const struct test_case *c)
{
    struct text files = { 0 };

    if (test_descriptors_add(t, c, true, &files)) {
        text_add_string(out, "      <system-err>");
        add_xml(out, files.data, files.size);
        text_add_string(out, "</system-err>\n");
    }
    text_clear(&files);
}

static void add_junit_case(struct text *out,
                           const struct testing *t,
                           const struct test_case *c)
{
    bool bad = verdict_is_bad(c->verdict);
    struct text name = { 0 };

    text_add_string(&name, c->test->name);
    if (t->options.stress > 1) {
        text_add_format(&name, " (%u)", c->iteration);
    }
    text_add_string(out, "    <testcase");
    add_attribute(out, "name", text_string(&name));
    add_attribute(out, "classname",
                  c->test->labels.n > 0 ? c->test->labels.items[0] : "test");
    add_time(out, "time", c->duration_ns);
    text_add_string(out, ">\n");
    text_clear(&name);
    if (bad) {
        add_failure(out, c->verdict == VERDICT_NOT_RUN ? "error" : "failure",
                    c->verdict, &c->reason, &c->output);
    } else if (c->verdict == VERDICT_SKIP || c->verdict == VERDICT_DISABLED ||
               c->verdict == VERDICT_CANCELLED || !c->is_over) {
        text_add_string(out, "      <skipped");
        add_attribute(out, "message",
                      !c->is_over || c->verdict == VERDICT_CANCELLED
                          ? "the run was stopped"
                      : c->reason.size > 0 ? text_string(&c->reason)
                                           : "disabled");
        text_add_string(out, "/>\n");
    }
    for (size_t i = 0; i < c->n_failures; i++) {
        add_failure(out, bad ? "rerunFailure" : "flakyFailure",
                    c->failures[i].verdict, &c->failures[i].reason,
                    &c->failures[i].output);
    }
    if (t->descriptors != NULL) {
        add_descriptors(out, t, c);
    }
    text_add_string(out, "    </testcase>\n");
}

static size_t count_skipped(const struct testing *t)
{
    const size_t *v = t->counts.verdicts;

    return v[VERDICT_SKIP] + v[VERDICT_DISABLED] + v[VERDICT_CANCELLED] +
           t->n_cases - t->counts.over;
}

static void add_counts(struct text *out, const struct testing *t)
{
    const size_t *v = t->counts.verdicts;

    text_add_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
                    t->n_cases,
                    v[VERDICT_FAIL] + v[VERDICT_CRASH] + v[VERDICT_TIMEOUT],
                    v[VERDICT_NOT_RUN]);
    add_time(out, "time", t->end_ns - t->start_ns);
}

void test_report_junit(struct testing *t)
{
    struct text out = { 0 };
    char when[TIME_SIZE] = "";
    char host[256] = "";
    time_t now = time(NULL);
    struct tm tm;

    if (t->options.junit == NULL) {
        return;
    }
    (void)gethostname(host, sizeof(host) - 1);
    if (gmtime_r(&now, &tm) != NULL) {
        (void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
    }
    text_add_string(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<testsuites name=\"brood test\"");
    add_counts(&out, t);
    text_add_string(&out, ">\n  <testsuite");
    add_attribute(&out, "name", t->options.sources.items[0]);
    add_counts(&out, t);
    text_add_format(&out, " skipped=\"%zu\"", count_skipped(t));
    add_attribute(&out, "timestamp", when);
    add_attribute(&out, "hostname", host);
    text_add_string(&out, ">\n");
    for (size_t i = 0; i < t->n_cases; i++) {
        add_junit_case(&out, t, &t->cases[i]);
    }
    text_add_string(&out, "  </testsuite>\n</testsuites>\n");
    write_file(t, t->options.junit, &out);
    text_clear(&out);
}

/* A # would begin a directive. */
static void add_tap_name(struct text *out, const char *name)
{
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '#' || *p == '\\') {
            text_add_char(out, '\\');
        }
        text_add(out, *p == '\n' ? " " : p, 1);
    }
}

static void add_tap_case(struct text *out,
                         const struct test_case *c,
                         size_t number)
{
    bool bad = verdict_is_bad(c->verdict);

    text_add_format(out, "%s %zu - ", bad ? "not ok" : "ok", number);
    add_tap_name(out, c->test->name);
    if (!c->is_over || c->verdict == VERDICT_SKIP ||
        c->verdict == VERDICT_DISABLED || c->verdict == VERDICT_CANCELLED) {
        text_add_string(out, " # SKIP ");
        text_add_string(out, !c->is_over || c->verdict == VERDICT_CANCELLED
                                 ? "the run was stopped"
                             : c->reason.size > 0 ? text_string(&c->reason)
                                                  : "disabled");
    }
    text_add_char(out, '\n');
    if (bad) {
        text_add_string(out, "  ---\n  message: ");
        json_add_string(
            out, text_string(&c->reason),
            utf8_valid_size(text_string(&c->reason), c->reason.size));
        text_add_format(out, "\n  verdict: %s\n  duration_ms: %.3f\n  ...\n",
                        verdict_word(c->verdict), (double)c->duration_ns / 1e6);
    }
}

void test_report_tap(struct testing *t)
{
    struct text out = { 0 };

    if (t->options.tap == NULL) {
        return;
    }
    text_add_format(&out, "TAP version 14\n1..%zu\n", t->n_cases);
    for (size_t i = 0; i < t->n_cases; i++) {
        add_tap_case(&out, &t->cases[i], i + 1);
    }
    write_file(t, t->options.tap, &out);
    text_clear(&out);
}

void test_report_case(struct testing *t, const struct test_case *c)
{
    struct text *out = &t->events.lines;

    if (t->events.name == NULL) {
        return;
    }
    text_add_format(out, "{\"number\":%zu,",
                    (size_t)(c->test - t->suite.tests) + 1);
    json_add_text(out, "name", c->test->name, strlen(c->test->name));
    if (t->options.stress > 1) {
        text_add_format(out, ",\"iteration\":%u", c->iteration);
    }
    text_add_format(out, ",\"verdict\":\"%s\",", verdict_word(c->verdict));
    json_add_text(out, "reason", text_string(&c->reason), c->reason.size);
    text_add_format(out, ",\"attempts\":%u", c->attempts);
    if (c->attempts > 0) {
        json_add_seconds(out, "start", c->start_ns);
        json_add_seconds(out, "runtime", c->duration_ns);
        json_add_seconds(out, "cpu", c->cpu_ns);
        text_add_format(
            out, ",\"max_rss_bytes\":%" PRIu64 ",\"slot\":%u,\"leaked\":%s",
            c->rss_bytes, c->slot, c->leaked ? "true" : "false");
    }
    if (t->descriptors != NULL) {
        test_descriptors_add_json(t, c, out);
    }
    text_add_string(out, "}\n");
    logfile_flush(&t->events, &t->writer);
    if (t->events.error < 0) {
        const char *name = t->events.name;

        t->events.name = NULL;
        test_fail(t, TEST_STATUS_OURS, "cannot write '%s': %s", name,
                  brood_strerror(t->events.error));
        test_kill(t);
    }
}
