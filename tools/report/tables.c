/*
 * tables - HTML of the tables. They can be read as they are; the page's script
 * puts lines that open in the place of those without a past, and draws what
 * is a word here (see page/past.js).
 */
#include <inttypes.h>
#include <string.h>

#include "report/report.h"

enum {
    NAME_MAX_BYTES = 200,
    COLUMN_NAME = 0,
    COLUMN_COMMAND,
    COLUMN_REASON,
    TIME_SIZE = 32,
};

#define US_PER_S  1e6
#define NS_PER_US INT64_C(1000)
#define NS_PER_S  INT64_C(1000000000)
#define PERCENT   100

static const struct {
    const char *id;
    const char *title;
    /** The last column. */
    const char *value;
    const char *note;
} tables[REPORT_TABLES] = {
    [REPORT_FAILED] = { "failed", "Failed", "took", "" },
    [REPORT_FLAKY] = { "flaky", "Flaky and changing", "flaky",
                       "Passed only when tried again, or went from passing to "
                       "failing and back. The last column is the share of its "
                       "runs with one of these." },
    [REPORT_SLOWER] = { "slower", "Slower than usual", "took",
                        "More than twice the median of the runs in which it "
                        "passed, and 0.1 s more." },
    [REPORT_SLOWEST] = { "slowest", "Slowest", "took", "" },
};

/* Bytes as text of HTML, or as a value in quotes. */
static void add_escaped(struct text *out, const char *data, size_t size)
{
    struct text clean = { 0 };

    report_add_clean(&clean, data, size);
    for (size_t i = 0; i < clean.size; i++) {
        switch (clean.data[i]) {
        case '&':
            text_add_string(out, "&amp;");
            break;
        case '<':
            text_add_string(out, "&lt;");
            break;
        case '"':
            text_add_string(out, "&quot;");
            break;
        default:
            text_add_char(out, clean.data[i]);
            break;
        }
    }
    text_clear(&clean);
}

static void add_column(struct text *out, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    size_t size = text == NULL ? 0 : (size_t)sqlite3_column_bytes(row, column);

    add_escaped(out, text, size < NAME_MAX_BYTES ? size : NAME_MAX_BYTES);
}

/* Where the job's panel is. The name is what a link to it has, since it stays
 * the same in other runs. */
static void add_link(struct text *out,
                     sqlite3_stmt *row,
                     const struct report_job *job)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    const unsigned char *name = sqlite3_column_text(row, COLUMN_NAME);

    if (name == NULL || *name == '\0') {
        text_add_format(out, "#job=%" PRIu64, job->seq);
        return;
    }
    text_add_string(out, "#test=");
    for (; *name != '\0'; name++) {
        if (strchr(plain, *name) != NULL) {
            text_add_char(out, (char)*name);
        } else {
            text_add_format(out, "%%%02X", *name);
        }
    }
}

static void add_sentence(struct text *out, const struct past_numbers *n)
{
    text_add_format(out, "failed %u of %u, flaky %u of %u, changed %u time%s",
                    n->failed, n->ran, n->flaky, n->ran, n->changed,
                    n->changed == 1 ? "" : "s");
}

static void add_why(struct text *out,
                    sqlite3_stmt *row,
                    enum report_table table,
                    const struct report_job *job,
                    const struct report_past *past)
{
    text_add_string(out, "<small>");
    if (table == REPORT_FLAKY) {
        add_sentence(out, &past->numbers);
    } else if (table == REPORT_SLOWER) {
        text_add_format(out, "%.1f times as long as usual",
                        (double)(job->duration_us * NS_PER_US) /
                            (double)(past->numbers.median_ns + 1));
    } else {
        text_add_string(out, store_outcome_name(job->outcome));
        if (sqlite3_column_type(row, COLUMN_REASON) != SQLITE_NULL) {
            text_add_string(out, ": ");
            add_column(out, row, COLUMN_REASON);
        }
    }
    text_add_string(out, "</small>");
}

static void add_past(struct text *out, const struct report_past *past)
{
    text_add_string(out, "<td class=\"past\">");
    text_add_string(out, past == NULL ? "" : past->past.ends);
    text_add_string(out, "</td><td class=\"usual\">");
    if (past != NULL && past->numbers.median_ns >= 0) {
        text_add_format(out, "%.3f s",
                        (double)past->numbers.median_ns / (double)NS_PER_S);
    }
    text_add_string(out, "</td>");
}

