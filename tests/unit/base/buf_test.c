#include "support/check.h"

#include <errno.h>

#include "base/buf.h"
#include "base/fault.h"

static void bytes_are_added_at_the_end(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(buf_add(&b, "one", 3));
    assert_ok(buf_add(&b, "", 0));
    assert_ok(buf_add(&b, NULL, 0));
    assert_ok(buf_add(&b, " two", 4));
    assert_int_equal(b.size, 7);
    assert_memory_equal(b.data, "one two", 7);
    buf_clear(&b);
}

static void adding_nothing_to_nothing_takes_no_memory(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(buf_add(&b, NULL, 0));
    assert_null(b.data);
    assert_int_equal(b.size, 0);
}

static void reserved_room_is_used_without_moving(void **state)
{
    struct buf b = { 0 };
    const uint8_t *data;

    (void)state;
    assert_ok(buf_reserve(&b, 10000));
    assert_true(b.room >= 10000);
    assert_int_equal(b.size, 0);
    data = b.data;
    for (size_t i = 0; i < 10000; i++) {
        assert_ok(buf_add(&b, "x", 1));
    }
    assert_ptr_equal(b.data, data);
    buf_clear(&b);
}

static void growing_a_byte_at_a_time_moves_seldom(void **state)
{
    struct buf b = { 0 };
    const size_t size = 1 << 20;
    size_t room = 0;
    int grown = 0;

    (void)state;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(i * 7);

        assert_ok(buf_add(&b, &byte, 1));
        grown += b.room != room;
        room = b.room;
    }
    assert_in_range(grown, 1, 20);
    assert_int_equal(b.size, size);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(b.data[i], (uint8_t)(i * 7));
    }
    buf_clear(&b);
}

static void more_than_can_be_had_is_refused(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(buf_add(&b, "kept", 4));
    assert_err(buf_reserve(&b, SIZE_MAX), -ENOMEM);
    assert_err(buf_reserve(&b, SIZE_MAX - 4), -ENOMEM);
    assert_err(buf_reserve(&b, SIZE_MAX / 2), -ENOMEM);
    assert_int_equal(b.size, 4);
    assert_memory_equal(b.data, "kept", 4);
    buf_clear(&b);
}

static void buffer_is_as_it_was_when_memory_runs_out(void **state)
{
    struct buf b = { 0 };
    size_t room;

    (void)state;
    brood_fault_arm("mem", 1);
    assert_err(buf_add(&b, "x", 1), -ENOMEM);
    assert_null(b.data);
    assert_ok(buf_add(&b, "kept", 4));
    room = b.room;
    brood_fault_arm("mem", 1);
    assert_err(buf_reserve(&b, room), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_int_equal(b.size, 4);
    assert_int_equal(b.room, room);
    assert_memory_equal(b.data, "kept", 4);
    buf_clear(&b);
}

static void cleared_buffer_is_empty_and_usable(void **state)
{
    struct buf b = { 0 };

    (void)state;
    buf_clear(&b);
    assert_ok(buf_add(&b, "x", 1));
    buf_clear(&b);
    assert_null(b.data);
    assert_int_equal(b.size, 0);
    assert_int_equal(b.room, 0);
    assert_ok(buf_add(&b, "y", 1));
    assert_int_equal(b.data[0], 'y');
    buf_clear(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_added_at_the_end),
        cmocka_unit_test(adding_nothing_to_nothing_takes_no_memory),
        cmocka_unit_test(reserved_room_is_used_without_moving),
        cmocka_unit_test(growing_a_byte_at_a_time_moves_seldom),
        cmocka_unit_test(more_than_can_be_had_is_refused),
        cmocka_unit_test(buffer_is_as_it_was_when_memory_runs_out),
        cmocka_unit_test(cleared_buffer_is_empty_and_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
