/* Records that are whole, and whose fields hold what they must not. */

#include "support/check.h"

#include <errno.h>

#include "proto/wire.h"
#include "unit/proto/decoded.h"

enum {
    FIRST_RECORD_AT = MESSAGE_HEADER_SIZE + WIRE_SIZE,
    /* In a job record, behind its size. */
    JOB_FLAGS_AT = 12,
    JOB_INPUT_AT = 16,
    JOB_OUT_AT = 17,
    JOB_ERR_AT = 18,
    JOB_N_STOP_AT = 19,
    JOB_TIMEOUT_AT = 20,
    JOB_DRAIN_AT = 28,
    JOB_INPUT_FD_AT = 36,
    JOB_DEATH_SIGNAL_AT = 44,
    JOB_STOP_AT = 48,
    /* In a result record. */
    RESULT_OUTCOME_AT = 8,
    RESULT_FLAGS_AT = 9,
    RESULT_STEP_AT = 10,
    RESULT_EXIT_AT = 12,
    RESULT_SIGNAL_AT = 16,
    RESULT_ERROR_AT = 20,
    RESULT_STOP_SIGNAL_AT = 24,
    RESULT_PID_AT = 28,
    RESULT_START_AT = 36,
    RESULT_DURATION_AT = 44,
    RESULT_USER_AT = 52,
    RESULT_SYSTEM_AT = 60,
    RESULT_OUT_FD_AT = 76,
    RESULT_OUT_ERROR_AT = 80,
    RESULT_ERR_FD_AT = 100,
    RESULT_ERR_ERROR_AT = 104,
};

/* What a decoder says of a message of one job whose bytes were changed. */
static int job_with(const struct message_job *job,
                    size_t at,
                    const void *bytes,
                    size_t size)
{
    struct message_job m = { .key = 77 };
    struct reader reader;
    struct reader before;
    struct buf b = { 0 };
    int r;

    assert_ok(message_begin(&b, MESSAGE_JOBS));
    assert_ok(encode_job(&b, job));
    message_end(&b);
    memcpy(b.data + FIRST_RECORD_AT + at, bytes, size);
    open_message(&b, true, MESSAGE_JOBS, &reader);
    before = reader;
    r = decode_job(&reader, &m);
    if (r < 0) {
        assert_true(m.key == 77);
        assert_memory_equal(&reader, &before, sizeof(reader));
    }
    buf_clear(&b);
    return r;
}

static int job_with_u8(size_t at, uint8_t v)
{
    return job_with(&sample_jobs[1], at, &v, 1);
}

static int job_with_u32(size_t at, uint32_t v)
{
    uint8_t bytes[4];

    (void)wire_put_u32(bytes, v);
    return job_with(&sample_jobs[1], at, bytes, sizeof(bytes));
}

static int job_with_i64(size_t at, int64_t v)
{
    uint8_t bytes[8];

    (void)wire_put_i64(bytes, v);
    return job_with(&sample_jobs[1], at, bytes, sizeof(bytes));
}

static void job_with_a_field_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_ok(job_with_u32(JOB_FLAGS_AT, MESSAGE_JOB_SHELL));
    assert_err(job_with_u32(JOB_FLAGS_AT, MESSAGE_JOB_FLAGS + 1), -EBADMSG);
    assert_err(job_with_u8(JOB_INPUT_AT, MESSAGE_INPUT_COUNT), -EBADMSG);
    assert_err(job_with_u8(JOB_OUT_AT, MESSAGE_POLICY_COUNT), -EBADMSG);
    assert_err(job_with_u8(JOB_OUT_AT, MESSAGE_POLICY_MERGE), -EBADMSG);
    assert_err(job_with_u8(JOB_ERR_AT, MESSAGE_POLICY_COUNT), -EBADMSG);
    assert_err(job_with_i64(JOB_TIMEOUT_AT, -1), -EBADMSG);
    assert_err(job_with_i64(JOB_DRAIN_AT, INT64_MIN), -EBADMSG);
    assert_ok(job_with_u32(JOB_DEATH_SIGNAL_AT, 0));
    assert_err(job_with_u32(JOB_DEATH_SIGNAL_AT, 65), -EBADMSG);
    assert_err(job_with_u32(JOB_STOP_AT, 0), -EBADMSG);
    assert_err(job_with_u32(JOB_STOP_AT, 65), -EBADMSG);
    assert_err(job_with_u32(JOB_STOP_AT, UINT32_MAX), -EBADMSG);
}

