/* How much may be in flight, and when it is acknowledged. */

#include "unit/proto/link_ends.h"

#include "proto/link_wire.h"

enum {
    SMALLEST = 64 * 1024,
    /* 16 of these fill the smallest window. */
    SIXTEENTH = SMALLEST / 16 - LINK_MESSAGE_COST,
};

static const struct link_options narrow = { .window_bytes = SMALLEST };

static void send_many(struct link_end *end, uint64_t n, size_t size)
{
    for (uint64_t i = 0; i < n; i++) {
        assert_ok(end_send(end, size, i));
    }
}

static void sender_stops_at_the_window_and_goes_on(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &narrow);
    send_many(&e.a, 40, SIXTEENTH);
    /* Two frames of half the window. */
    assert_int_equal(carry(&e.a, &e.b, true), 2);
    assert_int_equal(e.b.n, 16);
    assert_int_equal(carry(&e.a, &e.b, true), 0);
    assert_int_equal(carry(&e.b, &e.a, false), 1);
    assert_true(link_delivered(e.a.link) == 16);
    assert_true(link_undelivered(e.a.link) == 24);
    assert_int_equal(carry(&e.a, &e.b, true), 2);
    settle(&e);
    assert_int_equal(e.b.n, 40);
    for (size_t i = 0; i < e.b.n; i++) {
        check_sent(&e.b, i, SIXTEENTH, i);
    }
    ends_close(&e);
}

static void messages_without_bytes_count_too(void **state)
{
    const size_t fit = SMALLEST / LINK_MESSAGE_COST;
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &narrow);
    send_many(&e.a, fit + 1, 0);
    assert_int_equal(carry(&e.a, &e.b, true), 2);
    assert_int_equal(e.b.n, fit);
    settle(&e);
    assert_int_equal(e.b.n, fit + 1);
    ends_close(&e);
}

static void message_larger_than_the_window_goes_alone(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &narrow);
    assert_ok(end_send(&e.a, 10, 1));
    assert_ok(end_send(&e.a, 1 << 20, 2));
    assert_ok(end_send(&e.a, 10, 3));
    assert_int_equal(carry(&e.a, &e.b, true), 1);
    assert_int_equal(carry(&e.b, &e.a, true), 1);
    assert_int_equal(carry(&e.a, &e.b, true), 1);
    assert_int_equal(e.b.n, 2);
    check_sent(&e.b, 1, 1 << 20, 2);
    settle(&e);
    check_sent(&e.b, 2, 10, 3);
    ends_close(&e);
}

static void what_was_queued_before_the_hello_keeps_any_window(void **state)
{
    struct link_ends e;

    (void)state;
    ends_new(&e, NULL, &narrow);
    send_many(&e.a, 3000, 100);
    send_many(&e.a, 3, SMALLEST);
    settle(&e);
    assert_int_equal(e.b.n, 3003);
    ends_close(&e);
}

static void window_below_the_smallest_is_the_smallest(void **state)
{
    const struct link_options none = { .window_bytes = 1 };
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &none);
    send_many(&e.a, 40, SIXTEENTH);
    assert_int_equal(carry(&e.a, &e.b, true), 2);
    assert_int_equal(e.b.n, 16);
    ends_close(&e);
}

static void half_a_window_is_acknowledged_at_once(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_open(&e, NULL, &narrow);
    send_many(&e.a, 7, SIXTEENTH);
    (void)carry(&e.a, &e.b, true);
    assert_int_equal(link_take_frame(e.b.link, false, &frame), 0);
    send_many(&e.a, 1, SIXTEENTH);
    (void)carry(&e.a, &e.b, true);
    assert_int_equal(link_take_frame(e.b.link, false, &frame), 1);
    assert_int_equal(frame_type(&frame), MESSAGE_LINK_ACK);
    assert_true(frame_number(&frame) == 8);
    assert_ok(end_receive(&e.a, frame.data, frame.size));
    assert_true(link_delivered(e.a.link) == 8);
    buf_clear(&frame);
    ends_close(&e);
}

static void less_is_acknowledged_once_when_flushed(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_open(&e, NULL, NULL);
    assert_int_equal(link_take_frame(e.b.link, true, &frame), 0);
    send_many(&e.a, 3, 1);
    (void)carry(&e.a, &e.b, true);
    assert_ok(end_send(&e.b, 1, 1));
    assert_int_equal(link_take_frame(e.b.link, false, &frame), 0);
    /* After what the peer waits for. */
    assert_int_equal(link_take_frame(e.b.link, true, &frame), 1);
    assert_int_equal(frame_type(&frame), MESSAGE_LINK_DATA);
    buf_clear(&frame);
    assert_int_equal(link_take_frame(e.b.link, true, &frame), 1);
    assert_int_equal(frame_type(&frame), MESSAGE_LINK_ACK);
    assert_true(frame_number(&frame) == 3);
    buf_clear(&frame);
    assert_int_equal(link_take_frame(e.b.link, true, &frame), 0);
    ends_close(&e);
}

