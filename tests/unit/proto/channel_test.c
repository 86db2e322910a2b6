#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "unit/proto/pair.h"

enum {
    /* Where the descriptors end that a test may have open. */
    FD_END = 256,
    /* What channel.h says that a context and a pair take. */
    CONTEXT_FDS = 3,
    PAIR_FDS = 2,
};

static size_t count_fds(void)
{
    size_t n = 0;

    for (int fd = 0; fd < FD_END; fd++) {
        n += fcntl(fd, F_GETFD) >= 0;
    }
    return n;
}

static void frames_arrive_whole_and_in_order(void **state)
{
    struct pair *p = *state;
    char text[32];

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof(text), "to a %d", i);
        send_text(p->b, text);
        (void)snprintf(text, sizeof(text), "to b %d", i);
        send_text(p->a, text);
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof(text), "to a %d", i);
        receive_text(p->a, text);
        (void)snprintf(text, sizeof(text), "to b %d", i);
        receive_text(p->b, text);
    }
    receive_nothing(p->a);
    receive_nothing(p->b);
}

static void bytes_are_handed_over_and_not_copied(void **state)
{
    struct pair *p = *state;
    struct buf b = { 0 };
    struct frame *f;
    const uint8_t *data;

    assert_ok(buf_add(&b,
                      "the very same bytes, more than would fit inside a "
                      "message of libzmq",
                      66));
    data = b.data;
    assert_ok(channel_send(p->a, &b));
    assert_ok(channel_receive(p->b, &f));
    assert_ptr_equal(frame_data(f), data);
    assert_null(frame_unref(f));
}

static void buffer_that_is_full_to_the_last_byte_is_sent(void **state)
{
    struct pair *p = *state;
    struct buf b = { 0 };
    struct frame *f;
    size_t size;

    assert_ok(buf_reserve(&b, 1));
    size = b.room;
    memset(b.data, 'x', size);
    b.size = size;
    assert_ok(channel_send(p->a, &b));
    assert_ok(channel_receive(p->b, &f));
    assert_int_equal(frame_size(f), size);
    assert_int_equal(frame_data(f)[size - 1], 'x');
    assert_null(frame_unref(f));
}

static void empty_frame_arrives(void **state)
{
    struct pair *p = *state;
    struct buf b = { 0 };
    struct frame *f;

    assert_ok(channel_send(p->a, &b));
    assert_ok(channel_receive(p->b, &f));
    assert_int_equal(frame_size(f), 0);
    assert_null(frame_unref(f));
}

static void frame_lives_until_its_last_user_ends(void **state)
{
    struct pair *p = *state;
    struct frame *f;

    send_text(p->a, "shared");
    assert_ok(channel_receive(p->b, &f));
    assert_ptr_equal(frame_ref(f), f);
    assert_null(frame_unref(f));
    assert_memory_equal(frame_data(f), "shared", 6);
    assert_null(frame_unref(f));
    assert_null(frame_unref(NULL));
}

static void frame_outlives_channel_and_context(void **state)
{
    struct pair *p = *state;
    struct frame *f;

    send_text(p->a, "survivor");
    assert_ok(channel_receive(p->b, &f));
    p->a = channel_close(p->a);
    p->b = channel_close(p->b);
    p->context = channel_context_free(p->context);
    assert_memory_equal(frame_data(f), "survivor", 8);
    assert_null(frame_unref(f));
}

static void what_was_sent_arrives_after_the_sender_closed(void **state)
{
    struct pair *p = *state;

    for (int i = 0; i < 500; i++) {
        send_text(p->a, "last words");
    }
    p->a = channel_close(p->a);
    for (int i = 0; i < 500; i++) {
        receive_text(p->b, "last words");
    }
    receive_nothing(p->b);
    receive_nothing(p->b);
}

static void frames_under_way_are_freed_when_both_ends_close(void **state)
{
    struct pair *p = *state;

    /* A sanitizer sees what would be left. */
    for (int i = 0; i < 500; i++) {
        send_text(p->a, "never read");
        send_text(p->b, "never read");
    }
    receive_text(p->a, "never read");
}

static void refused_bytes_stay_with_the_sender(void **state)
{
    struct pair p = { 0 };
    struct buf b = { 0 };
    uint8_t *data;

    (void)state;
    assert_ok(channel_context_new(1, &p.context));
    assert_ok(channel_bind(p.context, "lonely", &p.a));
    assert_ok(buf_add(&b, "bytes", 5));
    data = b.data;
    for (int i = 0; i < 100; i++) {
        assert_err(channel_send(p.a, &b), -EAGAIN);
    }
    brood_fault_arm("zmq_send", 1);
    assert_err(channel_send(p.a, &b), -ENOMEM);
    brood_fault_arm("zmq_send", 0);
    assert_ptr_equal(b.data, data);
    assert_int_equal(b.size, 5);
    assert_memory_equal(b.data, "bytes", 5);

    assert_ok(channel_connect(p.context, "lonely", &p.b));
    assert_ok(channel_send(p.a, &b));
    receive_text(p.b, "bytes");
    assert_null(channel_close(p.a));
    assert_null(channel_close(p.b));
    assert_null(channel_context_free(p.context));
}

static void bound_end_may_speak_as_soon_as_its_peer_has_joined(void **state)
{
    struct pair *p = *state;
    struct channel *a;
    struct channel *b;

    for (int i = 0; i < 20; i++) {
        char name[32];
        struct buf early = { 0 };

        (void)snprintf(name, sizeof(name), "join-%d", i);
        assert_ok(channel_bind(p->context, name, &a));
        assert_ok(buf_add(&early, "early", 5));
        /* So that libzmq has just looked, and sees no need to look again. */
        assert_err(channel_send(a, &early), -EAGAIN);
        assert_ok(channel_connect(p->context, name, &b));
        assert_ok(channel_send(a, &early));
        receive_text(b, "early");
        assert_null(channel_close(a));
        assert_null(channel_close(b));
    }
}

