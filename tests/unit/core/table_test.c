#include "table.h"

#include <stdlib.h>

#include "support/check.h"

enum {
    MANY = 10000,
};

/* A table only keeps the pointers: any address does for an entry. */
static char places[MANY];

static struct entry *entry_at(unsigned i)
{
    return (struct entry *)(void *)&places[i];
}

static void an_id_finds_its_entry(void **state)
{
    struct table t = { 0 };
    uint64_t a = 0;
    uint64_t b = 0;

    (void)state;
    assert_ok(table_add(&t, entry_at(0), &a));
    assert_ok(table_add(&t, entry_at(1), &b));
    assert_true(a != 0 && b != 0 && a != b);
    assert_ptr_equal(table_find(&t, a), entry_at(0));
    assert_ptr_equal(table_find(&t, b), entry_at(1));
    table_clear(&t);
}

static void an_empty_table_finds_nothing(void **state)
{
    struct table t = { 0 };

    (void)state;
    assert_null(table_find(&t, 0));
    assert_null(table_find(&t, 1));
    assert_null(table_find(&t, UINT64_MAX));
    table_clear(&t);
}

static void made_up_ids_find_nothing(void **state)
{
    struct table t = { 0 };
    uint64_t id = 0;

    (void)state;
    assert_ok(table_add(&t, entry_at(0), &id));
    assert_null(table_find(&t, 0));
    assert_null(table_find(&t, id + 1));
    assert_null(table_find(&t, id + (UINT64_C(1) << 32)));
    assert_null(table_find(&t, id & UINT32_MAX));
    assert_null(table_find(&t, UINT64_MAX));
    table_clear(&t);
}

static void an_id_of_the_past_finds_nothing(void **state)
{
    struct table t = { 0 };
    uint64_t old = 0;
    uint64_t new = 0;

    (void)state;
    assert_ok(table_add(&t, entry_at(0), &old));
    table_remove(&t, old);
    assert_null(table_find(&t, old));
    assert_ok(table_add(&t, entry_at(1), &new));
    assert_true(old != new);
    assert_null(table_find(&t, old));
    assert_ptr_equal(table_find(&t, new), entry_at(1));
    table_clear(&t);
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void ids_are_never_used_again(void **state)
{
    static uint64_t ids[MANY];
    struct table t = { 0 };

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        assert_ok(table_add(&t, entry_at(i), &ids[i]));
        if (i % 3 != 0) {
            table_remove(&t, ids[i]);
        }
    }
    qsort(ids, MANY, sizeof(ids[0]), compare_ids);
    for (unsigned i = 1; i < MANY; i++) {
        assert_true(ids[i - 1] != ids[i]);
    }
    table_clear(&t);
}

static void growing_keeps_what_is_there(void **state)
{
    static uint64_t ids[MANY];
    struct table t = { 0 };

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        assert_ok(table_add(&t, entry_at(i), &ids[i]));
    }
    for (unsigned i = 0; i < MANY; i++) {
        assert_ptr_equal(table_find(&t, ids[i]), entry_at(i));
    }
    table_clear(&t);
}

static void places_that_are_free_are_used_before_growing(void **state)
{
    static uint64_t ids[MANY];
    struct table t = { 0 };
    uint32_t size;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        assert_ok(table_add(&t, entry_at(i), &ids[i]));
    }
    size = t.size;
    for (unsigned i = 0; i < MANY; i++) {
        table_remove(&t, ids[i]);
    }
    for (unsigned i = 0; i < MANY; i++) {
        assert_ok(table_add(&t, entry_at(i), &ids[i]));
    }
    assert_int_equal(t.size, size);
    for (unsigned i = 0; i < MANY; i++) {
        assert_ptr_equal(table_find(&t, ids[i]), entry_at(i));
    }
    table_clear(&t);
    assert_int_equal(t.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_finds_its_entry),
        cmocka_unit_test(an_empty_table_finds_nothing),
        cmocka_unit_test(made_up_ids_find_nothing),
        cmocka_unit_test(an_id_of_the_past_finds_nothing),
        cmocka_unit_test(ids_are_never_used_again),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(places_that_are_free_are_used_before_growing),
    };

    return cmocka_run_group_tests_name("core.table", tests, NULL, NULL);
}
