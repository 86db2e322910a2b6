/* brood_fork(): children that do not keep to the protocol, and a parent that
 * is killed. The others on the pool must not notice. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/forked.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    MESSAGE_MAX = 1000,
    JOIN_MS = 100,
    TWICE = 100,
    MANY = 1000,
    /* Several windows of 4 MiB, in messages of 1,000 bytes. */
    FLOOD = 20000,
    ANSWERS = 20,
    ORPHANS = 5,
    ORPHAN_MS = 1000,
    HOLD_FD = 9,
};

struct hostile_case {
    const char *mode;
    int error;
    int or_error;
    /** How many messages come; from MANY on: or more. */
    unsigned messages;
    /** It is killed after so many; 0: when its channel has ended. */
    unsigned kill_after;
    /** It does not use libzmq. */
    bool is_raw;
    bool has_no_limit;
};

static struct hostile_case cases[] = {
    { .mode = "garbage", .error = -EPROTO },
    { .mode = "short", .error = -EBADMSG },
    { .mode = "magic", .error = -EPROTO },
    { .mode = "version", .error = -EPROTO },
    { .mode = "link-version", .error = -EPROTO },
    { .mode = "no-window", .error = -EPROTO },
    { .mode = "early", .error = -EPROTO },
    { .mode = "hello-twice", .error = -EPROTO },
    { .mode = "number", .error = -EPROTO },
    { .mode = "ack", .error = -EPROTO },
    { .mode = "bye", .error = -EPROTO },
    { .mode = "type", .error = -EBADMSG },
    { .mode = "kind", .error = -EBADMSG },
    { .mode = "record", .error = -EBADMSG },
    { .mode = "cut", .error = -EBADMSG },
    { .mode = "parts", .error = -EBADMSG },
    { .mode = "message", .error = -EMSGSIZE },
    { .mode = "window", .error = -EMSGSIZE, .has_no_limit = true },
    { .mode = "frame", .error = -ECONNRESET },
    { .mode = "leave", .error = -ECONNRESET, .messages = TWICE },
    /* What it does not take fills the channel; then it is over the window. */
    { .mode = "flood",
      .error = -ECONNRESET,
      .or_error = -EMSGSIZE,
      .messages = MANY,
      .kill_after = FLOOD },
    { .mode = "much",
      .error = -ECONNRESET,
      .messages = MANY,
      .kill_after = MANY },
    { .mode = "second-before",
      .error = -ECONNRESET,
      .messages = TWICE,
      .kill_after = TWICE },
    { .mode = "second-after",
      .error = -ECONNRESET,
      .messages = TWICE,
      .kill_after = TWICE },
    { .mode = "nothing", .error = -ETIMEDOUT },
    { .mode = "half", .is_raw = true, .error = -ECONNRESET },
    { .mode = "garbage", .is_raw = true, .error = -EPROTO },
    { .mode = "silence", .is_raw = true, .error = -ETIMEDOUT },
    { .mode = "other-socket", .error = -ETIMEDOUT },
};

struct fixture {
    const struct hostile_case *what;
    char dir[64];
    struct brood *pool;
    struct brood_child *hostile;
    unsigned n_messages;
    int n_disconnects;
    int n_closes;
    int disconnect_error;
    bool was_alive;
    /* Of the well-behaved one. */
    struct brood_child *other;
    unsigned n_answers;
    bool other_ended;
    /* Of the host that is killed. */
    int hold;
    unsigned n_open;
    int fds_before;
};

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    (void)child;
    (void)data;
    (void)size;
    ((struct fixture *)user)->n_messages++;
}

static void on_disconnect(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user)
{
    struct fixture *f = user;

    (void)undelivered;
    f->n_disconnects++;
    f->disconnect_error = error;
    f->was_alive = brood_child_kill(child, 0) == 0;
    assert_int_equal(f->n_closes, 0);
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct fixture *f = user;

    (void)child;
    (void)result;
    assert_int_equal(f->n_disconnects, 1);
    f->n_closes++;
}

/* The other one answers each message: so it always has one. */
static void on_answer(struct brood_child *child,
                      const void *data,
                      size_t size,
                      void *user)
{
    ((struct fixture *)user)->n_answers++;
    assert_ok(brood_send(child, data, size));
}

static void on_other_disconnect(struct brood_child *child,
                                int error,
                                uint64_t undelivered,
                                void *user)
{
    (void)child;
    (void)error;
    (void)undelivered;
    ((struct fixture *)user)->other_ended = true;
}

static void make_dir(struct fixture *f)
{
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/hostile-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
}

/* No pool yet: a process with threads is not to be forked. */
static int setup_alone(void **state)
{
    static struct fixture f;

    f = (struct fixture){ .what = *state, .fds_before = count_fds() };
    make_dir(&f);
    *state = &f;
    return 0;
}

static int setup(void **state)
{
    struct fixture *f;

    (void)setup_alone(state);
    f = *state;
    assert_ok(brood_open(
        &(struct brood_options){ .slots = 1, .tmp_dir = f->dir }, &f->pool));
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->hostile = brood_child_free(f->hostile);
    f->other = brood_child_free(f->other);
    f->pool = brood_close(f->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), f->fds_before);
    /* It is empty. */
    assert_int_equal(rmdir(f->dir), 0);
    return 0;
}

