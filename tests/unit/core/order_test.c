#include "order.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "numbered.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    SMALL = 10,
    LARGE = NUMBERED_SIZE_MAX,
    MEMORY_MAX = 4 << 20,
    FILES = 50,
    FILES_MAX = 32,
};

struct fixture {
    struct order order;
    int fds_before;
};

static int setup(void **state)
{
    static struct fixture f;

    f.fds_before = count_fds();
    order_init(&f.order, "/tmp");
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    order_clear(&f->order);
    assert_int_equal(f->order.memory_bytes, 0);
    assert_int_equal(f->order.n_files, 0);
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

static void results_come_when_it_is_their_turn(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    assert_null(order_take(o));
    put_data(o, 3, SMALL, 0);
    put_data(o, 2, SMALL, 0);
    assert_null(order_take(o));
    put_data(o, 1, SMALL, 0);
    take(o, 1, SMALL, 0);
    take(o, 2, SMALL, 0);
    take(o, 3, SMALL, 0);
    assert_null(order_take(o));
    put_data(o, 5, 0, 0);
    assert_null(order_take(o));
    put_data(o, 4, 0, SMALL);
    take(o, 4, 0, SMALL);
    take(o, 5, 0, 0);
    assert_int_equal(o->n_held, 0);
}

static void a_result_stays_whole_until_it_is_done_with(void **state)
{
    struct fixture *f = *state;
    const struct brood_result *first;
    struct order *o = &f->order;

    put_data(o, 1, SMALL, SMALL);
    first = order_take(o);
    /* The ring grows under it, and more is held. */
    put_data(o, 5000, SMALL, SMALL);
    put_data(o, 2, LARGE, LARGE);
    check_output(&first->out, 1, 1, SMALL);
    check_output(&first->err, 1, 2, SMALL);
    order_done(o);
    order_done(o);
    take(o, 2, LARGE, LARGE);
}

static void far_ahead_and_backwards_is_sorted_too(void **state)
{
    enum {
        N = 3000
    };
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (unsigned round = 0; round < 3; round++) {
        uint64_t first = round * (uint64_t)N + 1;

        for (uint64_t i = N; i-- > 0;) {
            put_data(o, first + i, i % 7, i % 5);
        }
        for (uint64_t i = 0; i < N; i++) {
            take(o, first + i, i % 7, i % 5);
        }
        assert_null(order_take(o));
    }
}

static void memory_is_bounded_and_the_rest_is_in_one_file(void **state)
{
    enum {
        N = 20
    };
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = N; i >= 1; i--) {
        put_data(o, i, LARGE, SMALL);
        assert_true(o->memory_bytes <= MEMORY_MAX);
    }
    assert_true(o->spill >= 0);
    assert_true(o->spill_end > 0);
    assert_int_equal(count_fds(), f->fds_before + 1);
    for (uint64_t i = 1; i <= N; i++) {
        take(o, i, LARGE, SMALL);
    }
    order_done(o);
    assert_int_equal(o->memory_bytes, 0);
}

static void small_results_stay_in_memory(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = 1; i <= 1000; i++) {
        put_data(o, 1001 - i, 1000, 100);
    }
    assert_int_equal(o->spill, -1);
    assert_int_equal(count_fds(), f->fds_before);
    for (uint64_t i = 1; i <= 1000; i++) {
        take(o, i, 1000, 100);
    }
}

static void files_move_in_and_end_with_their_result(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    put_file(o, 2, LARGE, SMALL);
    put_file(o, 1, SMALL, LARGE);
    assert_int_equal(o->n_files, 4);
    assert_int_equal(count_fds(), f->fds_before + 4);
    take(o, 1, SMALL, LARGE);
    order_done(o);
    assert_int_equal(count_fds(), f->fds_before + 2);
    take(o, 2, LARGE, SMALL);
    order_done(o);
    assert_int_equal(o->n_files, 0);
    assert_int_equal(count_fds(), f->fds_before);
}

