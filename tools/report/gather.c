/* gather - the numbers of a run's jobs, from the record. */
#include <stdlib.h>

#include "report/report.h"

enum {
    ROOM_FIRST = 1024,
};

#define NS_PER_US INT64_C(1000)

static const char run_sql[] =
    "SELECT run, start_ns, end_ns FROM runs"
    " WHERE run = CASE WHEN ?1 < 0 THEN (SELECT max(run) FROM runs) ELSE ?1 "
    "END";

static const char jobs_sql[] =
    "SELECT result, seq, outcome, start_ns, duration_ns, user_ns + system_ns,"
    " max_rss_bytes, slot, attempts, job FROM results WHERE run = ?1 ORDER BY "
    "seq";

enum {
    COLUMN_RESULT,
    COLUMN_SEQ,
    COLUMN_OUTCOME,
    COLUMN_START,
    COLUMN_DURATION,
    COLUMN_CPU,
    COLUMN_RSS,
    COLUMN_SLOT,
    COLUMN_ATTEMPTS,
    COLUMN_JOB,
};

bool report_find_run(struct report *report)
{
    sqlite3_stmt *row = report_prepare(report, run_sql);
    int step = SQLITE_ERROR;

    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, report->options.run);
        step = sqlite3_step(row);
    }
    if (step == SQLITE_ROW) {
        report->run = sqlite3_column_int64(row, 0);
        report->start_ns = sqlite3_column_int64(row, 1);
        report->end_ns = sqlite3_column_int64(row, 2);
    }
    return report_finish(report, row, step) == 0 && step == SQLITE_ROW;
}

/* A word that is not known counts as lost. */
static enum store_outcome outcome_of(const char *name)
{
    enum store_outcome outcome = store_outcome_find(name);

    return outcome == STORE_OUTCOMES ? STORE_LOST : outcome;
}

static void read_job(const struct report *report,
                     sqlite3_stmt *row,
                     struct report_job *ret)
{
    int64_t start_ns = sqlite3_column_int64(row, COLUMN_START);

    *ret = (struct report_job){
        .result = sqlite3_column_int64(row, COLUMN_RESULT),
        .job = sqlite3_column_int64(row, COLUMN_JOB),
        .seq = (uint64_t)sqlite3_column_int64(row, COLUMN_SEQ),
        .start_us = -1,
        .slot = (unsigned)sqlite3_column_int(row, COLUMN_SLOT),
        .outcome =
            outcome_of((const char *)sqlite3_column_text(row, COLUMN_OUTCOME)),
        .attempts = (unsigned)sqlite3_column_int(row, COLUMN_ATTEMPTS),
    };
    if (start_ns == 0) {
        return;
    }
    /* The clock may have been set back meanwhile. */
    ret->start_us = start_ns < report->start_ns
                        ? 0
                        : (start_ns - report->start_ns) / NS_PER_US;
    ret->duration_us = sqlite3_column_int64(row, COLUMN_DURATION) / NS_PER_US;
    ret->cpu_us = sqlite3_column_int64(row, COLUMN_CPU) / NS_PER_US;
    ret->rss_bytes = sqlite3_column_int64(row, COLUMN_RSS);
}

int report_gather(struct report *report)
{
    sqlite3_stmt *row = report_prepare(report, jobs_sql);
    size_t room = 0;
    int step = SQLITE_ERROR;

    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, report->run);
    }
    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        if (report->n_jobs == room) {
            room = 2 * room + ROOM_FIRST;
            report->jobs =
                reallocarray(report->jobs, room, sizeof(*report->jobs));
            if (report->jobs == NULL) {
                text_no_memory();
            }
        }
        read_job(report, row, &report->jobs[report->n_jobs++]);
    }
    return report_finish(report, row, step);
}
