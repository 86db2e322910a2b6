/* What two ends of a link that keep the rules do for each other. */

#include "unit/proto/link_ends.h"

#include <unistd.h>

static void nothing_but_hello_goes_before_the_peer_is_known(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_new(&e, NULL, NULL);
    assert_ok(end_send(&e.a, 10, 1));
    assert_ok(link_bye(e.a.link));
    assert_int_equal(link_take_frame(e.a.link, true, &frame), 1);
    assert_int_equal(frame_type(&frame), MESSAGE_LINK_HELLO);
    buf_clear(&frame);
    assert_int_equal(link_take_frame(e.a.link, true, &frame), 0);
    assert_false(link_is_open(e.a.link));
    assert_int_equal(link_peer_pid(e.a.link), 0);

    assert_int_equal(carry(&e.b, &e.a, true), 1);
    assert_true(link_is_open(e.a.link));
    assert_int_equal(link_peer_pid(e.a.link), getpid());
    assert_int_equal(link_take_frame(e.a.link, true, &frame), 1);
    assert_int_equal(frame_type(&frame), MESSAGE_LINK_DATA);
    buf_clear(&frame);
    ends_close(&e);
}

static const struct link_message samples[] = {
    { .kind = LINK_MESSAGE, .data = "to you", .size = 6 },
    { .kind = LINK_MESSAGE },
    { .kind = LINK_REQUEST, .id = 1, .data = "what?", .size = 5 },
    { .kind = LINK_REQUEST, .id = UINT64_MAX },
    { .kind = LINK_REPLY, .id = 1, .data = "that\0!", .size = 6 },
    { .kind = LINK_REPLY, .id = UINT64_MAX, .status = -4095 },
    { .kind = LINK_REPLY, .id = 2, .status = -EPERM, .data = "no", .size = 2 },
    { .kind = LINK_CANCEL, .id = 1 },
    { .kind = LINK_CANCEL, .id = 7, .data = "why", .size = 3 },
};

enum {
    N_SAMPLES = sizeof(samples) / sizeof(samples[0]),
};

static void check_samples(const struct link_end *end)
{
    assert_int_equal(end->n, N_SAMPLES);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        const struct link_message *m = &end->seen[i];

        assert_int_equal(m->kind, samples[i].kind);
        assert_true(m->id == samples[i].id);
        assert_int_equal(m->status, samples[i].status);
        assert_int_equal(m->size, samples[i].size);
        if (m->size > 0) {
            assert_memory_equal(m->data, samples[i].data, m->size);
        }
    }
}

static void messages_of_all_kinds_arrive_both_ways(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        assert_int_equal(link_send(e.a.link, &samples[i]), 0);
        assert_int_equal(link_send(e.b.link, &samples[i]), 0);
    }
    settle(&e);
    check_samples(&e.a);
    check_samples(&e.b);
    ends_close(&e);
}

static void messages_of_any_size_arrive_in_order(void **state)
{
    static const size_t sizes[] = { 0,     1,      65536,   8 << 20, 1,
                                    65535, 262144, 262113,  262112,  0,
                                    8,     100000, 5 << 20, 2,       300000 };
    const size_t n = sizeof(sizes) / sizeof(sizes[0]);
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        assert_ok(end_send(&e.a, sizes[i], i));
        assert_ok(end_send(&e.b, sizes[n - 1 - i], i));
    }
    settle(&e);
    assert_int_equal(e.a.n, n);
    assert_int_equal(e.b.n, n);
    for (size_t i = 0; i < n; i++) {
        check_sent(&e.b, i, sizes[i], i);
        check_sent(&e.a, i, sizes[n - 1 - i], i);
    }
    assert_true(link_undelivered(e.a.link) == 0);
    assert_true(link_delivered(e.a.link) == n);
    ends_close(&e);
}

static void message_over_the_limit_of_either_end_is_refused(void **state)
{
    const struct link_options small = { .message_max_bytes = 1000 };
    struct link_ends e;

    (void)state;
    ends_open(&e, &small, NULL);
    assert_err(end_send(&e.a, 1001, 1), -EMSGSIZE);
    assert_err(end_send(&e.b, 1001, 1), -EMSGSIZE);
    assert_true(link_undelivered(e.a.link) == 0);
    assert_ok(end_send(&e.a, 1000, 2));
    assert_ok(end_send(&e.b, 1000, 3));
    settle(&e);
    assert_int_equal(e.a.n, 1);
    assert_int_equal(e.b.n, 1);
    check_sent(&e.b, 0, 1000, 2);
    check_sent(&e.a, 0, 1000, 3);
    ends_close(&e);
}

