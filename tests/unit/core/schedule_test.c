#include <errno.h>

#include <brood.h>

#include "base/clock.h"
#include "support/check.h"
#include "support/party.h"

#define MS INT64_C(1000000)

struct fixture {
    struct brood *pool;
    struct brood_batch *batch;
    unsigned n_results;
    struct brood_result last;
    uint64_t seqs[2 * PARTY_JOBS_MAX];
};

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct fixture *f = user;

    (void)batch;
    f->last = *result;
    f->seqs[f->n_results++] = result->seq;
}

static void open_pool(struct fixture *f, unsigned threads, unsigned slots)
{
    const struct brood_options pool = { .threads = threads, .slots = slots };
    const struct brood_batch_options batch = { .on_result = on_result,
                                               .user = f };

    parties_reset();
    *f = (struct fixture){ 0 };
    assert_ok(brood_open(&pool, &f->pool));
    assert_ok(brood_batch_new(f->pool, &batch, &f->batch));
}

static void submit(struct fixture *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        assert_ok(
            brood_submit(f->batch, &(struct brood_job){ .shell = "x" }, NULL));
    }
}

static void turn(struct fixture *f)
{
    assert_ok(brood_poll(f->pool, 0));
    for (unsigned i = 0; i < n_parties; i++) {
        party_read(&parties[i]);
    }
}

/* Answer for everything, round after round. */
static void finish(struct fixture *f)
{
    for (;;) {
        unsigned held = 0;

        turn(f);
        for (unsigned i = 0; i < n_parties; i++) {
            held += parties[i].n_keys;
            while (parties[i].n_keys > 0) {
                party_answer(&parties[i], 0, 0, MS);
            }
        }
        if (held == 0) {
            break;
        }
    }
    f->batch = brood_batch_free(f->batch);
    f->pool = brood_close(f->pool);
}

static void no_job_is_sent_ahead_before_durations_are_known(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 2, 4);
    submit(&f, 100);
    turn(&f);
    assert_int_equal(parties[0].n_keys, 2);
    assert_int_equal(parties[1].n_keys, 2);
    finish(&f);
    assert_int_equal(f.n_results, 100);
}

static void short_jobs_are_sent_ahead_in_groups(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    submit(&f, 200);
    turn(&f);
    assert_int_equal(parties[0].n_keys, 1);
    party_answer(&parties[0], 0, 0, MS / 2);
    turn(&f);
    /* 24 ms of work: 48 jobs of half a millisecond, and the one that runs. */
    assert_in_range(parties[0].n_keys, 40, 60);
    assert_int_equal(parties[0].n_groups, 2);
    finish(&f);
}

static void long_jobs_are_not_sent_ahead(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    submit(&f, 50);
    turn(&f);
    party_answer(&parties[0], 0, 0, 500 * MS);
    turn(&f);
    assert_int_equal(parties[0].n_keys, 1);
    finish(&f);
}

static void jobs_start_in_the_order_of_submission(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    submit(&f, 100);
    while (f.n_results < 100) {
        turn(&f);
        while (parties[0].n_keys > 0) {
            party_answer(&parties[0], 0, 0, MS / 10);
        }
        assert_ok(brood_poll(f.pool, 0));
    }
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(f.seqs[i], i + 1);
    }
    finish(&f);
}

static void waiting_jobs_are_taken_back_for_an_idle_worker(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 2, 2);
    submit(&f, 30);
    turn(&f);
    party_answer(&parties[0], 0, 0, 2 * MS);
    party_answer(&parties[1], 0, 0, 2 * MS);
    turn(&f);
    assert_true(parties[0].n_keys > 4);
    /* One is through with its share, the other got a long one. */
    while (parties[1].n_keys > 0) {
        party_answer(&parties[1], 0, 0, 2 * MS);
        turn(&f);
    }
    while (parties[0].n_take_back == 0) {
        assert_ok(brood_poll(f.pool, 10));
        party_read(&parties[0]);
    }
    assert_true(parties[0].take_back_count > 0);
    party_return(&parties[0], parties[0].n_keys - 1, 0);
    turn(&f);
    assert_int_equal(parties[1].n_keys, 1);
    finish(&f);
    assert_int_equal(f.n_results, 30);
}

static void a_failed_try_is_sent_again(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    assert_ok(brood_submit(
        f.batch, &(struct brood_job){ .shell = "x", .attempts = 3 }, NULL));
    for (int i = 0; i < 3; i++) {
        turn(&f);
        assert_int_equal(f.n_results, 0);
        assert_int_equal(parties[0].n_keys, 1);
        party_answer(&parties[0], 0, 9, MS);
    }
    turn(&f);
    assert_int_equal(f.n_results, 1);
    assert_int_equal(f.last.attempt, 3);
    assert_int_equal(f.last.exit_status, 9);
    finish(&f);
}

