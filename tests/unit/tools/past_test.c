/* What earlier runs say of a job. */
#include "store/past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "store/store.h"
#include "support/check.h"

enum {
    PATH_SIZE = 256,
};

#define NS_PER_MS INT64_C(1000000)

static struct past past_of(const char *ends, const int *ms)
{
    struct past past = { .job = 1 };

    (void)snprintf(past.ends, sizeof(past.ends), "%s", ends);
    for (size_t i = 0; i < strlen(ends); i++) {
        past.durations_ns[i] = ms == NULL ? -1 : ms[i] * NS_PER_MS;
    }
    return past;
}

static void assert_near(double got, double want)
{
    if (got - want > 1e-6 || want - got > 1e-6) {
        fail_msg("%f, not %f", got, want);
    }
}

static void runs_are_counted_in_which_it_passed_or_failed(void **state)
{
    static const struct {
        const char *ends;
        struct past_numbers want;
        bool is_flaky;
        double flakiness;
    } rows[] = {
        { "", { 0 }, false, 0 },
        { "-s-x", { 0 }, false, 0 },
        { "pppp", { .ran = 4, .same = 4 }, false, 0 },
        { "ffff", { .ran = 4, .failed = 4, .same = 4 }, false, 0 },
        /* Broken, and mended. */
        { "pppff",
          { .ran = 5, .failed = 2, .changed = 1, .same = 2 },
          false,
          0 },
        { "ffp", { .ran = 3, .failed = 2, .changed = 1, .same = 1 }, false, 0 },
        /* From one to the other and back, also over runs without it. */
        { "pfp",
          { .ran = 3, .failed = 1, .changed = 2, .same = 1 },
          true,
          2.0 / 3 },
        { "p--c-s-pp",
          { .ran = 4, .failed = 1, .changed = 2, .same = 2 },
          true,
          0.5 },
        { "yppp", { .ran = 4, .flaky = 1, .same = 4 }, true, 0.25 },
        /* Another kind of failure is no change. */
        { "fctnl", { .ran = 5, .failed = 5, .same = 5 }, false, 0 },
        { "yfyf",
          { .ran = 4, .failed = 2, .flaky = 2, .changed = 3, .same = 1 },
          true,
          1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct past past = past_of(rows[i].ends, NULL);
        struct past_numbers got;

        past_count(&past, &got);
        assert_int_equal(got.ran, rows[i].want.ran);
        assert_int_equal(got.failed, rows[i].want.failed);
        assert_int_equal(got.flaky, rows[i].want.flaky);
        assert_int_equal(got.changed, rows[i].want.changed);
        assert_int_equal(got.same, rows[i].want.same);
        assert_true(got.median_ns == -1);
        assert_int_equal(past_is_flaky(&got), rows[i].is_flaky);
        assert_near(past_flakiness(&got), rows[i].flakiness);
    }
}

static int64_t median_ms(const char *ends, const int *ms)
{
    struct past past = past_of(ends, ms);
    struct past_numbers numbers;

    past_count(&past, &numbers);
    return numbers.median_ns < 0 ? -1 : numbers.median_ns / NS_PER_MS;
}

static void the_median_is_of_the_runs_in_which_it_passed(void **state)
{
    (void)state;
    assert_int_equal(median_ms("p", (int[]){ 7 }), 7);
    assert_int_equal(median_ms("pyp", (int[]){ 30, 10, 20 }), 20);
    assert_int_equal(median_ms("pp", (int[]){ 30, 10 }), 10);
    assert_int_equal(median_ms("ptps", (int[]){ 10, 9000, 20, 1 }), 10);
    assert_int_equal(median_ms("tft", (int[]){ 30, 10, 20 }), 20);
    assert_int_equal(median_ms("ss", (int[]){ 1, 1 }), -1);
}

static bool is_slow(const char *ends, const int *ms, int now_ms)
{
    struct past past = past_of(ends, ms);
    struct past_numbers numbers;

    past_count(&past, &numbers);
    return past_is_slow(&numbers, now_ms * NS_PER_MS);
}

static void slow_is_twice_as_long_as_usual_and_a_tenth_of_a_second(void **state)
{
    static const int long_ones[] = { 1000, 1000, 1000 };
    static const int short_ones[] = { 10, 10, 10 };

    (void)state;
    assert_true(is_slow("ppp", long_ones, 2001));
    assert_false(is_slow("ppp", long_ones, 2000));
    assert_true(is_slow("ppp", short_ones, 111));
    assert_false(is_slow("ppp", short_ones, 110));
    /* What is usual is not known from two runs, nor from those that failed. */
    assert_false(is_slow("pp", long_ones, 9000));
    assert_false(is_slow("ppf", long_ones, 9000));
    assert_false(is_slow("fff", long_ones, 9000));
    assert_false(is_slow("ppp", (int[]){ -1, -1, -1 }, 9000));
}

static void outcomes_of_the_record_have_their_letters(void **state)
{
    (void)state;
    for (int i = STORE_OK; i <= STORE_LOST; i++) {
        const char *name = store_outcome_name((enum store_outcome)i);
        enum past_end end = past_end_of(name, 1);

        assert_string_equal(past_end_name(end), name);
    }
    assert_int_equal(past_end_of("ok", 2), PAST_FLAKY);
    assert_int_equal(past_end_of("failed", 2), PAST_FAILED);
    assert_int_equal(past_end_of(NULL, 1), PAST_LOST);
    assert_false(past_is_bad(PAST_SKIPPED));
    assert_false(past_is_bad(PAST_CANCELLED));
    assert_true(past_is_bad(PAST_NOT_STARTED));
}

/* A record with runs, and what is read of it. */
struct fixture {
    char dir[PATH_SIZE];
    char path[PATH_SIZE + 8];
    struct store *store;
    uint64_t seq;
    struct past_runs runs;
    struct past pasts[4];
    size_t n;
};

static int setup(void **state)
{
    static struct fixture f;
    const char *tmp = getenv("TMPDIR");

    memset(&f, 0, sizeof(f));
    (void)snprintf(f.dir, sizeof(f.dir), "%s/brood-past-XXXXXX",
                   tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(f.dir));
    (void)snprintf(f.path, sizeof(f.path), "%s/record", f.dir);
    assert_int_equal(store_open(f.path, &f.store), 0);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->store = store_close(f->store);
    return file_remove_tree(f->dir, 0) ? 0 : -1;
}

static void begin_run(struct fixture *f)
{
    const struct store_run run = { .dir = "/", .command = "test", .slots = 1 };

    f->seq = 0;
    assert_int_equal(store_begin_run(f->store, &run), 0);
}

static void end_run(struct fixture *f)
{
    assert_int_equal(store_end_run(f->store, 0, &(struct store_counts){ 0 }),
                     0);
}

static void record(struct fixture *f,
                   char job,
                   enum store_outcome outcome,
                   unsigned attempts,
                   int ms)
{
    const struct brood_result result = { .start_ns = 1,
                                         .duration_ns = ms * NS_PER_MS };
    const struct store_result of = { .key = { (unsigned char)job },
                                     .command = "true",
                                     .tags = "",
                                     .seq = ++f->seq,
                                     .outcome = outcome,
                                     .attempts = attempts,
                                     .result = ms < 0 ? NULL : &result };

    assert_int_equal(store_record(f->store, &of), 0);
}

static void keep(void *user, const struct past *past)
{
    struct fixture *f = user;

    assert_true(f->n < sizeof(f->pasts) / sizeof(f->pasts[0]));
    f->pasts[f->n++] = *past;
}

static void read_pasts(struct fixture *f, int64_t run)
{
    struct store_reader reader = { 0 };

    f->n = 0;
    assert_int_equal(store_commit(f->store), 0);
    assert_int_equal(store_reader_open(&reader, f->path), 0);
    assert_int_equal(past_find_runs(&reader, run, &f->runs), 0);
    assert_int_equal(past_read(&reader, &f->runs, keep, f), 0);
    store_reader_close(&reader);
}

static void a_past_has_a_letter_for_each_run_with_results(void **state)
{
    struct fixture *f = *state;

    read_pasts(f, -1);
    assert_int_equal(f->runs.n, 0);
    assert_int_equal(f->n, 0);
    begin_run(f);
    record(f, 'a', STORE_OK, 1, 10);
    record(f, 'b', STORE_SKIPPED, 0, -1);
    end_run(f);
    begin_run(f); /* in which nothing was left to do */
    end_run(f);
    begin_run(f);
    record(f, 'c', STORE_TIMED_OUT, 1, 50);
    record(f, 'a', STORE_OK, 3, 20);
    end_run(f);
    read_pasts(f, -1);
    assert_int_equal(f->runs.n, 2);
    assert_int_equal(f->runs.runs[0].run, 1);
    assert_int_equal(f->runs.runs[1].run, 3);
    assert_int_equal(f->n, 3);
    assert_string_equal(f->pasts[0].ends, "py");
    assert_true(f->pasts[0].durations_ns[0] == 10 * NS_PER_MS);
    assert_true(f->pasts[0].durations_ns[1] == 20 * NS_PER_MS);
    assert_string_equal(f->pasts[1].ends, "s-");
    assert_true(f->pasts[1].durations_ns[0] == -1);
    assert_string_equal(f->pasts[2].ends, "-t");
    /* As it was. */
    read_pasts(f, 2);
    assert_int_equal(f->runs.n, 1);
    assert_int_equal(f->n, 2);
    assert_string_equal(f->pasts[0].ends, "p");
}

static void what_is_in_a_run_twice_has_one_letter(void **state)
{
    struct fixture *f = *state;

    begin_run(f);
    record(f, 'a', STORE_OK, 1, 10);
    record(f, 'b', STORE_FAILED, 1, 10);
    record(f, 'c', STORE_SKIPPED, 0, -1);
    record(f, 'a', STORE_FAILED, 1, 10);
    record(f, 'b', STORE_FAILED, 1, 10);
    record(f, 'c', STORE_OK, 1, 10);
    record(f, 'a', STORE_OK, 1, 10);
    end_run(f);
    read_pasts(f, -1);
    assert_int_equal(f->n, 3);
    assert_string_equal(f->pasts[0].ends, "y");
    assert_string_equal(f->pasts[1].ends, "f");
    assert_string_equal(f->pasts[2].ends, "p");
}

static void no_more_runs_are_read_than_the_limit(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < PAST_RUNS_MAX + 2; i++) {
        begin_run(f);
        record(f, 'a', i < 3 ? STORE_FAILED : STORE_OK, 1, i);
        end_run(f);
    }
    read_pasts(f, -1);
    assert_int_equal(f->runs.n, PAST_RUNS_MAX);
    assert_int_equal(f->runs.runs[0].run, 3);
    assert_int_equal(strlen(f->pasts[0].ends), PAST_RUNS_MAX);
    assert_memory_equal(f->pasts[0].ends, "fppp", 4);
    assert_true(f->pasts[0].durations_ns[PAST_RUNS_MAX - 1] ==
                (PAST_RUNS_MAX + 1) * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_counted_in_which_it_passed_or_failed),
        cmocka_unit_test(the_median_is_of_the_runs_in_which_it_passed),
        cmocka_unit_test(
            slow_is_twice_as_long_as_usual_and_a_tenth_of_a_second),
        cmocka_unit_test(outcomes_of_the_record_have_their_letters),
        cmocka_unit_test_setup_teardown(
            a_past_has_a_letter_for_each_run_with_results, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_in_a_run_twice_has_one_letter,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(no_more_runs_are_read_than_the_limit,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
