#include "support/check.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/mem.h"

static void memory_is_zeroed_where_that_is_said(void **state)
{
    unsigned char *p = brood_calloc(100, 10);

    (void)state;
    assert_non_null(p);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(p[i], 0);
    }
    free(p);
}

static void realloc_keeps_the_bytes(void **state)
{
    char *p = brood_malloc(4);
    char *q;

    (void)state;
    assert_non_null(p);
    memcpy(p, "abc", 4);
    q = brood_realloc(p, 10000);
    assert_non_null(q);
    assert_string_equal(q, "abc");
    free(q);
}

static void text_is_copied(void **state)
{
    char text[] = "text";
    char *copy = brood_strdup(text);
    char *empty = brood_strdup("");

    (void)state;
    assert_non_null(copy);
    assert_ptr_not_equal(copy, text);
    text[0] = 'n';
    assert_string_equal(copy, "text");
    assert_string_equal(empty, "");
    free(copy);
    free(empty);
}

static void vector_is_copied_with_its_texts(void **state)
{
    char first[] = "first";
    const char *const v[] = { first, "", "third", NULL };
    char **copy = brood_strv_dup(v);

    (void)state;
    assert_non_null(copy);
    first[0] = 'w';
    assert_string_equal(copy[0], "first");
    assert_string_equal(copy[1], "");
    assert_string_equal(copy[2], "third");
    assert_null(copy[3]);
    assert_null(brood_strv_free(copy));
}

static void empty_vector_is_copied(void **state)
{
    const char *const v[] = { NULL };
    char **copy = brood_strv_dup(v);

    (void)state;
    assert_non_null(copy);
    assert_null(copy[0]);
    assert_null(brood_strv_free(copy));
    assert_null(brood_strv_free(NULL));
}

static void every_function_fails_when_memory_runs_out(void **state)
{
    char *old = malloc(1);

    (void)state;
    assert_non_null(old);
    brood_fault_arm("mem", 1);
    assert_null(brood_malloc(1));
    brood_fault_arm("mem", 1);
    assert_null(brood_calloc(1, 1));
    brood_fault_arm("mem", 1);
    assert_null(brood_realloc(old, 2));
    brood_fault_arm("mem", 1);
    assert_null(brood_strdup("x"));
    brood_fault_arm("mem", 0);
    free(old);
}

static void half_a_copy_of_a_vector_is_freed(void **state)
{
    const char *const v[] = { "a", "b", "c", NULL };

    (void)state;
    /* The vector and three texts; a sanitizer sees what would be left. */
    for (int n = 1; n <= 4; n++) {
        brood_fault_arm("mem", n);
        assert_null(brood_strv_dup(v));
    }
    brood_fault_arm("mem", 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_where_that_is_said),
        cmocka_unit_test(realloc_keeps_the_bytes),
        cmocka_unit_test(text_is_copied),
        cmocka_unit_test(vector_is_copied_with_its_texts),
        cmocka_unit_test(empty_vector_is_copied),
        cmocka_unit_test(every_function_fails_when_memory_runs_out),
        cmocka_unit_test(half_a_copy_of_a_vector_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
