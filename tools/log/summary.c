/* summary - one run in a few lines. */
#include <inttypes.h>
#include <string.h>

#include "log/log.h"

enum {
    FIRST = 5, /* jobs that are named */
    PERCENT = 100,
};

#define NS_PER_S  INT64_C(1000000000)
#define BYTES_MIB (1024.0 * 1024.0)

static const char run_sql[] =
    "SELECT run, start_ns, end_ns, status, ok, failed, skipped, known, slots,"
    " host, pid, dir, command, id FROM runs"
    " WHERE run = CASE WHEN ?1 > 0 THEN ?1 ELSE (SELECT max(run) FROM runs) "
    "END";

/* Of the jobs that were started. */
static const char sums_sql[] =
    "SELECT count(*), coalesce(sum(duration_ns), 0),"
    " coalesce(sum(user_ns + system_ns), 0), coalesce(max(max_rss_bytes), 0),"
    " coalesce(max(duration_ns), 0) FROM results WHERE run = ?1 AND start_ns > "
    "0";

static const char rank_sql[] =
    "SELECT duration_ns FROM results WHERE run = ?1 AND start_ns > 0"
    " ORDER BY duration_ns LIMIT 1 OFFSET ?2";

static const char outcomes_sql[] = "SELECT outcome, count(*) FROM results"
                                   " WHERE run = ?1 GROUP BY outcome"
                                   " ORDER BY count(*) DESC, outcome";

static const char failed_sql[] =
    "SELECT seq, coalesce(name, command), reason FROM results JOIN jobs USING"
    " (job) WHERE run = ?1 AND outcome != 'ok' AND outcome IN ('failed',"
    " 'signalled', 'timed out', 'not started', 'lost') ORDER BY seq LIMIT ?2";

static const char slowest_sql[] =
    "SELECT seq, coalesce(name, command), results.duration_ns FROM results"
    " JOIN jobs USING (job) WHERE run = ?1 AND start_ns > 0"
    " ORDER BY results.duration_ns DESC LIMIT ?2";

struct summary {
    int64_t run;
    int64_t start_ns;
    int64_t end_ns; /* 0: none */
    int64_t slots;
    int64_t n_started;
    int64_t busy_ns;
    int64_t cpu_ns;
    int64_t peak_rss;
    int64_t longest_ns;
    int64_t median_ns;
    int64_t ninth_ns; /* nine of ten took no longer */
};

/* A statement about the run, with a second number. */
static sqlite3_stmt *about(struct log *log,
                           const char *sql,
                           int64_t run,
                           int64_t second)
{
    sqlite3_stmt *row = store_reader_prepare(&log->reader, sql);

    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, run);
        (void)sqlite3_bind_int64(row, 2, second);
    } else {
        log_fail(log);
    }
    return row;
}

static int64_t rank(struct log *log, const struct summary *s, int64_t offset)
{
    sqlite3_stmt *row = about(log, rank_sql, s->run, offset);
    int64_t ns = 0;

    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        ns = sqlite3_column_int64(row, 0);
    }
    (void)sqlite3_finalize(row);
    return ns;
}

static void read_sums(struct log *log, struct summary *s)
{
    sqlite3_stmt *row = about(log, sums_sql, s->run, 0);

    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        s->n_started = sqlite3_column_int64(row, 0);
        s->busy_ns = sqlite3_column_int64(row, 1);
        s->cpu_ns = sqlite3_column_int64(row, 2);
        s->peak_rss = sqlite3_column_int64(row, 3);
        s->longest_ns = sqlite3_column_int64(row, 4);
    }
    (void)sqlite3_finalize(row);
    if (s->n_started > 0) {
        s->median_ns = rank(log, s, (s->n_started - 1) / 2);
        s->ninth_ns = rank(log, s, (s->n_started - 1) * 9 / 10);
    }
}

static void add_text(struct log *log,
                     const char *name,
                     sqlite3_stmt *row,
                     int at)
{
    const char *text = (const char *)sqlite3_column_text(row, at);

    if (text != NULL) {
        text_add_format(&log->out, "%-10s ", name);
        log_add_line(&log->out, text);
    }
}

static void add_head(struct log *log,
                     const struct summary *s,
                     sqlite3_stmt *row)
{
    text_add_format(&log->out, "run        %" PRId64 ", ", s->run);
    log_add_time(&log->out, s->start_ns);
    if (s->end_ns == 0) {
        text_add_string(&log->out, ", running, or killed\n");
    } else {
        text_add_string(&log->out, ", ");
        log_add_seconds(&log->out, s->end_ns - s->start_ns);
        if (sqlite3_column_type(row, 3) == SQLITE_NULL) {
            text_add_string(&log->out, ", killed\n");
        } else {
            text_add_format(&log->out, ", status %d\n",
                            sqlite3_column_int(row, 3));
        }
    }
    add_text(log, "command", row, 12);
    add_text(log, "directory", row, 11);
    add_text(log, "host", row, 9);
}

