#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "unit/proto/samples.h"

static void message_has_the_documented_bytes(void **state)
{
    static const uint8_t want[] = {
        'B',  'R',  'U',  'D',  1,    0,    5,    0,    2, 0, 0, 0, 24, 0, 0, 0,
        8,    0,    0,    0,    8,    7,    6,    5,    4, 3, 2, 1, 8,  0, 0, 0,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    struct buf b = { 0 };

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_CANCEL));
    assert_ok(encode_cancel(
        &b, &(struct message_cancel){ .key = UINT64_C(0x0102030405060708) }));
    assert_ok(encode_cancel(&b, &(struct message_cancel){ .key = UINT64_MAX }));
    message_end(&b);
    assert_int_equal(b.size, sizeof(want));
    assert_memory_equal(b.data, want, sizeof(want));
    buf_clear(&b);
}

static void message_without_records_is_a_header(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_SHUTDOWN));
    assert_int_equal(message_count(&b), 0);
    message_end(&b);
    assert_int_equal(b.size, MESSAGE_HEADER_SIZE);
    buf_clear(&b);
}

static void count_grows_with_each_record(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_JOBS));
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(message_count(&b), i);
        assert_ok(encode_job(&b, &sample_jobs[i % 3]));
    }
    assert_int_equal(message_count(&b), 1000);
    buf_clear(&b);
}

static void job_record_with_a_new_key_is_the_job_with_that_key(void **state)
{
    struct message_job job = sample_jobs[1];
    struct buf record = { 0 };
    struct buf from_record = { 0 };
    struct buf direct = { 0 };

    (void)state;
    assert_ok(encode_job_record(&record, &job));
    encode_job_set_key(record.data, UINT64_C(0x1122334455667788));
    assert_ok(message_begin(&from_record, MESSAGE_JOBS));
    assert_ok(encode_record(&from_record, record.data, record.size));
    message_end(&from_record);

    job.key = UINT64_C(0x1122334455667788);
    assert_ok(message_begin(&direct, MESSAGE_JOBS));
    assert_ok(encode_job(&direct, &job));
    message_end(&direct);
    assert_int_equal(from_record.size, direct.size);
    assert_memory_equal(from_record.data, direct.data, direct.size);
    buf_clear(&record);
    buf_clear(&from_record);
    buf_clear(&direct);
}

static void job_record_goes_behind_what_the_buffer_holds(void **state)
{
    struct buf b = { 0 };
    size_t first;

    (void)state;
    assert_ok(encode_job_record(&b, &sample_jobs[0]));
    first = b.size;
    assert_ok(encode_job_record(&b, &sample_jobs[0]));
    assert_int_equal(b.size, 2 * first);
    assert_memory_equal(b.data, b.data + first, first);
    buf_clear(&b);
}

static void input_fd_is_encoded_only_for_that_input(void **state)
{
    struct message_job job = sample_jobs[0];
    struct buf want = { 0 };
    struct buf got = { 0 };

    (void)state;
    assert_ok(encode_job_record(&want, &job));
    job.input_fd = 0;
    assert_ok(encode_job_record(&got, &job));
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    buf_clear(&want);
    buf_clear(&got);
}

static void record_beyond_the_limit_is_refused(void **state)
{
    struct message_output output = { .stream = 1 };
    struct buf b = { 0 };

    (void)state;
    /* The bytes are never looked at. */
    output.data = (struct message_bytes){ &output, MESSAGE_SIZE_MAX };
    assert_ok(message_begin(&b, MESSAGE_OUTPUT));
    assert_err(encode_output(&b, &output), -E2BIG);
    output.data.size = SIZE_MAX / 2;
    assert_err(encode_output(&b, &output), -E2BIG);
    assert_int_equal(b.size, MESSAGE_HEADER_SIZE);
    assert_int_equal(message_count(&b), 0);
    buf_clear(&b);
}

static void job_beyond_the_limit_is_refused(void **state)
{
    struct message_job job = sample_jobs[0];
    struct buf b = { 0 };

    (void)state;
    job.input_data = (struct message_bytes){ &job, MESSAGE_SIZE_MAX };
    assert_err(encode_job_record(&b, &job), -E2BIG);
    job.input_data = (struct message_bytes){ NULL, 0 };
    job.args = (struct message_texts){ "", MESSAGE_SIZE_MAX, 1 };
    assert_err(encode_job_record(&b, &job), -E2BIG);
    assert_int_equal(b.size, 0);
    buf_clear(&b);
}

