/* ctest - the tests of a build directory of CMake, as ctest tells of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "suite/json_tree.h"
#include "suite/suite.h"

enum {
    OUTPUT_MAX = 1 << 30,
};

/* A JSON value as text, and as the words of a list. */
static struct suite_value value_of(struct suite *suite, yajl_val json)
{
    struct suite_value value = { .text = "" };
    struct text all = { 0 };

    if (YAJL_IS_STRING(json)) {
        text_add_string(&all, json->u.string);
    } else if (YAJL_IS_NUMBER(json)) {
        text_add_string(&all, json->u.number.r);
    } else if (YAJL_IS_TRUE(json)) {
        text_add_string(&all, "TRUE");
    }
    value.words = json_tree_words(suite, json);
    for (size_t i = 0; i < value.words.n; i++) {
        text_add_string(&all, i > 0 ? ";" : "");
        text_add_string(&all, value.words.items[i]);
    }
    value.text = arena_copy(&suite->arena, text_string(&all), all.size);
    if (!YAJL_IS_ARRAY(json) && all.size > 0) {
        value.words = suite_copy_words(suite, &value.text, 1);
    }
    text_clear(&all);
    return value;
}

/* {"timeout":5,"regex":[...]} as "5;...". */
static struct suite_value match_of(struct suite *suite, yajl_val json)
{
    yajl_val seconds = json_tree_get(json, "timeout");
    struct suite_words regex =
        json_tree_words(suite, json_tree_get(json, "regex"));
    struct suite_value value = { .text = "" };
    const char **items =
        arena_take(&suite->arena, (regex.n + 2) * sizeof(const char *));

    items[0] =
        YAJL_IS_NUMBER(seconds) ? suite_copy(suite, seconds->u.number.r) : "";
    memcpy((void *)(items + 1), (const void *)regex.items,
           (regex.n + 1) * sizeof(const char *));
    value.words = (struct suite_words){ .items = items, .n = regex.n + 1 };
    return value;
}

/* [{"requirements":[{".type":"gpus","slots":1}]}] as "gpus:1". */
static struct suite_value groups_of(struct suite *suite, yajl_val json)
{
    size_t n = YAJL_IS_ARRAY(json) ? json->u.array.len : 0;
    struct suite_value value = { .text = "" };
    struct text group = { 0 };

    value.words.items =
        arena_take(&suite->arena, (n + 1) * sizeof(const char *));
    for (size_t i = 0; i < n; i++) {
        yajl_val all = json_tree_get(json->u.array.values[i], "requirements");
        size_t m = YAJL_IS_ARRAY(all) ? all->u.array.len : 0;

        text_reset(&group);
        for (size_t k = 0; k < m; k++) {
            yajl_val need = all->u.array.values[k];
            yajl_val slots = json_tree_get(need, "slots");
            const char *type = json_tree_string(need, ".type");

            text_add_format(&group, "%s%s:%s", k > 0 ? "," : "",
                            type == NULL ? "" : type,
                            YAJL_IS_NUMBER(slots) ? slots->u.number.r : "");
        }
        value.words.items[value.words.n++] =
            suite_copy(suite, text_string(&group));
    }
    value.words.items[value.words.n] = NULL;
    text_clear(&group);
    return value;
}

static int add_property(struct suite *suite,
                        struct suite_test *test,
                        yajl_val json,
                        struct text *error)
{
    const char *name = json_tree_string(json, "name");
    yajl_val given = json_tree_get(json, "value");
    struct suite_value value;

    if (name == NULL) {
        return 0;
    }
    if (strcmp(name, "TIMEOUT_AFTER_MATCH") == 0) {
        value = match_of(suite, given);
    } else if (strcmp(name, "RESOURCE_GROUPS") == 0) {
        value = groups_of(suite, given);
    } else {
        value = value_of(suite, given);
    }
    return suite_property(suite, test, name, &value, error) < 0 ? -1 : 0;
}

