/* Signals for a child of brood_spawn(), and the ladder that stops it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "integration/spawned.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    ROUNDS = 200,
    /* Longer than any test lasts. */
    LONG_MS = 100000,
};

static void a_signal_may_ask_or_end(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "cat", NULL },
                             .input = BROOD_INPUT_STREAM,
                             .out = BROOD_OUTPUT_STREAM,
                             .err = BROOD_OUTPUT_STREAM });
    assert_ok(brood_child_kill(s->child, 0));
    spawned_until(s, 'S');
    assert_ok(brood_child_kill(s->child, 0));
    assert_int_equal(kill(brood_child_pid(s->child), 0), 0);
    assert_ok(brood_child_kill(s->child, SIGTERM));
    spawned_until(s, 'x');
    assert_int_equal(s->exit_status, -1);
    assert_int_equal(s->signal, SIGTERM);
    assert_err(brood_child_kill(s->child, 0), -ESRCH);
    assert_err(brood_child_kill(s->child, SIGTERM), -ESRCH);
    spawned_wait(s);
    /* It was no ladder of ours. */
    assert_int_equal(s->result.outcome, BROOD_SIGNALLED);
    assert_int_equal(s->result.stop_signal, 0);
    assert_false(s->result.core_dumped);
}

static void what_is_no_signal_is_refused(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "cat", NULL },
                             .input = BROOD_INPUT_STREAM });
    for (int i = 0; i < 2; i++) {
        assert_err(brood_child_kill(s->child, -1), -EINVAL);
        assert_err(brood_child_kill(s->child, SIGRTMAX + 1), -EINVAL);
        assert_err(brood_child_kill(s->child, 1000), -EINVAL);
        spawned_until(s, 'S');
    }
    assert_ok(brood_child_end_input(s->child));
    spawned_wait(s);
    assert_int_equal(s->result.outcome, BROOD_EXITED);
}

static void a_signal_reaches_the_whole_group(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(
        n, s,
        &(struct brood_job){ .shell = "sleep 100 & sleep 100 & echo; wait",
                             .drain_ms = LONG_MS,
                             .out = BROOD_OUTPUT_STREAM });
    spawned_until_bytes(s, 1, 1);
    assert_ok(brood_child_kill(s->child, SIGTERM));
    spawned_wait(s);
    /* None of them holds the output any more. */
    assert_false(s->result.leaked);
    assert_int_equal(s->signal, SIGTERM);
}

static void in_our_own_group_the_child_alone_is_reached(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    int pair[2];

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    spawned_start(
        n, s,
        &(struct brood_job){ .shell = "cat <&3 & echo; wait",
                             .fds = (const struct brood_fd[]){ { 3, pair[0] } },
                             .n_fds = 1,
                             .same_group = 1,
                             .drain_ms = LONG_MS,
                             .out = BROOD_OUTPUT_STREAM });
    (void)close(pair[0]);
    spawned_until_bytes(s, 1, 1);
    assert_int_equal(getpgid(brood_child_pid(s->child)), getpgrp());
    assert_ok(brood_child_kill(s->child, SIGTERM));
    spawned_until(s, 'x');
    assert_int_equal(s->signal, SIGTERM);
    assert_int_equal(write(pair[1], "on\n", 3), 3);
    (void)close(pair[1]);
    spawned_wait(s);
    assert_string_equal(spawned_text(s, 1), "\non\n");
}

static void signals_before_the_start_are_sent_in_their_order(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct brood_job job = {
        .argv =
            (const char *const[]){ CHILDREN_DIR "/sleep_ms", "100000", NULL },
    };

    spawned_start(n, s, &job);
    assert_ok(brood_child_kill(s->child, SIGTERM));
    assert_ok(brood_child_kill(s->child, SIGCONT));
    spawned_wait(s);
    assert_int_equal(s->signal, SIGTERM);
    job.argv = (const char *const[]){ "true", NULL };
    spawned_start(n, s, &job);
    assert_ok(brood_child_kill(s->child, SIGSTOP));
    assert_ok(brood_child_kill(s->child, SIGCONT));
    spawned_wait(s);
    assert_int_equal(s->exit_status, 0);
}

