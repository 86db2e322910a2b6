/* brood_send_fds(): descriptors that go with messages. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    MANY = 2000,
    LOG_SIZE = 64,
    LITTLE_ROOM = 3,
};

struct fixture {
    struct brood *pool;
    struct brood_child *child;
    /* What the messages said, one after the other. */
    char log[LOG_SIZE];
    unsigned n_messages;
    unsigned n_fds;
    unsigned n_lost;
    struct stat seen[BROOD_PASS_MAX];
    int flags;
    int kept;
    int error;
    bool is_over;
    int fds_before;
};

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.kept = -1;
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

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct fixture *f = user;

    (void)child;
    f->n_messages++;
    if (strlen(f->log) + size < LOG_SIZE) {
        strncat(f->log, data, size);
    }
}

static void on_fds(struct brood_child *child,
                   const struct brood_passed *message,
                   void *user)
{
    struct fixture *f = user;

    on_message(child, message->data, message->size_bytes, user);
    for (unsigned i = 0; i < message->n_fds; i++) {
        assert_int_equal(fstat(message->fds[i], &f->seen[i]), 0);
    }
    f->flags = message->n_fds > 0 ? fcntl(message->fds[0], F_GETFD) : 0;
    f->n_fds += message->n_fds;
    f->n_lost += message->n_lost;
    if (message->size_bytes == 4 && memcmp(message->data, "keep", 4) == 0) {
        f->kept = message->fds[0];
        message->fds[0] = -1;
    }
}

static void on_disconnect(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user)
{
    struct fixture *f = user;

    (void)child;
    (void)undelivered;
    f->error = error;
    f->is_over = true;
}

static void fork_child(struct fixture *f, const char *mode, int pass_fds)
{
    const char *const argv[] = { CHILDREN_DIR "/pass", mode, NULL };
    const struct brood_fork_options options = {
        .child = { .job.argv = argv, .user = f },
        .on_message = on_message,
        .on_fds = on_fds,
        .on_disconnect = on_disconnect,
        .message_max_bytes = 1000,
        .pass_fds = pass_fds,
    };

    assert_ok(brood_fork(f->pool, &options, &f->child));
}

static void poll_for(struct fixture *f, unsigned n_messages)
{
    while (f->n_messages < n_messages) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
}

static void send_one(struct fixture *f, const char *text, int fd)
{
    int r;

    while ((r = brood_send_fds(f->child, text, strlen(text), &fd, 1)) ==
           -EAGAIN) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_true(r >= 0);
}

static void a_child_writes_into_our_pipe(void **state)
{
    struct fixture *f = *state;
    char bytes[LOG_SIZE] = "";
    int ends[2];

    fork_child(f, "write", 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    send_one(f, "hello", ends[1]);
    /* Ours may go as soon as it has been sent. */
    (void)close(ends[1]);
    poll_for(f, 1);
    assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 5);
    assert_string_equal(bytes, "hello");
    /* The child did not keep it. */
    assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 0);
    (void)close(ends[0]);
}

static void they_come_in_the_order_of_messages(void **state)
{
    struct fixture *f = *state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    fork_child(f, "back", 1);
    assert_true(brood_send(f->child, "1", 1) >= 0);
    send_one(f, "2", null);
    assert_true(brood_send(f->child, "3", 1) >= 0);
    send_one(f, "4", null);
    send_one(f, "5", null);
    poll_for(f, 5);
    assert_string_equal(f->log, "12345");
    assert_int_equal(f->n_fds, 3);
    (void)close(null);
}

static void as_many_as_a_message_takes_go_there_and_back(void **state)
{
    struct fixture *f = *state;
    int fds[BROOD_PASS_MAX + 1];
    struct stat sent;

    fork_child(f, "back", 1);
    for (int i = 0; i <= BROOD_PASS_MAX; i++) {
        fds[i] = open(i % 2 == 0 ? "/dev/null" : "/", O_RDONLY | O_CLOEXEC);
    }
    assert_true(brood_send_fds(f->child, "x", 1, fds, BROOD_PASS_MAX) >= 0);
    poll_for(f, 1);
    assert_int_equal(f->n_fds, BROOD_PASS_MAX);
    assert_int_equal(f->flags, FD_CLOEXEC);
    for (int i = 0; i < BROOD_PASS_MAX; i++) {
        assert_int_equal(fstat(fds[i], &sent), 0);
        assert_int_equal(f->seen[i].st_ino, sent.st_ino);
        assert_int_equal(f->seen[i].st_dev, sent.st_dev);
    }
    assert_err(brood_send_fds(f->child, "x", 1, fds, BROOD_PASS_MAX + 1),
               -EINVAL);
    assert_err(brood_send_fds(f->child, "x", 1, fds, 0), -EINVAL);
    for (int i = 0; i <= BROOD_PASS_MAX; i++) {
        (void)close(fds[i]);
    }
}

