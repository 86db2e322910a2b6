/* history - what the record has of tests: of earlier runs, and of this one. */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "test/testing.h"

enum {
    COMMIT_MS = 200,
    COMMIT_CASES = 5000,
};

#define NS_PER_MS INT64_C(1000000)

static bool is_only_one(const struct suite *suite,
                        const struct suite_test *test)
{
    return suite_find(suite, test->name) == test &&
           suite_find_next(suite, test) == NULL;
}

/* A test is known by its name, however its command changes. Of several that
 * have one name, what else they are tells them apart. */
void test_history_key(const struct suite *suite,
                      const struct suite_test *test,
                      unsigned char ret[STORE_KEY_SIZE])
{
    struct text what = { 0 };
    XXH128_canonical_t hash;

    text_add_string(&what, test->name);
    if (!is_only_one(suite, test)) {
        text_add_char(&what, '\0');
        text_add_string(&what, test->dir == NULL ? "" : test->dir);
        for (size_t i = 0; i < test->argv.n; i++) {
            text_add_char(&what, '\0');
            text_add_string(&what, test->argv.items[i]);
        }
    }
    XXH128_canonicalFromHash(
        &hash, XXH3_128bits_withSeed(text_string(&what), what.size, 1));
    memcpy(ret, hash.digest, STORE_KEY_SIZE);
    text_clear(&what);
}

void test_history_look(struct testing *t, struct test_case *c)
{
    test_history_key(&t->suite, c->test, c->key);
    c->known = STORE_KNOWN_NOT;
    if (t->store != NULL) {
        c->known = store_find(t->store, c->key, &c->usual_ns);
    }
}

static enum store_outcome outcome_of(enum verdict verdict)
{
    static const enum store_outcome outcomes[] = {
        [VERDICT_PASS] = STORE_OK,
        [VERDICT_FLAKY] = STORE_OK,
        [VERDICT_FAIL] = STORE_FAILED,
        [VERDICT_CRASH] = STORE_SIGNALLED,
        [VERDICT_TIMEOUT] = STORE_TIMED_OUT,
        [VERDICT_NOT_RUN] = STORE_NOT_STARTED,
        [VERDICT_SKIP] = STORE_SKIPPED,
        [VERDICT_DISABLED] = STORE_SKIPPED,
        [VERDICT_CANCELLED] = STORE_CANCELLED,
    };

    return outcomes[verdict];
}

static void add_command_of(const struct suite_test *test, struct text *out)
{
    for (size_t i = 0; i < test->argv.n; i++) {
        text_add_string(out, i > 0 ? " " : "");
        text_add_string(out, test->argv.items[i]);
    }
}

void test_history_record(struct testing *t,
                         struct test_case *c,
                         const struct brood_result *result)
{
    struct store_result store = {
        .name = c->test->name,
        .dir = c->test->dir,
        .seq = (uint64_t)(c->test - t->suite.tests) + 1,
        .outcome = outcome_of(c->verdict),
        .reason = c->reason.size > 0 ? c->reason.data : NULL,
        /* Of one that passed each time, to see whether it would, none was
         * to make up for another. */
        .attempts = c->verdict == VERDICT_PASS ? 1 : c->attempts,
        .result = result,
    };
    struct text command = { 0 };
    struct text labels = { 0 };

    if (t->store == NULL) {
        return;
    }
    if (c->verdict == VERDICT_FLAKY && store.reason == NULL) {
        store.reason = "flaky";
    }
    add_command_of(c->test, &command);
    for (size_t i = 0; i < c->test->labels.n; i++) {
        text_add_format(&labels, "%s ", c->test->labels.items[i]);
    }
    store.command = text_string(&command);
    store.tags = text_string(&labels);
    memcpy(store.key, c->key, sizeof(store.key));
    if (store_pending(t->store) == 0) {
        t->commit_ns = clock_now_ns() + COMMIT_MS * NS_PER_MS;
    }
    if (store_record(t->store, &store) < 0) {
        test_record_lose(t);
    }
    text_clear(&command);
    text_clear(&labels);
}

int test_history_commit(struct testing *t, bool now)
{
    unsigned n = t->store == NULL ? 0 : store_pending(t->store);
    int64_t left_ns;

    if (n == 0) {
        return -1;
    }
    left_ns = t->commit_ns - clock_now_ns();
    if (!now && n < COMMIT_CASES && left_ns > 0) {
        return (int)(left_ns / NS_PER_MS + 1);
    }
    if (store_commit(t->store) < 0) {
        test_record_lose(t);
    }
    return -1;
}
