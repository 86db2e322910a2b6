/* The record of runs: what is safe, what is known, and what is refused. */
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "support/check.h"

enum {
    PATH_SIZE = 256,
    LARGE = 100000,
    LIMIT_BYTES = 300000,
    MANY = 2000,
};

struct fixture {
    char dir[PATH_SIZE];
    char path[PATH_SIZE];
    struct store *store;
};

static int setup(void **state)
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

static int remove_one(const char *path,
                      const struct stat *st,
                      int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    f->store = store_close(f->store);
    return nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void open_store(struct fixture *f)
{
    static const struct store_run run = { .dir = "/d",
                                          .command = "c",
                                          .slots = 2 };

    assert_ok(store_open(f->path, &f->store));
    assert_ok(store_begin_run(f->store, &run));
}

static void reopen(struct fixture *f)
{
    f->store = store_close(f->store);
    assert_ok(store_open(f->path, &f->store));
}

static struct store_result result_of(unsigned char key,
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

static void record(struct fixture *f, unsigned char key, enum store_outcome how)
{
    const struct brood_result result = {
        .exit_status = 0, .pid = 1, .start_ns = 1, .duration_ns = 100 + key
    };
    const struct store_result r = result_of(key, how, &result);

    assert_ok(store_record(f->store, &r));
}

static int known(struct fixture *f, unsigned char key, int64_t *ret_duration)
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
static int64_t ask(const struct fixture *f, const char *sql)
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

static void what_has_been_committed_is_known_later(void **state)
{
    struct fixture *f = *state;
    int64_t duration;

    open_store(f);
    assert_int_equal(known(f, 1, NULL), STORE_KNOWN_NOT);
    record(f, 1, STORE_OK);
    record(f, 2, STORE_FAILED);
    record(f, 3, STORE_SKIPPED);
    record(f, 4, STORE_CANCELLED);
    record(f, 5, STORE_TIMED_OUT);
    assert_int_equal(store_pending(f->store), 5);
    assert_ok(store_commit(f->store));
    assert_int_equal(store_pending(f->store), 0);
    record(f, 6, STORE_OK); /* and is lost */
    reopen(f);
    assert_int_equal(known(f, 1, &duration), STORE_KNOWN_OK);
    assert_true(duration == 101);
    assert_int_equal(known(f, 2, NULL), STORE_KNOWN_FAILED);
    assert_int_equal(known(f, 3, NULL), STORE_KNOWN_NOT);
    assert_int_equal(known(f, 4, NULL), STORE_KNOWN_NOT);
    assert_int_equal(known(f, 5, NULL), STORE_KNOWN_FAILED);
    assert_int_equal(known(f, 6, NULL), STORE_KNOWN_NOT);
    assert_true(ask(f, "SELECT count(*) FROM results") == 5);
}

static void a_later_end_takes_the_place_of_an_earlier_one(void **state)
{
    struct fixture *f = *state;

    open_store(f);
    record(f, 1, STORE_FAILED);
    record(f, 1, STORE_OK);
    record(f, 2, STORE_OK);
    record(f, 2, STORE_SKIPPED); /* is no end */
    assert_ok(store_commit(f->store));
    assert_int_equal(known(f, 1, NULL), STORE_KNOWN_OK);
    assert_int_equal(known(f, 2, NULL), STORE_KNOWN_OK);
    assert_true(ask(f, "SELECT count(*) FROM jobs") == 2);
    assert_true(ask(f, "SELECT count(*) FROM results") == 4);
}

static void count_id(void *user, const char *id)
{
    assert_int_equal(strlen(id), STORE_RUN_ID_SIZE - 1);
    ++*(int *)user;
}

static void a_run_that_was_not_ended_is_found_once(void **state)
{
    struct fixture *f = *state;
    const struct store_counts counts = { .ok = 1 };
    int n = 0;

    open_store(f);
    record(f, 1, STORE_OK);
    assert_ok(store_commit(f->store));
    reopen(f);
    assert_int_equal(store_end_dead_runs(f->store, count_id, &n), 1);
    assert_int_equal(n, 1);
    assert_int_equal(store_end_dead_runs(f->store, count_id, &n), 0);
    assert_true(ask(f, "SELECT end_ns FROM runs") == 102);
    assert_true(ask(f, "SELECT status IS NULL FROM runs"));
    assert_ok(store_begin_run(f->store, &(struct store_run){ .slots = 1 }));
    assert_true(store_run_number(f->store) == 2);
    assert_ok(store_end_run(f->store, 3, &counts));
    assert_int_equal(store_end_dead_runs(f->store, count_id, &n), 0);
    assert_true(ask(f, "SELECT status * 10 + ok FROM runs WHERE run = 2") ==
                31);
}

static void one_process_at_a_time_writes(void **state)
{
    struct fixture *f = *state;
    struct store *other = NULL;

    open_store(f);
    assert_err(store_open(f->path, &other), -EBUSY);
    assert_non_null(strstr(store_error(other), "in use by another brood"));
    other = store_close(other);
    f->store = store_close(f->store);
    assert_ok(store_open(f->path, &other));
    other = store_close(other);
}

struct lines {
    int n;
    char last[32];
};

static void on_line(void *user, const char *line, size_t size)
{
    struct lines *lines = user;

    lines->n++;
    assert_true(size < sizeof(lines->last));
    memcpy(lines->last, line, size);
    lines->last[size] = '\0';
}

static void what_a_job_submitted_is_kept_until_it_begins_again(void **state)
{
    struct fixture *f = *state;
    struct lines lines = { 0 };
    unsigned char key[STORE_KEY_SIZE];

    memset(key, 1, sizeof(key));
    open_store(f);
    assert_ok(store_forget_submitted(f->store, key));
    assert_ok(store_add_submitted(f->store, key, 1, "echo 1", 6));
    assert_ok(store_add_submitted(f->store, key, 2, "echo 2", 6));
    record(f, 1, STORE_FAILED);
    assert_ok(store_commit(f->store));
    reopen(f);
    assert_ok(store_submitted(f->store, key, on_line, &lines));
    assert_int_equal(lines.n, 2);
    assert_string_equal(lines.last, "echo 2");
    assert_int_equal(known(f, 1, NULL), STORE_KNOWN_FAILED);
    /* It runs again: until it ends, it is not known. */
    assert_ok(store_forget_submitted(f->store, key));
    assert_ok(store_commit(f->store));
    assert_int_equal(known(f, 1, NULL), STORE_KNOWN_NOT);
    lines.n = 0;
    assert_ok(store_submitted(f->store, key, on_line, &lines));
    assert_int_equal(lines.n, 0);
}

static void on_start(void *user,
                     const unsigned char key[STORE_KEY_SIZE],
                     int64_t start_ns)
{
    assert_true(key[0] == 1 || key[0] == 2);
    *(int64_t *)user += key[0] * start_ns;
}

static void it_tells_when_jobs_were_started_last(void **state)
{
    struct fixture *f = *state;
    struct brood_result result = { .pid = 1, .start_ns = 10 };
    struct store_result r = result_of(1, STORE_OK, &result);
    int64_t sum = 0;

    open_store(f);
    assert_ok(store_record(f->store, &r));
    result.start_ns = 30;
    assert_ok(store_record(f->store, &r));
    r = result_of(2, STORE_FAILED, &result);
    assert_ok(store_record(f->store, &r));
    r = result_of(3, STORE_SKIPPED, NULL);
    assert_ok(store_record(f->store, &r));
    assert_ok(store_commit(f->store));
    assert_ok(store_last_starts(f->store, on_start, &sum));
    assert_true(sum == 1 * 30 + 2 * 30);
}

static void messages_are_kept_with_their_bytes(void **state)
{
    struct fixture *f = *state;

    open_store(f);
    assert_ok(store_add_message(f->store,
                                &(struct store_message){ .seq = 7,
                                                         .attempt = 2,
                                                         .kind = STORE_METRIC,
                                                         .name = "loss",
                                                         .value = 0.5 }));
    assert_ok(store_add_message(
        f->store,
        &(struct store_message){
            .seq = 7, .kind = STORE_MESSAGE, .text = "a\0\xff", .size = 3 }));
    assert_int_equal(store_pending(f->store), 2);
    assert_ok(store_commit(f->store));
    assert_true(ask(f, "SELECT value * 2 FROM messages WHERE name = 'loss'"
                       " AND attempt = 2 AND seq = 7 AND text IS NULL") == 1);
    assert_true(ask(f, "SELECT text = x'6100ff' FROM messages"
                       " WHERE kind = 'message' AND value IS NULL") == 1);
}

/* Files for large outputs, which only we may read. */
static int count_outputs(const struct fixture *f)
{
    char path[2 * PATH_SIZE];
    struct dirent *entry;
    struct stat st;
    DIR *dir;
    int n = 0;

    (void)snprintf(path, sizeof(path), "%s-outputs", f->path);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            assert_int_equal(fstatat(dirfd(dir), entry->d_name, &st, 0), 0);
            assert_int_equal(st.st_size, LARGE);
            assert_int_equal(st.st_mode & 0777, 0600);
            n++;
        }
    }
    (void)closedir(dir);
    return n;
}