static void one_may_be_kept(void **state)
{
    struct fixture *f = *state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    fork_child(f, "back", 1);
    send_one(f, "keep", null);
    poll_for(f, 1);
    assert_int_equal(write(f->kept, "x", 1), 1);
    (void)close(f->kept);
    (void)close(null);
}

static void many_can_be_under_way(void **state)
{
    struct fixture *f = *state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    fork_child(f, "write", 1);
    for (int i = 0; i < MANY; i++) {
        send_one(f, "x", null);
    }
    poll_for(f, MANY);
    (void)close(null);
}

static void who_takes_none_gets_the_message(void **state)
{
    struct fixture *f = *state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    fork_child(f, "deaf", 1);
    send_one(f, "a", null);
    send_one(f, "b", null);
    poll_for(f, 2);
    assert_string_equal(f->log, "ab");
    (void)close(null);
}

static void what_cannot_be_sent_leaves_the_rest_alone(void **state)
{
    struct fixture *f = *state;
    char large[2000] = "";
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* No thread will open it. */
    const int closed = INT_MAX;

    fork_child(f, "back", 1);
    send_one(f, "1", null);
    assert_err(brood_send_fds(f->child, "x", 1, &closed, 1), -EBADF);
    assert_err(brood_send_fds(f->child, large, sizeof(large), &null, 1),
               -EMSGSIZE);
    send_one(f, "2", null);
    poll_for(f, 2);
    assert_string_equal(f->log, "12");
    assert_int_equal(f->n_fds, 2);
    (void)close(null);
}

static void without_asking_for_it_none_go(void **state)
{
    struct fixture *f = *state;
    int fd = 0;

    fork_child(f, "deaf", 0);
    assert_err(brood_send_fds(f->child, "x", 1, &fd, 1), -EINVAL);
    assert_true(brood_send(f->child, "x", 1) >= 0);
    poll_for(f, 1);
}

static void a_child_may_die_with_them(void **state)
{
    struct fixture *f = *state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    fork_child(f, "die", 1);
    for (int i = 0; i < 10; i++) {
        send_one(f, "x", null);
    }
    while (!f->is_over) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_int_equal(f->error, -ECONNRESET);
    assert_err(brood_send_fds(f->child, "x", 1, &null, 1), -EPIPE);
    (void)close(null);
}

static void what_there_is_no_room_for_is_counted(void **state)
{
    struct fixture *f = *state;
    struct rlimit before;
    struct rlimit little;
    int fds[10];

    skip_under_valgrind("it sets no limit of open files");
    fork_child(f, "back", 1);
    send_one(f, "1", 0);
    poll_for(f, 1);
    for (int i = 0; i < 10; i++) {
        fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    assert_true(brood_send_fds(f->child, "2", 1, fds, 10) >= 0);
    /* All numbers below the last are taken. */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    little = before;
    little.rlim_cur = (rlim_t)fds[9] + 1 + LITTLE_ROOM;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &little), 0);
    poll_for(f, 2);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(f->n_fds + f->n_lost, 11);
    assert_in_range(f->n_lost, 1, 9);
    for (int i = 0; i < 10; i++) {
        (void)close(fds[i]);
    }
    send_one(f, "3", 0);
    poll_for(f, 3);
    assert_string_equal(f->log, "123");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_child_writes_into_our_pipe),
        TEST(they_come_in_the_order_of_messages),
        TEST(as_many_as_a_message_takes_go_there_and_back),
        TEST(one_may_be_kept),
        TEST(many_can_be_under_way),
        TEST(who_takes_none_gets_the_message),
        TEST(what_cannot_be_sent_leaves_the_rest_alone),
        TEST(without_asking_for_it_none_go),
        TEST(a_child_may_die_with_them),
        TEST(what_there_is_no_room_for_is_counted),
    };

    return cmocka_run_group_tests_name("integration.pass", tests, NULL, NULL);
}
