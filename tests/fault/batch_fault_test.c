/*
 * Each place on a job's way that can fail is made to fail, at its first pass,
 * its second ... until a run goes through untouched. Whatever fails: a call
 * says so and can be made again, or the job's result says so; every accepted
 * job has one result, and no child and no descriptor is left.
 */
#include <errno.h>

#include "base/fault.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    PASSES_MAX = 2000,
    TRIES_MAX = 50,
    JOBS = 12,
    LARGE_OUTPUT = 100000,
};

static char large_input[200000];

static struct brood_job job_number(int i)
{
    switch (i % 6) {
    case 0:
        return (struct brood_job){ .shell = "echo out; echo err >&2" };
    case 1:
        return (struct brood_job){ .shell = "head -c 100000 /dev/zero" };
    case 2:
        return (struct brood_job){ .shell = "wc -c",
                                   .input = BROOD_INPUT_BYTES,
                                   .input_data = large_input,
                                   .input_size_bytes = sizeof(large_input) };
    case 3:
        return (struct brood_job){ .shell = "exit 3", .attempts = 2 };
    case 4:
        return (struct brood_job){ .shell = "sleep 60", .timeout_ms = 20 };
    default:
        return (struct brood_job){ .shell = "echo x",
                                   .slot_mark = "x",
                                   .notify_start = 1 };
    }
}

struct tally {
    unsigned n_results;
    uint64_t seen;
};

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct tally *t = user;
    uint64_t bit = UINT64_C(1) << result->seq;

    (void)batch;
    assert_true(result->seq <= JOBS);
    assert_true((t->seen & bit) == 0);
    t->seen |= bit;
    t->n_results++;
    /* Nothing is lost in silence. */
    if (result->outcome == BROOD_EXITED && result->seq % 6 == 2 &&
        result->out.error == 0) {
        assert_int_equal(result->out.size_bytes, LARGE_OUTPUT);
        assert_int_equal(result->out.lost_bytes, 0);
    }
}

/* Returns: the jobs that were accepted. */
static unsigned submit_all(struct brood *pool, struct brood_batch *batch)
{
    unsigned n = 0;

    for (int i = 0; i < JOBS; i++) {
        const struct brood_job job = job_number(i);
        int r = 0;

        for (int tries = 0; tries < TRIES_MAX; tries++) {
            r = brood_submit(batch, &job, NULL);
            if (r == 0) {
                n++;
                break;
            }
            assert_true(r == -ENOMEM || r == -EMFILE || r == -EAGAIN);
            (void)brood_poll(pool, 1);
        }
        assert_ok(r);
    }
    return n;
}

static void run_all(struct brood_batch *batch)
{
    int r = -1;

    (void)brood_batch_close(batch);
    for (int tries = 0; r < 0 && tries < TRIES_MAX; tries++) {
        r = brood_run(batch);
        assert_true(r == 0 || r == -ENOMEM || r == -EMFILE);
    }
    assert_ok(r);
}

static void work_once(enum brood_order order)
{
    const struct brood_options options = { .slots = 2, .threads = 2 };
    struct tally t = { 0 };
    const struct brood_batch_options batch_options = { .on_result = on_result,
                                                       .user = &t,
                                                       .order = order };
    struct brood_batch *batch = NULL;
    struct brood *pool = NULL;
    int fds = count_fds();
    int r = -1;
    unsigned n;

    for (int tries = 0; r < 0 && tries < TRIES_MAX; tries++) {
        r = brood_open(&options, &pool);
    }
    assert_ok(r);
    r = -1;
    for (int tries = 0; r < 0 && tries < TRIES_MAX; tries++) {
        r = brood_batch_new(pool, &batch_options, &batch);
    }
    assert_ok(r);
    n = submit_all(pool, batch);
    run_all(batch);
    assert_int_equal(t.n_results, n);
    batch = brood_batch_free(batch);
    pool = brood_close(pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), fds);
}

static void fail_each_pass(const char *site, enum brood_order order)
{
    int n = 1;

    for (; n <= PASSES_MAX; n++) {
        bool fired;

        brood_fault_arm(site, n);
        work_once(order);
        fired = brood_fault_fired() != 0;
        brood_fault_arm(site, 0);
        if (!fired) {
            break;
        }
    }
    print_message("%s: %d passes failed one by one\n", site, n - 1);
    assert_in_range(n, 2, PASSES_MAX);
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    fail_each_pass("mem", BROOD_ORDER_SUBMIT);
}

static void pipes_may_not_be_had(void **state)
{
    (void)state;
    fail_each_pass("sys.pipe", BROOD_ORDER_END);
}

static void files_may_not_be_opened(void **state)
{
    (void)state;
    fail_each_pass("sys.open", BROOD_ORDER_END);
}

static void epoll_may_have_no_room(void **state)
{
    (void)state;
    fail_each_pass("sys.epoll_add", BROOD_ORDER_END);
}

static void processes_may_not_be_had(void **state)
{
    (void)state;
    fail_each_pass("sys.clone", BROOD_ORDER_END);
}

static void temporary_files_may_not_be_had(void **state)
{
    (void)state;
    fail_each_pass("tmpfile", BROOD_ORDER_SUBMIT);
}

static void the_disk_may_be_full(void **state)
{
    (void)state;
    fail_each_pass("write", BROOD_ORDER_SUBMIT);
}

static void reading_output_may_fail(void **state)
{
    (void)state;
    fail_each_pass("read", BROOD_ORDER_END);
}

static void messages_may_not_be_sent(void **state)
{
    (void)state;
    fail_each_pass("zmq_send", BROOD_ORDER_END);
}

static void messages_may_not_be_received(void **state)
{
    (void)state;
    fail_each_pass("zmq_recv", BROOD_ORDER_END);
}

static void sockets_may_not_be_made(void **state)
{
    (void)state;
    fail_each_pass("zmq_socket", BROOD_ORDER_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipes_may_not_be_had),
        cmocka_unit_test(files_may_not_be_opened),
        cmocka_unit_test(epoll_may_have_no_room),
        cmocka_unit_test(processes_may_not_be_had),
        cmocka_unit_test(temporary_files_may_not_be_had),
        cmocka_unit_test(the_disk_may_be_full),
        cmocka_unit_test(reading_output_may_fail),
        cmocka_unit_test(messages_may_not_be_sent),
        cmocka_unit_test(messages_may_not_be_received),
        cmocka_unit_test(sockets_may_not_be_made),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests_name("fault.batch", tests, NULL, NULL);
}
