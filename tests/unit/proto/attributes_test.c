/* The part of a job that few jobs have: there and back, and out of range. */

#include "support/check.h"

#include <errno.h>

#include "base/fault.h"
#include "unit/proto/decoded.h"

/* What a decoder says of a job with these attributes. */
static int decoded(const struct message_attributes *more,
                   bool local,
                   struct message_job *ret)
{
    struct message_job job = sample_job_with_more_fds;
    struct message_job m = { .key = 77 };
    struct reader before;
    struct reader reader;
    struct buf b = { 0 };
    int r;

    job.more = *more;
    job.more.argv0 = more->argv0 == NULL ? "" : more->argv0;
    job.more.out_path = "";
    job.more.err_path = "";
    assert_ok(message_begin(&b, MESSAGE_JOBS));
    assert_ok(encode_job(&b, &job));
    message_end(&b);
    open_message(&b, local, MESSAGE_JOBS, &reader);
    before = reader;
    r = decode_job(&reader, &m);
    if (r < 0) {
        assert_true(m.key == 77);
        assert_memory_equal(&reader, &before, sizeof(reader));
    } else {
        check_job(&m, &job);
        assert_int_equal(walk_copy(b.data, b.size, local), 0);
    }
    if (ret != NULL) {
        *ret = m;
    }
    buf_clear(&b);
    return r;
}

static struct message_bytes view(const struct buf *b)
{
    return (struct message_bytes){ b->data, b->size };
}

static void lists_come_out_as_they_were_added(void **state)
{
    const struct message_rlimit limit = { 7, 1, UINT64_MAX };
    const struct message_fd fd = { 1023, INT32_MAX };
    struct buf groups = { 0 };
    struct buf rlimits = { 0 };
    struct buf fds = { 0 };
    struct message_attributes a;

    (void)state;
    for (uint32_t i = 0; i < MESSAGE_GROUPS_MAX; i++) {
        assert_ok(attributes_add_group(&groups, UINT32_MAX - i));
    }
    assert_ok(attributes_add_rlimit(&rlimits, &limit));
    assert_ok(attributes_add_rlimit(&rlimits, &(struct message_rlimit){ 0 }));
    assert_ok(attributes_add_fd(&fds, &(struct message_fd){ 0 }));
    assert_ok(attributes_add_fd(&fds, &fd));
    a = (struct message_attributes){ .groups = view(&groups),
                                     .rlimits = view(&rlimits),
                                     .fds = view(&fds) };
    assert_ok(decoded(&a, true, NULL));
    assert_int_equal(attributes_group_count(&a), MESSAGE_GROUPS_MAX);
    assert_int_equal(attributes_group(&a, 0), UINT32_MAX);
    assert_int_equal(attributes_group(&a, 63), UINT32_MAX - 63);
    assert_int_equal(attributes_rlimit_count(&a), 2);
    assert_int_equal(attributes_rlimit(&a, 0).resource, 7);
    assert_true(attributes_rlimit(&a, 0).soft == 1);
    assert_true(attributes_rlimit(&a, 0).hard == UINT64_MAX);
    assert_int_equal(attributes_fd_count(&a), 2);
    assert_int_equal(attributes_fd(&a, 1).child, 1023);
    assert_int_equal(attributes_fd(&a, 1).fd, INT32_MAX);
    buf_clear(&groups);
    buf_clear(&rlimits);
    buf_clear(&fds);
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct message_attributes a = { .set = MESSAGE_SET_ALL, .umask = 0777 };

    (void)state;
    assert_ok(decoded(&a, false, NULL));
    a.set = MESSAGE_SET_ALL + 1;
    assert_err(decoded(&a, false, NULL), -EBADMSG);
    a.set = 0;
    a.umask = 01000;
    assert_err(decoded(&a, false, NULL), -EBADMSG);
}

