/* changed - tests of which a file has been written since they passed. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test/testing.h"

#define NS_PER_S INT64_C(1000000000)

struct test_last {
    unsigned char key[STORE_KEY_SIZE];
    int64_t start_ns;
};

static int by_key(const void *a, const void *b)
{
    const struct test_last *x = a;
    const struct test_last *y = b;

    return memcmp(x->key, y->key, STORE_KEY_SIZE);
}

static void on_last(void *user,
                    const unsigned char key[STORE_KEY_SIZE],
                    int64_t start_ns)
{
    struct testing *t = user;

    t->last = reallocarray(t->last, t->n_last + 1, sizeof(*t->last));
    if (t->last == NULL) {
        text_no_memory();
    }
    memcpy(t->last[t->n_last].key, key, STORE_KEY_SIZE);
    t->last[t->n_last++].start_ns = start_ns;
}

int test_changed_read(struct testing *t)
{
    if (t->store == NULL) {
        return 0;
    }
    if (store_last_starts(t->store, on_last, t) < 0) {
        test_fail(t, TEST_STATUS_OURS, "%s", store_error(t->store));
        return -1;
    }
    if (t->n_last > 0) {
        qsort(t->last, t->n_last, sizeof(*t->last), by_key);
    }
    return 0;
}

void test_changed_clear(struct testing *t)
{
    free(t->last);
    t->last = NULL;
    t->n_last = 0;
}

/* Whether a file has been written after some time; what is none has not. */
static bool is_newer(const struct suite_test *test,
                     const char *name,
                     int64_t since_ns)
{
    struct text path = { 0 };
    struct stat st;
    bool newer;

    if (*name != '/' && test->dir != NULL) {
        text_add_format(&path, "%s/", test->dir);
    }
    text_add_string(&path, name);
    newer = stat(text_string(&path), &st) == 0 && S_ISREG(st.st_mode) &&
            st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec > since_ns;
    text_clear(&path);
    return newer;
}

static bool any_newer(const struct suite_test *test,
                      const struct suite_words *names,
                      int64_t since_ns)
{
    for (size_t i = 0; i < names->n; i++) {
        if (is_newer(test, names->items[i], since_ns)) {
            return true;
        }
    }
    return false;
}

bool test_changed_has(struct testing *t, const struct suite_test *test)
{
    struct test_last wanted = { .start_ns = 0 };
    const struct test_last *last;
    int64_t duration_ns;

    test_history_key(&t->suite, test, wanted.key);
    if (t->n_last == 0 ||
        store_find(t->store, wanted.key, &duration_ns) != STORE_KNOWN_OK) {
        return true;
    }
    last = bsearch(&wanted, t->last, t->n_last, sizeof(*t->last), by_key);
    return last == NULL || any_newer(test, &test->argv, last->start_ns) ||
           any_newer(test, &test->required_files, last->start_ns);
}
