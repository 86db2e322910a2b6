#include "support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/fault.h"
#include "workers/timers.h"

enum {
    MANY = 5000,
};

static void nothing_is_due_in_an_empty_set(void **state)
{
    struct timers t = { 0 };

    (void)state;
    assert_null(timers_next(&t));
    assert_null(timers_take_due(&t, INT64_MAX));
    assert_int_equal(timers_wait_ms(&t, 0), -1);
    timers_clear(&t);
}

static void timers_come_in_the_order_of_their_time(void **state)
{
    struct timers t = { 0 };
    struct timer a = { 0 };
    struct timer b = { 0 };
    struct timer c = { 0 };

    (void)state;
    assert_ok(timers_reserve(&t, 3));
    timers_add(&t, &a, 30);
    timers_add(&t, &b, 10);
    timers_add(&t, &c, 20);
    assert_ptr_equal(timers_next(&t), &b);
    assert_null(timers_take_due(&t, 9));
    assert_ptr_equal(timers_take_due(&t, 10), &b);
    assert_false(timer_is_set(&b));
    assert_ptr_equal(timers_take_due(&t, 100), &c);
    assert_ptr_equal(timers_take_due(&t, 100), &a);
    assert_null(timers_take_due(&t, 100));
    timers_clear(&t);
}

static void adding_a_set_timer_moves_it(void **state)
{
    struct timers t = { 0 };
    struct timer a = { 0 };
    struct timer b = { 0 };

    (void)state;
    assert_ok(timers_reserve(&t, 2));
    timers_add(&t, &a, 10);
    timers_add(&t, &b, 20);
    timers_add(&t, &a, 30);
    assert_int_equal(t.count, 2);
    assert_ptr_equal(timers_next(&t), &b);
    timers_add(&t, &a, 5);
    assert_ptr_equal(timers_next(&t), &a);
    timers_clear(&t);
}

static void removing_a_timer_that_is_not_set_does_nothing(void **state)
{
    struct timers t = { 0 };
    struct timer a = { 0 };
    struct timer b = { 0 };

    (void)state;
    assert_ok(timers_reserve(&t, 2));
    timers_remove(&t, &a);
    timers_add(&t, &a, 1);
    timers_remove(&t, &b);
    assert_ptr_equal(timers_next(&t), &a);
    timers_remove(&t, &a);
    timers_remove(&t, &a);
    assert_null(timers_next(&t));
    timers_clear(&t);
}

static void waiting_is_rounded_up(void **state)
{
    struct timers t = { 0 };
    struct timer a = { 0 };

    (void)state;
    assert_ok(timers_reserve(&t, 1));
    timers_add(&t, &a, 5000000);
    assert_int_equal(timers_wait_ms(&t, 0), 5);
    assert_int_equal(timers_wait_ms(&t, 1), 5);
    assert_int_equal(timers_wait_ms(&t, 4000000), 1);
    assert_int_equal(timers_wait_ms(&t, 4999999), 1);
    assert_int_equal(timers_wait_ms(&t, 5000000), 0);
    assert_int_equal(timers_wait_ms(&t, 9000000), 0);
    timers_add(&t, &a, INT64_MAX);
    assert_int_equal(timers_wait_ms(&t, 0), INT_MAX);
    timers_clear(&t);
}

static void no_memory_leaves_the_set_as_it_was(void **state)
{
    struct timers t = { 0 };
    struct timer a = { 0 };

    (void)state;
    assert_ok(timers_reserve(&t, 1));
    timers_add(&t, &a, 1);
    brood_fault_arm("mem", 1);
    assert_err(timers_reserve(&t, 100), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_err(timers_reserve(&t, SIZE_MAX), -ENOMEM);
    assert_ptr_equal(timers_next(&t), &a);
    assert_ok(timers_reserve(&t, 1));
    timers_clear(&t);
}

static int64_t next_random(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (int64_t)(x >> 33);
}

static struct timer many[MANY];

static int64_t earliest(void)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < MANY; i++) {
        if (timer_is_set(&many[i]) && many[i].due_ns < first) {
            first = many[i].due_ns;
        }
    }
    return first;
}

static void thousands_stay_in_order_when_some_are_moved_and_removed(
    void **state)
{
    struct timers t = { 0 };
    int64_t last = INT64_MIN;
    size_t left = 0;
    struct timer *timer;

    (void)state;
    assert_ok(timers_reserve(&t, MANY));
    for (size_t i = 0; i < MANY; i++) {
        timers_add(&t, &many[i], next_random() % 10000);
    }
    for (size_t i = 0; i < MANY; i++) {
        size_t at = (size_t)next_random() % MANY;

        if (i % 3 == 0) {
            timers_remove(&t, &many[at]);
        } else {
            timers_add(&t, &many[at], next_random() % 10000);
        }
        if (i % 100 == 0) {
            assert_int_equal(timers_next(&t)->due_ns, earliest());
        }
    }
    for (size_t i = 0; i < MANY; i++) {
        left += timer_is_set(&many[i]);
    }
    assert_int_equal(left, t.count);
    while ((timer = timers_take_due(&t, INT64_MAX)) != NULL) {
        assert_true(timer->due_ns >= last);
        last = timer->due_ns;
        left--;
    }
    assert_int_equal(left, 0);
    timers_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_in_an_empty_set),
        cmocka_unit_test(timers_come_in_the_order_of_their_time),
        cmocka_unit_test(adding_a_set_timer_moves_it),
        cmocka_unit_test(removing_a_timer_that_is_not_set_does_nothing),
        cmocka_unit_test(waiting_is_rounded_up),
        cmocka_unit_test(no_memory_leaves_the_set_as_it_was),
        cmocka_unit_test(
            thousands_stay_in_order_when_some_are_moved_and_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
