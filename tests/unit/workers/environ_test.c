#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "unit/workers/texts.h"
#include "workers/environ.h"

static struct environ_table table_of(const char *const *strings)
{
    struct environ_table table = { 0 };
    struct buf b = { 0 };
    struct message_texts texts = texts_of(&b, strings);

    assert_ok(environ_table_make(&texts, &table));
    buf_clear(&b);
    return table;
}

static void assert_entries(char *const *entries, const char *const *want)
{
    size_t i;

    for (i = 0; want[i] != NULL; i++) {
        assert_non_null(entries[i]);
        assert_string_equal(entries[i], want[i]);
    }
    assert_null(entries[i]);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NOTHING   ((const char *const[]){ NULL })

static void a_table_copies_its_texts(void **state)
{
    struct environ_table table = table_of(LIST("A=1", "B=", "C=x=y"));

    (void)state;
    assert_entries(table.entries, LIST("A=1", "B=", "C=x=y"));
    assert_string_equal(environ_table_get(&table, "A"), "1");
    assert_string_equal(environ_table_get(&table, "B"), "");
    assert_string_equal(environ_table_get(&table, "C"), "x=y");
    assert_null(environ_table_get(&table, "D"));
    assert_null(environ_table_get(&table, ""));
    environ_table_clear(&table);
}

static void a_name_given_twice_appears_once_with_the_last_value(void **state)
{
    struct environ_table table = table_of(LIST("A=1", "B=2", "A=3", "AB=4"));

    (void)state;
    assert_entries(table.entries, LIST("A=3", "B=2", "AB=4"));
    environ_table_clear(&table);
}

static void an_entry_without_equals_is_passed_on(void **state)
{
    struct environ_table table = table_of(LIST("odd", "=x", "A=1"));

    (void)state;
    assert_entries(table.entries, LIST("odd", "=x", "A=1"));
    assert_null(environ_table_get(&table, "odd"));
    environ_table_clear(&table);
}

static void an_empty_table_gives_an_empty_environment(void **state)
{
    struct environ_table table = table_of(NOTHING);
    struct environ_vector v = { 0 };

    (void)state;
    assert_null(environ_table_get(&table, "A"));
    assert_ok(environ_make(&v, &table, NULL));
    assert_entries(v.entries, NOTHING);
    environ_vector_clear(&v);
    environ_table_clear(&table);
}

static void a_zeroed_table_is_an_empty_one(void **state)
{
    struct environ_table table = { 0 };
    struct environ_vector v = { 0 };
    struct buf b = { 0 };
    struct message_texts added = texts_of(&b, LIST("A=1"));

    (void)state;
    assert_ok(environ_make(&v, &table, &added));
    assert_entries(v.entries, LIST("A=1"));
    environ_vector_clear(&v);
    buf_clear(&b);
    environ_table_clear(&table);
}

static void a_job_replaces_and_adds(void **state)
{
    struct environ_table table = table_of(LIST("A=1", "B=2", "C=3"));
    struct environ_vector v = { 0 };
    struct buf b = { 0 };
    struct message_texts added =
        texts_of(&b, LIST("D=4", "B=new", "D=5", "E=6", "B=newer"));

    (void)state;
    assert_ok(environ_make(&v, &table, &added));
    assert_entries(v.entries, LIST("A=1", "B=newer", "C=3", "D=5", "E=6"));
    assert_int_equal(v.count, 5);
    assert_string_equal(environ_get(v.entries, "D"), "5");
    /* The next job sees nothing of it. */
    assert_ok(environ_make(&v, &table, NULL));
    assert_entries(v.entries, LIST("A=1", "B=2", "C=3"));
    environ_vector_clear(&v);
    buf_clear(&b);
    environ_table_clear(&table);
}

static void the_steady_state_needs_no_memory(void **state)
{
    struct environ_table table = table_of(LIST("A=1", "B=2"));
    struct environ_vector v = { 0 };
    struct buf b = { 0 };
    struct message_texts added = texts_of(&b, LIST("B=3", "C=4"));

    (void)state;
    assert_ok(environ_make(&v, &table, &added));
    brood_fault_arm("mem", 1);
    for (int i = 0; i < 100; i++) {
        assert_ok(environ_make(&v, &table, &added));
    }
    brood_fault_arm("mem", 0);
    assert_entries(v.entries, LIST("A=1", "B=3", "C=4"));
    environ_vector_clear(&v);
    buf_clear(&b);
    environ_table_clear(&table);
}

enum {
    MANY = 3000,
    TEXT_SIZE = 24,
};

static char texts[MANY][TEXT_SIZE];

static void thousands_of_entries_can_be_put(void **state)
{
    struct environ_table table = table_of(LIST("N7=base", "A=1"));
    struct environ_vector v = { 0 };
    char name[TEXT_SIZE];
    char value[TEXT_SIZE];

    (void)state;
    assert_ok(environ_make(&v, &table, NULL));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(texts[i], TEXT_SIZE, "N%d=%d", i % (MANY / 2), i);
        assert_ok(environ_put(&v, texts[i]));
    }
    assert_int_equal(v.count, 1 + MANY / 2);
    assert_null(v.entries[v.count]);
    for (int i = 0; i < MANY / 2; i++) {
        (void)snprintf(name, sizeof(name), "N%d", i);
        (void)snprintf(value, sizeof(value), "%d", MANY / 2 + i);
        assert_string_equal(environ_get(v.entries, name), value);
    }
    environ_vector_clear(&v);
    environ_table_clear(&table);
}

