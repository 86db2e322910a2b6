/*
 * record - runs, and the results of their jobs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "store/inside.h"

void store_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text == NULL) {
        (void)sqlite3_bind_null(statement, at);
    } else {
        (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    }
}

int store_give_up(struct store *store, int error)
{
    if (store->failed == 0) {
        store->failed = error;
    }
    return error;
}

int store_end_dead_runs(struct store *store,
                        void (*on_run)(void *user, const char *id),
                        void *user)
{
    sqlite3_stmt *statement = NULL;
    int n = 0;
    int step;

    if (sqlite3_prepare_v2(store->db,
                           "SELECT id FROM runs WHERE end_ns IS NULL", -1,
                           &statement, NULL) != SQLITE_OK) {
        return store_fail_db(store, "read");
    }
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        on_run(user, (const char *)sqlite3_column_text(statement, 0));
        n++;
    }
    if (step != SQLITE_DONE) {
        (void)store_fail_db(store, "read");
    }
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        return -EIO;
    }
    if (n > 0) {
        /* Its last result is the last that is known of it. */
        int r = store_exec(
            store,
            "UPDATE runs SET end_ns = coalesce((SELECT start_ns + duration_ns"
            " FROM results WHERE results.run = runs.run AND start_ns > 0"
            " ORDER BY seq DESC LIMIT 1), start_ns) WHERE end_ns IS NULL",
            "write to");

        if (r < 0) {
            return r;
        }
    }
    return n;
}

static int make_id(struct store *store)
{
    unsigned char bytes[(STORE_RUN_ID_SIZE - 1) / 2];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        return store_fail(store, -EIO, "cannot get random bytes");
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        (void)snprintf(store->run_id + 2 * i, 3, "%02x", bytes[i]);
    }
    return 0;
}

int store_begin_run(struct store *store, const struct store_run *run)
{
    sqlite3_stmt *statement = NULL;
    char host[256] = "";
    int r = make_id(store);

    if (r < 0) {
        return store_give_up(store, r);
    }
    (void)gethostname(host, sizeof(host) - 1);
    if (sqlite3_prepare_v2(
            store->db,
            "INSERT INTO runs (id, start_ns, host, pid, dir, command, slots)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            -1, &statement, NULL) != SQLITE_OK) {
        return store_give_up(store, store_fail_db(store, "write to"));
    }
    store_bind_text(statement, 1, store->run_id);
    (void)sqlite3_bind_int64(statement, 2, clock_epoch_ns());
    store_bind_text(statement, 3, host);
    (void)sqlite3_bind_int64(statement, 4, getpid());
    store_bind_text(statement, 5, run->dir);
    store_bind_text(statement, 6, run->command);
    (void)sqlite3_bind_int64(statement, 7, run->slots);
    r = store_step(store, statement, "write to");
    (void)sqlite3_finalize(statement);
    store->run = sqlite3_last_insert_rowid(store->db);
    return r < 0 ? store_give_up(store, r) : 0;
}

int64_t store_run_number(const struct store *store)
{
    return store->run;
}

const char *store_run_id(const struct store *store)
{
    return store->run_id;
}

int store_find(struct store *store,
               const unsigned char key[STORE_KEY_SIZE],
               int64_t *ret_duration_ns)
{
    sqlite3_stmt *find = store_statement(store, STATEMENT_FIND);
    int known = STORE_KNOWN_NOT;
    int step = SQLITE_ERROR;

    *ret_duration_ns = 0;
    if (find != NULL) {
        (void)sqlite3_bind_blob(find, 1, key, STORE_KEY_SIZE, SQLITE_STATIC);
        step = sqlite3_step(find);
    }
    if (step == SQLITE_ROW) {
        known = sqlite3_column_int(find, 0);
        *ret_duration_ns = sqlite3_column_int64(find, 1);
    } else if (step != SQLITE_DONE) {
        known = store_fail_db(store, "read");
    }
    if (find != NULL) {
        (void)sqlite3_reset(find);
    }
    return known;
}

int store_last_starts(struct store *store,
                      void (*on_job)(void *user,
                                     const unsigned char key[STORE_KEY_SIZE],
                                     int64_t start_ns),
                      void *user)
{
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_ERROR;

    if (sqlite3_prepare_v2(store->db,
                           "SELECT key, max(results.start_ns) FROM results"
                           " JOIN jobs USING (job) WHERE results.start_ns > 0"
                           " GROUP BY results.job",
                           -1, &statement, NULL) == SQLITE_OK) {
        while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
            if (sqlite3_column_bytes(statement, 0) == STORE_KEY_SIZE) {
                on_job(user, sqlite3_column_blob(statement, 0),
                       sqlite3_column_int64(statement, 1));
            }
        }
    }
    if (step != SQLITE_DONE) {
        (void)store_fail_db(store, "read");
    }
    (void)sqlite3_finalize(statement);
    return step == SQLITE_DONE ? 0 : -EIO;
}

/* Whether the job has run to an end of its own, and need not run again. */
static bool is_final(enum store_outcome outcome)
{
    return outcome != STORE_SKIPPED && outcome != STORE_CANCELLED &&
           outcome != STORE_LOST;
}

/* Returns: the number of a job; 0: it has none; or a negative errno. */
static int64_t find_job(struct store *store, const unsigned char *key)
{
    sqlite3_stmt *job = store_statement(store, STATEMENT_JOB);
    int64_t number = 0;
    int step = SQLITE_ERROR;

    if (job != NULL) {
        (void)sqlite3_bind_blob(job, 1, key, STORE_KEY_SIZE, SQLITE_STATIC);
        step = sqlite3_step(job);
    }
    if (step == SQLITE_ROW) {
        number = sqlite3_column_int64(job, 0);
    } else if (step != SQLITE_DONE) {
        number = store_fail_db(store, "read");
    }
    if (job != NULL) {
        (void)sqlite3_reset(job);
    }
    return number;
}

