/* What a link says to a peer that breaks the rules. */

#include "unit/proto/link_ends.h"

#include "proto/encode.h"
#include "proto/link_wire.h"

/* A frame of raw records, each a string of hexadecimal digits. */
static void make_frame(struct buf *b, uint16_t type, const char *const *records)
{
    uint32_t count = 0;

    buf_clear(b);
    assert_ok(message_begin(b, (enum message_type)type));
    for (; records[count] != NULL; count++) {
        uint8_t bytes[64];
        size_t size = strlen(records[count]) / 2;

        for (size_t i = 0; i < size; i++) {
            char digits[3] = { records[count][2 * i], records[count][2 * i + 1],
                               '\0' };

            bytes[WIRE_SIZE + i] = (uint8_t)strtoul(digits, NULL, 16);
        }
        (void)wire_put_u32(bytes, (uint32_t)size);
        assert_ok(encode_record(b, bytes, WIRE_SIZE + size));
    }
    message_end(b);
}

/* What an end says to such a frame; @before is how many messages came. */
static int receive_raw(bool open,
                       uint64_t before,
                       uint16_t type,
                       const char *const *records)
{
    struct link_ends e;
    struct buf b = { 0 };
    size_t seen;
    int r;

    ends_new(&e, NULL, NULL);
    for (uint64_t i = 0; i < before; i++) {
        assert_ok(end_send(&e.a, 1, i));
    }
    if (open) {
        settle(&e);
    }
    seen = e.b.n;
    make_frame(&b, type, records);
    r = end_receive(&e.b, b.data, b.size);
    if (r < 0) {
        assert_int_equal(e.b.n, seen);
        assert_true(link_is_over(e.b.link));
        assert_err(end_receive(&e.b, b.data, b.size), -EPROTO);
    }
    buf_clear(&b);
    ends_close(&e);
    return r;
}

#define RECORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ONE          "0100000000000000"
#define ZERO         "0000000000000000"
#define WINDOW       "0000010000000000"
#define V1           "01000000"
#define PID          "07000000"

static int receive_hello(const char *record)
{
    return receive_raw(false, 0, MESSAGE_LINK_HELLO, RECORDS(record));
}

static void hello_of_another_kind_is_refused(void **state)
{
    (void)state;
    assert_ok(receive_hello(V1 PID WINDOW ONE));
    assert_ok(receive_hello(V1 "ffffff7f" WINDOW ONE "77"));
    assert_err(receive_hello("00000000" PID WINDOW ONE), -EPROTO);
    assert_err(receive_hello("02000000" PID WINDOW ONE), -EPROTO);
    assert_err(receive_hello(V1 PID "ffff000000000000" ONE), -EPROTO);
    assert_err(receive_hello(V1 "00000080" WINDOW ONE), -EBADMSG);
    assert_err(receive_hello(V1 PID WINDOW "01000000000000"), -EBADMSG);
    assert_err(receive_hello(""), -EBADMSG);
}

static void hello_comes_first_and_once(void **state)
{
    static const char hello[] = V1 PID WINDOW ONE;

    (void)state;
    assert_err(receive_raw(true, 0, MESSAGE_LINK_HELLO, RECORDS(hello)),
               -EPROTO);
    assert_err(receive_raw(false, 0, MESSAGE_LINK_DATA, RECORDS(ONE, "00")),
               -EPROTO);
    assert_err(receive_raw(false, 0, MESSAGE_LINK_ACK, RECORDS(ONE)), -EPROTO);
    assert_err(receive_raw(false, 0, MESSAGE_LINK_BYE, RECORDS(ZERO)), -EPROTO);
}

static int receive_message(const char *record)
{
    return receive_raw(true, 0, MESSAGE_LINK_DATA, RECORDS(ONE, record));
}

static void damaged_message_is_refused(void **state)
{
    (void)state;
    assert_ok(receive_message("00"));
    assert_ok(receive_message("01" ONE));
    assert_ok(receive_message("02" ONE "00000000"));
    assert_ok(receive_message("02" ONE "01f0ffff"));
    assert_ok(receive_message("03" ONE));
    assert_err(receive_message(""), -EBADMSG);
    assert_ok(receive_message("04" ONE));
    assert_err(receive_message("04"), -EBADMSG);
    assert_err(receive_message("05" ONE), -EBADMSG);
    assert_err(receive_message("ff" ONE), -EBADMSG);
    assert_err(receive_message("01"), -EBADMSG);
    assert_err(receive_message("01"
                               "01000000000000"),
               -EBADMSG);
    assert_err(receive_message("01" ZERO), -EBADMSG);
    assert_err(receive_message("02" ONE "000000"), -EBADMSG);
    assert_err(receive_message("02" ONE "01000000"), -EBADMSG);
    assert_err(receive_message("02" ONE "00f0ffff"), -EBADMSG);
    assert_err(receive_message("02" ONE "00000080"), -EBADMSG);
    assert_err(receive_message("02" ZERO "00000000"), -EBADMSG);
    assert_err(receive_message("03" ZERO), -EBADMSG);
    assert_err(receive_message("03"
                               "01000000000000"),
               -EBADMSG);
}