static void frame_waits_while_there_is_no_memory_to_receive_it(void **state)
{
    struct pair *p = *state;
    struct frame *f = NULL;

    send_text(p->a, "patient");
    brood_fault_arm("mem", 1);
    assert_err(channel_receive(p->b, &f), -ENOMEM);
    brood_fault_arm("zmq_recv", 1);
    assert_err(channel_receive(p->b, &f), -ENOMEM);
    brood_fault_arm("zmq_recv", 0);
    assert_null(f);
    receive_text(p->b, "patient");
}

static void name_is_taken_once(void **state)
{
    struct pair *p = *state;
    struct channel *c = NULL;
    char name[200];

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_err(channel_bind(p->context, "pair", &c), -EADDRINUSE);
    assert_err(channel_bind(p->context, name, &c), -ENAMETOOLONG);
    assert_err(channel_connect(p->context, name, &c), -ENAMETOOLONG);
    assert_null(c);
    name[99] = '\0';
    assert_ok(channel_bind(p->context, name, &c));
    assert_null(channel_close(c));
}

static void channel_in_this_process_is_local(void **state)
{
    struct pair *p = *state;

    assert_true(channel_is_local(p->a));
    assert_true(channel_is_local(p->b));
}

static void nothing_is_closed_and_freed(void **state)
{
    (void)state;
    assert_null(channel_close(NULL));
    assert_null(channel_context_free(NULL));
}

static void descriptors_are_as_many_as_documented_and_close_on_exec(
    void **state)
{
    struct channel_context *context;
    struct channel *ends[8] = { 0 };
    size_t before = count_fds();
    bool was_open[FD_END];
    char name[] = "pair-0";

    (void)state;
    for (int fd = 0; fd < FD_END; fd++) {
        was_open[fd] = fcntl(fd, F_GETFD) >= 0;
    }
    assert_ok(channel_context_new(4, &context));
    for (size_t i = 0; i < 8; i += 2) {
        name[5] = (char)('0' + i);
        assert_ok(channel_bind(context, name, &ends[i]));
        assert_ok(channel_connect(context, name, &ends[i + 1]));
    }
    /* The first socket, which only started libzmq, may not be gone yet. */
    assert_in_range(count_fds() - before, CONTEXT_FDS + 4 * PAIR_FDS,
                    CONTEXT_FDS + 4 * PAIR_FDS + 1);
    for (int fd = 0; fd < FD_END; fd++) {
        int flags = fcntl(fd, F_GETFD);

        assert_true(was_open[fd] || flags < 0 || (flags & FD_CLOEXEC) != 0);
    }
    for (size_t i = 0; i < 8; i++) {
        assert_null(channel_close(ends[i]));
    }
    assert_null(channel_context_free(context));
    assert_int_equal(count_fds(), before);
}

/* Open and close a pair while pass @n through @site fails. Returns: error. */
static int open_with_fault(const char *site, int n)
{
    struct pair p = { 0 };
    int r;

    brood_fault_arm(site, n);
    r = channel_context_new(1, &p.context);
    if (r == 0) {
        r = channel_bind(p.context, "pair", &p.a);
    }
    if (r == 0) {
        r = channel_connect(p.context, "pair", &p.b);
    }
    brood_fault_arm(site, 0);
    assert_null(channel_close(p.a));
    assert_null(channel_close(p.b));
    assert_null(channel_context_free(p.context));
    return r;
}

static void every_failure_while_opening_is_told_and_leaves_nothing(void **state)
{
    static const struct {
        const char *site;
        int error;
        int passes;
    } faults[] = {
        { "fd_room", -EMFILE, 6 },    { "thread", -EAGAIN, 1 },
        { "mem", -ENOMEM, 4 },        { "zmq_ctx", -ENOMEM, 1 },
        { "zmq_socket", -EMFILE, 3 },
    };
    size_t before = count_fds();

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        for (int n = 1; n <= faults[i].passes; n++) {
            assert_err(open_with_fault(faults[i].site, n), faults[i].error);
            assert_int_equal(count_fds(), before);
        }
        assert_ok(open_with_fault(faults[i].site, faults[i].passes + 1));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PAIR_TEST(frames_arrive_whole_and_in_order),
        PAIR_TEST(bytes_are_handed_over_and_not_copied),
        PAIR_TEST(buffer_that_is_full_to_the_last_byte_is_sent),
        PAIR_TEST(empty_frame_arrives),
        PAIR_TEST(frame_lives_until_its_last_user_ends),
        PAIR_TEST(frame_outlives_channel_and_context),
        PAIR_TEST(what_was_sent_arrives_after_the_sender_closed),
        PAIR_TEST(frames_under_way_are_freed_when_both_ends_close),
        cmocka_unit_test(refused_bytes_stay_with_the_sender),
        PAIR_TEST(bound_end_may_speak_as_soon_as_its_peer_has_joined),
        PAIR_TEST(frame_waits_while_there_is_no_memory_to_receive_it),
        PAIR_TEST(name_is_taken_once),
        PAIR_TEST(channel_in_this_process_is_local),
        cmocka_unit_test(nothing_is_closed_and_freed),
        cmocka_unit_test(
            descriptors_are_as_many_as_documented_and_close_on_exec),
        cmocka_unit_test(
            every_failure_while_opening_is_told_and_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
