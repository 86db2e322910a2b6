/* What callbacks may do, and batches that share a pool. */
#include <errno.h>
#include <stdlib.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    JOBS = 100,
    TREE = 255,
};

struct fixture {
    struct brood *pool;
    int fds_before;
};

struct tally {
    unsigned n;
    unsigned n_cancelled;
    unsigned n_ok;
    uint64_t last_seq;
    bool in_order;
    uint64_t victim;
};

static int setup(void **state)
{
    static struct fixture f;

    f.fds_before = count_fds();
    assert_ok(brood_open(&(struct brood_options){ .slots = 4, .threads = 2 },
                         &f.pool));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->pool = brood_close(f->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

static void count(struct tally *t, const struct brood_result *result)
{
    t->n++;
    t->n_cancelled += result->outcome == BROOD_CANCELLED;
    t->n_ok += brood_result_ok(result) != 0;
    t->in_order = t->in_order && result->seq == t->last_seq + 1;
    t->last_seq = result->seq;
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    (void)batch;
    count(user, result);
}

static struct brood_batch *new_batch(
    struct fixture *f,
    struct tally *t,
    enum brood_order order,
    void (*callback)(struct brood_batch *, const struct brood_result *, void *))
{
    const struct brood_batch_options options = { .on_result = callback,
                                                 .user = t,
                                                 .order = order };
    struct brood_batch *batch = NULL;

    *t = (struct tally){ .in_order = true };
    assert_ok(brood_batch_new(f->pool, &options, &batch));
    return batch;
}

static void submit(struct brood_batch *batch, const char *line)
{
    assert_ok(brood_submit(batch, &(struct brood_job){ .shell = line }, NULL));
}

static void two_batches_share_a_pool(void **state)
{
    struct fixture *f = *state;
    struct tally ta;
    struct tally tb;
    struct brood_batch *a = new_batch(f, &ta, BROOD_ORDER_END, on_result);
    struct brood_batch *b = new_batch(f, &tb, BROOD_ORDER_SUBMIT, on_result);

    for (int i = 0; i < JOBS; i++) {
        submit(a, "echo a");
        submit(b, i % 10 == 0 ? "sleep 0.01" : "echo b");
    }
    assert_ok(brood_batch_close(a));
    assert_ok(brood_batch_close(b));
    assert_ok(brood_run(b));
    assert_int_equal(tb.n, JOBS);
    assert_true(tb.in_order);
    assert_ok(brood_run(a));
    assert_int_equal(ta.n, JOBS);
    assert_int_equal(ta.n_ok, JOBS);
    (void)brood_batch_free(a);
    (void)brood_batch_free(b);
}

static void stopping_one_batch_leaves_the_other(void **state)
{
    struct fixture *f = *state;
    struct tally ta;
    struct tally tb;
    struct brood_batch *a = new_batch(f, &ta, BROOD_ORDER_END, on_result);
    struct brood_batch *b = new_batch(f, &tb, BROOD_ORDER_END, on_result);

    for (int i = 0; i < JOBS; i++) {
        submit(a, "sleep 60");
        submit(b, "echo b");
    }
    assert_ok(brood_poll(f->pool, 10));
    assert_ok(brood_stop(a));
    assert_int_equal(ta.n, JOBS);
    assert_int_equal(ta.n_cancelled, JOBS);
    assert_ok(brood_run(b));
    assert_int_equal(tb.n_ok, JOBS);
    (void)brood_batch_free(a);
    (void)brood_batch_free(b);
}

static void on_tree_result(struct brood_batch *batch,
                           const struct brood_result *result,
                           void *user)
{
    count(user, result);
    if (result->seq <= TREE / 2) {
        submit(batch, "true");
        submit(batch, "echo x");
    }
}

static void a_callback_may_submit_more(void **state)
{
    struct fixture *f = *state;

    for (int order = BROOD_ORDER_END; order <= BROOD_ORDER_SUBMIT; order++) {
        struct tally t;
        struct brood_batch *batch =
            new_batch(f, &t, (enum brood_order)order, on_tree_result);

        submit(batch, "true");
        assert_ok(brood_run(batch));
        assert_int_equal(t.n, TREE);
        assert_int_equal(t.n_ok, TREE);
        assert_true(order == BROOD_ORDER_END || t.in_order);
        (void)brood_batch_free(batch);
    }
}

static void on_result_cancel_all(struct brood_batch *batch,
                                 const struct brood_result *result,
                                 void *user)
{
    struct tally *t = user;

    count(t, result);
    if (t->n == 1) {
        assert_ok(brood_cancel_all(batch));
        assert_err(
            brood_submit(batch, &(struct brood_job){ .shell = "true" }, NULL),
            -ECANCELED);
    }
}

static void a_callback_may_cancel_all(void **state)
{
    struct fixture *f = *state;

    for (int order = BROOD_ORDER_END; order <= BROOD_ORDER_SUBMIT; order++) {
        struct tally t;
        struct brood_batch *batch =
            new_batch(f, &t, (enum brood_order)order, on_result_cancel_all);

        submit(batch, "true");
        for (int i = 1; i < JOBS; i++) {
            submit(batch, "sleep 60");
        }
        assert_ok(brood_run(batch));
        assert_int_equal(t.n, JOBS);
        assert_int_equal(t.n_ok, 1);
        assert_int_equal(t.n_cancelled, JOBS - 1);
        (void)brood_batch_free(batch);
    }
}

static void on_result_cancel_one(struct brood_batch *batch,
                                 const struct brood_result *result,
                                 void *user)
{
    struct tally *t = user;

    count(t, result);
    if (t->n == 1) {
        assert_err(brood_cancel(batch, result->id), -ESRCH);
        assert_ok(brood_cancel(batch, t->victim));
    }
}

static void a_callback_may_cancel_another_job(void **state)
{
    struct fixture *f = *state;
    struct tally t;
    struct brood_batch *batch =
        new_batch(f, &t, BROOD_ORDER_END, on_result_cancel_one);

    assert_ok(brood_submit(batch, &(struct brood_job){ .shell = "sleep 60" },
                           &t.victim));
    submit(batch, "true");
    submit(batch, "true");
    assert_ok(brood_run(batch));
    assert_int_equal(t.n, 3);
    assert_int_equal(t.n_cancelled, 1);
    assert_int_equal(t.n_ok, 2);
    (void)brood_batch_free(batch);
}

static void on_result_drain(struct brood_batch *batch,
                            const struct brood_result *result,
                            void *user)
{
    struct tally *t = user;

    count(t, result);
    if (t->n == 1) {
        assert_ok(brood_drain(batch));
    }
}

static void a_callback_may_drain(void **state)
{
    struct fixture *f = *state;
    struct tally t;
    struct brood_batch *batch =
        new_batch(f, &t, BROOD_ORDER_END, on_result_drain);

    for (int i = 0; i < JOBS; i++) {
        submit(batch, "true");
    }
    assert_ok(brood_run(batch));
    assert_int_equal(t.n, JOBS);
    assert_true(t.n_ok >= 1);
    assert_int_equal(t.n_cancelled, 0);
    (void)brood_batch_free(batch);
}

static void on_result_wait(struct brood_batch *batch,
                           const struct brood_result *result,
                           void *user)
{
    struct fixture *f = user;

    (void)result;
    assert_err(brood_poll(f->pool, 0), -EDEADLK);
    assert_err(brood_stop(batch), -EDEADLK);
}

static void a_callback_may_not_wait(void **state)
{
    const struct brood_batch_options options = { .on_result = on_result_wait,
                                                 .user = *state };
    struct fixture *f = *state;
    struct brood_batch *batch = NULL;

    assert_ok(brood_batch_new(f->pool, &options, &batch));
    submit(batch, "true");
    assert_ok(brood_run(batch));
    assert_int_equal(brood_batch_count(batch).delivered, 1);
    (void)brood_batch_free(batch);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_batches_share_a_pool),
        TEST(stopping_one_batch_leaves_the_other),
        TEST(a_callback_may_submit_more),
        TEST(a_callback_may_cancel_all),
        TEST(a_callback_may_cancel_another_job),
        TEST(a_callback_may_drain),
        TEST(a_callback_may_not_wait),
    };

    return cmocka_run_group_tests_name("integration.callbacks", tests, NULL,
                                       NULL);
}