static void message_beyond_the_limit_is_refused(void **state)
{
    const size_t full = MESSAGE_HEADER_SIZE + MESSAGE_SIZE_MAX;
    struct buf b = { 0 };
    struct buf record = { 0 };

    (void)state;
    assert_ok(encode_job_record(&record, &sample_jobs[0]));
    assert_ok(message_begin(&b, MESSAGE_CANCEL));
    /* As if it were full: nothing may be written when there is no room. */
    b.size = full - 11;
    assert_err(encode_cancel(&b, &sample_cancels[0]), -E2BIG);
    b.size = full - record.size + 1;
    assert_err(encode_record(&b, record.data, record.size), -E2BIG);
    assert_err(encode_job(&b, &sample_jobs[0]), -E2BIG);
    assert_int_equal(b.size, full - record.size + 1);
    assert_int_equal(message_count(&b), 0);
    b.size = MESSAGE_HEADER_SIZE;
    buf_clear(&b);
    buf_clear(&record);
}

static int encode_record_of_a_job(struct buf *b)
{
    static const uint8_t record[] = { 1, 0, 0, 0, 0 };

    return encode_record(b, record, sizeof(record));
}

/* One call of each encoder on a message that is full to its last byte. */
static int encode_without_memory(struct buf *b, size_t which)
{
    switch (which) {
    case 0:
        return encode_context(b, &sample_contexts[0]);
    case 1:
        return encode_forget(b, &sample_forgets[0]);
    case 2:
        return encode_job(b, &sample_jobs[0]);
    case 3:
        return encode_take_back(b, &sample_take_backs[0]);
    case 4:
        return encode_cancel(b, &sample_cancels[0]);
    case 5:
        return encode_signal(b, &sample_signals[0]);
    case 6:
        return encode_credit(b, &sample_credits[0]);
    case 7:
        return encode_hello(b, &sample_hellos[0]);
    case 8:
        return encode_started(b, &sample_starteds[0]);
    case 9:
        return encode_output(b, &sample_outputs[0]);
    case 10:
        return encode_result(b, &sample_results[0]);
    case 11:
        return encode_returned(b, &sample_returneds[0]);
    case 12:
        return encode_record_of_a_job(b);
    case 13:
        return encode_piece(b, &sample_pieces[0]);
    case 14:
        return encode_pause(b, &sample_pauses[0]);
    case 15:
        return encode_kill(b, &sample_kills[0]);
    case 16:
        return encode_leave(b, &sample_leaves[0]);
    case 17:
        return encode_taken(b, &sample_takens[0]);
    case 18:
        return encode_ended(b, &sample_endeds[0]);
    case 19:
        return encode_peek(b, &sample_peeks[0]);
    default:
        return 1;
    }
}

static void buffer_is_as_it_was_when_memory_runs_out(void **state)
{
    struct buf b = { 0 };

    (void)state;
    brood_fault_arm("mem", 1);
    assert_err(message_begin(&b, MESSAGE_JOBS), -ENOMEM);
    assert_null(b.data);
    assert_ok(message_begin(&b, MESSAGE_JOBS));
    for (size_t i = 0;; i++) {
        size_t room = b.room;
        int r;

        b.room = b.size;
        brood_fault_arm("mem", 1);
        r = encode_without_memory(&b, i);
        brood_fault_arm("mem", 0);
        b.room = room;
        if (r == 1) {
            break;
        }
        assert_err(r, -ENOMEM);
        assert_int_equal(b.size, MESSAGE_HEADER_SIZE);
        assert_int_equal(message_count(&b), 0);
    }
    buf_clear(&b);
}

static void large_output_is_copied_whole(void **state)
{
    const size_t size = 3 << 20;
    uint8_t *data = malloc(size);
    struct buf b = { 0 };

    (void)state;
    assert_non_null(data);
    memset(data, 'x', size);
    assert_ok(message_begin(&b, MESSAGE_OUTPUT));
    assert_ok(encode_output(
        &b, &(struct message_output){ .stream = 1, .data = { data, size } }));
    assert_int_equal(b.size, MESSAGE_HEADER_SIZE + 4 + 12 + 4 + size);
    assert_memory_equal(b.data + b.size - size, data, size);
    buf_clear(&b);
    free(data);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_has_the_documented_bytes),
        cmocka_unit_test(message_without_records_is_a_header),
        cmocka_unit_test(count_grows_with_each_record),
        cmocka_unit_test(job_record_with_a_new_key_is_the_job_with_that_key),
        cmocka_unit_test(job_record_goes_behind_what_the_buffer_holds),
        cmocka_unit_test(input_fd_is_encoded_only_for_that_input),
        cmocka_unit_test(record_beyond_the_limit_is_refused),
        cmocka_unit_test(job_beyond_the_limit_is_refused),
        cmocka_unit_test(message_beyond_the_limit_is_refused),
        cmocka_unit_test(buffer_is_as_it_was_when_memory_runs_out),
        cmocka_unit_test(large_output_is_copied_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
