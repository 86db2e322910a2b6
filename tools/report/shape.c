/* shape - from jobs to what is drawn of them. */
#include <stdlib.h>

#include "report/report.h"

enum {
    BINS_PER_DECADE = 6,
};

double report_bin_us(int bin)
{
    static const double steps[BINS_PER_DECADE] = { 1, 1.5, 2, 3, 5, 7 };
    double power = 1;

    for (int i = 0; i < (bin - 1) / BINS_PER_DECADE; i++) {
        power *= 10;
    }
    return bin == 0 ? 0 : power * steps[(bin - 1) % BINS_PER_DECADE];
}

static int bin_of(int64_t us)
{
    int bin = 0;

    while (bin < REPORT_BINS - 1 && report_bin_us(bin + 1) <= (double)us) {
        bin++;
    }
    return bin;
}

/*
 * Add @weight to each part of the span by how much of it the job takes. The
 * parts between the first and the last are noted as a difference, so that a
 * long job costs no more than a short one.
 */
static void cover(double *parts,
                  double *steps,
                  double from,
                  double to,
                  double weight)
{
    int first = (int)from;
    int last = (int)to;

    if (first == last) {
        parts[first] += weight * (to - from);
        return;
    }
    parts[first] += weight * (first + 1 - from);
    if (last < REPORT_POINTS) {
        parts[last] += weight * (to - last);
    }
    steps[first + 1] += weight;
    steps[last < REPORT_POINTS ? last : REPORT_POINTS] -= weight;
}

static void sum_up(double *parts, const double *steps)
{
    double level = 0;

    for (int i = 0; i < REPORT_POINTS; i++) {
        level += steps[i];
        parts[i] += level;
        /* What is left of equal sums and differences. */
        parts[i] = parts[i] < 1e-9 ? 0 : parts[i];
    }
}

static double place(int64_t us, int64_t span_us)
{
    double at = (double)us / (double)span_us * REPORT_POINTS;

    return at > REPORT_POINTS ? REPORT_POINTS : at;
}

static void count(const struct report_job *job, struct report_shape *ret)
{
    ret->counts[job->outcome]++;
    ret->n_failed += store_outcome_is_failure(job->outcome);
    if (job->start_us < 0) {
        return;
    }
    ret->busy_us += job->duration_us;
    ret->cpu_us += job->cpu_us;
    if (job->rss_bytes > ret->peak_rss) {
        ret->peak_rss = job->rss_bytes;
    }
    ret->bins[bin_of(job->duration_us)]++;
    if (job->start_us + job->duration_us > ret->span_us) {
        ret->span_us = job->start_us + job->duration_us;
    }
}

void report_shape(const struct report_job *jobs,
                  size_t n,
                  int64_t span_us,
                  struct report_shape *ret)
{
    double running[REPORT_POINTS + 2] = { 0 };
    double memory[REPORT_POINTS + 2] = { 0 };

    *ret = (struct report_shape){ .span_us = span_us };
    for (size_t i = 0; i < n; i++) {
        count(&jobs[i], ret);
    }
    for (size_t i = 0; i < n && ret->span_us > 0; i++) {
        double from = place(jobs[i].start_us, ret->span_us);
        double to = place(jobs[i].start_us + jobs[i].duration_us, ret->span_us);

        if (jobs[i].start_us >= 0 && from < REPORT_POINTS) {
            cover(ret->running, running, from, to, 1);
            cover(ret->memory, memory, from, to, (double)jobs[i].rss_bytes);
        }
    }
    sum_up(ret->running, running);
    sum_up(ret->memory, memory);
}

static int by_weight(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x < y) - (x > y);
}

/* Those that failed come first. */
static int64_t weight_of(const struct report_job *job)
{
    int64_t us = job->start_us < 0 ? -1 : job->duration_us;

    return store_outcome_is_failure(job->outcome) ? us + INT64_MAX / 2 : us;
}

size_t report_pick(struct report_job *jobs, size_t n, size_t max)
{
    int64_t *weights;
    int64_t least = INT64_MIN;
    size_t picked = 0;

    if (n > max) {
        weights = calloc(n, sizeof(*weights));
        if (weights == NULL) {
            text_no_memory();
        }
        for (size_t i = 0; i < n; i++) {
            weights[i] = weight_of(&jobs[i]);
        }
        qsort(weights, n, sizeof(*weights), by_weight);
        least = weights[max - 1];
        free(weights);
    }
    /* Those above the limit, then as many as fit of those at it. */
    for (size_t i = 0; i < n; i++) {
        jobs[i].is_listed = weight_of(&jobs[i]) > least || n <= max;
        picked += jobs[i].is_listed;
    }
    for (size_t i = 0; i < n && picked < max && n > max; i++) {
        if (!jobs[i].is_listed && weight_of(&jobs[i]) == least) {
            jobs[i].is_listed = true;
            picked++;
        }
    }
    return picked;
}
