#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/fault.h"

enum {
    THREADS = 4,
    PASSES = 1000,
};

static void nothing_fails_unless_armed(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_false(BROOD_FAULT("site"));
    }
}

static void armed_pass_fails_and_only_that(void **state)
{
    (void)state;
    brood_fault_arm("site", 3);
    assert_false(BROOD_FAULT("site"));
    assert_false(BROOD_FAULT("site"));
    assert_false(brood_fault_fired());
    assert_true(BROOD_FAULT("site"));
    assert_true(brood_fault_fired());
    for (int i = 0; i < 10; i++) {
        assert_false(BROOD_FAULT("site"));
    }
}

static void other_sites_neither_fail_nor_count(void **state)
{
    (void)state;
    brood_fault_arm("site", 1);
    assert_false(BROOD_FAULT("another"));
    assert_false(BROOD_FAULT("sit"));
    assert_false(BROOD_FAULT("sites"));
    assert_true(BROOD_FAULT("site"));
}

static void zero_disarms(void **state)
{
    (void)state;
    brood_fault_arm("site", 1);
    brood_fault_arm("site", 0);
    assert_false(BROOD_FAULT("site"));
    assert_false(BROOD_FAULT("site"));
}

static void *pass_often(void *arg)
{
    atomic_int *failed = arg;

    for (int i = 0; i < PASSES; i++) {
        atomic_fetch_add(failed, BROOD_FAULT("site") != 0);
    }
    return NULL;
}

static void one_pass_fails_however_many_threads_pass(void **state)
{
    pthread_t threads[THREADS];
    atomic_int failed = 0;

    (void)state;
    brood_fault_arm("site", THREADS * PASSES / 2);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, pass_often, &failed),
                         0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(failed, 1);
    brood_fault_arm("site", 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_fails_unless_armed),
        cmocka_unit_test(armed_pass_fails_and_only_that),
        cmocka_unit_test(other_sites_neither_fail_nor_count),
        cmocka_unit_test(zero_disarms),
        cmocka_unit_test(one_pass_fails_however_many_threads_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
