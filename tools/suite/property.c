/* property - what CTest says of a test, one property at a time. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "suite/suite.h"

enum kind {
    KIND_TEXT,
    KIND_WORDS,
    KIND_BOOL,
    KIND_CODE,
    KIND_UNSIGNED,
    KIND_MS,
    KIND_COST,
    KIND_SIGNAL,
    KIND_MATCH,
    KIND_NEEDS,
};

enum {
    MS_PER_S = 1000,
    NEEDS_MAX = 4096,
};

struct property {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define AT(member) offsetof(struct suite_test, member)

static const struct property properties[] = {
    { "COST", KIND_COST, AT(cost) },
    { "DEPENDS", KIND_WORDS, AT(depends) },
    { "DISABLED", KIND_BOOL, AT(is_disabled) },
    { "ENVIRONMENT", KIND_WORDS, AT(env) },
    { "ENVIRONMENT_MODIFICATION", KIND_WORDS, AT(env_changes) },
    { "FAIL_REGULAR_EXPRESSION", KIND_WORDS, AT(fail) },
    { "FIXTURES_CLEANUP", KIND_WORDS, AT(cleanup) },
    { "FIXTURES_REQUIRED", KIND_WORDS, AT(required) },
    { "FIXTURES_SETUP", KIND_WORDS, AT(setup) },
    { "LABELS", KIND_WORDS, AT(labels) },
    { "PASS_REGULAR_EXPRESSION", KIND_WORDS, AT(pass) },
    { "PROCESSORS", KIND_UNSIGNED, AT(processors) },
    { "REQUIRED_FILES", KIND_WORDS, AT(required_files) },
    { "RESOURCE_GROUPS", KIND_NEEDS, 0 },
    { "RESOURCE_LOCK", KIND_WORDS, AT(locks) },
    { "RUN_SERIAL", KIND_BOOL, AT(is_serial) },
    { "SKIP_REGULAR_EXPRESSION", KIND_WORDS, AT(skip) },
    { "SKIP_RETURN_CODE", KIND_CODE, AT(skip_code) },
    { "TIMEOUT", KIND_MS, AT(timeout_ms) },
    { "TIMEOUT_AFTER_MATCH", KIND_MATCH, 0 },
    { "TIMEOUT_SIGNAL_GRACE_PERIOD", KIND_MS, AT(grace_ms) },
    { "TIMEOUT_SIGNAL_NAME", KIND_SIGNAL, AT(timeout_signal) },
    { "WILL_FAIL", KIND_BOOL, AT(will_fail) },
    { "WORKING_DIRECTORY", KIND_TEXT, AT(dir) },
};

static int expected(const struct suite_test *test,
                    const char *name,
                    const char *what,
                    const char *value,
                    struct text *error)
{
    text_add_format(error, "test '%s': %s: expected %s, not '%s'", test->name,
                    name, what, value);
    return -1;
}

/* What CMake takes for true (cmake-language(7), if()). */
static bool is_true(const char *text)
{
    static const char *const words[] = { "1", "ON", "YES", "TRUE", "Y" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            return true;
        }
    }
    return strtod(text, NULL) != 0;
}

/* A hundred years; what is said of time is computed in nanoseconds. */
#define SECONDS_MAX 3.2e9

static bool read_seconds(const char *text, int64_t *ret_ms)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(seconds) ||
        fabs(seconds) > SECONDS_MAX) {
        return false;
    }
    *ret_ms = (int64_t)(seconds * MS_PER_S + 0.5);
    return true;
}

static int signal_of(const char *text)
{
    for (int sig = 1; sig < NSIG; sig++) {
        const char *name = sigabbrev_np(sig);

        if (name != NULL &&
            (strcmp(text, name) == 0 ||
             (strncmp(text, "SIG", 3) == 0 && strcmp(text + 3, name) == 0))) {
            return sig;
        }
    }
    return 0;
}

/* "seconds;expression;..." */
static int set_match(struct suite_test *test,
                     const char *name,
                     const struct suite_value *value,
                     struct text *error)
{
    if (value->words.n < 2 ||
        !read_seconds(value->words.items[0], &test->timeout_after_ms)) {
        return expected(test, name, "seconds and regular expressions",
                        value->text, error);
    }
    test->timeout_match.items = value->words.items + 1;
    test->timeout_match.n = value->words.n - 1;
    return 0;
}

static int set_number(struct suite_test *test,
                      const struct property *property,
                      const char *text,
                      struct text *error)
{
    void *at = (char *)test + property->offset;
    char *end;
    long number;

