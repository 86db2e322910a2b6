/* summary - one run in a few lines. */
#include <inttypes.h>
#include <stdlib.h>

#include "log/log.h"
#include "store/outcome.h"

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

/* All that is counted, in one pass. */
static const char results_sql[] =
    "SELECT outcome, start_ns, duration_ns, user_ns + system_ns, max_rss_bytes,"
    " result FROM results WHERE run = ?1";

static const char slowest_sql[] =
    "SELECT seq, coalesce(name, command), results.duration_ns FROM results"
    " JOIN jobs USING (job) WHERE result = ?1";

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
    uint64_t counts[STORE_OUTCOMES];
    /** The rows of the slowest, the slowest first. */
    struct {
        int64_t result;
        int64_t duration_ns;
    } slowest[FIRST];
    int n_slowest;
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

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void note_slow(struct summary *s, int64_t result, int64_t duration_ns)
{
    int at = s->n_slowest;

    if (at == FIRST && s->slowest[at - 1].duration_ns >= duration_ns) {
        return;
    }
    if (at == FIRST) {
        at--;
    } else {
        s->n_slowest++;
    }
    while (at > 0 && s->slowest[at - 1].duration_ns < duration_ns) {
        s->slowest[at] = s->slowest[at - 1];
        at--;
    }
    s->slowest[at].result = result;
    s->slowest[at].duration_ns = duration_ns;
}

static void add_started(struct summary *s,
                        sqlite3_stmt *row,
                        struct text *durations)
{
    int64_t duration_ns = sqlite3_column_int64(row, 2);
    int64_t rss = sqlite3_column_int64(row, 4);

    text_add(durations, &duration_ns, sizeof(duration_ns));
    note_slow(s, sqlite3_column_int64(row, 5), duration_ns);
    s->n_started++;
    s->busy_ns += duration_ns;
    s->cpu_ns += sqlite3_column_int64(row, 3);
    s->peak_rss = rss > s->peak_rss ? rss : s->peak_rss;
}

static void read_sums(struct log *log, struct summary *s)
{
    sqlite3_stmt *row = about(log, results_sql, s->run, 0);
    struct text durations = { 0 };
    int64_t *sorted;
    int step = SQLITE_ERROR;

    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        enum store_outcome outcome =
            store_outcome_find((const char *)sqlite3_column_text(row, 0));

        if (outcome != STORE_OUTCOMES) {
            s->counts[outcome]++;
        }
        if (sqlite3_column_int64(row, 1) > 0) {
            add_started(s, row, &durations);
        }
    }
    log_check(log, row, step);
    (void)sqlite3_finalize(row);
    if (durations.data != NULL) {
        size_t n = durations.size / sizeof(*sorted);

        sorted = (int64_t *)(void *)durations.data;
        qsort(sorted, n, sizeof(*sorted), compare);
        s->median_ns = sorted[(n - 1) / 2];
        s->ninth_ns = sorted[(n - 1) * 9 / 10];
        s->longest_ns = sorted[n - 1];
    }
    text_clear(&durations);
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
    const char *before = "jobs       ";

    for (int i = 0; i < STORE_OUTCOMES; i++) {
        if (s->counts[i] > 0) {
            text_add_format(&log->out, "%s%" PRIu64 " %s", before, s->counts[i],
                            store_outcome_name(i));
            before = ", ";
        }
    }
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

/* A job, with the reason or the time before its name. */
static void add_job(struct log *log, const char *name, sqlite3_stmt *row)
{
    const char *job = (const char *)sqlite3_column_text(row, 1);
    const char *reason = (const char *)sqlite3_column_text(row, 2);

    text_add_format(&log->out, "%-10s %lld  ", name,
                    (long long)sqlite3_column_int64(row, 0));
    if (sqlite3_column_type(row, 2) == SQLITE_INTEGER) {
        log_add_seconds(&log->out, sqlite3_column_int64(row, 2));
        text_add_string(&log->out, "  ");
    } else if (reason != NULL) {
        log_add_reason(&log->out, reason);
    }
    log_add_line(&log->out, job == NULL ? "" : job);
}

static void add_failed(struct log *log, const struct summary *s)
{
    struct text sql = { 0 };
    const char *name = "failed";
    sqlite3_stmt *row;

    text_add_string(&sql, "SELECT seq, coalesce(name, command), reason"
                          " FROM results JOIN jobs USING (job)"
                          " WHERE run = ?1 AND ");
    store_outcome_add_failures(&sql);
    text_add_string(&sql, " ORDER BY seq LIMIT ?2");
    row = about(log, text_string(&sql), s->run, FIRST);
    text_clear(&sql);
    for (; row != NULL && sqlite3_step(row) == SQLITE_ROW; name = "") {
        add_job(log, name, row);
    }
    (void)sqlite3_finalize(row);
}

static void add_slowest(struct log *log, const struct summary *s)
{
    for (int i = 0; i < s->n_slowest; i++) {
        sqlite3_stmt *row = about(log, slowest_sql, s->slowest[i].result, 0);

        if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
            add_job(log, i == 0 ? "slowest" : "", row);
        }
        (void)sqlite3_finalize(row);
    }
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
            add_failed(log, &s);
            add_slowest(log, &s);
        }
    } else if (step != SQLITE_DONE) {
        log_check(log, row, step);
    }
    (void)sqlite3_finalize(row);
    return step == SQLITE_ROW;
}
