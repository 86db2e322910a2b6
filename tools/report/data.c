/* data - what the page shows, as JSON: jobs as columns of equal length. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <brood.h>

#include "json.h"
#include "report/report.h"
#include "run/utf8.h"

enum {
    COMMAND_MAX_BYTES = 2000,
};

void report_add_clean(struct text *out, const char *data, size_t size)
{
    while (size > 0) {
        size_t n = utf8_valid_size(data, size);

        text_add(out, data, n);
        if (n < size) {
            text_add_string(out, "\xef\xbf\xbd");
            n++;
        }
        data += n;
        size -= n;
    }
}

void report_add_string(struct text *out, const char *data, size_t size)
{
    struct text text = { 0 };

    report_add_clean(&text, data, size);
    json_add_string(out, text_string(&text), text.size);
    text_clear(&text);
}

static void add_column_text(struct text *out,
                            sqlite3_stmt *row,
                            int column,
                            size_t max)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    size_t size = text == NULL ? 0 : (size_t)sqlite3_column_bytes(row, column);

    report_add_string(out, text, size < max ? size : max);
}

static void add_member(struct text *out, const char *name, int64_t value)
{
    text_add_format(out, ",\"%s\":%" PRId64, name, value);
}

static void add_key(struct text *out, const char *name)
{
    text_add_format(out, ",\"%s\":", name);
}

static int add_run(struct report *report, struct text *out)
{
    sqlite3_stmt *row =
        report_prepare(report, "SELECT run, start_ns, status, known, host, dir,"
                               " command, slots FROM runs WHERE run = ?1");
    int step = SQLITE_ERROR;

    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, report->run);
        step = sqlite3_step(row);
    }
    if (step == SQLITE_ROW) {
        const char *state = report->end_ns == 0 ? "running or killed"
                            : sqlite3_column_type(row, 2) == SQLITE_NULL
                                ? "killed"
                                : "finished";

        text_add_format(out, "\"state\":\"%s\",\"run\":{\"run\":%" PRId64,
                        state, report->run);
        add_member(out, "start_ns", sqlite3_column_int64(row, 1));
        add_member(out, "status", sqlite3_column_int64(row, 2));
        add_member(out, "known", sqlite3_column_int64(row, 3));
        add_member(out, "slots", sqlite3_column_int64(row, 7));
        add_key(out, "host");
        add_column_text(out, row, 4, COMMAND_MAX_BYTES);
        add_key(out, "dir");
        add_column_text(out, row, 5, COMMAND_MAX_BYTES);
        add_key(out, "command");
        add_column_text(out, row, 6, COMMAND_MAX_BYTES);
        text_add_char(out, '}');
    }
    return report_finish(report, row, step);
}

static void add_points(struct text *out, const char *name, const double *points)
{
    add_key(out, name);
    for (int i = 0; i < REPORT_POINTS; i++) {
        text_add_format(out, "%c%.6g", i == 0 ? '[' : ',', points[i]);
    }
    text_add_char(out, ']');
}

static void add_histogram(struct text *out, const uint64_t *bins)
{
    int first = 0;
    int last = REPORT_BINS - 1;

    add_key(out, "histogram");
    text_add_char(out, '[');
    while (first < last && bins[first] == 0) {
        first++;
    }
    while (last > first && bins[last] == 0) {
        last--;
    }
    for (int i = first; i <= last && bins[first] > 0; i++) {
        text_add_format(out, "%s[%.6g,%" PRIu64 ",%.6g]", i > first ? "," : "",
                        report_bin_us(i), bins[i], report_bin_us(i + 1));
    }
    text_add_char(out, ']');
}

static void add_shape(const struct report *report, struct text *out)
{
    const struct report_shape *s = &report->shape;

    add_member(out, "total", (int64_t)report->n_jobs);
    add_member(out, "failed", (int64_t)s->n_failed);
    add_member(out, "span_us", s->span_us);
    add_member(out, "busy_us", s->busy_us);
    add_member(out, "cpu_us", s->cpu_us);
    add_member(out, "peak_rss", s->peak_rss);
    add_key(out, "outcomes");
    for (int i = 0; i < STORE_OUTCOMES; i++) {
        text_add_format(out, "%c\"%s\"", i == 0 ? '[' : ',',
                        store_outcome_name(i));
    }
    text_add_string(out, "],\"failures\":");
    for (int i = 0; i < STORE_OUTCOMES; i++) {
        text_add_format(out, "%c%s", i == 0 ? '[' : ',',
                        store_outcome_is_failure(i) ? "true" : "false");
    }
    text_add_string(out, "],\"counts\":{");
    for (int i = 0; i < STORE_OUTCOMES; i++) {
        text_add_format(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "",
                        store_outcome_name(i), s->counts[i]);
    }
    text_add_char(out, '}');
    add_points(out, "running", s->running);
    add_points(out, "memory", s->memory);
    add_histogram(out, s->bins);
}

static int64_t number_of(const struct report_job *job, int column)
{
    const int64_t numbers[] = {
        (int64_t)job->seq, job->start_us, job->duration_us, job->cpu_us,
        job->rss_bytes,    job->slot,     job->outcome,     job->attempts,
    };

    return numbers[column];
}

static void add_numbers(const struct report *report, struct text *out)
{
    static const char *const names[] = {
        "seq", "start", "duration", "cpu", "rss", "slot", "outcome", "attempts"
    };

    for (int column = 0; column < 8; column++) {
        char before = '[';

        text_add_format(out, "%s\"%s\":", column > 0 ? "," : "", names[column]);
        for (size_t i = 0; i < report->n_jobs; i++) {
            if (report->jobs[i].is_listed) {
                text_add_format(out, "%c%" PRId64, before,
                                number_of(&report->jobs[i], column));
                before = ',';
            }
        }
        text_add_string(out, before == '[' ? "[]" : "]");
    }
}

/* The texts of the listed jobs, one column after the other. */
static int add_texts(struct report *report, struct text *out)
{
    static const char *const names[] = { "name", "command", "dir", "tags",
                                         "reason" };
    struct text columns[5] = { 0 };
    sqlite3_stmt *row = report_prepare(
        report, "SELECT name, command, dir, tags, reason FROM results"
                " JOIN jobs USING (job) WHERE result = ?1");
    int step = SQLITE_DONE;

    for (size_t i = 0; row != NULL && i < report->n_jobs; i++) {
        if (!report->jobs[i].is_listed) {
            continue;
        }
        (void)sqlite3_reset(row);
        (void)sqlite3_bind_int64(row, 1, report->jobs[i].result);
        step = sqlite3_step(row);
        if (step != SQLITE_ROW) {
            break;
        }
        for (int c = 0; c < 5; c++) {
            text_add_char(&columns[c], columns[c].size > 0 ? ',' : '[');
            add_column_text(&columns[c], row, c, COMMAND_MAX_BYTES);
        }
    }
    for (int c = 0; c < 5; c++) {
        add_key(out, names[c]);
        text_add_string(out, columns[c].size > 0 ? columns[c].data : "[");
        text_add_char(out, ']');
        text_clear(&columns[c]);
    }
    return report_finish(report, row, step);
}

static int add_jobs(struct report *report, struct text *out)
{
    int r;

    add_key(out, "jobs");
    text_add_char(out, '{');
    add_numbers(report, out);
    r = add_texts(report, out);
    text_add_char(out, '}');
    return r;
}

/* What the page is called: a directory by its own name, "." too. */
static void add_title(const struct report *report, struct text *out)
{
    const char *file = report->options.file;
    struct stat st;
    char *whole = stat(file, &st) == 0 && S_ISDIR(st.st_mode)
                      ? realpath(file, NULL)
                      : NULL;
    const char *title = whole == NULL ? file : strrchr(whole, '/') + 1;

    report_add_string(out, title, strlen(title));
    free(whole);
}

int report_data(struct report *report, struct text *out)
{
    int r;

    text_add_char(out, '{');
    r = add_run(report, out);
    text_add_format(out, ",\"version\":\"%s\",\"file\":", brood_version());
    add_title(report, out);
    add_shape(report, out);
    if (r == 0) {
        r = add_jobs(report, out);
    }
    report_add_past(report, out);
    if (r == 0) {
        r = report_outputs(report, out);
    }
    if (r == 0) {
        r = report_metrics(report, out);
    }
    text_add_char(out, '}');
    return r;
}