static void add_row(const struct report *report,
                    enum report_table table,
                    const struct report_row *at,
                    sqlite3_stmt *row,
                    struct text *out)
{
    const struct report_job *job = &report->jobs[at->job];
    const struct report_past *past = report_past_of(report, job);
    bool is_named = sqlite3_column_bytes(row, COLUMN_NAME) > 0;

    text_add_format(out, "<tr data-job=\"%zu\"><td><a href=\"", at->listed);
    add_link(out, row, job);
    text_add_string(out, "\"><code>");
    add_column(out, row, is_named ? COLUMN_NAME : COLUMN_COMMAND);
    text_add_string(out, "</code></a> ");
    add_why(out, row, table, job, past);
    text_add_string(out, "</td>");
    if (report->runs.n > 1) {
        add_past(out, past);
    }
    if (table == REPORT_FLAKY) {
        text_add_format(out, "<td class=\"value\">%.0f %%</td></tr>\n",
                        PERCENT * past_flakiness(&past->numbers));
    } else {
        text_add_format(out, "<td class=\"value\">%.3f s</td></tr>\n",
                        (double)job->duration_us / US_PER_S);
    }
}

static int add_rows(struct report *report,
                    enum report_table table,
                    struct text *out)
{
    const struct report_rows *rows = &report->tables[table];
    sqlite3_stmt *row =
        report_prepare(report, "SELECT name, command, reason FROM results"
                               " JOIN jobs USING (job) WHERE result = ?1");
    int step = SQLITE_ROW;

    for (size_t i = 0; row != NULL && i < rows->n && step == SQLITE_ROW; i++) {
        (void)sqlite3_reset(row);
        (void)sqlite3_bind_int64(row, 1,
                                 report->jobs[rows->rows[i].job].result);
        step = sqlite3_step(row);
        if (step == SQLITE_ROW) {
            add_row(report, table, &rows->rows[i], row, out);
        }
    }
    return report_finish(report, row, step);
}

static int add_table(struct report *report,
                     enum report_table table,
                     struct text *out)
{
    const struct report_rows *rows = &report->tables[table];
    /* Not all that failed are listed. */
    size_t n_all =
        table == REPORT_FAILED ? report->shape.n_failed : rows->n_all;
    int r;

    text_add_format(out, "<section class=\"card\" id=\"%s\"><h2>%s</h2>",
                    tables[table].id, tables[table].title);
    if (rows->n < n_all && table != REPORT_SLOWEST) {
        text_add_format(out, "<p class=\"note\">%s The first %zu of %zu.</p>",
                        tables[table].note, rows->n, n_all);
    } else if (tables[table].note[0] != '\0') {
        text_add_format(out, "<p class=\"note\">%s</p>", tables[table].note);
    }
    text_add_string(out, "<div><table><thead><tr><th>job</th>");
    if (report->runs.n > 1) {
        text_add_format(out,
                        "<th class=\"past\">last %u runs</th><th "
                        "class=\"usual\">median</th>",
                        report->runs.n);
    }
    text_add_format(out, "<th class=\"value\">%s</th></tr></thead><tbody>\n",
                    tables[table].value);
    r = add_rows(report, table, out);
    text_add_string(out, "</tbody></table></div></section>\n");
    return r;
}

static void add_bounds(const struct report *report, struct text *out)
{
    if (report->n_jobs == 0) {
        return;
    }
    text_add_string(out, "<p class=\"note\" id=\"bounds\">");
    if (report->n_jobs > REPORT_LISTED_MAX) {
        text_add_format(out,
                        "Without what jobs did in earlier runs: there are "
                        "more than %d.",
                        REPORT_LISTED_MAX);
    } else if (report->runs.n > 1) {
        text_add_format(
            out,
            "Histories are of the last runs with results, %d at the most: here "
            "%u, from run %" PRId64 " to %" PRId64
            ". How long a job took in earlier runs is in this page for those "
            "in "
            "the tables, and for the %d that failed or took longest.",
            PAST_RUNS_MAX, report->runs.n, report->runs.runs[0].run,
            report->runs.runs[report->runs.n - 1].run, REPORT_TIMED_MAX);
        text_add_string(
            out, "<noscript> The letters are runs, the latest last: p passed, "
                 "y passed when tried again, f failed, c crashed, t timed out, "
                 "n not started, l lost, s skipped, x cancelled, - not in that "
                 "run.</noscript>");
    }
    text_add_string(out, "</p>\n");
}

int report_tables(struct report *report, struct text *out)
{
    int r = 0;

    for (int t = 0; t < REPORT_TABLES && r == 0; t++) {
        if (report->tables[t].n > 0) {
            r = add_table(report, (enum report_table)t, out);
        }
    }
    add_bounds(report, out);
    return r;
}