static void lists_that_are_cut_or_too_long_are_refused(void **state)
{
    static const uint8_t zeros[64 * 20 + 20];
    const struct {
        size_t each;
        size_t max;
    } lists[] = {
        { 4, MESSAGE_GROUPS_MAX },
        { 20, MESSAGE_RLIMITS_MAX },
        { 8, MESSAGE_FDS_MAX },
    };

    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT(lists); i++) {
        struct message_attributes a = { 0 };
        struct message_bytes *list = i == 0   ? &a.groups
                                     : i == 1 ? &a.rlimits
                                              : &a.fds;

        list->data = zeros;
        list->size = lists[i].each * lists[i].max;
        assert_ok(decoded(&a, true, NULL));
        list->size += lists[i].each;
        assert_err(decoded(&a, true, NULL), -EBADMSG);
        list->size = lists[i].each + 1;
        assert_err(decoded(&a, true, NULL), -EBADMSG);
        list->size = lists[i].each - 1;
        assert_err(decoded(&a, true, NULL), -EBADMSG);
    }
}

static int with_rlimit(uint32_t resource)
{
    struct message_attributes a = { 0 };
    struct buf list = { 0 };
    int r;

    assert_ok(attributes_add_rlimit(
        &list, &(struct message_rlimit){ .resource = resource }));
    a.rlimits = view(&list);
    r = decoded(&a, false, NULL);
    buf_clear(&list);
    return r;
}

static int with_fd(int32_t child, int32_t fd, bool local)
{
    struct message_attributes a = { 0 };
    struct buf list = { 0 };
    int r;

    assert_ok(attributes_add_fd(&list, &(struct message_fd){ child, fd }));
    a.fds = view(&list);
    r = decoded(&a, local, NULL);
    buf_clear(&list);
    return r;
}

static void entries_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_ok(with_rlimit(63));
    assert_err(with_rlimit(64), -EBADMSG);
    assert_err(with_rlimit(UINT32_MAX), -EBADMSG);
    assert_ok(with_fd(1023, 0, true));
    assert_err(with_fd(1024, 0, true), -EBADMSG);
    assert_err(with_fd(-1, 0, true), -EBADMSG);
    assert_err(with_fd(3, -1, true), -EBADMSG);
}

static void descriptors_are_for_local_peers(void **state)
{
    struct message_job m;

    (void)state;
    assert_ok(decoded(&sample_job_with_more_fds.more, true, &m));
    assert_int_equal(m.out, MESSAGE_POLICY_FD);
    assert_err(decoded(&sample_job_with_more_fds.more, false, NULL), -EBADMSG);
    assert_err(with_fd(3, 0, false), -EBADMSG);
}

static void a_job_without_attributes_has_none(void **state)
{
    struct buf b = { 0 };
    struct message_job m = { .more = { .set = 1, .argv0 = "x" } };
    struct reader r;

    (void)state;
    assert_ok(message_begin(&b, MESSAGE_JOBS));
    assert_ok(encode_job(&b, &sample_jobs[0]));
    message_end(&b);
    open_message(&b, false, MESSAGE_JOBS, &r);
    assert_ok(decode_job(&r, &m));
    assert_int_equal(m.more.set, 0);
    assert_string_equal(m.more.argv0, "");
    assert_string_equal(m.more.out_path, "");
    assert_string_equal(m.more.err_path, "");
    assert_int_equal(attributes_group_count(&m.more), 0);
    assert_int_equal(attributes_rlimit_count(&m.more), 0);
    assert_int_equal(attributes_fd_count(&m.more), 0);
    buf_clear(&b);
}

static void lists_are_as_they_were_when_memory_runs_out(void **state)
{
    const struct message_rlimit limit = { 0 };
    const struct message_fd fd = { 0 };
    struct buf b = { 0 };

    (void)state;
    brood_fault_arm("mem", 1);
    assert_err(attributes_add_group(&b, 1), -ENOMEM);
    brood_fault_arm("mem", 1);
    assert_err(attributes_add_rlimit(&b, &limit), -ENOMEM);
    brood_fault_arm("mem", 1);
    assert_err(attributes_add_fd(&b, &fd), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_int_equal(b.size, 0);
    buf_clear(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_come_out_as_they_were_added),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(lists_that_are_cut_or_too_long_are_refused),
        cmocka_unit_test(entries_out_of_range_are_refused),
        cmocka_unit_test(descriptors_are_for_local_peers),
        cmocka_unit_test(a_job_without_attributes_has_none),
        cmocka_unit_test(lists_are_as_they_were_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