static void a_kill_at_the_end_is_sent_or_refused(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    unsigned n_killed = 0;

    for (int i = 0; i < ROUNDS; i++) {
        const char *program =
            i % 2 == 0 ? CHILDREN_DIR "/nothing" : CHILDREN_DIR "/sleep_ms";
        int r = 0;

        spawned_start(n, s,
                      &(struct brood_job){ .argv = (const char *const[]){
                                               program, "1", NULL } });
        spawned_until(s, 'S');
        for (int k = 0; k < i % 8; k++) {
            assert_ok(brood_poll(n->pool, 0));
        }
        while (r == 0) {
            r = brood_child_kill(s->child, SIGTERM);
            assert_true(r == 0 || r == -ESRCH);
            assert_ok(brood_poll(n->pool, 0));
        }
        spawned_wait(s);
        assert_string_equal(s->log, "Sxc");
        if (s->result.outcome == BROOD_SIGNALLED) {
            assert_int_equal(s->signal, SIGTERM);
            n_killed++;
        } else {
            assert_int_equal(s->exit_status, 0);
        }
    }
    print_message("%u of %d killed\n", n_killed, ROUNDS);
}

static const struct brood_stop_step steps[] = { { SIGTERM, 100 },
                                                { SIGKILL, 0 } };

static void start_stubborn(struct nest *n,
                           struct spawned *s,
                           const char *program)
{
    const char *const argv[] = { program, NULL };
    struct brood_job job = { .argv = argv,
                             .out = BROOD_OUTPUT_STREAM,
                             .n_stop = 2 };

    memcpy(job.stop, steps, sizeof(steps));
    spawned_start(n, s, &job);
    spawned_until_bytes(s, 1, strlen("ready\n"));
}

static void a_ladder_goes_up_to_what_ends_the_child(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    start_stubborn(n, s, CHILDREN_DIR "/ignore_term");
    assert_ok(brood_child_stop(s->child));
    spawned_wait(s);
    assert_int_equal(s->result.outcome, BROOD_CANCELLED);
    assert_int_equal(s->result.stop_signal, SIGKILL);
    assert_int_equal(s->signal, SIGKILL);
}

static void a_ladder_ends_where_the_child_does(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    start_stubborn(n, s, CHILDREN_DIR "/trap_term_exit");
    assert_ok(brood_child_stop(s->child));
    assert_ok(brood_child_stop(s->child));
    spawned_wait(s);
    assert_int_equal(s->result.outcome, BROOD_CANCELLED);
    assert_int_equal(s->result.stop_signal, SIGTERM);
    assert_int_equal(s->exit_status, 0);
    assert_string_equal(spawned_text(s, 1), "ready\nterm\n");
    assert_err(brood_child_stop(s->child), -ESRCH);
}

static void one_that_is_stopped_at_once_is_told_once(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    for (int i = 0; i < ROUNDS / 4; i++) {
        spawned_start(n, s,
                      &(struct brood_job){ .argv = (const char *const[]){
                                               "sleep", "100", NULL } });
        for (int k = 0; k < i % 4; k++) {
            assert_ok(brood_poll(n->pool, 0));
        }
        assert_ok(brood_child_stop(s->child));
        spawned_wait(s);
        assert_int_equal(s->result.outcome, BROOD_CANCELLED);
        assert_string_equal(s->log, s->result.pid == 0 ? "c" : "Sxc");
    }
}

static void freeing_a_stubborn_child_ends_it_all_the_same(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    start_stubborn(n, s, CHILDREN_DIR "/ignore_term");
    s->child = brood_child_free(s->child);
    while (has_children()) {
        assert_ok(brood_poll(n->pool, 10));
    }
    assert_string_equal(s->log, "Sd");
}

static void closing_the_pool_ends_what_is_left_by_its_ladder(void **state)
{
    struct nest *n = *state;

    start_stubborn(n, &n->child[0], CHILDREN_DIR "/ignore_term");
    start_stubborn(n, &n->child[1], CHILDREN_DIR "/trap_term_exit");
    n->pool = brood_close(n->pool);
    assert_false(has_children());
    n->child[0].child = NULL;
    n->child[1].child = NULL;
    assert_string_equal(n->child[0].log, "Sd");
    assert_string_equal(n->child[1].log, "Sd");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signal_may_ask_or_end),
        TEST(what_is_no_signal_is_refused),
        TEST(a_signal_reaches_the_whole_group),
        TEST(in_our_own_group_the_child_alone_is_reached),
        TEST(signals_before_the_start_are_sent_in_their_order),
        TEST(a_kill_at_the_end_is_sent_or_refused),
        TEST(a_ladder_goes_up_to_what_ends_the_child),
        TEST(a_ladder_ends_where_the_child_does),
        TEST(one_that_is_stopped_at_once_is_told_once),
        TEST(freeing_a_stubborn_child_ends_it_all_the_same),
        TEST(closing_the_pool_ends_what_is_left_by_its_ladder),
    };

    return cmocka_run_group_tests_name("integration.spawn_signal", tests, NULL,
                                       NULL);
}