static void nothing_of_a_frame_with_one_bad_message_is_handed_over(void **state)
{
    static const char good[] = "01" ONE;
    static const char bad[] = "01" ZERO;

    (void)state;
    assert_ok(receive_raw(true, 0, MESSAGE_LINK_DATA,
                          RECORDS(ONE, "0061", "0062", good)));
    assert_err(receive_raw(true, 0, MESSAGE_LINK_DATA,
                           RECORDS(ONE, "0061", "0062", bad)),
               -EBADMSG);
}

static void numbers_of_messages_must_follow(void **state)
{
    static const char two[] = "0200000000000000";

    (void)state;
    assert_ok(receive_raw(true, 1, MESSAGE_LINK_DATA, RECORDS(two, "00")));
    assert_err(receive_raw(true, 0, MESSAGE_LINK_DATA, RECORDS(two, "00")),
               -EPROTO);
    assert_err(receive_raw(true, 1, MESSAGE_LINK_DATA, RECORDS(ONE, "00")),
               -EPROTO);
    assert_err(receive_raw(true, 0, MESSAGE_LINK_DATA, RECORDS(ZERO, "00")),
               -EPROTO);
    assert_err(receive_raw(true, 0, MESSAGE_LINK_DATA,
                           RECORDS("ffffffffffffffff", "00")),
               -EPROTO);
    assert_err(receive_raw(true, 0, MESSAGE_LINK_DATA,
                           RECORDS("01000000000000", "00")),
               -EBADMSG);
    assert_err(receive_raw(true, 0, MESSAGE_LINK_DATA, RECORDS(ONE)), -EBADMSG);
}

static void bye_names_the_last_message(void **state)
{
    (void)state;
    assert_ok(receive_raw(true, 1, MESSAGE_LINK_BYE, RECORDS(ONE)));
    assert_ok(receive_raw(true, 0, MESSAGE_LINK_BYE, RECORDS(ZERO)));
    assert_err(receive_raw(true, 0, MESSAGE_LINK_BYE, RECORDS(ONE)), -EPROTO);
    assert_err(receive_raw(true, 2, MESSAGE_LINK_BYE, RECORDS(ONE)), -EPROTO);
    assert_err(receive_raw(true, 0, MESSAGE_LINK_BYE, RECORDS("00")), -EBADMSG);
    assert_err(receive_raw(true, 0, MESSAGE_LINK_BYE, RECORDS(ZERO, ZERO)),
               -EBADMSG);
}

/* What an end that has said BYE hears of one more frame. */
static int receive_after_bye(uint16_t type, const char *const *records)
{
    struct link_ends e;
    struct buf b = { 0 };
    int r;

    ends_open(&e, NULL, NULL);
    assert_ok(end_send(&e.b, 1, 1));
    (void)carry(&e.b, &e.a, true);
    assert_ok(link_bye(e.a.link));
    while (link_take_frame(e.a.link, false, &b) == 1) {
        assert_ok(end_receive(&e.b, b.data, b.size));
        buf_clear(&b);
    }
    make_frame(&b, type, records);
    r = end_receive(&e.b, b.data, b.size);
    buf_clear(&b);
    ends_close(&e);
    return r;
}

static void nothing_but_acknowledgements_comes_after_bye(void **state)
{
    (void)state;
    assert_ok(receive_after_bye(MESSAGE_LINK_ACK, RECORDS(ONE)));
    assert_err(receive_after_bye(MESSAGE_LINK_DATA, RECORDS(ONE, "00")),
               -EPROTO);
    assert_err(receive_after_bye(MESSAGE_LINK_BYE, RECORDS(ZERO)), -EPROTO);
}

/* What an end says to an acknowledgement when 3 were sent, 2 are taken and 1
 * is acknowledged. */
static int receive_ack(const char *record)
{
    struct link_ends e;
    struct buf b = { 0 };
    int r;

    ends_open(&e, NULL, NULL);
    assert_ok(end_send(&e.b, 1, 1));
    settle(&e);
    assert_ok(end_send(&e.b, 1, 2));
    (void)carry(&e.b, &e.a, true);
    assert_ok(end_send(&e.b, 1, 3));
    make_frame(&b, MESSAGE_LINK_ACK, RECORDS(record));
    r = end_receive(&e.b, b.data, b.size);
    assert_true(link_delivered(e.b.link) == (r == 0 ? 2 : 1));
    buf_clear(&b);
    ends_close(&e);
    return r;
}

static void acknowledgement_must_be_of_what_was_sent(void **state)
{
    (void)state;
    assert_ok(receive_ack("0200000000000000"));
    assert_err(receive_ack("0300000000000000"), -EPROTO);
    assert_err(receive_ack("ffffffffffffffff"), -EPROTO);
    assert_err(receive_ack(ONE), -EPROTO);
    assert_err(receive_ack(ZERO), -EPROTO);
    assert_err(receive_ack("02000000000000"), -EBADMSG);
}

