#include "support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/fault.h"
#include "workers/path.h"

static void assert_list(const struct buf *b, const char *const *want)
{
    const char *p = (const char *)b->data;

    for (; *want != NULL; want++) {
        assert_string_equal(p, *want);
        p += strlen(p) + 1;
    }
    assert_string_equal(p, "");
    assert_ptr_equal(p + 1, b->data + b->size);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void a_name_is_looked_for_in_each_element(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(path_candidates("ls", "/usr/bin:/bin/:rel", &b));
    assert_list(&b, LIST("/usr/bin/ls", "/bin/ls", "rel/ls"));
    buf_clear(&b);
}

static void an_empty_element_is_the_current_directory(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(path_candidates("ls", ":/bin::/x:", &b));
    assert_list(&b, LIST("ls", "/bin/ls", "ls", "/x/ls", "ls"));
    assert_ok(path_candidates("ls", "", &b));
    assert_list(&b, LIST("ls"));
    buf_clear(&b);
}

static void without_path_the_default_is_used(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(path_candidates("ls", NULL, &b));
    assert_list(&b, LIST("/bin/ls", "/usr/bin/ls"));
    buf_clear(&b);
}

static void a_name_with_a_slash_is_itself(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_ok(path_candidates("./ls", "/bin", &b));
    assert_list(&b, LIST("./ls"));
    assert_ok(path_candidates("/", "/bin", &b));
    assert_list(&b, LIST("/"));
    buf_clear(&b);
}

static void an_empty_name_is_no_program(void **state)
{
    struct buf b = { 0 };

    (void)state;
    assert_err(path_candidates("", "/bin", &b), -ENOENT);
    buf_clear(&b);
}

static void what_cannot_be_a_path_is_left_out(void **state)
{
    struct buf b = { 0 };
    char *name = malloc(PATH_MAX + 1);
    char *path = malloc(PATH_MAX + 8);

    (void)state;
    assert_non_null(name);
    assert_non_null(path);
    memset(name, 'n', PATH_MAX);
    name[PATH_MAX] = '\0';
    assert_err(path_candidates(name, "/bin", &b), -ENAMETOOLONG);
    memset(path, '/', PATH_MAX);
    memcpy(path + PATH_MAX, ":/bin", 6);
    assert_ok(path_candidates("ls", path, &b));
    assert_list(&b, LIST("/bin/ls"));
    free(name);
    free(path);
    buf_clear(&b);
}

static void no_memory_is_told(void **state)
{
    struct buf b = { 0 };

    (void)state;
    brood_fault_arm("mem", 1);
    assert_err(path_candidates("ls", "/bin", &b), -ENOMEM);
    brood_fault_arm("mem", 1);
    assert_err(path_candidates("./ls", "/bin", &b), -ENOMEM);
    brood_fault_arm("mem", 0);
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_looked_for_in_each_element),
        cmocka_unit_test(an_empty_element_is_the_current_directory),
        cmocka_unit_test(without_path_the_default_is_used),
        cmocka_unit_test(a_name_with_a_slash_is_itself),
        cmocka_unit_test(an_empty_name_is_no_program),
        cmocka_unit_test(what_cannot_be_a_path_is_left_out),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
