#ifndef BROOD_TESTS_UNIT_TOOLS_STORE_FIXTURE_H
#define BROOD_TESTS_UNIT_TOOLS_STORE_FIXTURE_H

/* A record in a directory of its own, and results for it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "file.h"
#include "store/store.h"
#include "support/check.h"

enum {
    PATH_SIZE = 256,
};

struct fixture {
    char dir[PATH_SIZE];
    char path[PATH_SIZE];
    struct store *store;
};

static inline int setup(void **state)
{
    static struct fixture f;
    const char *tmp = getenv("TMPDIR");

    memset(&f, 0, sizeof(f));
    (void)snprintf(f.dir, sizeof(f.dir), "%s/brood-store-XXXXXX",
                   tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(f.dir));
    (void)snprintf(f.path, sizeof(f.path), "%.200s/record", f.dir);
    *state = &f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;

    f->store = store_close(f->store);
    return file_remove_tree(f->dir, 0) ? 0 : -1;
}

static inline void open_store(struct fixture *f)
{
    static const struct store_run run = { .dir = "/d",
                                          .command = "c",
                                          .slots = 2 };

    assert_ok(store_open(f->path, &f->store));
    assert_ok(store_begin_run(f->store, &run));
}

static inline void reopen(struct fixture *f)
{
    f->store = store_close(f->store);
    assert_ok(store_open(f->path, &f->store));
}

static inline struct store_result result_of(unsigned char key,
                                            enum store_outcome outcome,
                                            const struct brood_result *result)
{
    struct store_result r = { .command = "echo",
                              .tags = "",
                              .seq = key,
                              .outcome = outcome,
                              .attempts = 1,
                              .result = result };

    memset(r.key, key, sizeof(r.key));
    return r;
}

static inline void record(struct fixture *f,
                          unsigned char key,
                          enum store_outcome how)
{
    const struct brood_result result = {
        .exit_status = 0, .pid = 1, .start_ns = 1, .duration_ns = 100 + key
    };
    const struct store_result r = result_of(key, how, &result);

    assert_ok(store_record(f->store, &r));
}

static inline int known(struct fixture *f,
                        unsigned char key,
                        int64_t *ret_duration)
{
    unsigned char bytes[STORE_KEY_SIZE];
    int64_t duration;
    int r;

    memset(bytes, key, sizeof(bytes));
    r = store_find(f->store, bytes, &duration);
    if (ret_duration != NULL) {
        *ret_duration = duration;
    }
    return r;
}

/* The number that a query gives. */
static inline int64_t ask(const struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    int64_t n;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    n = sqlite3_column_int64(row, 0);
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
    return n;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif /* BROOD_TESTS_UNIT_TOOLS_STORE_FIXTURE_H */
