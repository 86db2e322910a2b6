/* history - the record of earlier runs, and of this one. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "test/testing.h"

enum {
    COMMIT_MS = 200,
    COMMIT_CASES = 5000,
};

#define NS_PER_MS INT64_C(1000000)

void test_history_key(const char *name, unsigned char ret[STORE_KEY_SIZE])
{
    XXH128_canonical_t hash;

    XXH128_canonicalFromHash(&hash,
                             XXH3_128bits_withSeed(name, strlen(name), 1));
    memcpy(ret, hash.digest, STORE_KEY_SIZE);
}

static void add_command(struct testing *t, struct text *out)
{
    text_add_string(out, "brood test");
    for (size_t i = 0; i < t->options.sources.n; i++) {
        text_add_format(out, " %s", t->options.sources.items[i]);
    }
}

int test_history_open(struct testing *t)
{
    struct text path = { 0 };
    int r = 0;

    if (t->options.no_store) {
        return 0;
    }
    if (t->options.store != NULL) {
        text_add_string(&path, t->options.store);
    } else {
        text_add_format(&path, "%s/brood-test.db",
                        t->suite.dir == NULL ? "." : t->suite.dir);
    }
    if (t->options.ask != TEST_ASK_RUN &&
        access(text_string(&path), F_OK) < 0) {
        text_clear(&path);
        return 0;
    }
    r = store_open(text_string(&path), &t->store);
    if (r < 0) {
        test_fail(t, TEST_STATUS_OURS, "%s", store_error(t->store));
    }
    text_clear(&path);
    return r;
}

static void ignore_dead(void *user, const char *id)
{
    (void)user;
    (void)id;
}

int test_history_begin(struct testing *t)
{
    struct text command = { 0 };
    char *dir = getcwd(NULL, 0);
    int r = 0;

    if (t->store != NULL) {
        add_command(t, &command);
        r = store_end_dead_runs(t->store, ignore_dead, NULL);
        if (r >= 0) {
            r = store_begin_run(
                t->store, &(struct store_run){ .dir = dir,
                                               .command = text_string(&command),
                                               .slots = t->slots });
        }
        if (r < 0) {
            test_fail(t, TEST_STATUS_OURS, "%s", store_error(t->store));
        }
    }
    text_clear(&command);
    free(dir);
    return r < 0 ? r : 0;
}

void test_history_look(struct testing *t, struct test_case *c)
{
    test_history_key(c->test->name, c->key);
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

static void fail(struct testing *t)
{
    if (t->status != TEST_STATUS_OURS) {
        test_fail(t, TEST_STATUS_OURS, "%s", store_error(t->store));
        test_kill(t);
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

    if (t->store == NULL || t->status == TEST_STATUS_OURS) {
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
        t->commit_ns = test_clock_ns() + COMMIT_MS * NS_PER_MS;
    }
    if (store_record(t->store, &store) < 0) {
        fail(t);
    }
    text_clear(&command);
    text_clear(&labels);
}

int test_history_commit(struct testing *t, bool now)
{
    unsigned n = t->store == NULL ? 0 : store_pending(t->store);
    int64_t left_ns;

    if (n == 0 || t->status == TEST_STATUS_OURS) {
        return -1;
    }
    left_ns = t->commit_ns - test_clock_ns();
    if (!now && n < COMMIT_CASES && left_ns > 0) {
        return (int)(left_ns / NS_PER_MS + 1);
    }
    if (store_commit(t->store) < 0) {
        fail(t);
    }
    return -1;
}

void test_history_end(struct testing *t)
{
    const size_t *v = t->counts.verdicts;
    const struct store_counts counts = {
        .ok = v[VERDICT_PASS] + v[VERDICT_FLAKY],
        .failed = v[VERDICT_FAIL] + v[VERDICT_CRASH] + v[VERDICT_TIMEOUT] +
                  v[VERDICT_NOT_RUN],
        .skipped = v[VERDICT_SKIP] + v[VERDICT_DISABLED],
    };

    if (t->store != NULL && t->pool != NULL && t->status != TEST_STATUS_OURS &&
        store_end_run(t->store, t->status, &counts) < 0) {
        fail(t);
    }
}
