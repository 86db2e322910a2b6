/* brood_call(): requests and replies over the channel of a forked child. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    JOIN_MS = 300000,
    MANY = 5000,
    LATE = 10,
    TEXT_SIZE = 32,
};

struct fixture {
    struct brood *pool;
    struct brood_child *child;
    unsigned n_replies;
    unsigned n_messages;
    int last_status;
    char last[TEXT_SIZE];
    bool is_open;
    int fds_before;
};

static void copy(char *to, const void *data, size_t size)
{
    assert_true(size < TEXT_SIZE);
    if (size > 0) {
        memcpy(to, data, size);
    }
    to[size] = '\0';
}

static void on_reply(int status, const void *data, size_t size, void *user)
{
    struct fixture *f = user;

    f->n_replies++;
    f->last_status = status;
    copy(f->last, data, size);
}

static void on_open(struct brood_child *child, void *user)
{
    (void)child;
    ((struct fixture *)user)->is_open = true;
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct fixture *f = user;

    (void)child;
    f->n_messages++;
    copy(f->last, data, size);
}

static void on_request(struct brood_child *child,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    (void)user;
    assert_true(brood_reply(child, id, 0, data, size) >= 0);
    assert_err(brood_reply(child, id, 1, data, size), -EINVAL);
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

static void start(struct fixture *f, const char *mode, bool answers)
{
    const char *const argv[] = { CHILDREN_DIR "/answer", mode, NULL };
    struct brood_fork_options options = {
        .child = { .job.argv = argv, .user = f },
        .on_open = on_open,
        .on_message = on_message,
        /* Under Valgrind, on a busy machine, it starts slowly. */
        .join_ms = JOIN_MS,
    };

    if (answers) {
        options.on_request = on_request;
    }
    assert_ok(brood_fork(f->pool, &options, &f->child));
}

static uint64_t call(struct fixture *f, const char *text, int64_t deadline_ms)
{
    uint64_t id = 0;

    assert_true(brood_call(f->child,
                           &(struct brood_call){ .data = text,
                                                 .size_bytes = strlen(text),
                                                 .deadline_ms = deadline_ms,
                                                 .on_reply = on_reply,
                                                 .user = f },
                           &id) >= 0);
    return id;
}

static void wait_replies(struct fixture *f, unsigned n)
{
    while (f->n_replies < n) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
}

static void each_call_gets_its_reply(void **state)
{
    struct fixture *f = *state;

    start(f, "serve", false);
    call(f, "hello", 0);
    wait_replies(f, 1);
    assert_int_equal(f->last_status, 0);
    assert_string_equal(f->last, "hello");
    call(f, "fail", 10000);
    wait_replies(f, 2);
    assert_int_equal(f->last_status, -EIO);
    assert_string_equal(f->last, "fail");
    for (unsigned i = 0; i < MANY; i++) {
        call(f, "x", 100000);
    }
    wait_replies(f, 2 + MANY);
    assert_true(brood_poll(f->pool, 0) >= 0);
    assert_int_equal(f->n_replies, 2 + MANY);
}

static void replies_may_come_in_any_order(void **state)
{
    struct fixture *f = *state;

    start(f, "late", false);
    for (unsigned i = 0; i < LATE; i++) {
        call(f, "x", 0);
    }
    wait_replies(f, LATE);
}

static void a_child_may_ask_too(void **state)
{
    struct fixture *f = *state;

    start(f, "ask", true);
    while (f->n_messages < 100) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_string_equal(f->last, "100");
}

static void who_answers_nothing_says_so(void **state)
{
    struct fixture *f = *state;

    start(f, "none", false);
    call(f, "x", 0);
    wait_replies(f, 1);
    assert_int_equal(f->last_status, -ENOSYS);
    f->child = brood_child_free(f->child);
    start(f, "ask", false);
    while (f->n_messages < 100) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_string_equal(f->last, "error");
}

static void a_deadline_ends_a_call_and_is_told(void **state)
{
    struct fixture *f = *state;

    start(f, "mute", false);
    call(f, "a", 20);
    call(f, "b", 0);
    wait_replies(f, 1);
    assert_int_equal(f->last_status, -ETIMEDOUT);
    while (f->n_messages < 1) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_string_equal(f->last, "given up");
    assert_int_equal(f->n_replies, 1);
}

static void a_call_can_be_cancelled_once(void **state)
{
    struct fixture *f = *state;
    uint64_t id;

    start(f, "mute", false);
    id = call(f, "a", 0);
    assert_ok(brood_call_cancel(f->child, id));
    assert_int_equal(f->last_status, -ECANCELED);
    assert_err(brood_call_cancel(f->child, id), -ESRCH);
    assert_err(brood_call_cancel(f->child, id + 1), -ESRCH);
    assert_int_equal(f->n_replies, 1);
    while (f->n_messages < 1) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
}

static void the_end_of_the_channel_ends_all_calls(void **state)
{
    struct fixture *f = *state;

    start(f, "mute", false);
    for (unsigned i = 0; i < 100; i++) {
        call(f, "a", 0);
    }
    while (!f->is_open) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_ok(brood_child_kill(f->child, SIGKILL));
    assert_ok(brood_child_wait(f->child, -1));
    assert_int_equal(f->n_replies, 100);
    assert_int_equal(f->last_status, -EPIPE);
    assert_err(brood_call(f->child, &(struct brood_call){ 0 }, NULL), -EPIPE);
}

static void freeing_the_child_ends_all_calls(void **state)
{
    struct fixture *f = *state;

    start(f, "mute", false);
    call(f, "a", 0);
    f->child = brood_child_free(f->child);
    assert_int_equal(f->n_replies, 1);
    assert_int_equal(f->last_status, -ECANCELED);
}

static void what_has_no_channel_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *const argv[] = { "true", NULL };

    assert_ok(brood_spawn(
        f->pool, &(struct brood_child_options){ .job.argv = argv }, &f->child));
    assert_err(brood_call(f->child, &(struct brood_call){ 0 }, NULL), -EINVAL);
    assert_err(brood_reply(f->child, 1, 0, NULL, 0), -EINVAL);
    assert_err(brood_call_cancel(f->child, 1), -EINVAL);
    assert_err(brood_send(f->child, "", 0), -EINVAL);
    assert_err(brood_disconnect(f->child), -EINVAL);
    f->child = brood_child_free(f->child);
    start(f, "serve", false);
    assert_err(
        brood_call(f->child, &(struct brood_call){ .deadline_ms = -1 }, NULL),
        -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_call_gets_its_reply),
        TEST(replies_may_come_in_any_order),
        TEST(a_child_may_ask_too),
        TEST(who_answers_nothing_says_so),
        TEST(a_deadline_ends_a_call_and_is_told),
        TEST(a_call_can_be_cancelled_once),
        TEST(the_end_of_the_channel_ends_all_calls),
        TEST(freeing_the_child_ends_all_calls),
        TEST(what_has_no_channel_is_refused),
    };

    return cmocka_run_group_tests_name("integration.call", tests, NULL, NULL);
}
