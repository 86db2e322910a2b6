/* select - which tests are to be run. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "test/names.h"
#include "test/testing.h"

struct filters {
    struct verdict_patterns include;
    struct verdict_patterns exclude;
    struct verdict_patterns labels;
    struct verdict_patterns labels_not;
    struct verdict_patterns no_setup;
    struct verdict_patterns no_cleanup;
    struct names names;
    struct names names_not;
};

static int make(struct testing *t,
                const struct test_texts *from,
                struct verdict_patterns *ret)
{
    struct text error = { 0 };

    ret->items = calloc(from->n + 1, sizeof(struct pattern *));
    if (ret->items == NULL) {
        text_no_memory();
    }
    for (; ret->n < from->n; ret->n++) {
        ret->items[ret->n] = pattern_new(from->items[ret->n], &error);
        if (ret->items[ret->n] == NULL) {
            test_fail(t, TEST_STATUS_USAGE, "%s", text_string(&error));
            text_clear(&error);
            return -1;
        }
    }
    return 0;
}

static void clear(struct verdict_patterns *patterns)
{
    for (size_t i = 0; i < patterns->n; i++) {
        (void)pattern_free(patterns->items[i]);
    }
    free((void *)patterns->items);
}

static bool any(const struct verdict_patterns *patterns, const char *text)
{
    for (size_t i = 0; i < patterns->n; i++) {
        if (pattern_matches(patterns->items[i], text, strlen(text))) {
            return true;
        }
    }
    return false;
}

/* Whether each of the patterns is in some label. */
static bool has_labels(const struct verdict_patterns *patterns,
                       const struct suite_words *labels)
{
    for (size_t i = 0; i < patterns->n; i++) {
        bool found = false;

        for (size_t k = 0; k < labels->n && !found; k++) {
            found = pattern_matches(patterns->items[i], labels->items[k],
                                    strlen(labels->items[k]));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Whether a number is among some with commas between them. */
static bool has_number(const char *list, long number)
{
    while (list != NULL && *list != '\0') {
        char *end;

        if (strtol(list, &end, 10) == number && end != list) {
            return true;
        }
        list = *end == ',' ? end + 1 : NULL;
    }
    return false;
}

static bool is_numbered(const struct test_numbers *n, long number)
{
    long first = n->first < 0 ? 1 : n->first;
    long last = n->last < 0 ? LONG_MAX : n->last;
    long step = n->step < 0 ? 1 : n->step;

    return !n->is_given || has_number(n->more, number) ||
           (step > 0 && number >= first && number <= last &&
            (number - first) % step == 0);
}

/* By its name or its number; with --union one of them is enough. */
static bool is_named(const struct testing *t,
                     const struct filters *f,
                     const struct suite_test *test)
{
    bool name = f->include.n == 0 || any(&f->include, test->name);
    bool number =
        is_numbered(&t->options.numbers, (long)(test - t->suite.tests) + 1);

    if (t->options.is_union && f->include.n > 0 &&
        t->options.numbers.is_given) {
        return name || number;
    }
    return name && number;
}

static bool is_wanted(const struct testing *t,
                      struct filters *f,
                      const struct suite_test *test)
{
    return is_named(t, f, test) && !any(&f->exclude, test->name) &&
           (t->options.from_files.n == 0 ||
            names_have(&f->names, test->name)) &&
           !names_have(&f->names_not, test->name) &&
           has_labels(&f->labels, &test->labels) &&
           (f->labels_not.n == 0 || !has_labels(&f->labels_not, &test->labels));
}

static bool failed_last(struct testing *t, const struct suite_test *test)
{
    unsigned char key[STORE_KEY_SIZE];
    int64_t duration_ns;

    test_history_key(&t->suite, test, key);
    return t->store != NULL &&
           store_find(t->store, key, &duration_ns) == STORE_KNOWN_FAILED;
}

/* Whether two lists have a word in common for which no pattern stands. */
static bool overlap(const struct suite_words *a,
                    const struct suite_words *b,
                    const struct verdict_patterns *but)
{
    for (size_t i = 0; i < a->n; i++) {
        if (suite_has(b, a->items[i]) && !any(but, a->items[i])) {
            return true;
        }
    }
    return false;
}

static void add_once(struct suite_words *words, const char *word)
{
    if (suite_has(words, word)) {
        return;
    }
    words->items =
        reallocarray((void *)words->items, words->n + 1, sizeof(const char *));
    if (words->items == NULL) {
        text_no_memory();
    }
    words->items[words->n++] = word;
}

/* The fixtures that chosen tests require, each once. */
static struct suite_words required(const struct suite *suite)
{
    struct suite_words all = { 0 };

    for (size_t i = 0; i < suite->n; i++) {
        const struct suite_words *more = &suite->tests[i].required;

        for (size_t k = 0; suite->tests[i].is_chosen && k < more->n; k++) {
            add_once(&all, more->items[k]);
        }
    }
    return all;
}

/* What -E leaves out is not there for ctest, unless -R is given too. */
static bool is_left_out(const struct filters *f, const struct suite_test *test)
{
    return f->include.n == 0 && any(&f->exclude, test->name);
}

/* Choose the tests that set up or clean up what a chosen one requires. Returns:
 * whether there was one. */
static bool add_fixtures(struct suite *suite, const struct filters *f)
{
    struct suite_words fixtures = required(suite);
    bool more = false;

    for (size_t i = 0; i < suite->n; i++) {
        struct suite_test *test = &suite->tests[i];

        if (!test->is_chosen && !is_left_out(f, test) &&
            (overlap(&test->setup, &fixtures, &f->no_setup) ||
             overlap(&test->cleanup, &fixtures, &f->no_cleanup))) {
            test->is_chosen = true;
            more = true;
        }
    }
    free((void *)fixtures.items);
    return more;
}

static void choose(struct testing *t, struct filters *f)
{
    for (size_t i = 0; i < t->suite.n; i++) {
        struct suite_test *test = &t->suite.tests[i];

        test->is_chosen = is_wanted(t, f, test);
        t->n_matching += test->is_chosen;
        test->is_chosen = test->is_chosen &&
                          (!t->options.rerun_failed || failed_last(t, test)) &&
                          (!t->options.changed || test_changed_has(t, test));
    }
    if (t->options.shards > 0) {
        test_shard_keep(t);
    }
    while (add_fixtures(&t->suite, f)) {
    }
}

/* Names from files that no test has. */
static void tell_unknown(struct testing *t,
                         const struct names *names,
                         const struct test_texts *files)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!names->items[i].is_known) {
            test_say(t, "%s: there is no test '%s'",
                     files->items[names->items[i].file], names->items[i].text);
        }
    }
}

