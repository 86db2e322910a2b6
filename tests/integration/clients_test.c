/* The clients in other languages (tools/clients), forked. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/forked.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    MANY = 1000,
    LARGEST = 5 << 20,
    /* So long may an interpreter take to end on a busy machine. */
    END_MS = 20000,
    HOLD_FD = 9,
};

/* A language: what to run, and what says that it can be. */
struct client {
    const char *const *argv;
    const char *const *check;
};

static struct client python = {
    (const char *const[]){ "/usr/bin/python3", CLIENTS_DIR "/brood_client.py",
                           NULL },
    (const char *const[]){ "/usr/bin/python3", "-c", "import zmq", NULL },
};

/* NODE_PATH may say where zeromq is. */
static struct client node = {
    (const char *const[]){ "node", CLIENTS_DIR "/brood_client.js", NULL },
    (const char *const[]){ "node", "-e", "require('zeromq').Pair", NULL },
};

struct fixture {
    const struct client *client;
    struct brood *pool;
    struct brood_child *child;
    const size_t *sizes;
    size_t n_sizes;
    char *bytes;
    unsigned n_messages;
    int n_disconnects;
    int disconnect_error;
    uint64_t undelivered;
    int exit_status;
    int replies;
    int reply_status;
    /* Of the host of a client that is to be left alone. */
    int hold;
    char dir[64];
    int fds_before;
};

static const size_t small_sizes[] = { 6 };
static const size_t all_sizes[] = {
    0, 1, 65536, LARGEST, 1, 0, LARGEST, LARGEST
};

static size_t size_of(const struct fixture *f, unsigned number)
{
    return f->sizes[number % f->n_sizes];
}

/* What message @number is: its number, and then the same for all. */
static const char *bytes_of(const struct fixture *f, unsigned number)
{
    char text[16];
    size_t size = size_of(f, number);
    size_t n = (size_t)snprintf(text, sizeof(text), "%06u", number);

    memcpy(f->bytes, text, n < size ? n : size);
    return f->bytes;
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct fixture *f = user;
    unsigned number = f->n_messages++;

    (void)child;
    assert_int_equal(size, size_of(f, number));
    /* memcmp(): what differs in 5 MiB would take long to print. */
    assert_int_equal(memcmp(data, bytes_of(f, number), size), 0);
}

static void on_disconnect(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user)
{
    struct fixture *f = user;

    (void)child;
    f->n_disconnects++;
    f->disconnect_error = error;
    f->undelivered = undelivered;
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    (void)child;
    ((struct fixture *)user)->exit_status = result->exit_status;
}

static bool is_there(const struct client *client)
{
    struct brood_completion done = { 0 };
    bool there;

    assert_ok(brood_exec_file_wait(NULL, client->check[0], client->check + 1,
                                   NULL, &done));
    there = done.error == 0;
    brood_completion_clear(&done);
    return there;
}

/* Without a pool: a process with threads is not to be forked. */
static int setup_alone(void **state)
{
    static struct fixture f;
    const struct client *client = *state;

    f = (struct fixture){ .client = client, .exit_status = -1 };
    f.sizes = small_sizes;
    f.n_sizes = 1;
    f.bytes = malloc(LARGEST);
    assert_non_null(f.bytes);
    for (size_t i = 0; i < LARGEST; i++) {
        f.bytes[i] = (char)(i % 251);
    }
    f.fds_before = count_fds();
    *state = &f;
    return 0;
}

static int setup(void **state)
{
    struct fixture *f;

    (void)setup_alone(state);
    f = *state;
    (void)pool_open(&f->pool);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    free(f->bytes);
    pool_close(f->pool, f->child, f->fds_before);
    return 0;
}

static void fork_client(struct fixture *f)
{
    struct brood_fork_options options = {
        .child = { .job.argv = f->client->argv,
                   .on_close = on_close,
                   .user = f },
        .on_message = on_message,
        .on_disconnect = on_disconnect,
    };

    if (!is_there(f->client)) {
        skip();
    }
    assert_ok(brood_fork(f->pool, &options, &f->child));
}

static void exchange(struct fixture *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        int r;

        while ((r = brood_send(f->child, bytes_of(f, i), size_of(f, i))) ==
               -EAGAIN) {
            assert_ok(brood_poll(f->pool, -1));
        }
        assert_ok(r);
    }
    while (f->n_messages < n) {
        assert_int_equal(f->n_disconnects, 0);
        assert_ok(brood_poll(f->pool, -1));
    }
}