static void many_files_go_into_the_one(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = FILES; i >= 1; i--) {
        put_file(o, i, 100000 + i, 70000 + i);
    }
    assert_int_equal(o->n_files, FILES_MAX);
    assert_int_equal(count_fds(), f->fds_before + FILES_MAX + 1);
    for (uint64_t i = 1; i <= FILES; i++) {
        take(o, i, 100000 + i, 70000 + i);
    }
}

static void files_are_packed_into_one_of_them(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    order_pack(o);
    assert_int_equal(count_fds(), f->fds_before);
    f->order.tmp_dir = "/no/such/directory";
    for (uint64_t i = 10; i >= 2; i--) {
        put_file(o, i, 100000 + i, 70000 + i);
    }
    put_data(o, 1, 100, 200);
    order_pack(o);
    assert_int_equal(o->n_files, 0);
    assert_int_equal(count_fds(), f->fds_before + 1);
    put_file(o, 11, 5, 6);
    order_pack(o);
    assert_int_equal(count_fds(), f->fds_before + 1);
    take(o, 1, 100, 200);
    for (uint64_t i = 2; i <= 10; i++) {
        take(o, i, 100000 + i, 70000 + i);
    }
    take(o, 11, 5, 6);
}

static void a_place_in_the_file_is_given_back_for_large_outputs(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = 1; i <= 12; i++) {
        put_data(o, i, LARGE, 0);
    }
    /* What is taken is given back; what is not must not be hurt by that. */
    for (uint64_t i = 1; i <= 12; i += 1) {
        take(o, i, LARGE, 0);
        put_data(o, 12 + i, LARGE, i);
    }
    for (uint64_t i = 13; i <= 24; i++) {
        take(o, i, LARGE, i - 12);
    }
}

static void data_and_files_together_spill_and_come_back(void **state)
{
    enum {
        N = 60
    };
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = N; i >= 1; i--) {
        if (i % 2 == 0) {
            put_file(o, i, 200000, 1 + i);
        } else {
            put_data(o, i, 300000, 1 + i);
        }
    }
    for (uint64_t i = 1; i <= N; i++) {
        take(o, i, i % 2 == 0 ? 200000 : 300000, 1 + i);
    }
}

static void without_a_file_memory_serves_again(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    f->order.tmp_dir = "/no/such/directory";
    for (uint64_t i = 10; i >= 1; i--) {
        put_data(o, i, LARGE, SMALL);
    }
    assert_int_equal(o->spill, -1);
    assert_true(o->memory_bytes > MEMORY_MAX);
    for (uint64_t i = 1; i <= 10; i++) {
        take(o, i, LARGE, SMALL);
    }
    order_done(o);
    assert_int_equal(o->memory_bytes, 0);
}

static void without_a_spill_file_files_stay_where_they_are(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    f->order.tmp_dir = "/no/such/directory";
    for (uint64_t i = FILES; i >= 1; i--) {
        put_file(o, i, 100 + i, 200 + i);
    }
    assert_int_equal(o->n_files, 2 * FILES);
    for (uint64_t i = 1; i <= FILES; i++) {
        take(o, i, 100 + i, 200 + i);
    }
}

/* Spill a MiB at a time, with the @n-th block failing. */
static void spill_with_fault(struct fixture *f, const char *site, int n)
{
    struct order *o = &f->order;

    brood_fault_arm(site, n);
    for (uint64_t i = 12; i >= 1; i--) {
        put_data(o, i, LARGE, SMALL);
    }
    assert_true(brood_fault_fired());
    brood_fault_arm("none", 1);
    for (uint64_t i = 1; i <= 12; i++) {
        take(o, i, LARGE, SMALL);
    }
    order_clear(o);
    order_init(o, "/tmp");
}