/* Returns: the job's number, or a negative errno. (A statement with RETURNING
 * would fill a table of its own for each job.) */
static int64_t record_job(struct store *store,
                          const struct store_result *result)
{
    int64_t number = find_job(store, result->key);
    bool is_new = number == 0;
    sqlite3_stmt *job;
    int r;

    if (number < 0) {
        return number;
    }
    job = store_statement(store,
                          is_new ? STATEMENT_JOB_NEW : STATEMENT_JOB_AGAIN);
    if (job == NULL) {
        return store_fail_db(store, "write to");
    }
    (void)sqlite3_clear_bindings(job);
    if (is_new) {
        (void)sqlite3_bind_blob(job, 1, result->key, STORE_KEY_SIZE,
                                SQLITE_STATIC);
    } else {
        (void)sqlite3_bind_int64(job, 1, number);
    }
    store_bind_text(job, 2, result->name);
    store_bind_text(job, 3, result->command);
    store_bind_text(job, 4, result->dir);
    store_bind_text(job, 5, result->tags);
    if (is_final(result->outcome)) {
        (void)sqlite3_bind_int(
            job, 6,
            result->outcome == STORE_OK ? STORE_KNOWN_OK : STORE_KNOWN_FAILED);
        (void)sqlite3_bind_int64(
            job, 7, result->result == NULL ? 0 : result->result->duration_ns);
    }
    r = store_step(store, job, "write to");
    if (r < 0) {
        return r;
    }
    return is_new ? sqlite3_last_insert_rowid(store->db) : number;
}

static void bind_times(sqlite3_stmt *statement, const struct brood_result *of)
{
    (void)sqlite3_bind_int(statement, 6, of->exit_status);
    (void)sqlite3_bind_int(statement, 7, of->signal);
    (void)sqlite3_bind_int64(statement, 9, of->slot);
    (void)sqlite3_bind_int64(statement, 10, of->pid);
    (void)sqlite3_bind_int64(statement, 11, of->start_ns);
    (void)sqlite3_bind_int64(statement, 12, of->duration_ns);
    (void)sqlite3_bind_int64(statement, 13, of->user_ns);
    (void)sqlite3_bind_int64(statement, 14, of->system_ns);
    (void)sqlite3_bind_int64(statement, 15, (int64_t)of->max_rss_bytes);
    (void)sqlite3_bind_int(statement, 16, of->leaked);
}

static int record_result(struct store *store,
                         int64_t job,
                         const struct store_result *result)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_RESULT);

    if (statement == NULL) {
        return store_fail_db(store, "write to");
    }
    (void)sqlite3_clear_bindings(statement);
    (void)sqlite3_bind_int64(statement, 1, store->run);
    (void)sqlite3_bind_int64(statement, 2, job);
    (void)sqlite3_bind_int64(statement, 3, (int64_t)result->seq);
    store_bind_text(statement, 4, store_outcome_name(result->outcome));
    store_bind_text(statement, 5, result->reason);
    (void)sqlite3_bind_int64(statement, 8, result->attempts);
    if (result->result != NULL) {
        bind_times(statement, result->result);
    }
    return store_step(store, statement, "write to");
}

int store_begin(struct store *store)
{
    int r = 0;

    if (store->failed != 0) {
        return store->failed;
    }
    if (store->n_pending == 0) {
        r = store_step(store, store_statement(store, STATEMENT_BEGIN),
                       "write to");
        if (r < 0) {
            return store_give_up(store, r);
        }
    }
    store->n_pending++;
    return 0;
}

int store_record(struct store *store, const struct store_result *result)
{
    int64_t job;
    int r = store_begin(store);

    if (r < 0) {
        return r;
    }
    job = record_job(store, result);
    if (job < 0) {
        return store_give_up(store, (int)job);
    }
    r = record_result(store, job, result);
    if (r == 0 && result->result != NULL) {
        r = store_add_outputs(store, sqlite3_last_insert_rowid(store->db),
                              result->result);
    }
    return r < 0 ? store_give_up(store, r) : 0;
}

unsigned store_pending(const struct store *store)
{
    return store->n_pending;
}

int store_commit(struct store *store)
{
    int r;

    if (store->failed != 0) {
        return store->failed;
    }
    if (store->n_pending == 0) {
        return 0;
    }
    r = store_step(store, store_statement(store, STATEMENT_COMMIT), "write to");
    if (r < 0) {
        return store_give_up(store, r);
    }
    store->n_pending = 0;
    return 0;
}

int store_end_run(struct store *store,
                  int status,
                  const struct store_counts *counts)
{
    char text[256];
    int r = store_commit(store);

    if (r < 0) {
        return r;
    }
    (void)snprintf(
        text, sizeof(text),
        "UPDATE runs SET end_ns = %lld, status = %d, ok = %llu,"
        " failed = %llu, skipped = %llu, known = %llu"
        " WHERE run = %lld",
        (long long)clock_epoch_ns(), status, (unsigned long long)counts->ok,
        (unsigned long long)counts->failed, (unsigned long long)counts->skipped,
        (unsigned long long)counts->known, (long long)store->run);
    r = store_exec(store, text, "write to");
    return r < 0 ? store_give_up(store, r) : 0;
}