static void job_with_too_many_stop_steps_is_refused(void **state)
{
    (void)state;
    assert_err(job_with_u8(JOB_N_STOP_AT, MESSAGE_STOP_STEPS_MAX + 1),
               -EBADMSG);
    assert_err(job_with_u8(JOB_N_STOP_AT, UINT8_MAX), -EBADMSG);
}

static void job_with_an_input_fd_out_of_place_is_refused(void **state)
{
    (void)state;
    assert_err(job_with_u32(JOB_INPUT_FD_AT, 0), -EBADMSG);
    assert_err(job_with_u32(JOB_INPUT_FD_AT, (uint32_t)-2), -EBADMSG);
    assert_err(job_with_u8(JOB_INPUT_AT, MESSAGE_INPUT_FD), -EBADMSG);
}

static void text_without_its_nul_is_refused(void **state)
{
    const size_t texts_at = JOB_STOP_AT + 8 * MESSAGE_STOP_STEPS_MAX;
    /* shell_path is "/bin/sh" behind its size. */
    const size_t nul_at = texts_at + 4 + 7;

    (void)state;
    assert_ok(job_with_u8(nul_at, 0));
    assert_err(job_with_u8(nul_at, 'x'), -EBADMSG);
    /* A NUL inside is an end that lies elsewhere. */
    assert_err(job_with_u8(nul_at - 1, 0), -EBADMSG);
    assert_err(job_with_u32(texts_at, 6), -EBADMSG);
    assert_err(job_with_u32(texts_at, 8), -EBADMSG);
    assert_err(job_with_u32(texts_at, UINT32_MAX), -EBADMSG);
}

static int job_with_texts(const char *data, size_t size, uint32_t count)
{
    struct message_job job = sample_jobs[2];

    job.args = (struct message_texts){ data, size, count };
    return job_with(&job, 0, "", 0);
}

static void list_holds_as_many_texts_as_it_says(void **state)
{
    (void)state;
    assert_ok(job_with_texts("a\0b", 4, 2));
    assert_ok(job_with_texts("\0", 2, 2));
    assert_err(job_with_texts("a\0b", 4, 1), -EBADMSG);
    assert_err(job_with_texts("a\0b", 4, 3), -EBADMSG);
    assert_err(job_with_texts("a\0b", 3, 2), -EBADMSG);
    assert_err(job_with_texts("a\0b", 3, 1), -EBADMSG);
    assert_err(job_with_texts("", 0, 1), -EBADMSG);
    assert_err(job_with_texts("a", 2, 0), -EBADMSG);
}

static void job_has_an_arg_and_a_shell_job_has_one(void **state)
{
    struct message_job job = sample_jobs[1];

    (void)state;
    assert_err(job_with_texts("", 0, 0), -EBADMSG);
    assert_ok(job_with(&job, 0, "", 0));
    job.args = (struct message_texts){ "a\0b", 4, 2 };
    assert_err(job_with(&job, 0, "", 0), -EBADMSG);
    job.args = (struct message_texts){ "", 0, 0 };
    assert_err(job_with(&job, 0, "", 0), -EBADMSG);
}

/* What a decoder says of a result when @size bytes at @at are those of @v. */
static int result_with(size_t at, size_t size, uint64_t v)
{
    uint8_t bytes[8];
    struct buf b = { 0 };
    int r;

    assert_ok(message_begin(&b, MESSAGE_RESULTS));
    assert_ok(encode_result(&b, &sample_results[2]));
    message_end(&b);
    (void)wire_put_u64(bytes, v);
    memcpy(b.data + FIRST_RECORD_AT + at, bytes, size);
    r = walk_copy(b.data, b.size, true);
    buf_clear(&b);
    return r;
}

