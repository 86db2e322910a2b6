/* Messages about one running child: there and back, and out of range. */

#include "support/check.h"

#include <errno.h>

#include "unit/proto/decoded.h"

static void what_is_said_to_a_child_comes_out_as_it_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_INPUT, 0));
    open_message(&b, false, MESSAGE_INPUT, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_pieces); i++) {
        const struct message_piece *want = &sample_pieces[i];
        struct message_piece m;

        assert_ok(decode_piece(&r, &m));
        assert_true(m.key == want->key && m.last == want->last);
        check_bytes(m.data.data, m.data.size, want->data.data, want->data.size);
    }
    assert_int_equal(r.left, 0);
    buf_clear(&b);
    assert_true(sample_message(&b, MESSAGE_PAUSE, 0));
    open_message(&b, false, MESSAGE_PAUSE, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_pauses); i++) {
        const struct message_pause *want = &sample_pauses[i];
        struct message_pause m;

        assert_ok(decode_pause(&r, &m));
        assert_true(m.key == want->key && m.stream == want->stream &&
                    m.paused == want->paused);
    }
    buf_clear(&b);
}

static void signals_and_leave_come_out_as_they_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_KILL, 0));
    open_message(&b, false, MESSAGE_KILL, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_kills); i++) {
        const struct message_kill *want = &sample_kills[i];
        struct message_kill m;

        assert_ok(decode_kill(&r, &m));
        assert_true(m.key == want->key && m.signal == want->signal &&
                    m.alone == want->alone);
    }
    buf_clear(&b);
    assert_true(sample_message(&b, MESSAGE_LEAVE, 0));
    open_message(&b, false, MESSAGE_LEAVE, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_leaves); i++) {
        struct message_leave m;

        assert_ok(decode_leave(&r, &m));
        assert_true(m.key == sample_leaves[i].key);
    }
    assert_err(decode_leave(&r, &(struct message_leave){ 0 }), -EBADMSG);
    buf_clear(&b);
}

static void looks_come_out_as_they_went_in(void **state)
{
    static const uint8_t third[] = { 16, 0, 0, 0, 1, 0, 0, 0, 0, 0,
                                     0,  0, 3, 0, 0, 0, 0, 0, 0, 0 };
    struct buf b = { 0 };
    struct reader r;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_PEEK, 0));
    open_message(&b, false, MESSAGE_PEEK, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_peeks); i++) {
        const struct message_peek *want = &sample_peeks[i];
        struct message_peek m;

        assert_ok(decode_peek(&r, &m));
        assert_true(m.key == want->key && m.stream == want->stream &&
                    m.size == want->size);
    }
    assert_err(decode_peek(&r, &(struct message_peek){ 0 }), -EBADMSG);
    buf_clear(&b);
    assert_ok(message_begin(&b, MESSAGE_PEEK));
    assert_ok(encode_record(&b, third, sizeof(third)));
    message_end(&b);
    open_message(&b, false, MESSAGE_PEEK, &r);
    assert_err(decode_peek(&r, &(struct message_peek){ 0 }), -EBADMSG);
    buf_clear(&b);
}

static void what_a_child_did_comes_out_as_it_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_TAKEN, 0));
    open_message(&b, false, MESSAGE_TAKEN, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_takens); i++) {
        const struct message_taken *want = &sample_takens[i];
        struct message_taken m;

        assert_ok(decode_taken(&r, &m));
        assert_true(m.key == want->key && m.bytes == want->bytes &&
                    m.error == want->error);
    }
    buf_clear(&b);
    assert_true(sample_message(&b, MESSAGE_ENDED, 0));
    open_message(&b, false, MESSAGE_ENDED, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_endeds); i++) {
        const struct message_ended *want = &sample_endeds[i];
        struct message_ended m;

        assert_ok(decode_ended(&r, &m));
        assert_true(m.key == want->key && m.flags == want->flags &&
                    m.exit_status == want->exit_status &&
                    m.signal == want->signal);
    }
    buf_clear(&b);
}

