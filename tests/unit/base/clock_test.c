#include "support/check.h"

#include <time.h>

#include "base/clock.h"

static int64_t ns_of(const struct timespec *t)
{
    return (int64_t)t->tv_sec * CLOCK_NS_PER_S + t->tv_nsec;
}

static void units_are_nanoseconds(void **state)
{
    (void)state;
    assert_true(CLOCK_NS_PER_MS * 1000 == CLOCK_NS_PER_S);
    assert_true(CLOCK_NS_PER_S == INT64_C(1000000000));
}

static void monotonic_clock_never_goes_back(void **state)
{
    int64_t last = clock_mono_ns();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_mono_ns();

        assert_true(now >= last);
        last = now;
    }
}

static void monotonic_clock_is_that_of_the_system(void **state)
{
    struct timespec before;
    struct timespec after;
    int64_t now;

    (void)state;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &before), 0);
    now = clock_mono_ns();
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &after), 0);
    assert_true(now >= ns_of(&before) && now <= ns_of(&after));
}

static void real_clock_counts_from_1970(void **state)
{
    const int64_t year_2020_ns = 1577836800 * CLOCK_NS_PER_S;

    (void)state;
    assert_true(clock_real_ns() > year_2020_ns);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_nanoseconds),
        cmocka_unit_test(monotonic_clock_never_goes_back),
        cmocka_unit_test(monotonic_clock_is_that_of_the_system),
        cmocka_unit_test(real_clock_counts_from_1970),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
