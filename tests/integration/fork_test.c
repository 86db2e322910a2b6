/* brood_fork(): messages both ways with a child. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    LOG_SIZE = 64,
    MANY = 2000,
    CHILDREN = 30,
    JOIN_MS = 300000,
    ARRIVAL_POLLS = 10,
    ARRIVAL_MS = 10,
};

/* What happened, in order: S spawn, o open, m message (once for several),
 * w writable, D disconnect, x exit, c close. */
struct fixture {
    struct brood *pool;
    struct brood_child *child;
    char log[LOG_SIZE];
    size_t n_log;
    unsigned n_messages;
    size_t bytes;
    size_t expected_size;
    bool is_counting;
    int disconnect_error;
    uint64_t undelivered;
    struct brood_result result;
    int fds_before;
};

static void note(struct fixture *f, char what)
{
    if (what == 'm' && f->n_log > 0 && f->log[f->n_log - 1] == 'm') {
        return;
    }
    assert_true(f->n_log < LOG_SIZE - 1);
    f->log[f->n_log++] = what;
    f->log[f->n_log] = '\0';
}

static void on_spawn(struct brood_child *child, void *user)
{
    (void)child;
    note(user, 'S');
}

static void on_exited(struct brood_child *child,
                      int status,
                      int sig,
                      void *user)
{
    (void)child;
    (void)status;
    (void)sig;
    note(user, 'x');
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    (void)child;
    note(user, 'c');
    ((struct fixture *)user)->result = *result;
}

static void on_open(struct brood_child *child, void *user)
{
    (void)child;
    note(user, 'o');
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct fixture *f = user;

    (void)child;
    note(f, 'm');
    f->n_messages++;
    f->bytes += size;
    if (f->is_counting) {
        char text[32];
        int n = snprintf(text, sizeof(text), "%u", f->n_messages);

        assert_true(size >= (size_t)n);
        assert_memory_equal(data, text, (size_t)n);
    }
}

static void on_writable(struct brood_child *child, void *user)
{
    (void)child;
    note(user, 'w');
}

static void on_disconnect(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user)
{
    struct fixture *f = user;

    (void)child;
    note(f, 'D');
    f->disconnect_error = error;
    f->undelivered = undelivered;
}

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.fds_before = pool_open(&f.pool);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    pool_close(f->pool, f->child, f->fds_before);
    return 0;
}

static struct brood_fork_options options_for(struct fixture *f,
                                             const char *const *argv)
{
    return (struct brood_fork_options){
        .child = { .job.argv = argv,
                   .on_spawn = on_spawn,
                   .on_exit = on_exited,
                   .on_close = on_close,
                   .user = f },
        .on_open = on_open,
        .on_message = on_message,
        .on_writable = on_writable,
        .on_disconnect = on_disconnect,
        /* Many start at once, and machines may be slow. */
        .join_ms = JOIN_MS,
    };
}

static void fork_child(struct fixture *f, const char *const *argv)
{
    struct brood_fork_options options = options_for(f, argv);

    assert_ok(brood_fork(f->pool, &options, &f->child));
}

#define CHILD(...) \
    ((const char *const[]){ CHILDREN_DIR "/echo_back", __VA_ARGS__, NULL })

static void poll_until(struct fixture *f, char what)
{
    while (strchr(f->log, what) == NULL) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
}

static void messages_go_both_ways_in_order(void **state)
{
    struct fixture *f = *state;

    f->is_counting = true;
    fork_child(f, CHILD("echo"));
    for (unsigned i = 1; i <= MANY; i++) {
        char text[32];
        int n = snprintf(text, sizeof(text), "%u", i);

        assert_true(brood_send(f->child, text, (size_t)n) >= 0);
    }
    while (f->n_messages < MANY) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_int_equal(brood_is_connected(f->child), 1);
    assert_ok(brood_disconnect(f->child));
    assert_err(brood_disconnect(f->child), -ENOTCONN);
    assert_int_equal(brood_is_connected(f->child), 0);
    assert_err(brood_send(f->child, "x", 1), -EPIPE);
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->log[f->n_log - 1], 'c');
    assert_true(strchr(f->log, 'D') > strrchr(f->log, 'm'));
    assert_int_equal(f->disconnect_error, 0);
    assert_int_equal(f->undelivered, 0);
    assert_int_equal(brood_delivered(f->child), MANY);
    assert_int_equal(f->result.exit_status, 0);
}