static void part_of_a_frame_may_be_acknowledged(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_open(&e, NULL, NULL);
    send_many(&e.a, 10, 1);
    (void)carry(&e.a, &e.b, true);
    assert_ok(link_wire_number(&frame, MESSAGE_LINK_ACK, 4));
    assert_ok(end_receive(&e.a, frame.data, frame.size));
    buf_clear(&frame);
    assert_true(link_delivered(e.a.link) == 4);
    assert_true(link_undelivered(e.a.link) == 6);
    settle(&e);
    assert_true(link_undelivered(e.a.link) == 0);
    ends_close(&e);
}

/* Give @end messages of these sizes in one frame. */
static int receive_sizes(struct link_end *end,
                         uint64_t first,
                         const size_t *sizes,
                         uint32_t n)
{
    struct buf frame = { 0 };
    uint8_t *zeroes = calloc(1, SMALLEST);
    int r;

    assert_non_null(zeroes);
    assert_ok(link_wire_begin(&frame, first, 0));
    for (uint32_t i = 0; i < n; i++) {
        assert_ok(buf_reserve(&frame, LINK_WIRE_HEAD_MAX + sizes[i]));
        link_wire_put(
            &frame, &(struct link_message){ .data = zeroes, .size = sizes[i] });
    }
    link_wire_end(&frame, n);
    r = end_receive(end, frame.data, frame.size);
    buf_clear(&frame);
    free(zeroes);
    return r;
}

static void frame_over_the_window_is_refused(void **state)
{
    static const size_t sizes[] = { SMALLEST - 2 * LINK_MESSAGE_COST, 0, 1 };
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &narrow);
    assert_ok(receive_sizes(&e.b, 1, sizes, 2));
    assert_int_equal(e.b.n, 2);
    ends_close(&e);

    ends_open(&e, NULL, &narrow);
    assert_err(receive_sizes(&e.b, 1, sizes, 3), -EMSGSIZE);
    assert_int_equal(e.b.n, 0);
    assert_true(link_is_over(e.b.link));
    ends_close(&e);
}

static void more_in_flight_than_the_window_is_refused(void **state)
{
    static const size_t little[] = { 0 };
    static const size_t much[] = { SMALLEST };
    struct buf frame = { 0 };
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, &narrow);
    assert_ok(receive_sizes(&e.b, 1, much, 1));
    assert_int_equal(link_take_frame(e.b.link, false, &frame), 1);
    buf_clear(&frame);
    assert_ok(receive_sizes(&e.b, 2, much, 1));
    assert_err(receive_sizes(&e.b, 3, little, 1), -EMSGSIZE);
    assert_int_equal(e.b.n, 2);
    ends_close(&e);
}

/* A series of calls that the seed decides, with the wire cut into pieces. */
static void exchange_at_random(uint64_t seed)
{
    static const uint64_t windows[] = { 0, SMALLEST, 100000, 1 << 20 };
    const struct link_options o = {
        .window_bytes = windows[random_below(&seed, 4)],
    };
    struct link_ends e;
    uint64_t sent[2] = { 0 };

    ends_new(&e, &o, &narrow);
    for (unsigned step = 0; step < 2000; step++) {
        size_t side = random_below(&seed, 2);
        struct link_end *from = side == 0 ? &e.a : &e.b;
        struct buf frame = { 0 };
        size_t size = random_below(&seed, 20) == 0 ? random_below(&seed, 200000)
                                                   : random_below(&seed, 300);

        if (random_below(&seed, 4) > 0) {
            assert_ok(end_send(from, size, sent[side]++));
        } else if (link_take_frame(from->link, random_below(&seed, 2) == 0,
                                   &frame) == 1) {
            assert_ok(
                end_receive(side == 0 ? &e.b : &e.a, frame.data, frame.size));
        }
        buf_clear(&frame);
    }
    settle(&e);
    assert_int_equal(e.b.n, sent[0]);
    assert_int_equal(e.a.n, sent[1]);
    for (size_t i = 0; i < e.b.n; i++) {
        check_sent(&e.b, i, e.b.seen[i].size, i);
    }
    assert_true(link_undelivered(e.a.link) + link_undelivered(e.b.link) == 0);
    ends_close(&e);
}

static void who_keeps_the_window_is_never_refused(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        exchange_at_random(seed * UINT64_C(0x9e3779b97f4a7c15));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sender_stops_at_the_window_and_goes_on),
        cmocka_unit_test(messages_without_bytes_count_too),
        cmocka_unit_test(message_larger_than_the_window_goes_alone),
        cmocka_unit_test(what_was_queued_before_the_hello_keeps_any_window),
        cmocka_unit_test(window_below_the_smallest_is_the_smallest),
        cmocka_unit_test(half_a_window_is_acknowledged_at_once),
        cmocka_unit_test(less_is_acknowledged_once_when_flushed),
        cmocka_unit_test(part_of_a_frame_may_be_acknowledged),
        cmocka_unit_test(frame_over_the_window_is_refused),
        cmocka_unit_test(more_in_flight_than_the_window_is_refused),
        cmocka_unit_test(who_keeps_the_window_is_never_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
