#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "file.h"
#include "report/page.h"

enum {
    FILE_MODE = 0600,
};

#define NS_PER_US INT64_C(1000)

void report_fail(struct report *report)
{
    if (report->status != REPORT_STATUS_RECORD) {
        (void)fprintf(stderr, "brood report: %s\n",
                      text_string(&report->reader.error));
        report->status = REPORT_STATUS_RECORD;
    }
}

sqlite3_stmt *report_prepare(struct report *report, const char *sql)
{
    sqlite3_stmt *row = store_reader_prepare(&report->reader, sql);

    if (row == NULL) {
        report_fail(report);
    }
    return row;
}

int report_finish(struct report *report, sqlite3_stmt *row, int step)
{
    if (row != NULL && step != SQLITE_DONE && step != SQLITE_ROW) {
        store_reader_fail(&report->reader);
        report_fail(report);
    }
    (void)sqlite3_finalize(row);
    return report->status == REPORT_STATUS_RECORD ? -1 : 0;
}

static void fail_output(struct report *report, int error)
{
    (void)fprintf(stderr, "brood report: cannot write '%s': %s\n",
                  report->options.out == NULL ? "standard output"
                                              : report->options.out,
                  brood_strerror(error));
    report->status = REPORT_STATUS_RECORD;
}

/* JSON in a page must not end its element: nothing of it needs a '<' as such. */
static void escape(const struct text *data, struct text *ret)
{
    const char *at = text_string(data);
    const char *end = at + data->size;

    while (at < end) {
        const char *angle = memchr(at, '<', (size_t)(end - at));
        const char *stop = angle == NULL ? end : angle;

        text_add(ret, at, (size_t)(stop - at));
        text_add_string(ret, angle == NULL ? "" : "\\u003c");
        at = angle == NULL ? end : angle + 1;
    }
}

static void fill_page(const struct text *tables,
                      const struct text *data,
                      struct text *page)
{
    const struct {
        const char *mark;
        const void *text;
        size_t size;
    } parts[] = {
        { "@CSS@", page_css, page_css_size },
        { "@TABLES@", tables->data, tables->size },
        { "@DATA@", data->data, data->size },
        { "@PAST@", past_js, past_js_size },
        { "@JS@", page_js, page_js_size },
    };
    const char *at = (const char *)page_html;
    const char *end = at + page_html_size;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t size = strlen(parts[i].mark);
        const char *mark = memmem(at, (size_t)(end - at), parts[i].mark, size);

        text_add(page, at, (size_t)(mark - at));
        text_add(page, parts[i].text, parts[i].size);
        at = mark + size;
    }
    text_add(page, at, (size_t)(end - at));
}

static void write_page(struct report *report, const struct text *page)
{
    const char *path = report->options.out;
    int r = path == NULL ? file_write_all(STDOUT_FILENO, page->data, page->size)
                         : file_write(path, FILE_MODE, page);

    if (r < 0) {
        fail_output(report, r);
    }
}

static void make_page(struct report *report)
{
    struct text data = { 0 };
    struct text escaped = { 0 };
    struct text tables = { 0 };
    struct text page = { 0 };

    if (report_data(report, &data) == 0 &&
        report_tables(report, &tables) == 0) {
        escape(&data, &escaped);
        fill_page(&tables, &escaped, &page);
        write_page(report, &page);
    }
    text_clear(&data);
    text_clear(&escaped);
    text_clear(&tables);
    text_clear(&page);
}

static void make_report(struct report *report)
{
    int64_t span_us = report->end_ns > report->start_ns
                          ? (report->end_ns - report->start_ns) / NS_PER_US
                          : 0;

    if (report_gather(report) < 0) {
        return;
    }
    report_shape(report->jobs, report->n_jobs, span_us, &report->shape);
    report->n_listed =
        report_pick(report->jobs, report->n_jobs, REPORT_LISTED_MAX);
    if (report_read_past(report) == 0) {
        report_choose(report);
        make_page(report);
    }
}

int report_main(int argc, char **argv)
{
    struct report report = { 0 };
    int r;

    r = report_options_read(argc, argv, &report.options);
    if (r != 0) {
        return r < 0 ? REPORT_STATUS_USAGE : 0;
    }
    if (store_reader_open(&report.reader, report.options.file) < 0) {
        report_fail(&report);
    } else if (report_find_run(&report)) {
        make_report(&report);
    } else if (report.status == 0) {
        (void)fprintf(stderr, "brood report: there is no such run in '%s'\n",
                      text_string(&report.reader.path));
        report.status = REPORT_STATUS_NONE;
    }
    store_reader_close(&report.reader);
    for (int t = 0; t < REPORT_TABLES; t++) {
        free(report.tables[t].rows);
    }
    free(report.pasts);
    free(report.jobs);
    return report.status;
}