static void large_outputs_are_files_each_once(void **state)
{
    struct fixture *f = *state;
    char *bytes = calloc(1, LARGE);
    struct brood_result result = { .start_ns = 1, .pid = 1 };
    struct store_result r = result_of(1, STORE_OK, &result);

    assert_non_null(bytes);
    memset(bytes, 'x', LARGE);
    result.out =
        (struct brood_output){ .data = bytes, .size_bytes = LARGE, .fd = -1 };
    result.err =
        (struct brood_output){ .data = "err", .size_bytes = 3, .fd = -1 };
    open_store(f);
    assert_ok(store_record(f->store, &r));
    memset(r.key, 2, sizeof(r.key));
    assert_ok(store_record(f->store, &r));
    assert_ok(store_commit(f->store));
    free(bytes);
    assert_true(ask(f, "SELECT count(DISTINCT file) FROM outputs"
                       " WHERE stream = 1 AND data IS NULL") == 1);
    assert_true(ask(f,
                    "SELECT count(*) FROM outputs WHERE stream = 2"
                    " AND cast(data AS TEXT) = 'err' AND file IS NULL") == 2);
    assert_int_equal(count_outputs(f), 1);
}

static void other_files_are_refused_and_left_alone(void **state)
{
    struct fixture *f = *state;
    static const char text[] = "this is no database, but a text of some size";
    char read_back[sizeof(text)] = "";
    int fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
    assert_err(store_open(f->path, &f->store), -EINVAL);
    assert_non_null(strstr(store_error(f->store), f->path));
    assert_int_equal(pread(fd, read_back, sizeof(text), 0), sizeof(text));
    assert_memory_equal(read_back, text, sizeof(text));
    (void)close(fd);
    f->store = store_close(f->store);
    assert_err(store_open("/nonexistent/record", &f->store), -ENOENT);
}