static void result_with_a_field_out_of_range_is_refused(void **state)
{
    static const size_t times[] = { RESULT_START_AT, RESULT_DURATION_AT,
                                    RESULT_USER_AT, RESULT_SYSTEM_AT };
    static const size_t errors[] = { RESULT_ERROR_AT, RESULT_OUT_ERROR_AT,
                                     RESULT_ERR_ERROR_AT };

    (void)state;
    assert_ok(result_with(RESULT_OUTCOME_AT, 1, MESSAGE_OUTCOME_COUNT - 1));
    assert_err(result_with(RESULT_OUTCOME_AT, 1, MESSAGE_OUTCOME_COUNT),
               -EBADMSG);
    assert_err(result_with(RESULT_FLAGS_AT, 1, MESSAGE_RESULT_FLAGS + 1),
               -EBADMSG);
    assert_err(result_with(RESULT_STEP_AT, 1, MESSAGE_STEP_COUNT), -EBADMSG);
    assert_err(result_with(RESULT_EXIT_AT, 4, 256), -EBADMSG);
    assert_err(result_with(RESULT_EXIT_AT, 4, (uint32_t)-2), -EBADMSG);
    assert_err(result_with(RESULT_SIGNAL_AT, 4, 65), -EBADMSG);
    assert_err(result_with(RESULT_SIGNAL_AT, 4, (uint32_t)-1), -EBADMSG);
    assert_err(result_with(RESULT_STOP_SIGNAL_AT, 4, 65), -EBADMSG);
    assert_err(result_with(RESULT_PID_AT, 4, (uint32_t)-1), -EBADMSG);
    assert_err(result_with(RESULT_OUT_FD_AT, 4, (uint32_t)-2), -EBADMSG);
    assert_err(result_with(RESULT_ERR_FD_AT, 4, (uint32_t)INT32_MIN), -EBADMSG);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_err(result_with(times[i], 8, UINT64_MAX), -EBADMSG);
    }
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_ok(result_with(errors[i], 4, (uint32_t)-4095));
        assert_err(result_with(errors[i], 4, (uint32_t)-4096), -EBADMSG);
        assert_err(result_with(errors[i], 4, 1), -EBADMSG);
    }
}

static void other_records_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_ok(record_of(MESSAGE_SIGNAL, "\1\0\0", 4));
    assert_err(record_of(MESSAGE_SIGNAL, "\0\0\0", 4), -EBADMSG);
    assert_err(record_of(MESSAGE_SIGNAL, "\101\0\0", 4), -EBADMSG);
    assert_err(record_of(MESSAGE_HELLO, "\1\0\0\0\377\377\377\377", 8),
               -EBADMSG);
    assert_ok(record_of(MESSAGE_RETURNED, "keykey01\0\0\0", 12));
    assert_err(record_of(MESSAGE_RETURNED, "keykey01\1\0\0", 12), -EBADMSG);
    assert_ok(record_of(MESSAGE_OUTPUT, "keykey01\2\0\0\0\1\0\0\0x", 17));
    assert_err(record_of(MESSAGE_OUTPUT, "keykey01\0\0\0\0\1\0\0\0x", 17),
               -EBADMSG);
    assert_err(record_of(MESSAGE_OUTPUT, "keykey01\3\0\0\0\1\0\0\0x", 17),
               -EBADMSG);
    assert_err(record_of(MESSAGE_OUTPUT, "keykey01\1\0\0\0\2\0\0\0x", 17),
               -EBADMSG);
    assert_ok(record_of(MESSAGE_STARTED, "keykey01pid\0slotstart_n\0", 24));
    assert_err(record_of(MESSAGE_STARTED, "keykey01pid\xffslotstart_n\0", 24),
               -EBADMSG);
    assert_err(record_of(MESSAGE_STARTED, "keykey01pid\0slotstart_n\xff", 24),
               -EBADMSG);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(job_with_a_field_out_of_range_is_refused),
        cmocka_unit_test(job_with_too_many_stop_steps_is_refused),
        cmocka_unit_test(job_with_an_input_fd_out_of_place_is_refused),
        cmocka_unit_test(text_without_its_nul_is_refused),
        cmocka_unit_test(list_holds_as_many_texts_as_it_says),
        cmocka_unit_test(job_has_an_arg_and_a_shell_job_has_one),
        cmocka_unit_test(result_with_a_field_out_of_range_is_refused),
        cmocka_unit_test(other_records_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
