/*
 * record - where a run keeps its record, and what becomes of a run that cannot
 * have one.
 *
 * Tests are there to be run: that the record is in the way of nothing matters
 * more than that it is whole, unless it was asked for.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/quote.h"
#include "test/testing.h"

/* How the command of runs of tests begins. */
static const char command_word[] = "brood test";

void test_record_name(struct testing *t, int argc, char **argv)
{
    text_add_string(&t->command, command_word);
    for (int i = 2; i < argc; i++) {
        text_add_char(&t->command, ' ');
        quote_add(&t->command, argv[i], strlen(argv[i]), false);
    }
}

/* There is none for this run. Returns: 0, or -1 if it cannot do without.
 * @choosing  it is to tell which tests are to be run. */
static int do_without(struct testing *t, bool choosing)
{
    const struct test_options *o = &t->options;
    const char *why = store_error(t->store);
    int r = -1;

    if (choosing && o->rerun_failed) {
        test_fail(t, TEST_STATUS_OURS, "%s; --rerun-failed needs the record",
                  why);
    } else if (o->ask == TEST_ASK_RUN && o->store != NULL) {
        test_fail(t, TEST_STATUS_OURS, "%s; --no-store runs without a record",
                  why);
    } else {
        test_say(t, "%s; going on without a record", why);
        r = 0;
    }
    t->store = store_close(t->store);
    text_reset(&t->store_path);
    return r;
}

static int open_store(struct testing *t, bool choosing)
{
    return store_open(text_string(&t->store_path), &t->store) < 0
               ? do_without(t, choosing)
               : 0;
}

int test_record_open(struct testing *t)
{
    if (t->options.no_store) {
        return 0;
    }
    if (t->options.store != NULL) {
        text_add_string(&t->store_path, t->options.store);
    } else {
        text_add_format(&t->store_path, "%s/brood-test.db",
                        t->suite.dir == NULL ? "." : t->suite.dir);
    }
    return access(text_string(&t->store_path), F_OK) < 0 ? 0
                                                         : open_store(t, true);
}

static void ignore_dead(void *user, const char *id)
{
    (void)user;
    (void)id;
}

int test_record_begin(struct testing *t)
{
    char *dir;
    int r = 0;

    if (t->options.bisect != NULL || t->store_path.size == 0) {
        return 0;
    }
    if (t->store == NULL) {
        r = open_store(t, false);
    }
    if (t->store == NULL) {
        return r;
    }
    dir = getcwd(NULL, 0);
    r = store_end_dead_runs(t->store, ignore_dead, NULL);
    if (r >= 0) {
        r = store_begin_run(
            t->store, &(struct store_run){ .dir = dir,
                                           .command = text_string(&t->command),
                                           .slots = t->slots });
    }
    free(dir);
    return r < 0 ? do_without(t, false) : 0;
}

void test_record_lose(struct testing *t)
{
    test_fail(t, TEST_STATUS_OURS, "%s; going on without a record",
              store_error(t->store));
    t->store = store_close(t->store);
}

void test_record_end(struct testing *t)
{
    const size_t *v = t->counts.verdicts;
    const struct store_counts counts = {
        .ok = v[VERDICT_PASS] + v[VERDICT_FLAKY],
        .failed = verdict_count_bad(v),
        .skipped = v[VERDICT_SKIP] + v[VERDICT_DISABLED],
    };

    if (t->store == NULL) {
        return;
    }
    if (store_end_run(t->store, test_status(t), &counts) < 0) {
        test_fail(t, TEST_STATUS_OURS, "%s", store_error(t->store));
    } else if (t->options.keep > 0 && store_keep_outputs(t->store, command_word,
                                                         t->options.keep) < 0) {
        /* The results are safe. */
        test_say(t, "%s", store_error(t->store));
    }
}
