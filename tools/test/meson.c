/* meson - the tests of a build directory of Meson. */
#include <string.h>

#include "test/json_tree.h"
#include "test/suite.h"

enum {
    MS_PER_S = 1000,
    /* Meson's own. */
    TIMEOUT_DEFAULT_S = 30,
};

static enum suite_protocol protocol_of(const char *name)
{
    if (name != NULL && strcmp(name, "tap") == 0) {
        return SUITE_TAP;
    }
    return name != NULL && strcmp(name, "exitcode") == 0 ? SUITE_MESON
                                                         : SUITE_EXIT;
}

static struct suite_words env_of(struct suite *suite, yajl_val env)
{
    size_t n = YAJL_IS_OBJECT(env) ? env->u.object.len : 0;
    struct suite_words words = {
        .items = arena_take(&suite->arena, (n + 1) * sizeof(const char *))
    };
    struct text text = { 0 };

    for (size_t i = 0; i < n; i++) {
        if (YAJL_IS_STRING(env->u.object.values[i])) {
            text_reset(&text);
            text_add_format(&text, "%s=%s", env->u.object.keys[i],
                            env->u.object.values[i]->u.string);
            words.items[words.n++] = suite_copy(suite, text_string(&text));
        }
    }
    words.items[words.n] = NULL;
    text_clear(&text);
    return words;
}

/* Tests of several suites may have one name; "suite / name" tells them apart,
 * as meson test does. */
static const char *name_of(struct suite *suite,
                           const struct suite_words *suites,
                           const char *name)
{
    struct text text = { 0 };
    const char *copy;

    if (suites->n > 0) {
        text_add_format(&text, "%s / ", suites->items[0]);
    }
    text_add_string(&text, name);
    copy = suite_copy(suite, text_string(&text));
    text_clear(&text);
    return copy;
}

static int add_test(struct suite *suite, yajl_val json, struct text *error)
{
    const char *name = json_tree_string(json, "name");
    yajl_val timeout = json_tree_get(json, "timeout");
    yajl_val parallel = json_tree_get(json, "is_parallel");
    yajl_val priority = json_tree_get(json, "priority");
    struct suite_words labels =
        json_tree_words(suite, json_tree_get(json, "suite"));
    struct suite_test *test;

    if (name == NULL) {
        text_add_string(error, "Meson tells of a test without a name");
        return -1;
    }
    test = suite_add(suite, name_of(suite, &labels, name));
    test->labels = labels;
    test->argv = json_tree_words(suite, json_tree_get(json, "cmd"));
    test->env = env_of(suite, json_tree_get(json, "env"));
    test->dir = suite_copy(suite, json_tree_string(json, "workdir"));
    if (test->dir == NULL) {
        test->dir = suite->dir;
    }
    test->protocol = protocol_of(json_tree_string(json, "protocol"));
    test->is_serial = YAJL_IS_FALSE(parallel);
    test->timeout_ms =
        YAJL_IS_INTEGER(timeout) ? timeout->u.number.i : TIMEOUT_DEFAULT_S;
    test->timeout_ms *= MS_PER_S;
    if (test->timeout_ms < 0) {
        test->timeout_ms = 0; /* none */
    }
    if (YAJL_IS_INTEGER(priority)) {
        test->priority = (int)priority->u.number.i;
    }
    return 0;
}

int suite_from_meson(struct suite *suite, const char *dir, struct text *error)
{
    struct text path = { 0 };
    yajl_val tree;
    int r = 0;

    text_add_format(&path, "%s/meson-info/intro-tests.json", dir);
    tree = json_tree_read(text_string(&path), error);
    if (tree != NULL && !YAJL_IS_ARRAY(tree)) {
        text_add_format(error, "%s: expected an array of tests",
                        text_string(&path));
        r = -1;
    }
    for (size_t i = 0; r == 0 && tree != NULL && i < tree->u.array.len; i++) {
        r = add_test(suite, tree->u.array.values[i], error);
    }
    r = tree == NULL ? -1 : r;
    yajl_tree_free(tree);
    text_clear(&path);
    return r;
}
