/* Tests as their sources describe them: properties, lists, environments. */
#include "suite/suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "test/environ.h"

static int setup(void **state)
{
    struct suite *suite = calloc(1, sizeof(*suite));

    assert_non_null(suite);
    *state = suite;
    return 0;
}

static int teardown(void **state)
{
    suite_clear(*state);
    free(*state);
    return 0;
}

static void assert_words(const struct suite_words *words, const char *want)
{
    struct text all = { 0 };

    for (size_t i = 0; i < words->n; i++) {
        text_add_format(&all, "%s|", words->items[i]);
    }
    assert_string_equal(text_string(&all), want);
    assert_null(words->items[words->n]);
    text_clear(&all);
}

static void lists_are_split_as_cmake_does(void **state)
{
    struct suite_words words = suite_split(*state, "a;b c;;d\\;e;[f;g];");

    assert_words(&words, "a|b c|d;e|[f;g]|");
    words = suite_split(*state, "");
    assert_words(&words, "");
}

static int set(void **state,
               struct suite_test *test,
               const char *name,
               const char *value)
{
    struct text error = { 0 };
    const struct suite_value v = { .text = value,
                                   .words = suite_split(*state, value) };
    int r = suite_property(*state, test, name, &v, &error);

    if (r < 0) {
        assert_non_null(strstr(text_string(&error), "expected"));
        assert_non_null(strstr(text_string(&error), name));
    }
    text_clear(&error);
    return r;
}

static void properties_are_set(void **state)
{
    struct suite_test *test = suite_add(*state, "t");

    assert_int_equal(test->skip_code, -1);
    assert_int_equal(test->timeout_ms, -1);
    assert_int_equal(test->processors, 1);
    assert_ok(set(state, test, "TIMEOUT", "2.5"));
    assert_int_equal(test->timeout_ms, 2500);
    assert_ok(set(state, test, "WILL_FAIL", "on"));
    assert_true(test->will_fail);
    assert_ok(set(state, test, "WILL_FAIL", "0"));
    assert_false(test->will_fail);
    assert_ok(set(state, test, "SKIP_RETURN_CODE", "77"));
    assert_int_equal(test->skip_code, 77);
    assert_ok(set(state, test, "PROCESSORS", "4"));
    assert_int_equal(test->processors, 4);
    assert_ok(set(state, test, "LABELS", "a;b"));
    assert_words(&test->labels, "a|b|");
    assert_ok(set(state, test, "TIMEOUT_AFTER_MATCH", "3;ready;up"));
    assert_int_equal(test->timeout_after_ms, 3000);
    assert_words(&test->timeout_match, "ready|up|");
    assert_ok(set(state, test, "TIMEOUT_SIGNAL_NAME", "SIGINT"));
    assert_int_equal(test->timeout_signal, SIGINT);
    assert_ok(set(state, test, "WORKING_DIRECTORY", "/x y"));
    assert_string_equal(test->dir, "/x y");
    assert_ok(set(state, test, "COST", "7.5"));
    assert_true(test->cost > 7 && test->cost < 8);
    assert_int_equal(set(state, test, "MY_OWN", "x"), 1);
    assert_int_equal(set(state, test, "TIMEOUT", "soon"), -1);
    assert_int_equal(set(state, test, "TIMEOUT_SIGNAL_NAME", "SIGNONE"), -1);
    assert_int_equal(set(state, test, "PROCESSORS", "x"), -1);
    assert_int_equal(set(state, test, "TIMEOUT_AFTER_MATCH", "3"), -1);
}

static void needs_of_groups_are_counted(void **state)
{
    struct suite_test *test = suite_add(*state, "t");

    assert_ok(set(state, test, "RESOURCE_GROUPS", "2,gpus:1,net:3;gpus:2"));
    assert_int_equal(test->n_groups, 3);
    assert_int_equal(test->n_needs, 5);
    assert_string_equal(test->needs[3].type, "net");
    assert_int_equal(test->needs[3].slots, 3);
    assert_int_equal(test->needs[3].group, 1);
    assert_int_equal(test->needs[4].group, 2);
    assert_int_equal(set(state, test, "RESOURCE_GROUPS", "gpus"), -1);
    assert_int_equal(set(state, test, "RESOURCE_GROUPS", "gpus:x"), -1);
    assert_int_equal(set(state, test, "RESOURCE_GROUPS", "0,gpus:1"), -1);
}

static const char *get(const char *const *env, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; env[i] != NULL; i++) {
        if (strncmp(env[i], name, size) == 0 && env[i][size] == '=') {
            return env[i] + size + 1;
        }
    }
    return NULL;
}

static void environments_are_changed_step_by_step(void **state)
{
    static const char *const base[] = { "PATH=/bin", "A=1", "GONE=x", "L=a",
                                        NULL };
    struct suite *suite = *state;
    struct suite_test *test = suite_add(suite, "t");
    struct text error = { 0 };
    const char **env;

    assert_ok(set(state, test, "ENVIRONMENT", "B=2;A=given"));
    assert_ok(set(state, test, "ENVIRONMENT_MODIFICATION",
                  "PATH=path_list_prepend:/x;PATH=path_list_append:/y;"
                  "GONE=unset:;NEW=set:v=1;B=string_append:3;"
                  "B=string_prepend:1;L=cmake_list_append:b;"
                  "NONE=path_list_append:first;A=set:other;A=reset:"));
    env = environ_make(&suite->arena, base, test, &error);
    assert_non_null(env);
    assert_string_equal(get(env, "PATH"), "/x:/bin:/y");
    assert_null(get(env, "GONE"));
    assert_string_equal(get(env, "NEW"), "v=1");
    assert_string_equal(get(env, "B"), "123");
    assert_string_equal(get(env, "L"), "a;b");
    assert_string_equal(get(env, "NONE"), "first");
    assert_string_equal(get(env, "A"), "given");
    assert_ok(set(state, test, "ENVIRONMENT_MODIFICATION", "A=frob:1"));
    assert_null(environ_make(&suite->arena, base, test, &error));
    assert_non_null(strstr(text_string(&error), "not 'A=frob:1'"));
    text_clear(&error);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_are_split_as_cmake_does),
        TEST(properties_are_set),
        TEST(needs_of_groups_are_counted),
        TEST(environments_are_changed_step_by_step),
    };

    return cmocka_run_group_tests_name("tools.suite", tests, NULL, NULL);
}
