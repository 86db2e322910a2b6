#include "support/check.h"

#include <errno.h>

#include "unit/proto/decoded.h"

static void contexts_come_out_as_they_went_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT(sample_contexts); i++) {
        struct buf b = { 0 };
        struct reader r;
        struct message_context m;

        assert_true(sample_message(&b, MESSAGE_CONTEXT, i));
        open_message(&b, false, MESSAGE_CONTEXT, &r);
        assert_ok(decode_context(&r, &m));
        assert_int_equal(m.id, sample_contexts[i].id);
        assert_string_equal(m.dir, sample_contexts[i].dir);
        check_texts(&m.env, &sample_contexts[i].env);
        buf_clear(&b);
    }
}

static void jobs_come_out_as_they_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;
    struct message_job m;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_JOBS, 0));
    open_message(&b, false, MESSAGE_JOBS, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_jobs); i++) {
        assert_ok(decode_job(&r, &m));
        check_job(&m, &sample_jobs[i]);
    }
    assert_int_equal(r.left, 0);
    assert_err(decode_job(&r, &m), -EBADMSG);
    buf_clear(&b);
}

static void results_come_out_as_they_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;
    struct message_result m;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_RESULTS, 0));
    open_message(&b, false, MESSAGE_RESULTS, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_results); i++) {
        assert_ok(decode_result(&r, &m));
        check_result(&m, &sample_results[i]);
    }
    assert_err(decode_result(&r, &m), -EBADMSG);
    buf_clear(&b);
}

static void outputs_come_out_as_they_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;
    struct message_output m;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_OUTPUT, 0));
    open_message(&b, false, MESSAGE_OUTPUT, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_outputs); i++) {
        const struct message_output *want = &sample_outputs[i];

        assert_ok(decode_output(&r, &m));
        assert_true(m.key == want->key);
        assert_int_equal(m.stream, want->stream);
        check_bytes(m.data.data, m.data.size, want->data.data, want->data.size);
    }
    buf_clear(&b);
}

static void starts_and_returns_come_out_as_they_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;

    (void)state;
    assert_true(sample_message(&b, MESSAGE_STARTED, 0));
    open_message(&b, false, MESSAGE_STARTED, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_starteds); i++) {
        const struct message_started *want = &sample_starteds[i];
        struct message_started m;

        assert_ok(decode_started(&r, &m));
        assert_true(m.key == want->key && m.start_ns == want->start_ns);
        assert_true(m.pid == want->pid && m.slot == want->slot);
    }
    buf_clear(&b);
    assert_true(sample_message(&b, MESSAGE_RETURNED, 0));
    open_message(&b, false, MESSAGE_RETURNED, &r);
    for (size_t i = 0; i < SAMPLE_COUNT(sample_returneds); i++) {
        struct message_returned m;

        assert_ok(decode_returned(&r, &m));
        assert_true(m.key == sample_returneds[i].key);
        assert_int_equal(m.reason, sample_returneds[i].reason);
    }
    buf_clear(&b);
}

/* Put the second sample of a type in *b: the one at the limits. */
static void sample_limits(struct buf *b,
                          enum message_type type,
                          struct reader *ret_reader)
{
    buf_clear(b);
    assert_true(sample_message(b, type, 1));
    open_message(b, false, (uint16_t)type, ret_reader);
}

static void single_numbers_come_out_as_they_went_in(void **state)
{
    struct buf b = { 0 };
    struct reader r;
    struct message_forget forget;
    struct message_take_back take_back;
    struct message_signal sig;
    struct message_credit credit;
    struct message_hello hello;
    struct message_cancel cancel;

    (void)state;
    sample_limits(&b, MESSAGE_FORGET, &r);
    assert_ok(decode_forget(&r, &forget));
    assert_int_equal(forget.id, UINT32_MAX);
    sample_limits(&b, MESSAGE_TAKE_BACK, &r);
    assert_ok(decode_take_back(&r, &take_back));
    assert_int_equal(take_back.count, UINT32_MAX);
    sample_limits(&b, MESSAGE_SIGNAL, &r);
    assert_ok(decode_signal(&r, &sig));
    assert_int_equal(sig.signal, 64);
    sample_limits(&b, MESSAGE_CREDIT, &r);
    assert_ok(decode_credit(&r, &credit));
    assert_true(credit.bytes == UINT64_MAX);
    sample_limits(&b, MESSAGE_HELLO, &r);
    assert_ok(decode_hello(&r, &hello));
    assert_true(hello.slots == UINT32_MAX && hello.pid == INT32_MAX);
    buf_clear(&b);

    assert_true(sample_message(&b, MESSAGE_CANCEL, 0));
    open_message(&b, false, MESSAGE_CANCEL, &r);
    assert_ok(decode_cancel(&r, &cancel));
    assert_true(cancel.key == 0);
    assert_ok(decode_cancel(&r, &cancel));
    assert_true(cancel.key == UINT64_MAX);
    buf_clear(&b);
}

static void job_with_a_descriptor_is_for_local_peers(void **state)
{
    struct buf b = { 0 };
    struct reader r;
    struct message_job m;

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_JOBS));
    assert_ok(encode_job(&b, &sample_job_with_fd));
    message_end(&b);
    open_message(&b, true, MESSAGE_JOBS, &r);
    assert_ok(decode_job(&r, &m));
    check_job(&m, &sample_job_with_fd);
    open_message(&b, false, MESSAGE_JOBS, &r);
    assert_err(decode_job(&r, &m), -EBADMSG);
    buf_clear(&b);
}

static void result_with_descriptors_is_for_local_peers(void **state)
{
    struct buf b = { 0 };
    struct reader r;
    struct message_result m;

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_RESULTS));
    assert_ok(encode_result(&b, &sample_result_with_fds));
    message_end(&b);
    open_message(&b, true, MESSAGE_RESULTS, &r);
    assert_ok(decode_result(&r, &m));
    check_result(&m, &sample_result_with_fds);
    open_message(&b, false, MESSAGE_RESULTS, &r);
    assert_err(decode_result(&r, &m), -EBADMSG);
    buf_clear(&b);
}

static void texts_are_walked_to_their_end(void **state)
{
    const struct message_texts none = { NULL, 0, 0 };
    const struct message_texts three = { "a\0\0bc", 6, 3 };
    const char *text = NULL;

    (void)state;
    assert_null(texts_next(&none, NULL));
    text = texts_next(&three, text);
    assert_string_equal(text, "a");
    text = texts_next(&three, text);
    assert_string_equal(text, "");
    text = texts_next(&three, text);
    assert_string_equal(text, "bc");
    assert_null(texts_next(&three, text));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_come_out_as_they_went_in),
        cmocka_unit_test(jobs_come_out_as_they_went_in),
        cmocka_unit_test(results_come_out_as_they_went_in),
        cmocka_unit_test(outputs_come_out_as_they_went_in),
        cmocka_unit_test(starts_and_returns_come_out_as_they_went_in),
        cmocka_unit_test(single_numbers_come_out_as_they_went_in),
        cmocka_unit_test(job_with_a_descriptor_is_for_local_peers),
        cmocka_unit_test(result_with_descriptors_is_for_local_peers),
        cmocka_unit_test(texts_are_walked_to_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