static void a_dropped_entry_is_gone(void **state)
{
    struct environ_table table = table_of(LIST("A=1", "B=2", "C=3"));
    struct environ_vector v = { 0 };

    (void)state;
    assert_ok(environ_make(&v, &table, NULL));
    environ_drop(&v, 2);
    environ_drop(&v, 0);
    assert_entries(v.entries, LIST("B=2"));
    environ_vector_clear(&v);
    environ_table_clear(&table);
}

static void each_failing_allocation_is_told(void **state)
{
    struct environ_table table = { 0 };
    struct environ_vector v = { 0 };
    struct buf b = { 0 };
    struct message_texts some = texts_of(&b, LIST("A=1", "B=2"));
    static char entry[] = "Z=1";

    (void)state;
    for (int n = 1; n <= 3; n++) {
        brood_fault_arm("mem", n);
        assert_err(environ_table_make(&some, &table), -ENOMEM);
    }
    brood_fault_arm("mem", 0);
    assert_ok(environ_table_make(&some, &table));
    for (int n = 1; n <= 2; n++) {
        environ_vector_clear(&v);
        brood_fault_arm("mem", n);
        assert_err(environ_make(&v, &table, &some), -ENOMEM);
        assert_true(v.entries == NULL || v.entries[0] == NULL);
    }
    brood_fault_arm("mem", 0);
    assert_ok(environ_make(&v, &table, NULL));
    assert_ok(environ_put(&v, entry));
    assert_entries(v.entries, LIST("A=1", "B=2", "Z=1"));
    environ_vector_clear(&v);
    environ_table_clear(&table);
    buf_clear(&b);
}

static void get_does_not_mistake_a_longer_name(void **state)
{
    char longer[] = "PATHS=1";
    char shorter[] = "PAT=2";
    char right[] = "PATH=3";
    char *entries[] = { longer, shorter, right, NULL };

    (void)state;
    assert_string_equal(environ_get(entries, "PATH"), "3");
    assert_null(environ_get(entries, "PA"));
    assert_null(environ_get(NULL, "PATH"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_copies_its_texts),
        cmocka_unit_test(a_name_given_twice_appears_once_with_the_last_value),
        cmocka_unit_test(an_entry_without_equals_is_passed_on),
        cmocka_unit_test(an_empty_table_gives_an_empty_environment),
        cmocka_unit_test(a_zeroed_table_is_an_empty_one),
        cmocka_unit_test(a_job_replaces_and_adds),
        cmocka_unit_test(the_steady_state_needs_no_memory),
        cmocka_unit_test(thousands_of_entries_can_be_put),
        cmocka_unit_test(a_dropped_entry_is_gone),
        cmocka_unit_test(each_failing_allocation_is_told),
        cmocka_unit_test(get_does_not_mistake_a_longer_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
