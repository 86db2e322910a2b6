/* The end of a child of brood_spawn(): its exit, its close, its time limit. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "integration/spawned.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    ROUNDS = 12,
    BURN_MS = 50,
    /* Longer than any test lasts. */
    LONG_MS = 100000,
};

/* A child that ends at once and leaves one behind with its output, which ends
 * with what is written to *ret_hold. */
static void start_holder(struct nest *n,
                         struct spawned *s,
                         int64_t drain_ms,
                         int *ret_hold)
{
    int pair[2];

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    spawned_start(
        n, s,
        &(struct brood_job){ .shell = "echo before; cat <&3 & exit 7",
                             .fds = (const struct brood_fd[]){ { 3, pair[0] } },
                             .n_fds = 1,
                             .drain_ms = drain_ms,
                             .out = BROOD_OUTPUT_STREAM });
    (void)close(pair[0]);
    *ret_hold = pair[1];
}

/* It is not closed as long as somebody reads from it. */
static bool is_held(int fd)
{
    struct pollfd p = { .fd = fd };

    assert_true(poll(&p, 1, 0) >= 0);
    return (p.revents & POLLERR) == 0;
}

static void the_exit_comes_while_others_hold_the_output(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    int hold;

    start_holder(n, s, LONG_MS, &hold);
    spawned_until(s, 'x');
    spawned_until_bytes(s, 1, 7);
    nest_poll(n);
    assert_int_equal(s->exit_status, 7);
    assert_false(spawned_has(s, 'e') || spawned_has(s, 'c'));
    assert_err(brood_child_kill(s->child, 0), -ESRCH);
    assert_err(brood_child_kill(s->child, SIGTERM), -ESRCH);
    assert_err(brood_child_stop(s->child), -ESRCH);
    assert_int_equal(write(hold, "late\n", 5), 5);
    (void)close(hold);
    spawned_wait(s);
    assert_string_equal(spawned_text(s, 1), "before\nlate\n");
    assert_string_equal(s->log + s->n_log - 3, "dec");
    assert_int_equal(s->result.outcome, BROOD_EXITED);
    assert_false(s->result.leaked);
}

static void after_the_drain_time_the_output_is_given_up(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    int hold;

    start_holder(n, s, 20, &hold);
    spawned_wait(s);
    assert_true(is_held(hold));
    assert_string_equal(spawned_text(s, 1), "before\n");
    assert_string_equal(s->log + s->n_log - 2, "ec");
    assert_int_equal(s->result.exit_status, 7);
    assert_true(s->result.leaked);
    (void)close(hold);
}

static void nobody_waits_for_the_output_of_a_freed_child(void **state)
{
    struct nest *n = *state;
    int64_t begin_ns = clock_mono_ns();
    int hold[3];

    /* Whether or not its end is known when it is freed. */
    for (int i = 0; i < 3; i++) {
        struct spawned *s = &n->child[i];

        start_holder(n, s, LONG_MS, &hold[i]);
        spawned_until(s, "xdS"[i]);
        s->child = brood_child_free(s->child);
    }
    n->pool = brood_close(n->pool);
    assert_true(clock_mono_ns() - begin_ns < LONG_MS / 2 * CLOCK_NS_PER_MS);
    for (int i = 0; i < 3; i++) {
        (void)close(hold[i]);
    }
}

static void what_a_child_used_is_its_own(void **state)
{
    struct nest *n = *state;
    struct spawned *busy = &n->child[0];
    struct spawned *idle = &n->child[1];

    spawned_run(n, busy,
                &(struct brood_job){ .argv = (const char *const[]){
                                         CHILDREN_DIR "/burn", "50", NULL } });
    spawned_run(
        n, idle,
        &(struct brood_job){ .argv = (const char *const[]){
                                 CHILDREN_DIR "/sleep_ms", "1", NULL } });
    assert_true(busy->result.user_ns + busy->result.system_ns >=
                BURN_MS / 2 * CLOCK_NS_PER_MS);
    assert_true(idle->result.user_ns + idle->result.system_ns <
                busy->result.user_ns + busy->result.system_ns);
    assert_true(idle->result.user_ns + idle->result.system_ns <
                BURN_MS / 2 * CLOCK_NS_PER_MS);
    assert_true(busy->result.max_rss_bytes > 0);
    assert_true(busy->result.duration_ns >= BURN_MS / 2 * CLOCK_NS_PER_MS);
}