static void what_is_out_of_range_for_a_child_is_refused(void **state)
{
    (void)state;
    assert_ok(record_of(MESSAGE_INPUT, "keykey01\1\0\0\0\1\0\0\0x", 17));
    assert_err(record_of(MESSAGE_INPUT, "keykey01\2\0\0\0\1\0\0\0x", 17),
               -EBADMSG);
    assert_err(record_of(MESSAGE_INPUT, "keykey01\0\0\0\0\2\0\0\0x", 17),
               -EBADMSG);
    assert_ok(record_of(MESSAGE_PAUSE, "keykey01\2\1\0", 12));
    assert_err(record_of(MESSAGE_PAUSE, "keykey01\0\1\0", 12), -EBADMSG);
    assert_err(record_of(MESSAGE_PAUSE, "keykey01\3\1\0", 12), -EBADMSG);
    assert_err(record_of(MESSAGE_PAUSE, "keykey01\1\2\0", 12), -EBADMSG);
    assert_ok(record_of(MESSAGE_KILL, "keykey01\1\0\0\0\100\0\0", 16));
    assert_err(record_of(MESSAGE_KILL, "keykey01\2\0\0\0\1\0\0", 16), -EBADMSG);
    assert_err(record_of(MESSAGE_KILL, "keykey01\0\0\0\0\0\0\0", 16), -EBADMSG);
    assert_err(record_of(MESSAGE_KILL, "keykey01\0\0\0\0\101\0\0", 16),
               -EBADMSG);
    assert_err(record_of(MESSAGE_LEAVE, "keykey0", 7), -EBADMSG);
}

/* An end with these fields. */
static int ended(uint8_t flags, int32_t exit_status, int32_t sig)
{
    struct buf b = { 0 };
    int r;

    assert_ok(message_begin(&b, MESSAGE_ENDED));
    assert_ok(encode_ended(&b, &(struct message_ended){
                                   .flags = flags,
                                   .exit_status = exit_status,
                                   .signal = sig,
                               }));
    message_end(&b);
    r = walk_copy(b.data, b.size, false);
    buf_clear(&b);
    return r;
}

static int taken(int32_t error)
{
    struct buf b = { 0 };
    int r;

    assert_ok(message_begin(&b, MESSAGE_TAKEN));
    assert_ok(encode_taken(&b, &(struct message_taken){ .error = error }));
    message_end(&b);
    r = walk_copy(b.data, b.size, false);
    buf_clear(&b);
    return r;
}

static void what_no_child_can_have_done_is_refused(void **state)
{
    (void)state;
    assert_ok(ended(MESSAGE_RESULT_FLAGS, -1, 64));
    assert_err(ended(MESSAGE_RESULT_FLAGS + 1, 0, 0), -EBADMSG);
    assert_err(ended(0, -2, 0), -EBADMSG);
    assert_err(ended(0, 256, 0), -EBADMSG);
    assert_err(ended(0, 0, -1), -EBADMSG);
    assert_err(ended(0, 0, 65), -EBADMSG);
    assert_ok(taken(-4095));
    assert_err(taken(-4096), -EBADMSG);
    assert_err(taken(1), -EBADMSG);
}

static void input_beyond_the_limit_is_refused(void **state)
{
    struct message_piece m = { .data = { &m, MESSAGE_SIZE_MAX } };
    struct buf b = { 0 };

    (void)state;
    /* The bytes are never looked at. */
    assert_ok(message_begin(&b, MESSAGE_INPUT));
    assert_err(encode_piece(&b, &m), -E2BIG);
    assert_int_equal(b.size, MESSAGE_HEADER_SIZE);
    assert_int_equal(message_count(&b), 0);
    buf_clear(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_to_a_child_comes_out_as_it_went_in),
        cmocka_unit_test(signals_and_leave_come_out_as_they_went_in),
        cmocka_unit_test(looks_come_out_as_they_went_in),
        cmocka_unit_test(what_a_child_did_comes_out_as_it_went_in),
        cmocka_unit_test(what_is_out_of_range_for_a_child_is_refused),
        cmocka_unit_test(what_no_child_can_have_done_is_refused),
        cmocka_unit_test(input_beyond_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
