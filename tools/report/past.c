/* past - how jobs have ended in this run and those before it. */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

/* A listed job, and what is known of its past. */
struct past {
    int64_t job;
    char ends[REPORT_HISTORY + 1];
    int n;
};

static const char sql[] =
    "SELECT job, outcome, attempts FROM results"
    " WHERE run > ?1 - ?2 AND run <= ?1 ORDER BY run, result";

static int by_job(const void *a, const void *b)
{
    const struct past *x = a;
    const struct past *y = b;

    return (x->job > y->job) - (x->job < y->job);
}

static struct past *find(struct past *pasts, size_t n, int64_t job)
{
    return bsearch(&(struct past){ .job = job }, pasts, n, sizeof(*pasts),
                   by_job);
}

static char letter_of(const char *outcome, int attempts)
{
    switch (store_outcome_find(outcome)) {
    case STORE_OK:
        return attempts > 1 ? 'y' : 'p';
    case STORE_SKIPPED:
        return 's';
    case STORE_CANCELLED:
        return '\0';
    default:
        return 'f';
    }
}

static void add_end(struct past *past, char letter)
{
    if (letter == '\0') {
        return;
    }
    if (past->n == REPORT_HISTORY) {
        memmove(past->ends, past->ends + 1, REPORT_HISTORY - 1);
        past->n--;
    }
    past->ends[past->n++] = letter;
}

static int read_past(struct report *report, struct past *pasts, size_t n)
{
    sqlite3_stmt *row = report_prepare(report, sql);
    int step = SQLITE_ERROR;

    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, report->run);
        (void)sqlite3_bind_int64(row, 2, REPORT_HISTORY);
    }
    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        struct past *past = find(pasts, n, sqlite3_column_int64(row, 0));

        if (past != NULL) {
            add_end(past, letter_of((const char *)sqlite3_column_text(row, 1),
                                    sqlite3_column_int(row, 2)));
        }
    }
    return report_finish(report, row, step);
}

int report_history(struct report *report, struct text *out)
{
    struct past *pasts = calloc(report->n_listed + 1, sizeof(*pasts));
    char before = '[';
    size_t n = 0;
    int r = 0;

    if (pasts == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < report->n_jobs; i++) {
        if (report->jobs[i].is_listed) {
            pasts[n++].job = report->jobs[i].job;
        }
    }
    qsort(pasts, n, sizeof(*pasts), by_job);
    /* Of a million jobs in each of thirty runs it would take too long. */
    if (report->n_jobs <= REPORT_LISTED_MAX) {
        r = read_past(report, pasts, n);
    }
    text_add_string(out, ",\"history\":");
    for (size_t i = 0; i < report->n_jobs; i++) {
        const struct past *past;

        if (report->jobs[i].is_listed) {
            past = find(pasts, n, report->jobs[i].job);
            text_add_format(out, "%c\"%s\"", before,
                            past == NULL ? "" : past->ends);
            before = ',';
        }
    }
    text_add_string(out, before == '[' ? "[]" : "]");
    free(pasts);
    return r;
}
