/* Records that are none, that are old, or that cannot be written. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "unit/tools/store_fixture.h"

enum {
    LIMIT_BYTES = 300000,
    MANY = 2000,
};

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_files_are_refused_and_left_alone),
        TEST(one_that_was_killed_when_new_is_as_new),
        TEST(a_store_of_version_1_is_taken_on),
        TEST(after_a_write_that_failed_nothing_more_is_taken),
    };

    return cmocka_run_group_tests_name("tools.store_open", tests, NULL, NULL);
}