static void messages_of_any_size_arrive_whole(void **state)
{
    static const size_t sizes[] = { 0, 1, 65536, 8 << 20, 8 << 20, 3 };
    struct fixture *f = *state;
    char *bytes = calloc(1, 8 << 20);
    size_t sum = 0;

    assert_non_null(bytes);
    fork_child(f, CHILD("echo"));
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        int r;

        while ((r = brood_send(f->child, bytes, sizes[i])) == -EAGAIN) {
            assert_true(brood_poll(f->pool, -1) >= 0);
        }
        assert_true(r >= 0);
        sum += sizes[i];
    }
    while (f->n_messages < sizeof(sizes) / sizeof(sizes[0])) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_int_equal(f->bytes, sum);
    free(bytes);
}

static void a_child_that_says_and_ends_is_heard_first(void **state)
{
    struct fixture *f = *state;

    f->is_counting = true;
    fork_child(f, CHILD("say", "1000"));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->n_messages, 1000);
    assert_int_equal(f->log[f->n_log - 1], 'c');
    assert_true(strchr(f->log, 'D') > strrchr(f->log, 'm'));
    assert_int_equal(f->disconnect_error, 0);
}

static void wait_for_end(int pid)
{
    char name[32];
    char state = '?';

    (void)snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    while (state != 'Z') {
        FILE *file = fopen(name, "re");

        if (file == NULL) {
            return; /* It has been reaped already. */
        }
        /* NOLINTNEXTLINE(cert-err34-c): one character */
        (void)!fscanf(file, "%*d (%*[^)]) %c", &state);
        (void)fclose(file);
    }
}

static void what_a_killed_child_sent_arrives(void **state)
{
    struct fixture *f = *state;

    f->is_counting = true;
    fork_child(f, CHILD("die", "1000"));
    poll_until(f, 'o');
    assert_int_equal(brood_send(f->child, "die", 3), 0);
    assert_true(brood_poll(f->pool, 0) >= 0);
    /* It says all that it has to say and dies while nobody listens. */
    wait_for_end(brood_child_pid(f->child));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->n_messages, 1000);
    assert_int_equal(f->result.signal, SIGKILL);
    assert_int_equal(f->disconnect_error, -ECONNRESET);
    assert_true(strchr(f->log, 'D') > strrchr(f->log, 'm'));
}

static void a_program_that_does_not_join_is_no_child(void **state)
{
    struct fixture *f = *state;

    fork_child(f, (const char *const[]){ "/bin/true", NULL });
    assert_int_equal(brood_send(f->child, "x", 1), 0);
    assert_ok(brood_child_wait(f->child, -1));
    assert_string_equal(f->log, "SxDc");
    assert_int_equal(f->disconnect_error, -ECONNRESET);
    assert_int_equal(f->undelivered, 1);
}

static void joining_takes_only_so_long(void **state)
{
    struct fixture *f = *state;
    struct brood_fork_options options =
        options_for(f, (const char *const[]){ "sleep", "100", NULL });

    options.join_ms = 100;
    assert_ok(brood_fork(f->pool, &options, &f->child));
    poll_until(f, 'D');
    assert_int_equal(f->disconnect_error, -ETIMEDOUT);
    assert_ok(brood_child_kill(f->child, SIGKILL));
    assert_ok(brood_child_wait(f->child, -1));
}

static void a_child_may_disconnect_and_live_on(void **state)
{
    struct fixture *f = *state;
    const char *const argv[] = { CHILDREN_DIR "/echo_back", "leave", NULL };
    struct brood_fork_options options = options_for(f, argv);

    options.child.job.input = BROOD_INPUT_STREAM;
    assert_ok(brood_fork(f->pool, &options, &f->child));
    poll_until(f, 'D');
    assert_int_equal(f->disconnect_error, 0);
    assert_ok(brood_child_kill(f->child, 0));
    assert_ok(brood_child_end_input(f->child));
    assert_ok(brood_child_wait(f->child, -1));
    assert_string_equal(f->log, "SoDxc");
}

/* What came is found by the look before the wait, and calls nothing back. */
static void a_child_that_sends_last_hears_the_end(void **state)
{
    struct fixture *f = *state;
    const char *const argv[] = { CHILDREN_DIR "/echo_back", "rest", NULL };
    struct brood_fork_options options = options_for(f, argv);

    options.child.job.input = BROOD_INPUT_STREAM;
    assert_ok(brood_fork(f->pool, &options, &f->child));
    poll_until(f, 'o');
    assert_ok(brood_disconnect(f->child));
    for (int i = 0; i < ARRIVAL_POLLS; i++) {
        assert_true(brood_poll(f->pool, ARRIVAL_MS) >= 0);
    }
    assert_ok(brood_child_end_input(f->child));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->n_messages, 1);
    assert_int_equal(f->disconnect_error, 0);
    assert_int_equal(f->result.exit_status, 0);
}

