/* meson - the tests of a build directory of Meson. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/json_tree.h"
#include "suite/meson_setup.h"
#include "suite/suite.h"

enum {
    MS_PER_S = 1000,
    /* Meson's own. */
    TIMEOUT_DEFAULT_S = 30,
};

static enum suite_protocol protocol_of(const char *name)
{
    if (name != NULL && strcmp(name, "tap") == 0) {
        return SUITE_MESON_TAP;
    }
    return name != NULL && strcmp(name, "exitcode") == 0 ? SUITE_MESON
                                                         : SUITE_EXIT;
}

/* As meson test calls it: "name", or "project:suite+suite / name" where there
 * are several suites. Meson gives each suite as "project:suite", or "project"
 * if there is none. */
static const char *name_of(struct suite *suite,
                           const struct suite_words *suites,
                           const char *name)
{
    struct text text = { 0 };
    const char *copy;

    for (size_t i = 0; i < suites->n; i++) {
        const char *colon = strchr(suites->items[i], ':');
        const char *part = colon == NULL ? "" : colon + 1;

        if (i == 0) {
            text_add(&text, suites->items[0], strcspn(suites->items[0], ":"));
        }
        text_add_string(&text, i > 0 ? "+" : *part != '\0' ? ":" : "");
        text_add_string(&text, part);
    }
    text_add_string(&text, suites->n > 0 ? " / " : "");
    text_add_string(&text, name);
    copy = suite_copy(suite, text_string(&text));
    text_clear(&text);
    return copy;
}

/* Whether tests are of different suites. */
static bool has_suites(yajl_val tests)
{
    const char *first = NULL;

    for (size_t i = 0; i < tests->u.array.len; i++) {
        yajl_val suites = json_tree_get(tests->u.array.values[i], "suite");
        size_t n = YAJL_IS_ARRAY(suites) ? suites->u.array.len : 0;

        for (size_t k = 0; k < n; k++) {
            const char *name = YAJL_GET_STRING(suites->u.array.values[k]);

            if (first != NULL && name != NULL && strcmp(first, name) != 0) {
                return true;
            }
            first = name == NULL ? first : name;
        }
    }
    return false;
}

/* What Meson sets for a test unless the user, or the test, has: so that bad
 * memory and the sanitizers' findings are not passed over. */
static const char *const defaults[] = {
    "ASAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_summary=1",
    "UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_summary=1:"
    "print_stacktrace=1",
    "MSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_summary=1:"
    "print_stacktrace=1",
    "MESON_TEST_ITERATION=1",
};

enum {
    N_DEFAULTS = sizeof(defaults) / sizeof(defaults[0]),
    PERTURB_SIZE = 32,
    PERTURB_MAX = 255,
};

static bool is_set(const struct suite_words *env, const char *variable)
{
    size_t size = strcspn(variable, "=");
    char name[PERTURB_SIZE];
    const char *ours;

    for (size_t i = 0; i < env->n; i++) {
        if (strncmp(env->items[i], variable, size + 1) == 0) {
            return true;
        }
    }
    (void)snprintf(name, sizeof(name), "%.*s", (int)size, variable);
    ours = getenv(name);
    return ours != NULL && *ours != '\0';
}

/* MALLOC_PERTURB_ is a random number there; here one that each test keeps, so
 * that what fails by it fails again. */
static void add_defaults(struct suite *suite, struct suite_test *test)
{
    char perturb[PERTURB_SIZE];
    const char **items = arena_take(
        &suite->arena, (test->env.n + N_DEFAULTS + 2) * sizeof(const char *));
    size_t n = test->env.n;

    memcpy((void *)items, (const void *)test->env.items,
           n * sizeof(const char *));
    for (size_t i = 0; i < N_DEFAULTS; i++) {
        if (!is_set(&test->env, defaults[i])) {
            items[n++] = defaults[i];
        }
    }
    (void)snprintf(perturb, sizeof(perturb), "MALLOC_PERTURB_=%zu",
                   suite->n % PERTURB_MAX + 1);
    if (!is_set(&test->env, perturb)) {
        items[n++] = suite_copy(suite, perturb);
    }
    items[n] = NULL;
    test->env = (struct suite_words){ .items = items, .n = n };
}

/* @setup  what Meson itself knows of it, or NULL.
 * @long_names  with suites. */
static int add_test(struct suite *suite,
                    yajl_val json,
                    yajl_val setup,
                    bool long_names,
                    struct text *error)
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
    test = suite_add(suite, long_names ? name_of(suite, &labels, name) : name);
    test->labels = labels;
    test->argv = json_tree_words(suite, json_tree_get(json, "cmd"));
    test->env = meson_env(suite, json_tree_get(json, "env"));
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
    meson_set_expected(suite, test, json, "expected_exitcode");
    if (setup != NULL) {
        meson_setup_apply(suite, test, setup);
    }
    add_defaults(suite, test);
    return 0;
}

/* The one of a number, if it is the test of that name. */
static yajl_val setup_of(yajl_val setups, size_t number, yajl_val test)
{
    const char *name = json_tree_string(test, "name");
    yajl_val setup = YAJL_IS_ARRAY(setups) && number < setups->u.array.len
                         ? setups->u.array.values[number]
                         : NULL;
    const char *other = json_tree_string(setup, "name");

    return name != NULL && other != NULL && strcmp(name, other) == 0 ? setup
                                                                     : NULL;
}

static yajl_val read_setups(struct suite *suite, const char *dir)
{
    struct text why = { 0 };
    struct text warning = { 0 };
    yajl_val setups = NULL;

    if (meson_setup_read(dir, &setups, &why) < 0) {
        text_add_format(&warning,
                        "cannot ask Meson which tests should fail: %s",
                        text_string(&why));
        suite->warning = suite_copy(suite, text_string(&warning));
    }
    text_clear(&why);
    text_clear(&warning);
    return setups;
}

int suite_from_meson(struct suite *suite, const char *dir, struct text *error)
{
    struct text path = { 0 };
    yajl_val setups = NULL;
    bool long_names = false;
    yajl_val tree;
    int r = 0;

    text_add_format(&path, "%s/meson-info/intro-tests.json", dir);
    tree = json_tree_read(text_string(&path), error);
    if (tree != NULL && !YAJL_IS_ARRAY(tree)) {
        text_add_format(error, "%s: expected an array of tests",
                        text_string(&path));
        r = -1;
    }
    if (r == 0 && tree != NULL && tree->u.array.len > 0) {
        setups = read_setups(suite, dir);
        long_names = has_suites(tree);
    }
    for (size_t i = 0; r == 0 && tree != NULL && i < tree->u.array.len; i++) {
        yajl_val test = tree->u.array.values[i];

        r = add_test(suite, test, setup_of(setups, i, test), long_names, error);
    }
    r = tree == NULL ? -1 : r;
    yajl_tree_free(setups);
    yajl_tree_free(tree);
    text_clear(&path);
    return r;
}
