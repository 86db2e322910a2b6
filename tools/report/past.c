/* past - what jobs did in this run and those before it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS 1e6

static int by_job(const void *a, const void *b)
{
    const struct report_past *x = a;
    const struct report_past *y = b;

    return (x->past.job > y->past.job) - (x->past.job < y->past.job);
}

static struct report_past *find(const struct report *report, int64_t job)
{
    return bsearch(&(struct report_past){ .past.job = job }, report->pasts,
                   report->n_pasts, sizeof(*report->pasts), by_job);
}

const struct report_past *report_past_of(const struct report *report,
                                         const struct report_job *job)
{
    return report->n_pasts == 0 ? NULL : find(report, job->job);
}

static void keep(void *user, const struct past *past)
{
    struct report_past *kept = find(user, past->job);

    if (kept != NULL) {
        kept->past = *past;
        past_count(past, &kept->numbers);
    }
}

int report_read_past(struct report *report)
{
    size_t n = 0;

    /* Of a million jobs in each of thirty runs it would take too long. */
    if (report->n_jobs > REPORT_LISTED_MAX) {
        return 0;
    }
    report->pasts = calloc(report->n_listed + 1, sizeof(*report->pasts));
    if (report->pasts == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < report->n_jobs; i++) {
        if (report->jobs[i].is_listed) {
            report->pasts[n++].past.job = report->jobs[i].job;
        }
    }
    qsort(report->pasts, n, sizeof(*report->pasts), by_job);
    /* A job may be in a run more than once. */
    for (size_t i = 0; i < n; i++) {
        if (report->n_pasts == 0 ||
            by_job(&report->pasts[report->n_pasts - 1], &report->pasts[i])) {
            report->pasts[report->n_pasts++] = report->pasts[i];
        }
    }
    if (past_find_runs(&report->reader, report->run, &report->runs) < 0 ||
        past_read(&report->reader, &report->runs, keep, report) < 0) {
        report_fail(report);
        return -1;
    }
    return 0;
}

static void add_runs(const struct report *report, struct text *out)
{
    for (unsigned i = 0; i < report->runs.n; i++) {
        text_add_format(out, "%s[%" PRId64 ",%" PRId64 "]", i > 0 ? "," : "",
                        report->runs.runs[i].run,
                        report->runs.runs[i].start_ns /
                            (NS_PER_US * NS_PER_US));
    }
}

/* Without the runs before its first. */
static void add_ends(struct text *out, const struct report_past *past)
{
    const char *ends = past->past.ends;

    text_add_format(out, "\"%s\"", ends + strspn(ends, "-"));
}

static void add_numbers(struct text *out, const struct report_past *past)
{
    const struct past_numbers *n = &past->numbers;

    text_add_format(out, "[%u,%u,%u,%u,%u,%" PRId64 "]", n->ran, n->failed,
                    n->flaky, n->changed, n->same,
                    n->median_ns < 0 ? -1 : n->median_ns / NS_PER_US);
}

/* In milliseconds, as exactly as a line of 30 points shows. */
static void add_durations(struct text *out, const struct past *past)
{
    const char *before = "[";

    for (size_t i = strspn(past->ends, "-"); past->ends[i] != '\0'; i++) {
        if (past->durations_ns[i] < 0) {
            text_add_format(out, "%s-1", before);
        } else {
            text_add_format(out, "%s%.3g", before,
                            (double)past->durations_ns[i] / NS_PER_MS);
        }
        before = ",";
    }
    text_add_char(out, ']');
}

/* Mark those whose durations are drawn: what is in a table, what failed, and
 * the longest. Returns: a copy of the jobs, to be freed. */
static struct report_job *pick_timed(const struct report *report)
{
    struct report_job *timed = calloc(report->n_jobs + 1, sizeof(*timed));

    if (timed == NULL) {
        text_no_memory();
    }
    memcpy(timed, report->jobs, report->n_jobs * sizeof(*timed));
    (void)report_pick(timed, report->n_jobs, REPORT_TIMED_MAX);
    for (int t = 0; t < REPORT_TABLES; t++) {
        for (size_t i = 0; i < report->tables[t].n; i++) {
            timed[report->tables[t].rows[i].job].is_listed = true;
        }
    }
    return timed;
}

/* Of the i-th listed job a member "i". */
static void add_timed(const struct report *report, struct text *out)
{
    struct report_job *timed = pick_timed(report);
    const char *before = "";
    size_t listed = 0;

    for (size_t i = 0; i < report->n_jobs; i++) {
        const struct report_past *past =
            report_past_of(report, &report->jobs[i]);

        if (timed[i].is_listed && past != NULL) {
            text_add_format(out, "%s\"%zu\":", before, listed);
            add_durations(out, &past->past);
            before = ",";
        }
        listed += report->jobs[i].is_listed;
    }
    free(timed);
}

/* A part for each listed job. */
static void add_each(const struct report *report,
                     void (*add)(struct text *out,
                                 const struct report_past *past),
                     struct text *out)
{
    const char *before = "";

    for (size_t i = 0; i < report->n_jobs; i++) {
        const struct report_past *past =
            report_past_of(report, &report->jobs[i]);

        if (report->jobs[i].is_listed && past != NULL) {
            text_add_string(out, before);
            add(out, past);
            before = ",";
        }
    }
}

void report_add_past(const struct report *report, struct text *out)
{
    /* One run is no history. */
    bool has = report->runs.n > 1;

    text_add_string(out, ",\"history\":[");
    if (has) {
        add_each(report, add_ends, out);
    }
    text_add_format(out, "],\"past\":{\"limit\":%d,\"timed\":%d,\"runs\":[",
                    PAST_RUNS_MAX, REPORT_TIMED_MAX);
    add_runs(report, out);
    text_add_string(out, "],\"numbers\":[");
    if (has) {
        add_each(report, add_numbers, out);
    }
    text_add_string(out, "],\"durations\":{");
    if (has) {
        add_timed(report, out);
    }
    text_add_string(out, "}}");
}