static void fork_other(struct fixture *f)
{
    static const char *const argv[] = { CHILDREN_DIR "/echo_back", "echo",
                                        NULL };
    struct brood_fork_options options = {
        .child = { .job.argv = argv, .user = f },
        .on_message = on_answer,
        .on_disconnect = on_other_disconnect,
    };

    assert_ok(brood_fork(f->pool, &options, &f->other));
    assert_int_equal(brood_send(f->other, "well", 4), 0);
}

static void fork_hostile(struct fixture *f)
{
    const char *const argv[] = { f->what->is_raw ? CHILDREN_DIR "/hostile_raw"
                                                 : CHILDREN_DIR "/hostile",
                                 f->what->mode, NULL };
    struct brood_fork_options options = {
        .child = { .job.argv = argv, .on_close = on_close, .user = f },
        .on_message = on_message,
        .on_disconnect = on_disconnect,
        .message_max_bytes = f->what->has_no_limit ? 0 : MESSAGE_MAX,
    };

    options.join_ms = f->what->error == -ETIMEDOUT ? JOIN_MS : 0;
    assert_ok(brood_fork(f->pool, &options, &f->hostile));
}

static void see_answers(struct fixture *f)
{
    unsigned enough = f->n_answers + ANSWERS;

    while (f->n_answers < enough) {
        assert_false(f->other_ended);
        assert_ok(brood_poll(f->pool, -1));
    }
}

static bool is_to_be_killed(const struct fixture *f)
{
    unsigned after = f->what->kill_after;

    return f->n_disconnects > 0 || (after > 0 && f->n_messages >= after);
}

static void the_others_go_on(void **state)
{
    struct fixture *f = *state;
    const struct hostile_case *what = f->what;
    bool is_killed = false;

    fork_other(f);
    see_answers(f);
    fork_hostile(f);
    while (f->n_closes == 0) {
        assert_ok(brood_poll(f->pool, -1));
        if (!is_killed && is_to_be_killed(f)) {
            is_killed = true;
            assert_ok(brood_child_kill(f->hostile, SIGKILL));
        }
    }
    assert_int_equal(f->n_disconnects, 1);
    assert_true(f->disconnect_error == what->error ||
                (what->or_error != 0 && f->disconnect_error == what->or_error));
    assert_true(f->was_alive || what->kill_after > 0);
    assert_in_range(f->n_messages, what->messages,
                    what->messages >= MANY ? UINT32_MAX : what->messages);
    assert_err(brood_send(f->hostile, "x", 1), -EPIPE);
    see_answers(f);
    assert_int_equal(f->n_disconnects, 1);
    assert_int_equal(f->n_closes, 1);
}

static void on_open(struct brood_child *child, void *user)
{
    struct fixture *f = user;

    (void)child;
    if (++f->n_open == ORPHANS) {
        assert_int_equal(write(f->hold, "o", 1), 1);
    }
}

/* Fork children that hold a descriptor, say that all have joined, and live. */
static void host(void *arg)
{
    static const char *const argv[] = { CHILDREN_DIR "/echo_back", "echo",
                                        NULL };
    struct fixture *f = arg;
    struct brood_fd fd = { HOLD_FD, f->hold };
    struct brood_fork_options options = {
        .child = { .job = { .argv = argv, .fds = &fd, .n_fds = 1 }, .user = f },
        .on_open = on_open,
    };
    struct brood_child *child = NULL;
    struct brood *pool = NULL;

    assert_ok(brood_open(
        &(struct brood_options){ .slots = 1, .tmp_dir = f->dir }, &pool));
    for (int i = 0; i < ORPHANS; i++) {
        assert_ok(brood_fork(pool, &options, &child));
    }
    for (;;) {
        assert_ok(brood_poll(pool, -1));
    }
}

/* Who is killed cannot clean up: its children do. */
static void check_nothing_left(const char *parent)
{
    DIR *dir = opendir(parent);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        assert_int_equal(entry->d_name[0], '.');
    }
    (void)closedir(dir);
}

static void children_of_a_killed_parent_end(void **state)
{
    struct fixture *f = *state;
    struct pollfd waiting = { .events = POLLIN };
    char byte;
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    f->hold = ends[1];
    pid = forked_start(host, f);
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    waiting.fd = ends[0];
    assert_int_equal(poll(&waiting, 1, ORPHAN_MS), 1);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    check_nothing_left(f->dir);
}

enum {
    N_CASES = sizeof(cases) / sizeof(cases[0]),
};

int main(void)
{
    struct CMUnitTest tests[N_CASES + 1] = {
        /* First: it forks this process, which has no thread yet. */
        [0] = cmocka_unit_test_setup_teardown(children_of_a_killed_parent_end,
                                              setup_alone, teardown),
    };

    /* All directories are then made where a test can see them. */
    (void)unsetenv("XDG_RUNTIME_DIR");
    for (int i = 0; i < N_CASES; i++) {
        tests[i + 1] = (struct CMUnitTest){ cases[i].mode, the_others_go_on,
                                            setup, teardown, &cases[i] };
    }
    return cmocka_run_group_tests_name("integration.hostile", tests, NULL,
                                       NULL);
}
