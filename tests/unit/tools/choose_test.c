/* Which jobs are in the tables of a report. */
#include "report/report.h"

#include <stdlib.h>

#include "support/check.h"

enum {
    OK = 0,
    FAILED = 1,
    TIMED_OUT = 3,
    SKIPPED = 5,
};

#define NS_PER_MS INT64_C(1000000)
#define US_PER_MS INT64_C(1000)

static struct report_job job(int64_t number, unsigned outcome, int64_t ms)
{
    return (struct report_job){ .job = number,
                                .start_us = ms < 0 ? -1 : 0,
                                .duration_us = ms < 0 ? 0 : ms * US_PER_MS,
                                .outcome = outcome,
                                .is_listed = true };
}

static struct report_past past(int64_t number, struct past_numbers numbers)
{
    return (struct report_past){ .past.job = number, .numbers = numbers };
}

static void assert_rows(const struct report *report,
                        enum report_table table,
                        const size_t *want,
                        size_t n)
{
    assert_int_equal(report->tables[table].n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(report->tables[table].rows[i].job, want[i]);
    }
}

static void clear(struct report *report)
{
    for (int t = 0; t < REPORT_TABLES; t++) {
        free(report->tables[t].rows);
    }
}

static void tables_have_their_jobs_in_their_order(void **state)
{
    struct report_job jobs[] = {
        job(1, OK, 10),         job(2, FAILED, 900),     job(3, OK, 500),
        job(4, SKIPPED, -1),    job(5, OK, 3000),        job(6, FAILED, -1),
        job(7, TIMED_OUT, 800), job(8, OK, INT64_C(20)),
    };
    struct report_past pasts[] = {
        past(1, (struct past_numbers){ .ran = 4, .flaky = 1, .median_ns = 0 }),
        past(2, (struct past_numbers){ .ran = 4, .failed = 2, .changed = 3 }),
        past(3,
             (struct past_numbers){ .ran = 4, .median_ns = 100 * NS_PER_MS }),
        past(5,
             (struct past_numbers){ .ran = 3, .median_ns = 1000 * NS_PER_MS }),
        past(7,
             (struct past_numbers){
                 .ran = 4, .failed = 1, .changed = 1, .median_ns = NS_PER_MS }),
        past(8, (struct past_numbers){ .ran = 4, .flaky = 2 }),
    };
    struct report report = {
        .jobs = jobs, .n_jobs = 8, .n_listed = 7, .pasts = pasts, .n_pasts = 6
    };

    (void)state;
    /* One that is not listed is in no table. */
    jobs[7].is_listed = false;
    report_choose(&report);
    assert_rows(&report, REPORT_FAILED, (size_t[]){ 1, 5, 6 }, 3);
    assert_rows(&report, REPORT_FLAKY, (size_t[]){ 1, 0 }, 2);
    assert_rows(&report, REPORT_SLOWER, (size_t[]){ 2, 4 }, 2);
    assert_rows(&report, REPORT_SLOWEST, (size_t[]){ 4, 1, 6, 2, 0 }, 5);
    clear(&report);
}

static void a_row_knows_which_of_the_listed_it_is(void **state)
{
    struct report_job jobs[] = { job(1, OK, 1), job(2, OK, 1),
                                 job(3, FAILED, 1) };
    struct report report = { .jobs = jobs, .n_jobs = 3, .n_listed = 2 };

    (void)state;
    jobs[0].is_listed = false;
    report_choose(&report);
    assert_int_equal(report.tables[REPORT_FAILED].n, 1);
    assert_int_equal(report.tables[REPORT_FAILED].rows[0].job, 2);
    assert_int_equal(report.tables[REPORT_FAILED].rows[0].listed, 1);
    clear(&report);
}

static void what_is_in_a_run_twice_is_flaky_once(void **state)
{
    struct report_job jobs[] = { job(1, OK, 1), job(2, OK, 1), job(1, OK, 1),
                                 job(2, OK, 1) };
    struct report_past pasts[] = {
        past(1, (struct past_numbers){ .ran = 4, .flaky = 1 }),
        past(2, (struct past_numbers){ .ran = 4, .flaky = 1 }),
    };
    struct report report = {
        .jobs = jobs, .n_jobs = 4, .n_listed = 4, .pasts = pasts, .n_pasts = 2
    };

    (void)state;
    report_choose(&report);
    assert_rows(&report, REPORT_FLAKY, (size_t[]){ 0, 1 }, 2);
    assert_int_equal(report.tables[REPORT_FLAKY].n_all, 2);
    clear(&report);
}

static void a_table_has_a_limit(void **state)
{
    struct report report = { .n_jobs = REPORT_FAILED_MAX + 3,
                             .n_listed = REPORT_FAILED_MAX + 3 };
    struct report_job **shown = NULL;

    (void)state;
    report.jobs = calloc(report.n_jobs, sizeof(*report.jobs));
    assert_non_null(report.jobs);
    for (size_t i = 0; i < report.n_jobs; i++) {
        report.jobs[i] = job((int64_t)i + 1, FAILED, (int64_t)i);
    }
    report_choose(&report);
    assert_int_equal(report.tables[REPORT_FAILED].n, REPORT_FAILED_MAX);
    assert_int_equal(report.tables[REPORT_FAILED].n_all, report.n_jobs);
    assert_int_equal(report.tables[REPORT_SLOWEST].n, REPORT_SLOWEST_MAX);
    /* The longest, which are the last, are three more; each is shown once. */
    assert_int_equal(report_shown(&report, &shown), REPORT_FAILED_MAX + 3);
    assert_ptr_equal(shown[0], &report.jobs[0]);
    free((void *)shown);
    clear(&report);
    free(report.jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_have_their_jobs_in_their_order),
        cmocka_unit_test(a_row_knows_which_of_the_listed_it_is),
        cmocka_unit_test(what_is_in_a_run_twice_is_flaky_once),
        cmocka_unit_test(a_table_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