static void a_write_that_fails_loses_nothing(void **state)
{
    struct fixture *f = *state;

    /* At the first block, in the middle of an output, in a later one. */
    spill_with_fault(f, "spill.write", 1);
    spill_with_fault(f, "spill.write", 5);
    spill_with_fault(f, "spill.write", 16);
    spill_with_fault(f, "spill.write", 40);
    spill_with_fault(f, "tmpfile", 1);
}

static void a_file_that_cannot_be_moved_stays(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = FILES; i >= 1; i--) {
        brood_fault_arm("spill.write", i % 3 == 0 ? 2 : INT32_MAX);
        put_file(o, i, 150000, 10);
    }
    brood_fault_arm("none", 1);
    assert_true(o->n_files > FILES_MAX);
    for (uint64_t i = 1; i <= FILES; i++) {
        take(o, i, 150000, 10);
    }
}

static void no_memory_and_no_disk_is_told(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;
    struct brood_result result = { .seq = 1, .out = data_output(1, 1, SMALL) };
    void *data = (void *)(uintptr_t)result.out.data;
    const struct brood_result *got;
    struct held *held = NULL;

    f->order.tmp_dir = "/no/such/directory";
    result.err = (struct brood_output){ .data = "", .fd = -1 };
    assert_ok(order_reserve(o, 1, &held));
    brood_fault_arm("mem", 1);
    order_put(o, held, 1, &result);
    assert_true(brood_fault_fired());
    brood_fault_arm("none", 1);
    free(data);
    got = order_take(o);
    assert_non_null(got);
    assert_int_equal(got->out.size_bytes, 0);
    assert_int_equal(got->out.lost_bytes, SMALL);
    assert_int_equal(got->out.error, -ENOMEM);
    assert_int_equal(got->err.error, 0);
}

static void a_place_that_cannot_be_had_is_told(void **state)
{
    struct fixture *f = *state;
    struct held *held = NULL;

    for (int n = 1; n <= 2; n++) {
        brood_fault_arm("mem", n);
        assert_err(order_reserve(&f->order, 1, &held), -ENOMEM);
        assert_null(held);
    }
    brood_fault_arm("none", 1);
    put_data(&f->order, 1, SMALL, SMALL);
    take(&f->order, 1, SMALL, SMALL);
}

static void clearing_frees_what_was_never_taken(void **state)
{
    struct fixture *f = *state;
    struct order *o = &f->order;

    for (uint64_t i = 2; i <= 20; i++) {
        put_data(o, i, LARGE, SMALL);
        put_file(o, i + 100, SMALL, LARGE);
    }
    put_data(o, 1, SMALL, SMALL);
    assert_non_null(order_take(o));
    order_clear(o);
    assert_int_equal(count_fds(), f->fds_before);
    assert_int_equal(o->n_held, 0);
    put_data(o, 1, SMALL, SMALL);
    take(o, 1, SMALL, SMALL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(results_come_when_it_is_their_turn),
        TEST(a_result_stays_whole_until_it_is_done_with),
        TEST(far_ahead_and_backwards_is_sorted_too),
        TEST(memory_is_bounded_and_the_rest_is_in_one_file),
        TEST(small_results_stay_in_memory),
        TEST(files_move_in_and_end_with_their_result),
        TEST(many_files_go_into_the_one),
        TEST(files_are_packed_into_one_of_them),
        TEST(a_place_in_the_file_is_given_back_for_large_outputs),
        TEST(data_and_files_together_spill_and_come_back),
        TEST(without_a_file_memory_serves_again),
        TEST(without_a_spill_file_files_stay_where_they_are),
        TEST(a_write_that_fails_loses_nothing),
        TEST(a_file_that_cannot_be_moved_stays),
        TEST(no_memory_and_no_disk_is_told),
        TEST(a_place_that_cannot_be_had_is_told),
        TEST(clearing_frees_what_was_never_taken),
    };

    return cmocka_run_group_tests_name("core.order", tests, NULL, NULL);
}