static void what_cannot_start_waits_while_others_run(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 2, 2);
    submit(&f, 2);
    turn(&f);
    party_return(&parties[0], 0, -EAGAIN);
    turn(&f);
    assert_int_equal(f.n_results, 0);
    assert_int_equal(parties[0].n_keys, 0);
    /* The other's end is what it waited for. */
    party_answer(&parties[1], 0, 0, MS);
    turn(&f);
    assert_int_equal(parties[0].n_keys + parties[1].n_keys, 1);
    finish(&f);
    assert_int_equal(f.n_results, 2);
}

static void what_cannot_start_fails_when_nothing_runs(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    submit(&f, 1);
    turn(&f);
    /* What the last results held may have been freed since: once more. */
    party_return(&parties[0], 0, -EAGAIN);
    turn(&f);
    assert_int_equal(f.n_results, 0);
    assert_int_equal(parties[0].n_keys, 1);
    party_return(&parties[0], 0, -EAGAIN);
    turn(&f);
    assert_int_equal(f.n_results, 1);
    assert_int_equal(f.last.outcome, BROOD_SPAWN_FAILED);
    assert_int_equal(f.last.error, -EAGAIN);
    finish(&f);
}

static void a_full_queue_says_so(void **state)
{
    const struct brood_job job = { .shell = "x" };
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    while (brood_batch_room(f.batch) > 0) {
        submit(&f, 1);
    }
    assert_int_equal(brood_batch_count(f.batch).queued, 1024);
    assert_err(brood_submit(f.batch, &job, NULL), -EAGAIN);
    turn(&f);
    assert_ok(brood_submit(f.batch, &job, NULL));
    finish(&f);
    assert_int_equal(f.n_results, 1025);
}

static void a_result_nobody_waits_for_is_dropped(void **state)
{
    struct fixture f;

    (void)state;
    open_pool(&f, 1, 1);
    submit(&f, 1);
    turn(&f);
    parties[0].keys[1] = parties[0].keys[0];
    parties[0].n_keys = 2;
    party_answer(&parties[0], 0, 0, MS);
    party_answer(&parties[0], 0, 5, MS);
    turn(&f);
    assert_int_equal(f.n_results, 1);
    assert_int_equal(f.last.exit_status, 0);
    finish(&f);
}

static void cancelling_a_sent_job_asks_its_worker_once(void **state)
{
    struct fixture f;
    uint64_t id = 0;

    (void)state;
    open_pool(&f, 1, 1);
    assert_ok(brood_submit(f.batch, &(struct brood_job){ .shell = "x" }, &id));
    turn(&f);
    assert_ok(brood_cancel(f.batch, id));
    assert_ok(brood_cancel(f.batch, id));
    turn(&f);
    assert_int_equal(parties[0].n_cancels, 1);
    assert_true(parties[0].cancelled == id);
    party_return(&parties[0], 0, -ECANCELED);
    turn(&f);
    assert_int_equal(f.last.outcome, BROOD_CANCELLED);
    assert_err(brood_cancel(f.batch, id), -ESRCH);
    finish(&f);
}

static void starts_are_spaced_by_the_gap(void **state)
{
    struct fixture f;

    (void)state;
    parties_reset();
    f = (struct fixture){ 0 };
    assert_ok(brood_open(&(struct brood_options){ .threads = 1, .slots = 4 },
                         &f.pool));
    assert_ok(brood_batch_new(
        f.pool,
        &(struct brood_batch_options){
            .on_result = on_result, .user = &f, .start_gap_ms = 30 },
        &f.batch));
    submit(&f, 3);
    turn(&f);
    assert_int_equal(parties[0].n_keys, 1);
    turn(&f);
    assert_int_equal(parties[0].n_keys, 1);
    for (unsigned n = 1; n < 3; n++) {
        int64_t told_ns = clock_mono_ns();

        party_started(&parties[0], n - 1);
        while (parties[0].n_keys == n) {
            assert_ok(brood_poll(f.pool, -1));
            party_read(&parties[0]);
        }
        assert_true(clock_mono_ns() - told_ns >= 30 * MS);
    }
    assert_int_equal(parties[0].n_groups, 3);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_job_is_sent_ahead_before_durations_are_known),
        cmocka_unit_test(short_jobs_are_sent_ahead_in_groups),
        cmocka_unit_test(long_jobs_are_not_sent_ahead),
        cmocka_unit_test(jobs_start_in_the_order_of_submission),
        cmocka_unit_test(waiting_jobs_are_taken_back_for_an_idle_worker),
        cmocka_unit_test(a_failed_try_is_sent_again),
        cmocka_unit_test(what_cannot_start_waits_while_others_run),
        cmocka_unit_test(what_cannot_start_fails_when_nothing_runs),
        cmocka_unit_test(a_full_queue_says_so),
        cmocka_unit_test(a_result_nobody_waits_for_is_dropped),
        cmocka_unit_test(cancelling_a_sent_job_asks_its_worker_once),
        cmocka_unit_test(starts_are_spaced_by_the_gap),
    };

    return cmocka_run_group_tests_name("core.schedule", tests, NULL, NULL);
}
