/* brood_peek(): the end of what a running job has written so far. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    TEXT_SIZE = 256,
    ASK_MS = 5,
};

struct fixture {
    struct brood *pool;
    struct brood_batch *batch;
    struct brood_child *child;
    unsigned n_results;
    unsigned n_tails;
    int stream;
    void *tag;
    char last[TEXT_SIZE];
    int fds_before;
};

static void keep(struct fixture *f, int stream, const void *data, size_t size)
{
    f->n_tails++;
    f->stream = stream;
    assert_true(size < TEXT_SIZE);
    memcpy(f->last, data, size);
    f->last[size] = '\0';
}

static void on_tail(struct brood_batch *batch,
                    const struct brood_result *job,
                    int stream,
                    const void *data,
                    size_t size_bytes,
                    void *user)
{
    struct fixture *f = user;

    (void)batch;
    f->tag = job->tag;
    keep(f, stream, data, size_bytes);
}

static void on_child_tail(struct brood_child *child,
                          int stream,
                          const void *data,
                          size_t size_bytes,
                          void *user)
{
    (void)child;
    keep(user, stream, data, size_bytes);
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    (void)batch;
    (void)result;
    ((struct fixture *)user)->n_results++;
}

static int setup(void **state)
{
    static struct fixture f;
    const struct brood_batch_options options = { .on_result = on_result,
                                                 .on_tail = on_tail,
                                                 .user = &f };

    memset(&f, 0, sizeof(f));
    f.fds_before = pool_open(&f.pool);
    assert_ok(brood_batch_new(f.pool, &options, &f.batch));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->batch = brood_batch_free(f->batch);
    pool_close(f->pool, f->child, f->fds_before);
    return 0;
}

/* Ask until the answer is what it shall be. */
static void look(struct fixture *f,
                 uint64_t id,
                 int stream,
                 size_t size,
                 const char *want)
{
    f->last[0] = '\0';
    while (f->stream != stream || strcmp(f->last, want) != 0) {
        int r = brood_peek(f->batch, id, stream, size);

        assert_true(r == 0 || r == -ESRCH);
        assert_true(brood_poll(f->pool, ASK_MS) >= 0);
        assert_int_equal(f->n_results, 0);
    }
}

static void the_end_of_both_streams_is_told(void **state)
{
    struct fixture *f = *state;
    uint64_t id;

    assert_ok(brood_submit(
        f->batch,
        &(struct brood_job){ .shell = "echo one; echo two; echo err >&2; "
                                      "exec sleep 100",
                             .tag = f },
        &id));
    look(f, id, 1, TEXT_SIZE - 1, "one\ntwo\n");
    assert_ptr_equal(f->tag, f);
    look(f, id, 1, 3, "wo\n");
    look(f, id, 2, TEXT_SIZE - 1, "err\n");
    look(f, id, 2, 0, "");
    assert_err(brood_peek(f->batch, id, 3, 1), -EINVAL);
    assert_err(brood_peek(f->batch, id + 1, 1, 1), -ESRCH);
    assert_ok(brood_stop(f->batch));
    assert_int_equal(f->n_results, 1);
    assert_err(brood_peek(f->batch, id, 1, 1), -ESRCH);
}

static void of_an_output_in_a_file_too(void **state)
{
    struct fixture *f = *state;
    uint64_t id;

    assert_ok(brood_submit(
        f->batch,
        &(struct brood_job){ .shell = "head -c 5000000 /dev/zero | tr '\\0' "
                                      "x; echo end; exec sleep 100" },
        &id));
    look(f, id, 1, 7, "xxxend\n");
    assert_ok(brood_stop(f->batch));
}

static void one_that_waits_has_none(void **state)
{
    struct fixture *f = *state;
    uint64_t first;
    uint64_t id = 0;

    assert_ok(brood_submit(
        f->batch, &(struct brood_job){ .shell = "echo 1; sleep 100" }, &first));
    look(f, first, 1, TEXT_SIZE - 1, "1\n");
    for (int i = 0; i < 100; i++) {
        assert_ok(brood_submit(f->batch,
                               &(struct brood_job){ .shell = "echo 2" }, &id));
    }
    assert_err(brood_peek(f->batch, id, 1, 1), -ESRCH);
    assert_ok(brood_stop(f->batch));
}

static void a_child_is_looked_at_in_the_same_way(void **state)
{
    struct fixture *f = *state;
    const struct brood_child_options options = {
        .job.shell = "echo from the child; exec sleep 100",
        .on_tail = on_child_tail,
        .user = f,
    };

    assert_ok(brood_spawn(f->pool, &options, &f->child));
    while (strcmp(f->last, "the child\n") != 0) {
        int r = brood_child_peek(f->child, 1, 10);

        assert_true(r == 0 || r == -ESRCH);
        assert_true(brood_poll(f->pool, ASK_MS) >= 0);
    }
    assert_err(brood_child_peek(f->child, 0, 10), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_end_of_both_streams_is_told),
        TEST(of_an_output_in_a_file_too),
        TEST(one_that_waits_has_none),
        TEST(a_child_is_looked_at_in_the_same_way),
    };

    return cmocka_run_group_tests_name("peek", tests, NULL, NULL);
}
