/* Messages that were cut, stretched or damaged on their way. */

#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/wire.h"
#include "unit/proto/decoded.h"

enum {
    TYPES_END = MESSAGE_TAIL + 1,
};

/* Call @check with each of the samples, which it may change. */
static void for_each_sample(void (*check)(struct buf *b))
{
    for (unsigned type = 1; type < TYPES_END; type++) {
        for (size_t which = 0;; which++) {
            struct buf b = { 0 };

            if (!sample_message(&b, (enum message_type)type, which)) {
                break;
            }
            check(&b);
            buf_clear(&b);
        }
    }
}

static void check_valid(struct buf *b)
{
    assert_ok(walk_copy(b->data, b->size, false));
    assert_ok(walk_copy(b->data, b->size, true));
}

static void every_sample_is_valid(void **state)
{
    (void)state;
    for_each_sample(check_valid);
}

static void check_truncated(struct buf *b)
{
    for (size_t size = 0; size < b->size; size++) {
        int r = walk_copy(b->data, size, true);

        assert_err(r, -EBADMSG);
        if (size < MESSAGE_HEADER_SIZE) {
            continue;
        }
        /* The same with a header that admits it. */
        message_end(&(struct buf){ .data = b->data, .size = size });
        assert_err(walk_copy(b->data, size, true), -EBADMSG);
        message_end(b);
    }
}

static void every_truncated_message_is_refused(void **state)
{
    (void)state;
    for_each_sample(check_truncated);
}

/* Where the last record starts. */
static size_t last_record_at(const struct buf *b)
{
    size_t at = MESSAGE_HEADER_SIZE;

    for (uint32_t i = 1; i < message_count(b); i++) {
        at += WIRE_SIZE + wire_u32(b->data + at);
    }
    return at;
}

static void check_short_record(struct buf *b)
{
    size_t at;
    uint32_t size;

    if (message_count(b) == 0) {
        return;
    }
    at = last_record_at(b);
    size = wire_u32(b->data + at);
    while (size > 0) {
        size--;
        b->size--;
        (void)wire_put_u32(b->data + at, size);
        message_end(b);
        assert_err(walk_copy(b->data, b->size, true), -EBADMSG);
    }
}

static void every_record_that_is_too_short_is_refused(void **state)
{
    (void)state;
    for_each_sample(check_short_record);
}

static void check_long_record(struct buf *b)
{
    static const uint8_t more[] = { 0xff, 1, 2, 3, 0, 5, 6 };
    size_t at;

    if (message_count(b) == 0) {
        return;
    }
    at = last_record_at(b);
    for (size_t i = 0; i < sizeof(more); i++) {
        assert_ok(buf_add(b, &more[i], 1));
        (void)wire_put_u32(b->data + at, wire_u32(b->data + at) + 1);
        message_end(b);
        assert_ok(walk_copy(b->data, b->size, true));
    }
}

static void record_that_a_newer_peer_made_longer_is_accepted(void **state)
{
    (void)state;
    for_each_sample(check_long_record);
}

static void fields_are_the_same_in_a_longer_record(void **state)
{
    struct buf record = { 0 };
    struct buf b = { 0 };
    struct reader r;
    struct message_job m;

    (void)state;
    assert_ok(encode_job_record(&record, &sample_jobs[1]));
    assert_ok(buf_add(&record, "later", 5));
    (void)wire_put_u32(record.data, (uint32_t)record.size - WIRE_SIZE);
    assert_ok(message_begin(&b, MESSAGE_JOBS));
    assert_ok(encode_record(&b, record.data, record.size));
    assert_ok(encode_job(&b, &sample_jobs[2]));
    message_end(&b);
    open_message(&b, false, MESSAGE_JOBS, &r);
    assert_ok(decode_job(&r, &m));
    check_job(&m, &sample_jobs[1]);
    assert_ok(decode_job(&r, &m));
    check_job(&m, &sample_jobs[2]);
    buf_clear(&record);
    buf_clear(&b);
}

static void check_damaged(struct buf *b)
{
    for (size_t i = 0; i < b->size * 8; i++) {
        uint8_t bit = (uint8_t)(1U << (i % 8));

        b->data[i / 8] ^= bit;
        (void)walk_copy(b->data, b->size, false);
        (void)walk_copy(b->data, b->size, true);
        b->data[i / 8] ^= bit;
    }
    for (size_t i = 0; i < b->size; i++) {
        static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
        uint8_t old = b->data[i];

        for (size_t v = 0; v < sizeof(values); v++) {
            b->data[i] = values[v];
            (void)walk_copy(b->data, b->size, true);
        }
        b->data[i] = old;
    }
}

static void damaged_messages_break_no_promise(void **state)
{
    (void)state;
    for_each_sample(check_damaged);
}

/* What message_open() says when @size bytes at @at are those of @v. */
static int open_with(size_t at, size_t size, uint32_t v)
{
    uint8_t bytes[4];
    struct message_header h = { .type = 77 };
    struct reader reader = { .left = 77 };
    struct buf b = { 0 };
    int r;

    assert_true(sample_message(&b, MESSAGE_CANCEL, 0));
    walk_must(b.data != NULL);
    (void)wire_put_u32(bytes, v);
    memcpy(b.data + at, bytes, size);
    r = message_open(b.data, b.size, true, &h, &reader);
    if (r < 0) {
        assert_int_equal(h.type, 77);
        assert_int_equal(reader.left, 77);
    }
    buf_clear(&b);
    return r;
}