static void a_limit_that_is_not_reached_changes_nothing(void **state)
{
    static const int64_t limits[] = { 0, INT64_C(1) << 30, INT64_C(1) << 40,
                                      INT64_MAX };
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct brood_child_options options = { .job = { .shell = "exit 4" } };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        options.job.timeout_ms = limits[i];
        spawned_run(n, s, &options.job);
        assert_string_equal(s->log, "Sxc");
        assert_int_equal(s->result.outcome, BROOD_EXITED);
        assert_int_equal(s->result.exit_status, 4);
        assert_int_equal(s->result.stop_signal, 0);
    }
    s->child = brood_child_free(s->child);
    options.job.timeout_ms = -1;
    assert_err(brood_spawn(n->pool, &options, &s->child), -EINVAL);
    options.job.timeout_ms = 0;
    options.job.drain_ms = -1;
    assert_err(brood_spawn(n->pool, &options, &s->child), -EINVAL);
    assert_null(s->child);
}

static void a_limit_ends_all_who_hold_the_output(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(n, s,
                &(struct brood_job){ .shell = "sleep 100 & sleep 100; :",
                                     .timeout_ms = 50,
                                     .drain_ms = LONG_MS,
                                     .out = BROOD_OUTPUT_STREAM });
    assert_int_equal(s->result.outcome, BROOD_TIMED_OUT);
    assert_int_equal(s->result.stop_signal, SIGTERM);
    assert_int_equal(s->signal, SIGTERM);
    assert_false(s->result.leaked);
}

static void a_limit_at_the_childs_end_gives_one_close(void **state)
{
    struct nest *n = *state;
    unsigned n_timed_out = 0;

    for (int i = 0; i < ROUNDS; i++) {
        for (int k = 0; k < SPAWNED_MAX; k++) {
            spawned_start(
                n, &n->child[k],
                &(struct brood_job){ .argv = (const char *const[]){ CHILDREN_DIR
                                                                    "/sleep_ms",
                                                                    "4", NULL },
                                     .timeout_ms = 4 + k % 3 });
        }
        for (int k = 0; k < SPAWNED_MAX; k++) {
            struct spawned *s = &n->child[k];

            spawned_wait(s);
            nest_poll(n);
            assert_string_equal(s->log, "Sxc");
            if (s->result.outcome == BROOD_TIMED_OUT) {
                n_timed_out++;
            } else {
                assert_int_equal(s->result.outcome, BROOD_EXITED);
                assert_int_equal(s->result.exit_status, 0);
            }
        }
    }
    print_message("%u of %d timed out\n", n_timed_out, ROUNDS * SPAWNED_MAX);
}

static void each_way_to_end_is_told_apart(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct brood_job job = { .shell = "kill -TERM $$", .timeout_ms = LONG_MS };

    spawned_run(n, s, &job);
    assert_int_equal(s->result.outcome, BROOD_SIGNALLED);
    assert_int_equal(s->result.signal, SIGTERM);
    assert_int_equal(s->result.exit_status, -1);
    assert_int_equal(s->exit_status, -1);
    assert_false(s->result.core_dumped);
    job.shell = "sleep 100; :";
    spawned_start(n, s, &job);
    spawned_until(s, 'S');
    assert_ok(brood_child_kill(s->child, SIGKILL));
    spawned_wait(s);
    assert_int_equal(s->result.outcome, BROOD_SIGNALLED);
    assert_int_equal(s->signal, SIGKILL);
    assert_int_equal(s->result.stop_signal, 0);
    spawned_start(n, s, &job);
    spawned_until(s, 'S');
    assert_ok(brood_child_stop(s->child));
    spawned_wait(s);
    assert_int_equal(s->result.outcome, BROOD_CANCELLED);
    job.timeout_ms = 20;
    spawned_run(n, s, &job);
    assert_int_equal(s->result.outcome, BROOD_TIMED_OUT);
    job.shell = "exit 143";
    job.timeout_ms = LONG_MS;
    spawned_run(n, s, &job);
    assert_int_equal(s->result.outcome, BROOD_EXITED);
    assert_int_equal(s->result.exit_status, 143);
}