static void a_full_channel_says_so(void **state)
{
    static char block[100000];
    struct fixture *f = *state;
    struct brood_fork_options options =
        options_for(f, (const char *const[]){ "sleep", "100", NULL });
    int r = 0;
    unsigned n = 0;

    options.send_high_bytes = 1000000;
    assert_ok(brood_fork(f->pool, &options, &f->child));
    while (r == 0) {
        r = brood_send(f->child, block, sizeof(block));
        n++;
    }
    assert_int_equal(r, 1);
    assert_in_range(n, 9, 11);
    while (r >= 0) {
        r = brood_send(f->child, block, sizeof(block));
        n++;
    }
    assert_int_equal(r, -EAGAIN);
    assert_in_range(n, 39, 42);
    assert_err(brood_send(f->child, block, 65 << 20), -EAGAIN);
}

static void room_again_is_told(void **state)
{
    static char block[100000];
    struct fixture *f = *state;

    fork_child(f, CHILD("echo"));
    while (brood_send(f->child, block, sizeof(block)) == 0) {
    }
    poll_until(f, 'w');
    assert_true(brood_send(f->child, block, sizeof(block)) >= 0);
}

static void a_freed_child_hears_the_end(void **state)
{
    struct fixture *f = *state;

    fork_child(f, CHILD("echo"));
    poll_until(f, 'o');
    f->child = brood_child_free(f->child);
    while (has_children()) {
        assert_true(brood_poll(f->pool, 5) >= 0);
    }
    assert_string_equal(f->log, "So");
}

static void many_children_talk_at_once(void **state)
{
    struct fixture *f = *state;
    struct brood_child *children[CHILDREN];
    struct brood_fork_options options = options_for(f, CHILD("echo"));

    options.child.on_spawn = NULL;
    options.child.on_exit = NULL;
    options.child.on_close = NULL;
    options.on_open = NULL;
    options.on_disconnect = NULL;
    for (int i = 0; i < CHILDREN; i++) {
        assert_ok(brood_fork(f->pool, &options, &children[i]));
        assert_int_equal(brood_send(children[i], "hello", 5), 0);
    }
    while (f->n_messages < CHILDREN) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    for (int i = 0; i < CHILDREN; i++) {
        assert_ok(brood_disconnect(children[i]));
    }
    for (int i = 0; i < CHILDREN; i++) {
        assert_ok(brood_child_wait(children[i], -1));
        children[i] = brood_child_free(children[i]);
    }
}

static void a_shell_line_may_be_forked(void **state)
{
    struct fixture *f = *state;
    struct brood_fork_options options = options_for(f, NULL);

    options.child.job.shell = "a=echo; exec " CHILDREN_DIR "/echo_back $a";
    assert_ok(brood_fork(f->pool, &options, &f->child));
    assert_true(brood_send(f->child, "1", 1) >= 0);
    while (f->n_messages == 0) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_ok(brood_disconnect(f->child));
    assert_ok(brood_child_wait(f->child, -1));
}

static void bad_options_are_refused(void **state)
{
    struct fixture *f = *state;
    struct brood_fork_options options = options_for(f, NULL);
    struct brood_fd fds[BROOD_FDS_MAX];

    assert_err(brood_fork(f->pool, &options, &f->child), -EINVAL);
    options = options_for(f, CHILD("echo"));
    options.join_ms = -1;
    assert_err(brood_fork(f->pool, &options, &f->child), -EINVAL);
    options.join_ms = 0;
    options.child.job.n_fds = 1;
    assert_err(brood_fork(f->pool, &options, &f->child), -EINVAL);
    for (int i = 0; i < BROOD_FDS_MAX; i++) {
        fds[i] = (struct brood_fd){ 3 + i, STDIN_FILENO };
    }
    options.child.job.fds = fds;
    options.child.job.n_fds = BROOD_FDS_MAX;
    assert_err(brood_fork(f->pool, &options, &f->child), -EINVAL);
    assert_null(f->child);
    options.child.job.n_fds--;
    assert_ok(brood_fork(f->pool, &options, &f->child));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_go_both_ways_in_order),
        TEST(messages_of_any_size_arrive_whole),
        TEST(a_child_that_says_and_ends_is_heard_first),
        TEST(what_a_killed_child_sent_arrives),
        TEST(a_program_that_does_not_join_is_no_child),
        TEST(joining_takes_only_so_long),
        TEST(a_child_may_disconnect_and_live_on),
        TEST(a_child_that_sends_last_hears_the_end),
        TEST(a_full_channel_says_so),
        TEST(room_again_is_told),
        TEST(a_freed_child_hears_the_end),
        TEST(many_children_talk_at_once),
        TEST(a_shell_line_may_be_forked),
        TEST(bad_options_are_refused),
    };

    return cmocka_run_group_tests_name("integration.fork", tests, NULL, NULL);
}
