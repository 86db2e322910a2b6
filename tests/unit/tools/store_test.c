/* The record of runs: what is safe, and what is known. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "unit/tools/store_fixture.h"

enum {
    LARGE = 100000,
};

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
    };

    return cmocka_run_group_tests_name("tools.store", tests, NULL, NULL);
}