static void message_over_our_limit_is_refused(void **state)
{
    const struct link_options small = { .message_max_bytes = 2 };
    struct buf b = { 0 };
    struct link_ends e;

    (void)state;
    for (unsigned over = 0; over < 2; over++) {
        ends_open(&e, NULL, &small);
        make_frame(&b, MESSAGE_LINK_DATA,
                   RECORDS(ONE, "006161", over ? "00616161" : "006161"));
        assert_err(end_receive(&e.b, b.data, b.size), over ? -EMSGSIZE : 0);
        assert_int_equal(e.b.n, over ? 0 : 2);
        ends_close(&e);
    }
    buf_clear(&b);
}

static void frames_of_others_are_refused(void **state)
{
    struct buf b = { 0 };
    struct link_ends e;

    (void)state;
    for (unsigned type = 0; type <= UINT16_MAX; type++) {
        if (type >= MESSAGE_LINK_HELLO && type <= MESSAGE_LINK_BYE) {
            continue;
        }
        make_frame(&b, (uint16_t)type, RECORDS(ONE));
        ends_open(&e, NULL, NULL);
        assert_err(end_receive(&e.b, b.data, b.size), -EBADMSG);
        ends_close(&e);
    }
    make_frame(&b, MESSAGE_LINK_ACK, RECORDS(ONE));
    ends_open(&e, NULL, NULL);
    b.data[0] ^= 1;
    assert_err(end_receive(&e.b, b.data, b.size), -EPROTO);
    ends_close(&e);
    ends_open(&e, NULL, NULL);
    assert_err(end_receive(&e.b, NULL, 0), -EBADMSG);
    ends_close(&e);
    buf_clear(&b);
}

/* A valid frame of each type, as the second one that an end takes in. */
static void make_valid(struct buf *b, uint16_t type)
{
    switch (type) {
    case MESSAGE_LINK_HELLO:
        make_frame(b, type, RECORDS(V1 PID WINDOW ONE));
        return;
    case MESSAGE_LINK_DATA:
        make_frame(b, type,
                   RECORDS(ONE, "00616263", "01" ONE "61", "00",
                           "02" ONE "ffffffff"
                           "6162",
                           "03" ONE));
        return;
    case MESSAGE_LINK_ACK:
        make_frame(b, type, RECORDS(ONE));
        return;
    default:
        make_frame(b, type, RECORDS(ZERO));
        return;
    }
}

/* Give these bytes to an end that would take the whole frame. */
static int receive_fresh(uint16_t type, const uint8_t *data, size_t size)
{
    struct link_ends e;
    int r;

    ends_new(&e, NULL, NULL);
    if (type != MESSAGE_LINK_HELLO) {
        settle(&e);
        assert_ok(end_send(&e.b, 1, 1));
        (void)carry(&e.b, &e.a, true);
    }
    r = end_receive(&e.b, data, size);
    assert_true(r == 0 || r == -EPROTO || r == -EBADMSG || r == -EMSGSIZE);
    assert_true(r == 0 || (link_is_over(e.b.link) && e.b.n == 0));
    ends_close(&e);
    return r;
}

static void every_truncated_frame_is_refused(void **state)
{
    (void)state;
    for (unsigned type = MESSAGE_LINK_HELLO; type <= MESSAGE_LINK_BYE; type++) {
        struct buf b = { 0 };

        make_valid(&b, (uint16_t)type);
        assert_ok(receive_fresh((uint16_t)type, b.data, b.size));
        for (size_t size = 0; size < b.size; size++) {
            assert_err(receive_fresh((uint16_t)type, b.data, size), -EBADMSG);
        }
        buf_clear(&b);
    }
}

static void flipped_bits_break_no_promise(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (unsigned i = 0; i < 40000; i++) {
        uint16_t type = (uint16_t)(MESSAGE_LINK_HELLO + i % 4);
        size_t flips = 1 + random_below(&seed, 4);
        struct buf b = { 0 };

        make_valid(&b, type);
        while (flips-- > 0) {
            size_t at = random_below(&seed, b.size * 8);

            b.data[at / 8] ^= (uint8_t)(1U << (at % 8));
        }
        (void)receive_fresh(type, b.data, b.size);
        buf_clear(&b);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_of_another_kind_is_refused),
        cmocka_unit_test(hello_comes_first_and_once),
        cmocka_unit_test(damaged_message_is_refused),
        cmocka_unit_test(
            nothing_of_a_frame_with_one_bad_message_is_handed_over),
        cmocka_unit_test(numbers_of_messages_must_follow),
        cmocka_unit_test(bye_names_the_last_message),
        cmocka_unit_test(nothing_but_acknowledgements_comes_after_bye),
        cmocka_unit_test(acknowledgement_must_be_of_what_was_sent),
        cmocka_unit_test(message_over_our_limit_is_refused),
        cmocka_unit_test(frames_of_others_are_refused),
        cmocka_unit_test(every_truncated_frame_is_refused),
        cmocka_unit_test(flipped_bits_break_no_promise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