/* One that frees itself in one of its callbacks. */
struct quitter {
    struct brood_child *child;
    char at;
};

static void quit_at(struct quitter *q, char what)
{
    assert_non_null(q->child);
    if (q->at == what) {
        q->child = brood_child_free(q->child);
    }
}

static void quit_spawn(struct brood_child *child, void *user)
{
    (void)child;
    quit_at(user, 'S');
}

static void quit_error(struct brood_child *child,
                       const struct brood_result *result,
                       void *user)
{
    (void)child;
    (void)result;
    quit_at(user, 'X');
}

static void quit_data(struct brood_child *child,
                      int stream,
                      const void *data,
                      size_t size,
                      void *user)
{
    (void)child;
    (void)stream;
    (void)data;
    (void)size;
    quit_at(user, 'd');
}

static void quit_end(struct brood_child *child, int stream, void *user)
{
    (void)child;
    (void)stream;
    quit_at(user, 'e');
}

static void quit_exit(struct brood_child *child,
                      int status,
                      int sig,
                      void *user)
{
    (void)child;
    (void)status;
    (void)sig;
    quit_at(user, 'x');
}

static void quit_close(struct brood_child *child,
                       const struct brood_result *result,
                       void *user)
{
    (void)child;
    (void)result;
    quit_at(user, 'c');
}

static void run_quitter(struct nest *n, const char *line, char at)
{
    struct quitter q = { .at = at };
    const char *const argv[] = { line, NULL };
    struct brood_child_options options = {
        .job = { .out = BROOD_OUTPUT_STREAM, .err = BROOD_OUTPUT_STREAM },
        .on_spawn = quit_spawn,
        .on_error = quit_error,
        .on_data = quit_data,
        .on_end = quit_end,
        .on_exit = quit_exit,
        .on_close = quit_close,
        .user = &q,
    };

    if (*line == '/') {
        options.job.argv = argv;
    } else {
        options.job.shell = line;
    }
    assert_ok(brood_spawn(n->pool, &options, &q.child));
    while (q.child != NULL || has_children()) {
        assert_ok(brood_poll(n->pool, 1));
    }
    nest_poll(n);
}

static void a_child_may_be_freed_by_any_of_its_callbacks(void **state)
{
    struct nest *n = *state;

    for (const char *at = "Sdexc"; *at != '\0'; at++) {
        run_quitter(n, "echo a; echo b >&2; exit 1", *at);
        run_quitter(n, "head -c 300000 /dev/zero", *at);
    }
    run_quitter(n, "/no/such", 'X');
    run_quitter(n, "/no/such", 'c');
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_exit_comes_while_others_hold_the_output),
        TEST(after_the_drain_time_the_output_is_given_up),
        TEST(nobody_waits_for_the_output_of_a_freed_child),
        TEST(what_a_child_used_is_its_own),
        TEST(a_limit_that_is_not_reached_changes_nothing),
        TEST(a_limit_ends_all_who_hold_the_output),
        TEST(a_limit_at_the_childs_end_gives_one_close),
        TEST(each_way_to_end_is_told_apart),
        TEST(a_child_may_be_freed_by_any_of_its_callbacks),
    };

    return cmocka_run_group_tests_name("integration.spawn_end", tests, NULL,
                                       NULL);
}
