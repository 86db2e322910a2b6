/* choose - which jobs are in the tables, and in which order. */
#include <stdlib.h>

#include "report/report.h"

#define NS_PER_US INT64_C(1000)

/* A job that may be in a table. */
struct candidate {
    struct report_row row;
    int64_t job;
    /** The highest come first, and of equal ones the first of the run. */
    double weight;
};

static bool weigh(const struct report *report,
                  enum report_table table,
                  const struct report_job *job,
                  double *ret)
{
    const struct report_past *past = report_past_of(report, job);
    int64_t duration_ns = job->duration_us * NS_PER_US;

    *ret = 0;
    switch (table) {
    case REPORT_FAILED:
        return store_outcome_is_failure(job->outcome);
    case REPORT_FLAKY:
        if (past == NULL || !past_is_flaky(&past->numbers)) {
            return false;
        }
        *ret = past_flakiness(&past->numbers);
        return true;
    case REPORT_SLOWER:
        /* What timed out took as long as it was let. */
        if (past == NULL || job->start_us < 0 ||
            job->outcome == STORE_TIMED_OUT ||
            !past_is_slow(&past->numbers, duration_ns)) {
            return false;
        }
        *ret = (double)duration_ns / (double)(past->numbers.median_ns + 1);
        return true;
    default:
        *ret = (double)job->duration_us;
        return job->start_us >= 0;
    }
}

static int by_weight(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;

    if (x->weight < y->weight || x->weight > y->weight) {
        return x->weight < y->weight ? 1 : -1;
    }
    /* What is in the run more than once stands together. */
    if (x->job != y->job && x->weight > 0) {
        return x->job < y->job ? -1 : 1;
    }
    return (x->row.job > y->row.job) - (x->row.job < y->row.job);
}

static void choose(const struct report *report,
                   enum report_table table,
                   size_t max,
                   struct report_rows *ret)
{
    struct candidate *candidates =
        calloc(report->n_listed + 1, sizeof(*candidates));
    size_t listed = 0;
    size_t n = 0;

    ret->rows = calloc(max, sizeof(*ret->rows));
    if (candidates == NULL || ret->rows == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < report->n_jobs; i++) {
        const struct report_job *job = &report->jobs[i];

        if (job->is_listed &&
            weigh(report, table, job, &candidates[n].weight)) {
            candidates[n].job = job->job;
            candidates[n].row.listed = listed;
            candidates[n++].row.job = i;
        }
        listed += job->is_listed;
    }
    qsort(candidates, n, sizeof(*candidates), by_weight);
    for (size_t i = 0; i < n; i++) {
        /* How flaky a job is, is said of it once. */
        if (table == REPORT_FLAKY && i > 0 &&
            candidates[i].job == candidates[i - 1].job) {
            continue;
        }
        if (ret->n < max) {
            ret->rows[ret->n++] = candidates[i].row;
        }
        ret->n_all++;
    }
    free(candidates);
}

void report_choose(struct report *report)
{
    static const size_t most[REPORT_TABLES] = {
        [REPORT_FAILED] = REPORT_FAILED_MAX,
        [REPORT_FLAKY] = REPORT_FLAKY_MAX,
        [REPORT_SLOWER] = REPORT_SLOWER_MAX,
        [REPORT_SLOWEST] = REPORT_SLOWEST_MAX,
    };

    for (int t = 0; t < REPORT_TABLES; t++) {
        choose(report, (enum report_table)t, most[t], &report->tables[t]);
    }
}

size_t report_shown(const struct report *report, struct report_job ***ret)
{
    bool *is_shown = calloc(report->n_jobs + 1, sizeof(*is_shown));
    size_t n = 0;
    size_t room = 1;

    for (int t = 0; t < REPORT_TABLES; t++) {
        room += report->tables[t].n;
    }
    *ret = calloc(room, sizeof(struct report_job *));
    if (*ret == NULL || is_shown == NULL) {
        text_no_memory();
    }
    for (int t = 0; t < REPORT_TABLES; t++) {
        for (size_t i = 0; i < report->tables[t].n; i++) {
            size_t index = report->tables[t].rows[i].job;

            if (!is_shown[index] && report->jobs[index].start_us >= 0) {
                is_shown[index] = true;
                (*ret)[n++] = &report->jobs[index];
            }
        }
    }
    free(is_shown);
    return n;
}