static void other_magic_or_version_is_another_protocol(void **state)
{
    (void)state;
    assert_err(open_with(0, 4, MESSAGE_MAGIC + 1), -EPROTO);
    assert_err(open_with(0, 4, 0), -EPROTO);
    assert_err(open_with(WIRE_VERSION_AT, 2, 0), -EPROTO);
    assert_err(open_with(WIRE_VERSION_AT, 2, MESSAGE_VERSION + 1), -EPROTO);
    assert_err(open_with(WIRE_VERSION_AT, 2, MESSAGE_VERSION | 0x100), -EPROTO);
}

static void wrong_type_count_or_size_is_refused(void **state)
{
    (void)state;
    assert_err(open_with(WIRE_TYPE_AT, 2, 0), -EBADMSG);
    assert_err(open_with(WIRE_TYPE_AT, 2, MESSAGE_PEEK + 1), -EBADMSG);
    assert_err(open_with(WIRE_TYPE_AT, 2, MESSAGE_HELLO - 1), -EBADMSG);
    assert_err(open_with(WIRE_TYPE_AT, 2, MESSAGE_TAIL + 1), -EBADMSG);
    assert_err(open_with(WIRE_TYPE_AT, 2, 0xffff), -EBADMSG);
    /* Cancels are two records of 12 bytes. */
    assert_ok(open_with(WIRE_COUNT_AT, 4, 2));
    assert_err(open_with(WIRE_COUNT_AT, 4, 0), -EBADMSG);
    assert_err(open_with(WIRE_COUNT_AT, 4, 1), -EBADMSG);
    assert_err(open_with(WIRE_COUNT_AT, 4, 3), -EBADMSG);
    assert_err(open_with(WIRE_COUNT_AT, 4, UINT32_MAX), -EBADMSG);
    assert_ok(open_with(WIRE_BODY_SIZE_AT, 4, 24));
    assert_err(open_with(WIRE_BODY_SIZE_AT, 4, 23), -EBADMSG);
    assert_err(open_with(WIRE_BODY_SIZE_AT, 4, 25), -EBADMSG);
    assert_err(open_with(WIRE_BODY_SIZE_AT, 4, UINT32_MAX), -EBADMSG);
    assert_err(open_with(MESSAGE_HEADER_SIZE, 4, 7), -EBADMSG);
    assert_err(open_with(MESSAGE_HEADER_SIZE, 4, 9), -EBADMSG);
    assert_err(open_with(MESSAGE_HEADER_SIZE, 4, UINT32_MAX), -EBADMSG);
}

static void body_beyond_the_limit_is_refused(void **state)
{
    const size_t size = MESSAGE_HEADER_SIZE + (size_t)MESSAGE_SIZE_MAX + 1;
    struct buf b = { 0 };
    uint8_t *data = calloc(1, size);

    (void)state;
    assert_non_null(data);
    assert_ok(message_begin(&b, MESSAGE_OUTPUT));
    memcpy(data, b.data, b.size);
    (void)wire_put_u32(data + WIRE_COUNT_AT, 1);
    (void)wire_put_u32(data + MESSAGE_HEADER_SIZE, MESSAGE_SIZE_MAX - 4);
    (void)wire_put_u32(data + WIRE_BODY_SIZE_AT, MESSAGE_SIZE_MAX);
    assert_ok(message_open(data, size - 1, false, &(struct message_header){ 0 },
                           &(struct reader){ 0 }));
    (void)wire_put_u32(data + MESSAGE_HEADER_SIZE, MESSAGE_SIZE_MAX - 3);
    (void)wire_put_u32(data + WIRE_BODY_SIZE_AT, MESSAGE_SIZE_MAX + 1);
    assert_err(message_open(data, size, false, &(struct message_header){ 0 },
                            &(struct reader){ 0 }),
               -EBADMSG);
    buf_clear(&b);
    free(data);
}

static void types_with_one_record_have_exactly_one(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_HELLO));
    message_end(&b);
    assert_err(walk_copy(b.data, b.size, false), -EBADMSG);
    assert_ok(encode_hello(&b, &sample_hellos[0]));
    message_end(&b);
    assert_ok(walk_copy(b.data, b.size, false));
    assert_ok(encode_hello(&b, &sample_hellos[0]));
    message_end(&b);
    assert_err(walk_copy(b.data, b.size, false), -EBADMSG);
    buf_clear(&b);

    assert_ok(message_begin(&b, MESSAGE_BYE));
    assert_ok(encode_forget(&b, &sample_forgets[0]));
    message_end(&b);
    assert_err(walk_copy(b.data, b.size, false), -EBADMSG);
    buf_clear(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_is_valid),
        cmocka_unit_test(every_truncated_message_is_refused),
        cmocka_unit_test(every_record_that_is_too_short_is_refused),
        cmocka_unit_test(record_that_a_newer_peer_made_longer_is_accepted),
        cmocka_unit_test(fields_are_the_same_in_a_longer_record),
        cmocka_unit_test(damaged_messages_break_no_promise),
        cmocka_unit_test(other_magic_or_version_is_another_protocol),
        cmocka_unit_test(wrong_type_count_or_size_is_refused),
        cmocka_unit_test(body_beyond_the_limit_is_refused),
        cmocka_unit_test(types_with_one_record_have_exactly_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