static int read_names(struct testing *t, struct filters *f)
{
    const struct test_options *o = &t->options;
    struct text error = { 0 };
    int r = names_read(&f->names, o->from_files.items, o->from_files.n, &error);

    if (r == 0) {
        r = names_read(&f->names_not, o->exclude_files.items,
                       o->exclude_files.n, &error);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_USAGE, "%s", text_string(&error));
    } else {
        /* Those that other options leave out are known all the same. */
        for (size_t i = 0; i < t->suite.n; i++) {
            (void)names_have(&f->names, t->suite.tests[i].name);
            (void)names_have(&f->names_not, t->suite.tests[i].name);
        }
        tell_unknown(t, &f->names, &o->from_files);
        tell_unknown(t, &f->names_not, &o->exclude_files);
    }
    text_clear(&error);
    return r;
}

/* Which options have patterns, and where these go. */
static int make_all(struct testing *t, struct filters *f)
{
    const struct test_options *o = &t->options;
    const struct {
        const struct test_texts *from;
        struct verdict_patterns *to;
    } all[] = {
        { &o->include, &f->include },   { &o->exclude, &f->exclude },
        { &o->labels, &f->labels },     { &o->labels_not, &f->labels_not },
        { &o->no_setup, &f->no_setup }, { &o->no_cleanup, &f->no_cleanup },
    };
    int r = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && r == 0; i++) {
        r = make(t, all[i].from, all[i].to);
    }
    return r;
}

int test_select_fixtures(struct testing *t)
{
    struct filters f = { 0 };
    int r = make(t, &t->options.no_setup, &f.no_setup);

    if (r == 0) {
        r = make(t, &t->options.no_cleanup, &f.no_cleanup);
    }
    while (r == 0 && add_fixtures(&t->suite, &f)) {
    }
    clear(&f.no_setup);
    clear(&f.no_cleanup);
    return r;
}

int test_select(struct testing *t)
{
    struct filters f = { 0 };
    int r = make_all(t, &f);

    if (r == 0) {
        r = read_names(t, &f);
    }
    if (r == 0 && t->options.changed) {
        r = test_changed_read(t);
    }
    if (r == 0) {
        choose(t, &f);
    }
    clear(&f.include);
    clear(&f.exclude);
    clear(&f.labels);
    clear(&f.labels_not);
    clear(&f.no_setup);
    clear(&f.no_cleanup);
    names_clear(&f.names);
    names_clear(&f.names_not);
    test_changed_clear(t);
    return r;
}