static void add_outcomes(struct log *log,
                         const struct summary *s,
                         int64_t known)
{
    sqlite3_stmt *row = about(log, outcomes_sql, s->run, 0);
    const char *before = "jobs       ";

    while (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        text_add_format(&log->out, "%s%lld %s", before,
                        (long long)sqlite3_column_int64(row, 1),
                        (const char *)sqlite3_column_text(row, 0));
        before = ", ";
    }
    (void)sqlite3_finalize(row);
    if (known > 0) {
        text_add_format(&log->out, "%s%" PRId64 " done before", before, known);
        before = ", ";
    }
    text_add_string(&log->out, *before == 'j' ? "jobs       none\n" : "\n");
}

static void add_sums(struct log *log, const struct summary *s)
{
    int64_t span_ns = s->end_ns - s->start_ns;

    if (s->n_started == 0) {
        return;
    }
    if (span_ns > 0 && s->slots > 0) {
        text_add_format(&log->out,
                        "slots      %" PRId64 ", %.0f%% busy, %.2f processors "
                        "used\n",
                        s->slots,
                        PERCENT * (double)s->busy_ns / (double)span_ns /
                            (double)s->slots,
                        (double)s->cpu_ns / (double)span_ns);
    }
    text_add_string(&log->out, "durations  median ");
    log_add_seconds(&log->out, s->median_ns);
    text_add_string(&log->out, ", 9 of 10 within ");
    log_add_seconds(&log->out, s->ninth_ns);
    text_add_string(&log->out, ", longest ");
    log_add_seconds(&log->out, s->longest_ns);
    text_add_format(&log->out, "\nmemory     up to %.1f MiB\n",
                    (double)s->peak_rss / BYTES_MIB);
}

/* A few jobs, with the reason or the time in the last column. */
static void add_jobs(struct log *log,
                     const struct summary *s,
                     const char *name,
                     const char *sql)
{
    sqlite3_stmt *row = about(log, sql, s->run, FIRST);

    for (; row != NULL && sqlite3_step(row) == SQLITE_ROW; name = "") {
        const char *job = (const char *)sqlite3_column_text(row, 1);
        const char *reason = (const char *)sqlite3_column_text(row, 2);

        text_add_format(&log->out, "%-10s %lld  ", name,
                        (long long)sqlite3_column_int64(row, 0));
        if (sqlite3_column_type(row, 2) == SQLITE_INTEGER) {
            log_add_seconds(&log->out, sqlite3_column_int64(row, 2));
            text_add_string(&log->out, "  ");
        } else if (reason != NULL) {
            text_add_format(&log->out, "(%s)  ", reason);
        }
        log_add_line(&log->out, job == NULL ? "" : job);
    }
    (void)sqlite3_finalize(row);
}

static void add_json(struct log *log,
                     const struct summary *s,
                     sqlite3_stmt *row)
{
    log_add_json(log, row, 0);
    text_add_format(&log->out,
                    ",\"started\":%" PRId64 ",\"busy_ns\":%" PRId64
                    ",\"cpu_ns\":%" PRId64 ",\"peak_rss_bytes\":%" PRId64
                    ",\"median_ns\":%" PRId64 ",\"ninth_ns\":%" PRId64
                    ",\"longest_ns\":%" PRId64 "}\n",
                    s->n_started, s->busy_ns, s->cpu_ns, s->peak_rss,
                    s->median_ns, s->ninth_ns, s->longest_ns);
}

uint64_t log_show_summary(struct log *log)
{
    sqlite3_stmt *row = about(log, run_sql, log->options.run, 0);
    struct summary s = { 0 };
    int step = row == NULL ? SQLITE_ERROR : sqlite3_step(row);

    if (step == SQLITE_ROW) {
        s.run = sqlite3_column_int64(row, 0);
        s.start_ns = sqlite3_column_int64(row, 1);
        s.end_ns = sqlite3_column_int64(row, 2);
        s.slots = sqlite3_column_int64(row, 8);
        read_sums(log, &s);
        if (log->options.json) {
            add_json(log, &s, row);
        } else {
            add_head(log, &s, row);
            add_outcomes(log, &s, sqlite3_column_int64(row, 7));
            add_sums(log, &s);
            add_jobs(log, &s, "failed", failed_sql);
            add_jobs(log, &s, "slowest", slowest_sql);
        }
    } else if (step != SQLITE_DONE) {
        log_check(log, row, step);
    }
    (void)sqlite3_finalize(row);
    return step == SQLITE_ROW;
}