static void one_that_was_killed_when_new_is_as_new(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(db);
    open_store(f);
    record(f, 1, STORE_OK);
    assert_ok(store_commit(f->store));
    reopen(f);
    assert_int_equal(known(f, 1, NULL), STORE_KNOWN_OK);
}

static void a_store_of_version_1_is_taken_on(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db = NULL;

    open_store(f);
    record(f, 1, STORE_OK);
    assert_ok(store_commit(f->store));
    f->store = store_close(f->store);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TABLE messages;"
                                  "DROP TABLE submissions;"
                                  "DROP INDEX runs_unremoved;"
                                  "DROP INDEX outputs_of_file;"
                                  "ALTER TABLE runs DROP COLUMN"
                                  " outputs_removed_ns;"
                                  "PRAGMA user_version = 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
    assert_ok(store_open(f->path, &f->store));
    assert_int_equal(known(f, 1, NULL), STORE_KNOWN_OK);
    assert_ok(store_begin_run(f->store, &(struct store_run){ .slots = 1 }));
    assert_ok(store_add_message(f->store, &(struct store_message){ 0 }));
    assert_ok(store_commit(f->store));
    assert_true(ask(f, "PRAGMA user_version") == 3);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* As on a disk that is full: files cannot grow. */
static void after_a_write_that_failed_nothing_more_is_taken(void **state)
{
    struct fixture *f = *state;
    unsigned committed = 0;
    int r = 0;

    assert_int_equal(
        sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL),
        0);
    open_store(f);
    limit_files(LIMIT_BYTES);
    for (unsigned i = 0; r == 0 && i < MANY; i++) {
        struct store_result result = result_of(0, STORE_OK, NULL);

        memcpy(result.key, &i, sizeof(i));
        r = store_record(f->store, &result);
        if (r == 0 && i % 10 == 9) {
            r = store_commit(f->store);
            committed = r == 0 ? i + 1 : committed;
        }
    }
    assert_true(r < 0 && committed > 0);
    assert_true(strlen(store_error(f->store)) > 0);
    for (int i = 0; i < 3; i++) {
        const struct store_result result = result_of(9, STORE_OK, NULL);

        assert_err(store_record(f->store, &result), r);
        assert_err(store_commit(f->store), r);
        assert_err(store_end_run(f->store, 0, &(struct store_counts){ 0 }), r);
    }
    f->store = store_close(f->store);
    limit_files(RLIM_INFINITY);
    assert_ok(store_open(f->path, &f->store));
    assert_true(ask(f, "SELECT count(*) FROM results") == committed);
    assert_true(ask(f, "SELECT count(*) FROM jobs WHERE known = 1") ==
                committed);
    assert_ok(store_begin_run(f->store, &(struct store_run){ .slots = 1 }));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_has_been_committed_is_known_later),
        TEST(a_later_end_takes_the_place_of_an_earlier_one),
        TEST(a_run_that_was_not_ended_is_found_once),
        TEST(one_process_at_a_time_writes),
        TEST(what_a_job_submitted_is_kept_until_it_begins_again),
        TEST(it_tells_when_jobs_were_started_last),
        TEST(messages_are_kept_with_their_bytes),
        TEST(large_outputs_are_files_each_once),
        TEST(other_files_are_refused_and_left_alone),
        TEST(one_that_was_killed_when_new_is_as_new),
        TEST(a_store_of_version_1_is_taken_on),
        TEST(after_a_write_that_failed_nothing_more_is_taken),
    };

    return cmocka_run_group_tests_name("tools.store", tests, NULL, NULL);
}
