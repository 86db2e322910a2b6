/* What a report draws of jobs: charts over time, durations, which are listed. */
#include "report/report.h"

#include "support/check.h"

static void assert_near(double got, double want)
{
    double difference = got > want ? got - want : want - got;

    if (difference > 1e-6 * (want + 1)) {
        fail_msg("%f, not %f", got, want);
    }
}

static struct report_job job(int64_t start_us, int64_t duration_us)
{
    return (struct report_job){ .start_us = start_us,
                                .duration_us = duration_us,
                                .rss_bytes = 1000 };
}

static double sum(const double *parts)
{
    double all = 0;

    for (int i = 0; i < REPORT_POINTS; i++) {
        all += parts[i];
    }
    return all;
}

static void jobs_are_counted_where_they_ran(void **state)
{
    /* A part is 1,000 us. */
    const int64_t span_us = REPORT_POINTS * INT64_C(1000);
    const struct report_job jobs[] = {
        job(0, span_us),  /* all the time */
        job(10000, 500),  /* half of a part */
        job(20500, 1000), /* half of two */
        job(30500, 3000), /* two, and half of two more */
        job(299500, 500), /* to the very end */
        job(40000, 0),    /* no time at all */
        { .start_us = -1, .outcome = STORE_SKIPPED },
    };
    struct report_shape s;

    (void)state;
    report_shape(jobs, 7, span_us, &s);
    assert_true(s.span_us == span_us);
    assert_near(s.running[0], 1);
    assert_near(s.running[9], 1);
    assert_near(s.running[10], 1.5);
    assert_near(s.running[11], 1);
    assert_near(s.running[20], 1.5);
    assert_near(s.running[21], 1.5);
    assert_near(s.running[22], 1);
    assert_near(s.running[30], 1.5);
    assert_near(s.running[31], 2);
    assert_near(s.running[32], 2);
    assert_near(s.running[33], 1.5);
    assert_near(s.running[34], 1);
    assert_near(s.running[40], 1);
    assert_near(s.running[299], 1.5);
    assert_near(s.memory[31], 2000);
    assert_near(sum(s.running) * 1000, (double)s.busy_us);
    assert_true(s.counts[0] == 6 && s.counts[STORE_SKIPPED] == 1 &&
                s.n_failed == 0);
    assert_true(s.peak_rss == 1000);
}

static void jobs_beyond_the_end_make_the_span_longer(void **state)
{
    const struct report_job jobs[] = { job(100, 100), job(500, 100) };
    struct report_shape s;

    (void)state;
    report_shape(jobs, 2, 0, &s);
    assert_true(s.span_us == 600 && s.busy_us == 200);
    assert_near(sum(s.running) * 600 / REPORT_POINTS, 200);
    report_shape(jobs, 0, 0, &s);
    assert_true(s.span_us == 0);
    assert_near(sum(s.running), 0);
}

static void durations_are_sorted_into_bars(void **state)
{
    const struct report_job jobs[] = {
        job(0, 0),
        job(0, 1),
        job(0, 9),
        job(0, 10),
        job(0, 14),
        job(0, 15),
        job(0, INT64_C(1) << 60),
    };
    struct report_shape s;
    uint64_t n = 0;

    (void)state;
    report_shape(jobs, 7, 0, &s);
    assert_near(report_bin_us(0), 0);
    assert_near(report_bin_us(1), 1);
    assert_near(report_bin_us(6), 7);
    assert_near(report_bin_us(7), 10);
    assert_near(report_bin_us(8), 15);
    assert_near(report_bin_us(13), 100);
    assert_true(s.bins[0] == 1 && s.bins[1] == 1 && s.bins[6] == 1);
    assert_true(s.bins[7] == 2 && s.bins[8] == 1);
    assert_true(s.bins[REPORT_BINS - 1] == 1);
    for (int i = 0; i < REPORT_BINS; i++) {
        assert_true(i == 0 || report_bin_us(i) > report_bin_us(i - 1));
        n += s.bins[i];
    }
    assert_true(n == 7);
}

static void those_that_failed_are_listed_then_the_longest(void **state)
{
    struct report_job jobs[] = {
        job(0, 10),
        job(0, 50),
        job(0, 20),
        { .start_us = -1, .outcome = STORE_FAILED },
        { .start_us = 0, .duration_us = 1, .outcome = STORE_FAILED },
        { .start_us = -1, .outcome = STORE_SKIPPED },
        job(0, 20),
    };

    (void)state;
    assert_int_equal(report_pick(jobs, 7, 4), 4);
    assert_true(jobs[3].is_listed && jobs[4].is_listed && jobs[1].is_listed);
    assert_true(jobs[2].is_listed && !jobs[6].is_listed); /* the first of two */
    assert_false(jobs[0].is_listed || jobs[5].is_listed);
    assert_int_equal(report_pick(jobs, 7, 7), 7);
    assert_int_equal(report_pick(jobs, 7, 1), 1);
    assert_true(jobs[4].is_listed);
    assert_int_equal(report_pick(jobs, 0, 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_counted_where_they_ran),
        cmocka_unit_test(jobs_beyond_the_end_make_the_span_longer),
        cmocka_unit_test(durations_are_sorted_into_bars),
        cmocka_unit_test(those_that_failed_are_listed_then_the_longest),
    };

    return cmocka_run_group_tests_name("tools.shape", tests, NULL, NULL);
}