static void default_limit_is_64_mib(void **state)
{
    const size_t limit = (size_t)64 << 20;
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    assert_err(end_send(&e.a, limit + 1, 1), -EMSGSIZE);
    assert_int_equal(end_send(&e.a, limit, 2), 1);
    settle(&e);
    check_sent(&e.b, 0, limit, 2);
    ends_close(&e);
}

static void what_is_queued_over_the_peers_limit_fails_at_its_hello(void **state)
{
    const struct link_options small = { .message_max_bytes = 1000 };
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_new(&e, NULL, &small);
    assert_ok(end_send(&e.a, 1001, 1));
    assert_int_equal(link_take_frame(e.b.link, true, &frame), 1);
    assert_err(end_receive(&e.a, frame.data, frame.size), -EMSGSIZE);
    buf_clear(&frame);
    assert_true(link_is_over(e.a.link));
    assert_true(link_undelivered(e.a.link) == 1);
    ends_close(&e);
}

static void small_messages_share_a_frame(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_ok(end_send(&e.a, 10, i));
    }
    assert_int_equal(carry(&e.a, &e.b, true), 1);
    assert_int_equal(e.b.n, 1000);
    for (size_t i = 0; i < 1000; i++) {
        check_sent(&e.b, i, 10, i);
    }
    ends_close(&e);
}

static void frame_that_is_not_full_waits_for_a_flush(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    assert_ok(end_send(&e.a, 1000, 1));
    assert_int_equal(carry(&e.a, &e.b, false), 0);
    assert_ok(end_send(&e.a, LINK_FRAME_BYTES, 2));
    assert_int_equal(carry(&e.a, &e.b, false), 2);
    assert_ok(end_send(&e.a, 1000, 3));
    assert_int_equal(carry(&e.a, &e.b, false), 0);
    assert_int_equal(carry(&e.a, &e.b, true), 1);
    assert_int_equal(e.b.n, 3);
    ends_close(&e);
}

static void send_tells_when_much_waits(void **state)
{
    const struct link_options o = { .high_bytes = 10320 };
    struct link_ends e;

    (void)state;
    ends_open(&e, &o, NULL);
    for (uint64_t i = 0; i < 10; i++) {
        assert_int_equal(end_send(&e.a, 1000, i), 0);
        assert_true(link_is_low(e.a.link) == (i < 5));
    }
    assert_true(link_waiting_bytes(e.a.link) == o.high_bytes);
    assert_int_equal(end_send(&e.a, 0, 10), 1);
    assert_false(link_is_low(e.a.link));
    assert_int_equal(carry(&e.a, &e.b, true), 1);
    assert_true(link_waiting_bytes(e.a.link) == 0);
    assert_true(link_is_low(e.a.link));
    assert_int_equal(end_send(&e.a, 0, 11), 0);
    settle(&e);
    assert_int_equal(e.b.n, 12);
    ends_close(&e);
}

static void bye_comes_after_all_that_is_queued(void **state)
{
    const struct link_options narrow = { .window_bytes = 1 };
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &narrow);
    for (uint64_t i = 0; i < 100; i++) {
        assert_ok(end_send(&e.a, 5000, i));
    }
    assert_ok(link_bye(e.a.link));
    assert_ok(link_bye(e.a.link));
    assert_err(end_send(&e.a, 1, 1), -EPIPE);
    assert_true(carry(&e.a, &e.b, false) > 0);
    assert_false(link_is_over(e.b.link));
    settle(&e);
    assert_true(link_is_over(e.b.link));
    assert_false(link_is_over(e.a.link));
    assert_int_equal(e.b.n, 100);
    assert_true(link_undelivered(e.a.link) == 0);
    ends_close(&e);
}

static void bye_needs_no_flush(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    assert_ok(end_send(&e.a, 1, 1));
    assert_ok(link_bye(e.a.link));
    assert_false(link_has_said_bye(e.a.link));
    assert_int_equal(carry(&e.a, &e.b, false), 2);
    assert_true(link_has_said_bye(e.a.link));
    assert_false(link_has_said_bye(e.b.link));
    assert_true(link_is_over(e.b.link));
    assert_int_equal(carry(&e.a, &e.b, true), 0);
    ends_close(&e);
}

static void data_still_flows_to_one_who_said_bye(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    assert_ok(link_bye(e.a.link));
    settle(&e);
    for (uint64_t i = 0; i < 5; i++) {
        assert_ok(end_send(&e.b, 2 << 20, i));
    }
    assert_ok(link_bye(e.b.link));
    settle(&e);
    assert_int_equal(e.a.n, 5);
    assert_true(link_delivered(e.b.link) == 5);
    assert_true(link_is_over(e.a.link) && link_is_over(e.b.link));
    ends_close(&e);
}

