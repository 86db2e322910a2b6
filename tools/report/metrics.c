/* metrics - what jobs have measured while they ran, for the page. */
#include <inttypes.h>
#include <string.h>

#include "report/report.h"

enum {
    SERIES_MAX = 200,
    SERIES_POINTS = 200,
};

#define NS_PER_US INT64_C(1000)

/* What a job has measured under one name. */
struct series {
    uint64_t seq;
    struct text name;
    struct text job;
    struct text points; /* struct point */
};

struct point {
    int64_t us;
    double value;
};

/* The points, every k-th of many, and the last. */
static void add_series(struct text *out, struct series *s, unsigned *n)
{
    size_t count = s->points.size / sizeof(struct point);
    size_t step = count / SERIES_POINTS + 1;
    const char *before = "";

    if (count > 0 && (*n)++ < SERIES_MAX) {
        text_add_string(out, *n > 1 ? ",{\"name\":" : "{\"name\":");
        report_add_string(out, text_string(&s->name), s->name.size);
        text_add_string(out, ",\"job\":");
        report_add_string(out, text_string(&s->job), s->job.size);
        text_add_string(out, ",\"points\":[");
        for (size_t i = 0; i < count; i++) {
            struct point p;

            memcpy(&p, s->points.data + i * sizeof(p), sizeof(p));
            if (i % step == 0 || i + 1 == count) {
                text_add_format(out, "%s[%" PRId64 ",%.9g]", before, p.us,
                                p.value);
                before = ",";
            }
        }
        text_add_string(out, "]}");
    }
    text_reset(&s->points);
}

static void read_point(const struct report *report,
                       sqlite3_stmt *row,
                       struct text *out,
                       struct series *s,
                       unsigned *n)
{
    struct point p = { .us = (sqlite3_column_int64(row, 2) - report->start_ns) /
                             NS_PER_US,
                       .value = sqlite3_column_double(row, 3) };
    uint64_t seq = (uint64_t)sqlite3_column_int64(row, 0);
    const char *name = (const char *)sqlite3_column_text(row, 1);
    const char *job = (const char *)sqlite3_column_text(row, 4);

    name = name == NULL ? "" : name;
    if (seq != s->seq || strcmp(name, text_string(&s->name)) != 0) {
        add_series(out, s, n);
        s->seq = seq;
        text_reset(&s->name);
        text_add_string(&s->name, name);
        text_reset(&s->job);
        text_add_string(&s->job, job == NULL ? "" : job);
    }
    text_add(&s->points, &p, sizeof(p));
}

int report_metrics(struct report *report, struct text *out)
{
    struct series s = { 0 };
    sqlite3_stmt *row = NULL;
    unsigned n = 0;
    int step = SQLITE_DONE;

    text_add_string(out, ",\"metrics\":[");
    if (store_reader_has_messages(&report->reader)) {
        row = report_prepare(
            report,
            "SELECT m.seq, m.name, m.time_ns, m.value,"
            " coalesce(j.name, substr(j.command, 1, 80)) FROM messages m"
            " LEFT JOIN results r ON r.run = m.run AND r.seq = m.seq"
            " LEFT JOIN jobs j ON j.job = r.job"
            " WHERE m.run = ?1 AND m.kind = 'metric'"
            " ORDER BY m.seq, m.name, m.message");
    }
    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, report->run);
    }
    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        read_point(report, row, out, &s, &n);
    }
    add_series(out, &s, &n);
    text_add_char(out, ']');
    text_clear(&s.name);
    text_clear(&s.job);
    text_clear(&s.points);
    return report_finish(report, row, step);
}