static int add_test(struct suite *suite, yajl_val json, struct text *error)
{
    const char *name = json_tree_string(json, "name");
    yajl_val all = json_tree_get(json, "properties");
    size_t n = YAJL_IS_ARRAY(all) ? all->u.array.len : 0;
    struct suite_test *test;
    int r = 0;

    if (name == NULL) {
        text_add_string(error, "ctest tells of a test without a name");
        return -1;
    }
    test = suite_add(suite, name);
    test->argv = json_tree_words(suite, json_tree_get(json, "command"));
    for (size_t i = 0; i < n && r == 0; i++) {
        r = add_property(suite, test, all->u.array.values[i], error);
    }
    return r;
}

static int add_tests(struct suite *suite, const char *text, struct text *error)
{
    yajl_val tree = json_tree_parse(text, error);
    yajl_val all = json_tree_get(tree, "tests");
    int r = 0;

    if (tree == NULL) {
        return -1;
    }
    if (!YAJL_IS_ARRAY(all)) {
        text_add_string(error, "ctest tells of no tests");
        r = -1;
    }
    for (size_t i = 0; r == 0 && i < all->u.array.len; i++) {
        r = add_test(suite, all->u.array.values[i], error);
    }
    yajl_tree_free(tree);
    return r;
}

static bool has_missing(const struct suite *suite, size_t first)
{
    for (size_t i = first; i < suite->n; i++) {
        if (suite->tests[i].argv.n == 0) {
            return true;
        }
    }
    return false;
}

/* ctest does not tell which programs it has not found; its file does. */
static void add_missing(struct suite *suite,
                        size_t first,
                        const char *dir,
                        const char *config)
{
    struct suite other = { 0 };
    struct text error = { 0 };

    if (has_missing(suite, first) &&
        suite_from_testfile(&other, dir, config, &error) == 0) {
        for (size_t i = first; i < suite->n; i++) {
            struct suite_test *test = &suite->tests[i];
            const struct suite_test *found = suite_find(&other, test->name);

            if (test->argv.n == 0 && found != NULL) {
                test->missing = suite_copy(suite, found->missing);
            }
        }
    }
    suite_clear(&other);
    text_clear(&error);
}

/* The first line of what a program says on standard error. */
static void add_first_line(struct text *out, const struct brood_text *err)
{
    const char *text = err->data == NULL ? "" : err->data;

    text_add(out, text, strcspn(text, "\n"));
}

/* Bytes that are no UTF-8 are lost in ctest's JSON: U+FFFD stands for them. */
static bool is_lossy(const char *json)
{
    return strstr(json, "\xef\xbf\xbd") != NULL ||
           strcasestr(json, "\\ufffd") != NULL;
}

int suite_from_ctest(struct suite *suite,
                     const char *dir,
                     const char *config,
                     struct text *error)
{
    const char *const args[] = { "--show-only=json-v1",
                                 config == NULL ? NULL : "-C", config, NULL };
    const struct brood_exec_options options = {
        .job.dir = dir,
        .max_bytes = OUTPUT_MAX,
    };
    struct brood_completion done = { 0 };
    size_t first = suite->n;
    int r = brood_exec_file_wait(NULL, "ctest", args, &options, &done);

    if (r < 0) {
        text_add_format(error, "cannot run ctest: %s", brood_strerror(r));
        return -1;
    }
    if (done.error == -ENOENT || (done.error == 0 && is_lossy(done.out.data))) {
        r = suite_from_testfile(suite, dir, config, error);
    } else if (done.error != 0) {
        text_add_format(error, "ctest cannot tell the tests of '%s': ", dir);
        if (done.err.size_bytes > 0) {
            add_first_line(error, &done.err);
        } else {
            text_add_string(error, brood_strerror(done.error));
        }
        r = -1;
    } else {
        r = add_tests(suite, done.out.data, error);
        add_missing(suite, first, dir, config);
    }
    brood_completion_clear(&done);
    return r;
}
