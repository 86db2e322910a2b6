/*
 * Each place on the way of a spawned child that can fail is made to fail, at
 * its first pass, its second ... until a run goes through untouched. Whatever
 * fails: a call says so and can be made again, or the child's result says so;
 * every child is closed once, none waits for ever, and no child and no
 * descriptor is left.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/fault.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    PASSES_MAX = 2000,
    TRIES_MAX = 50,
    PATIENCE_MS = 20000,
    PIECES = 4,
    PIECE_SIZE = 40000,
    WRITE_HIGH_BYTES = 50000,
};

struct tally {
    struct brood *pool;
    struct brood_child *child;
    unsigned n_spawn;
    unsigned n_error;
    unsigned n_exit;
    unsigned n_end;
    unsigned n_close;
    uint64_t n_bytes;
    struct brood_result result;
};

static void on_spawn(struct brood_child *child, void *user)
{
    struct tally *t = user;

    (void)child;
    assert_int_equal(t->n_bytes + t->n_exit + t->n_close, 0);
    t->n_spawn++;
}

static void on_error(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct tally *t = user;

    (void)child;
    assert_true(result->error < 0);
    t->n_error++;
}

static void on_data(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    struct tally *t = user;

    (void)child;
    (void)data;
    assert_int_equal(stream, 1);
    assert_int_equal(t->n_end, 0);
    t->n_bytes += size;
}

static void on_end(struct brood_child *child, int stream, void *user)
{
    struct tally *t = user;

    (void)child;
    (void)stream;
    t->n_end++;
}

static void on_exit_(struct brood_child *child,
                     int exit_status,
                     int sig,
                     void *user)
{
    struct tally *t = user;

    (void)child;
    (void)exit_status;
    (void)sig;
    t->n_exit++;
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct tally *t = user;

    (void)child;
    t->n_close++;
    t->result = *result;
}

static bool is_for_now(int r)
{
    return r == -ENOMEM || r == -EMFILE || r == -EAGAIN;
}

static void start(struct tally *t, struct brood *pool)
{
    static const char *const argv[] = { CHILDREN_DIR "/cat_stdin", NULL };
    const struct brood_child_options options = {
        .job = { .argv = argv,
                 .input = BROOD_INPUT_STREAM,
                 .out = BROOD_OUTPUT_STREAM },
        .on_spawn = on_spawn,
        .on_error = on_error,
        .on_data = on_data,
        .on_end = on_end,
        .on_exit = on_exit_,
        .on_close = on_close,
        .user = t,
        .write_high_bytes = WRITE_HIGH_BYTES,
    };
    int r = -ENOMEM;

    *t = (struct tally){ .pool = pool };
    for (int tries = 0; r < 0 && tries < TRIES_MAX; tries++) {
        r = brood_spawn(pool, &options, &t->child);
        assert_true(r == 0 || is_for_now(r));
    }
    assert_ok(r);
}

/* Returns: 0; or -EPIPE, it could not be started. */
static int feed(struct tally *t)
{
    static char piece[PIECE_SIZE];

    for (int i = 0; i < PIECES;) {
        int r = brood_child_write(t->child, piece, sizeof(piece));

        if (r == -EPIPE) {
            return r;
        }
        assert_true(r >= 0 || is_for_now(r));
        i += r >= 0 ? 1 : 0;
        if (r != 0) {
            r = brood_poll(t->pool, 1);
            assert_true(r >= 0 || is_for_now(r));
        }
    }
    return 0;
}

/* A call that can be made again once memory is back. */
static void insist(int (*call)(struct brood_child *child, int n),
                   struct brood_child *child,
                   int n)
{
    int r = -ENOMEM;

    for (int tries = 0; r == -ENOMEM && tries < TRIES_MAX; tries++) {
        r = call(child, n);
    }
    assert_true(r == 0 || r == -ESRCH);
}

static int end_input(struct brood_child *child, int n)
{
    (void)n;
    return brood_child_end_input(child);
}

static void wait_closed(struct tally *t)
{
    int r = -ENOMEM;

    for (int tries = 0; is_for_now(r) && tries < TRIES_MAX; tries++) {
        r = brood_child_wait(t->child, PATIENCE_MS);
    }
    assert_ok(r);
    assert_int_equal(t->n_close, 1);
    assert_int_equal(t->n_spawn + t->n_error, 1);
    assert_int_equal(t->n_exit, t->n_spawn);
    t->child = brood_child_free(t->child);
}

static void end_by_itself(struct brood *pool)
{
    struct tally t;

    start(&t, pool);
    insist(brood_child_pause, t.child, 1);
    if (feed(&t) == 0) {
        insist(brood_child_resume, t.child, 1);
        insist(end_input, t.child, 0);
    }
    wait_closed(&t);
    if (t.n_spawn > 0) {
        assert_int_equal(t.result.outcome, BROOD_EXITED);
        assert_int_equal(t.n_end, 1);
        /* Nothing is lost in silence. */
        assert_int_equal(t.n_bytes + t.result.out.lost_bytes,
                         PIECES * PIECE_SIZE);
    }
}

static void end_by_signal(struct brood *pool, bool early)
{
    struct tally t;

    start(&t, pool);
    if (!early) {
        (void)feed(&t);
    }
    insist(brood_child_kill, t.child, SIGTERM);
    wait_closed(&t);
    if (t.n_spawn > 0) {
        assert_int_equal(t.result.outcome, BROOD_SIGNALLED);
        assert_int_equal(t.result.signal, SIGTERM);
    }
}

static void end_by_free(struct brood *pool)
{
    struct tally t;

    start(&t, pool);
    insist(brood_child_pause, t.child, 1);
    (void)feed(&t);
    t.child = brood_child_free(t.child);
    assert_int_equal(t.n_close, t.n_error);
}

static void work_once(void)
{
    struct brood *pool = NULL;
    int fds = count_fds();
    int r = -1;

    for (int tries = 0; r < 0 && tries < TRIES_MAX; tries++) {
        r = brood_open(&(struct brood_options){ .slots = 1 }, &pool);
    }
    assert_ok(r);
    end_by_itself(pool);
    end_by_signal(pool, false);
    end_by_signal(pool, true);
    end_by_free(pool);
    pool = brood_close(pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), fds);
}

static void fail_each_pass(const char *site)
{
    int n = 1;

    for (; n <= PASSES_MAX; n++) {
        bool fired;

        brood_fault_arm(site, n);
        work_once();
        fired = brood_fault_fired() != 0;
        brood_fault_arm(site, 0);
        if (!fired) {
            break;
        }
    }
    print_message("%s: %d passes failed one by one\n", site, n - 1);
    assert_in_range(n, 2, PASSES_MAX);
}

static void pipes_may_not_be_had(void **state)
{
    (void)state;
    fail_each_pass("sys.pipe");
}

static void processes_may_not_be_had(void **state)
{
    (void)state;
    fail_each_pass("sys.clone");
}

static void epoll_may_have_no_room(void **state)
{
    (void)state;
    fail_each_pass("sys.epoll_add");
}

static void messages_may_not_be_sent(void **state)
{
    (void)state;
    fail_each_pass("zmq_send");
}

static void messages_may_not_be_received(void **state)
{
    (void)state;
    fail_each_pass("zmq_recv");
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    fail_each_pass("mem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipes_may_not_be_had),
        cmocka_unit_test(processes_may_not_be_had),
        cmocka_unit_test(epoll_may_have_no_room),
        cmocka_unit_test(messages_may_not_be_sent),
        cmocka_unit_test(messages_may_not_be_received),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests_name("fault.spawn", tests, NULL, NULL);
}