    if (property->kind == KIND_MS) {
        return read_seconds(text, at)
                   ? 0
                   : expected(test, property->name, "seconds", text, error);
    }
    if (property->kind == KIND_COST) {
        *(double *)at = strtod(text, &end);
        return end != text && *end == '\0'
                   ? 0
                   : expected(test, property->name, "a number", text, error);
    }
    number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < INT32_MIN ||
        number > INT32_MAX) {
        return expected(test, property->name, "a number", text, error);
    }
    if (property->kind == KIND_CODE) {
        *(int *)at = (int)number;
    } else {
        *(unsigned *)at = number < 1 ? 1 : (unsigned)number;
    }
    return 0;
}

static int set(struct suite *suite,
               struct suite_test *test,
               const struct property *property,
               const struct suite_value *value,
               struct text *error)
{
    void *at = (char *)test + property->offset;

    switch (property->kind) {
    case KIND_TEXT:
        *(const char **)at = suite_copy(suite, value->text);
        return 0;
    case KIND_WORDS:
        *(struct suite_words *)at = value->words;
        return 0;
    case KIND_BOOL:
        *(bool *)at = is_true(value->text);
        return 0;
    case KIND_SIGNAL:
        *(int *)at = signal_of(value->text);
        return *(int *)at > 0
                   ? 0
                   : expected(test, property->name, "the name of a signal",
                              value->text, error);
    case KIND_MATCH:
        return set_match(test, property->name, value, error);
    case KIND_NEEDS:
        return suite_set_needs(suite, test, &value->words, error);
    default:
        return set_number(test, property, value->text, error);
    }
}

int suite_property(struct suite *suite,
                   struct suite_test *test,
                   const char *name,
                   const struct suite_value *value,
                   struct text *error)
{
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (strcmp(properties[i].name, name) == 0) {
            return set(suite, test, &properties[i], value, error);
        }
    }
    return 1;
}

/* One "type:slots". Returns: whether it is that. */
static bool read_need(struct suite *suite,
                      const char *text,
                      size_t size,
                      struct suite_need *ret)
{
    const char *colon = memchr(text, ':', size);
    char *end;
    long slots;

    if (colon == NULL || colon == text) {
        return false;
    }
    slots = strtol(colon + 1, &end, 10);
    ret->type = arena_copy(&suite->arena, text, (size_t)(colon - text));
    ret->slots = (unsigned)slots;
    return end == text + size && slots > 0 && slots < NEEDS_MAX;
}

/* A group is "[n,]type:slots,type:slots", n of it; its needs go to the end of
 * @needs. Returns: how many groups, 0: it is none. */
static unsigned read_group(struct suite *suite,
                           const char *text,
                           unsigned group,
                           struct suite_need *needs,
                           size_t *n)
{
    size_t first = *n;
    size_t each;
    char *end;
    long times = strtol(text, &end, 10);

    if (end != text && *end == ',') {
        text = end + 1;
    } else {
        times = 1;
    }
    while (*text != '\0') {
        size_t size = strcspn(text, ",");

        if (*n == NEEDS_MAX || !read_need(suite, text, size, &needs[*n])) {
            return 0;
        }
        needs[(*n)++].group = group;
        text += size + (text[size] == ',');
    }
    each = *n - first;
    if (times < 1 || each == 0 || (size_t)times > (NEEDS_MAX - first) / each) {
        return 0;
    }
    for (unsigned k = 1; k < (unsigned)times; k++) {
        for (size_t i = 0; i < each; i++) {
            needs[*n] = needs[first + i];
            needs[(*n)++].group = group + k;
        }
    }
    return (unsigned)times;
}

int suite_set_needs(struct suite *suite,
                    struct suite_test *test,
                    const struct suite_words *groups,
                    struct text *error)
{
    struct suite_need *needs = calloc(NEEDS_MAX, sizeof(*needs));
    struct suite_need *kept;
    unsigned n_groups = 0;
    size_t n = 0;

    if (needs == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < groups->n; i++) {
        unsigned more =
            read_group(suite, groups->items[i], n_groups, needs, &n);

        if (more == 0) {
            free(needs);
            return expected(test, "RESOURCE_GROUPS", "[N,]TYPE:SLOTS,...",
                            groups->items[i], error);
        }
        n_groups += more;
    }
    kept = arena_take(&suite->arena, (n + 1) * sizeof(*kept));
    memcpy(kept, needs, n * sizeof(*kept));
    free(needs);
    test->needs = kept;
    test->n_needs = n;
    test->n_groups = n_groups;
    return 0;
}