static void failed_link_does_no_more_but_count(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_open(&e, NULL, NULL);
    assert_ok(end_send(&e.a, 100, 1));
    settle(&e);
    assert_ok(end_send(&e.a, 100, 2));
    assert_int_equal(carry(&e.a, &e.b, true), 1);
    assert_int_equal(end_send(&e.a, 2 << 20, 3), 1);
    link_fail(e.a.link);
    link_fail(e.a.link);
    assert_true(link_is_over(e.a.link));
    assert_err(end_send(&e.a, 100, 4), -EPIPE);
    assert_err(link_bye(e.a.link), -EPIPE);
    assert_int_equal(link_take_frame(e.a.link, true, &frame), 0);
    assert_int_equal(link_take_frame(e.b.link, true, &frame), 1);
    assert_int_equal(frame_type(&frame), MESSAGE_LINK_ACK);
    assert_err(end_receive(&e.a, frame.data, frame.size), -EPROTO);
    buf_clear(&frame);
    assert_true(link_delivered(e.a.link) == 1);
    assert_true(link_undelivered(e.a.link) == 2);
    assert_true(link_is_low(e.a.link));
    assert_int_equal(e.b.n, 2);
    ends_close(&e);
}

/* Answer each request with what it said. */
static void reply(struct link_end *end, const struct link_message *m)
{
    struct link_message answer = *m;

    if (m->kind == LINK_REQUEST) {
        answer.kind = LINK_REPLY;
        assert_ok(link_send(end->link, &answer));
    } else {
        assert_ok(link_bye(end->link));
        assert_err(link_send(end->link, m), -EPIPE);
    }
}

static void messages_may_be_answered_while_they_are_handed_over(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    e.b.then = reply;
    for (uint64_t id = 1; id <= 5000; id++) {
        assert_ok(link_send(e.a.link, &(struct link_message){
                                          .kind = LINK_REQUEST,
                                          .id = id,
                                          .data = &id,
                                          .size = sizeof(id),
                                      }));
    }
    assert_ok(end_send(&e.a, 1, 1));
    settle(&e);
    assert_int_equal(e.a.n, 5000);
    for (uint64_t id = 1; id <= 5000; id++) {
        const struct link_message *m = &e.a.seen[id - 1];

        assert_int_equal(m->kind, LINK_REPLY);
        assert_true(m->id == id);
        assert_memory_equal(m->data, &id, sizeof(id));
    }
    assert_true(link_is_over(e.a.link));
    ends_close(&e);
}

static void fail_at_the_third(struct link_end *end,
                              const struct link_message *m)
{
    (void)m;
    if (end->n == 3) {
        link_fail(end->link);
    }
}

static void nothing_is_handed_over_after_a_failure(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_open(&e, NULL, NULL);
    e.b.then = fail_at_the_third;
    for (uint64_t i = 0; i < 10; i++) {
        assert_ok(end_send(&e.a, 10, i));
        assert_ok(end_send(&e.b, 10, i));
    }
    assert_int_equal(link_take_frame(e.a.link, true, &frame), 1);
    assert_err(end_receive(&e.b, frame.data, frame.size), -EPROTO);
    buf_clear(&frame);
    assert_int_equal(e.b.n, 3);
    assert_true(link_undelivered(e.b.link) == 10);
    ends_close(&e);
}

static void link_that_never_was_may_be_freed(void **state)
{
    struct link_ends e;

    (void)state;
    assert_null(link_free(NULL));
    ends_new(&e, NULL, NULL);
    assert_ok(end_send(&e.a, 10, 1));
    ends_close(&e);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_but_hello_goes_before_the_peer_is_known),
        cmocka_unit_test(messages_of_all_kinds_arrive_both_ways),
        cmocka_unit_test(messages_of_any_size_arrive_in_order),
        cmocka_unit_test(message_over_the_limit_of_either_end_is_refused),
        cmocka_unit_test(default_limit_is_64_mib),
        cmocka_unit_test(
            what_is_queued_over_the_peers_limit_fails_at_its_hello),
        cmocka_unit_test(small_messages_share_a_frame),
        cmocka_unit_test(frame_that_is_not_full_waits_for_a_flush),
        cmocka_unit_test(send_tells_when_much_waits),
        cmocka_unit_test(bye_comes_after_all_that_is_queued),
        cmocka_unit_test(bye_needs_no_flush),
        cmocka_unit_test(data_still_flows_to_one_who_said_bye),
        cmocka_unit_test(failed_link_does_no_more_but_count),
        cmocka_unit_test(messages_may_be_answered_while_they_are_handed_over),
        cmocka_unit_test(nothing_is_handed_over_after_a_failure),
        cmocka_unit_test(link_that_never_was_may_be_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