static void disconnect(struct fixture *f, unsigned sent)
{
    assert_ok(brood_disconnect(f->child));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->n_disconnects, 1);
    assert_int_equal(f->disconnect_error, 0);
    assert_int_equal(f->undelivered, 0);
    assert_int_equal(brood_delivered(f->child), sent);
    assert_int_equal(f->exit_status, 0);
}

static void messages_go_both_ways_in_order(void **state)
{
    struct fixture *f = *state;

    fork_client(f);
    exchange(f, MANY);
    disconnect(f, MANY);
}

static void messages_of_any_size_arrive_whole(void **state)
{
    struct fixture *f = *state;

    f->sizes = all_sizes;
    f->n_sizes = sizeof(all_sizes) / sizeof(all_sizes[0]);
    fork_client(f);
    exchange(f, (unsigned)f->n_sizes);
    disconnect(f, (unsigned)f->n_sizes);
}

static void a_client_with_nothing_to_do_disconnects(void **state)
{
    struct fixture *f = *state;

    fork_client(f);
    disconnect(f, 0);
}

static void on_reply(int status, const void *data, size_t size, void *user)
{
    struct fixture *f = user;

    (void)data;
    assert_int_equal(size, 0);
    f->replies++;
    f->reply_status = status;
}

static void a_request_is_told_that_nobody_answers(void **state)
{
    struct fixture *f = *state;
    struct brood_call call = {
        .data = "?", .size_bytes = 1, .on_reply = on_reply, .user = f
    };

    fork_client(f);
    assert_ok(brood_call(f->child, &call, NULL));
    exchange(f, 2);
    assert_int_equal(f->replies, 1);
    assert_int_equal(f->reply_status, -ENOSYS);
    disconnect(f, 3);
}

static void hold_open(struct brood_child *child, void *user)
{
    (void)child;
    assert_int_equal(write(((struct fixture *)user)->hold, "o", 1), 1);
}

/* Fork a client that holds a descriptor, say that it has joined, and live. */
static void host(void *arg)
{
    struct fixture *f = arg;
    struct brood_fd fd = { HOLD_FD, f->hold };
    struct brood_fork_options options = {
        .child = { .job = { .argv = f->client->argv,
                            .fds = &fd,
                            .n_fds = 1,
                            .err = BROOD_OUTPUT_DISCARD },
                   .user = f },
        .on_open = hold_open,
    };
    struct brood_child *child = NULL;
    struct brood *pool = NULL;

    assert_ok(brood_open(
        &(struct brood_options){ .slots = 1, .tmp_dir = f->dir }, &pool));
    (void)unsetenv("XDG_RUNTIME_DIR");
    assert_ok(brood_fork(pool, &options, &child));
    for (;;) {
        assert_ok(brood_poll(pool, -1));
    }
}

static void the_end_of_the_parent_is_noticed(void **state)
{
    struct fixture *f = *state;
    struct pollfd waiting = { .events = POLLIN };
    char pattern[128];
    char byte;
    glob_t left;
    int ends[2];
    pid_t pid;

    if (!is_there(f->client)) {
        skip();
    }
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/clients-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    f->hold = ends[1];
    pid = forked_start(host, f);
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    waiting.fd = ends[0];
    assert_int_equal(poll(&waiting, 1, END_MS), 1);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    (void)close(ends[0]);
    /* Who is killed cannot clean up: what it leaves is its directory. */
    (void)snprintf(pattern, sizeof(pattern), "%s/brood-*", f->dir);
    assert_int_equal(glob(pattern, 0, NULL, &left), 0);
    assert_int_equal(left.gl_pathc, 1);
    assert_int_equal(rmdir(left.gl_pathv[0]), 0);
    globfree(&left);
    assert_int_equal(rmdir(f->dir), 0);
}

#define TEST(f, setup, client) \
    cmocka_unit_test_prestate_setup_teardown(f, setup, teardown, &(client))
#define TESTS(client)                                                 \
    TEST(the_end_of_the_parent_is_noticed, setup_alone, client),      \
        TEST(messages_go_both_ways_in_order, setup, client),          \
        TEST(messages_of_any_size_arrive_whole, setup, client),       \
        TEST(a_client_with_nothing_to_do_disconnects, setup, client), \
        TEST(a_request_is_told_that_nobody_answers, setup, client)

int main(void)
{
    const struct CMUnitTest in_python[] = { TESTS(python) };
    const struct CMUnitTest in_node[] = { TESTS(node) };

    return cmocka_run_group_tests_name("integration.clients.python", in_python,
                                       NULL, NULL) +
           cmocka_run_group_tests_name("integration.clients.node", in_node,
                                       NULL, NULL);
}
