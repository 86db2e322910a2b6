/*
 * keep - outputs of runs that are long past are removed.
 *
 * The rows of outputs stay, without their data, so that what there was can be
 * told. Pages that become free are filled again by later runs; the database
 * does not shrink, but does not grow either.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/inside.h"

enum {
    /* What has no place in a statement is refused, which is well. */
    TIME = 3,
};

/* Those that still have outputs; ?1 is the last of them, and ?2 how its command
 * begins. */
#define RUNS_SQL                                                    \
    "(SELECT run FROM runs WHERE run <= ?1 AND outputs_removed_ns " \
    "IS NULL AND substr(command, 1, length(?2)) = ?2)"
#define RESULTS_SQL "(SELECT result FROM results WHERE run IN " RUNS_SQL ")"

static sqlite3_stmt *prepare(struct store *store,
                             const char *sql,
                             int64_t run,
                             const char *command)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK) {
        (void)sqlite3_bind_int64(statement, 1, run);
        store_bind_text(statement, 2, command);
        (void)sqlite3_bind_int64(statement, TIME, clock_epoch_ns());
    }
    return statement;
}

/* Returns: the last run that is not to keep its outputs, and has them still; 0:
 * there is none; or a negative errno. */
static int64_t find_last(struct store *store, const char *command, int64_t keep)
{
    sqlite3_stmt *row =
        prepare(store,
                "SELECT run FROM runs WHERE outputs_removed_ns IS NULL AND"
                " substr(command, 1, length(?2)) = ?2 ORDER BY run DESC LIMIT 1"
                " OFFSET ?1",
                keep, command);
    int step = row == NULL ? SQLITE_ERROR : sqlite3_step(row);
    int64_t run = 0;

    if (step == SQLITE_ROW) {
        run = sqlite3_column_int64(row, 0);
    } else if (step != SQLITE_DONE) {
        run = store_fail_db(store, "read");
    }
    (void)sqlite3_finalize(row);
    return run;
}

/* Add the names of files, each with its end. */
static int collect_files(struct store *store,
                         int64_t run,
                         const char *command,
                         struct text *ret)
{
    sqlite3_stmt *row =
        prepare(store,
                "SELECT DISTINCT file FROM outputs WHERE file IS NOT NULL"
                " AND result IN " RESULTS_SQL,
                run, command);
    int step = SQLITE_ERROR;

    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(row, 0);

        if (name != NULL && strchr(name, '/') == NULL) {
            text_add(ret, name, strlen(name) + 1);
        }
    }
    if (step != SQLITE_DONE) {
        (void)store_fail_db(store, "read");
    }
    (void)sqlite3_finalize(row);
    return step == SQLITE_DONE ? 0 : -EIO;
}

static int change(struct store *store,
                  const char *sql,
                  int64_t run,
                  const char *command)
{
    sqlite3_stmt *statement = prepare(store, sql, run, command);
    int r = store_step(store, statement, "write to");

    (void)sqlite3_finalize(statement);
    return r;
}

/* Rows that only got shorter would leave their pages all but empty, so they are
 * made anew. */
static const char *const steps[] = {
    "CREATE TEMP TABLE removed AS SELECT result, stream, size, lost"
    " FROM outputs WHERE result IN " RESULTS_SQL,
    "DELETE FROM outputs WHERE result IN " RESULTS_SQL,
    "INSERT INTO outputs SELECT result, stream, size, lost, NULL, NULL"
    " FROM removed",
    "UPDATE runs SET outputs_removed_ns = ?3 WHERE run IN " RUNS_SQL,
    "DROP TABLE temp.removed",
};

static int remove_rows(struct store *store, int64_t run, const char *command)
{
    /* What becomes free is not filled with zeros, which would be as much to
     * write as was there. */
    int r =
        store_exec(store,
                   "PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY;"
                   "BEGIN IMMEDIATE",
                   "write to");

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && r == 0; i++) {
        r = change(store, steps[i], run, command);
    }
    return r == 0 ? store_exec(store, "COMMIT", "write to") : r;
}

static bool is_used(struct store *store, const char *name)
{
    sqlite3_stmt *row = NULL;
    bool is = true;

    if (sqlite3_prepare_v2(store->db, "SELECT 1 FROM outputs WHERE file = ?1",
                           -1, &row, NULL) == SQLITE_OK) {
        store_bind_text(row, 1, name);
        is = sqlite3_step(row) != SQLITE_DONE;
    }
    (void)sqlite3_finalize(row);
    return is;
}

/* Files of which no result has the name any more. One that stays behind does no
 * harm. */
static void unlink_files(struct store *store, const struct text *names)
{
    const char *at = text_string(names);
    const char *end = at + names->size;

    for (; at < end; at += strlen(at) + 1) {
        struct text path = { 0 };

        text_add_format(&path, "%s-outputs/%s", store->path, at);
        if (!is_used(store, at)) {
            (void)unlink(text_string(&path));
        }
        text_clear(&path);
    }
}

int store_keep_outputs(struct store *store, const char *command, int64_t keep)
{
    struct text files = { 0 };
    int64_t run = find_last(store, command, keep);
    int r = run < 0 ? (int)run : 0;

    if (run > 0) {
        r = collect_files(store, run, command, &files);
        if (r == 0) {
            r = remove_rows(store, run, command);
        }
        if (r == 0) {
            unlink_files(store, &files);
        }
    }
    text_clear(&files);
    return r < 0 ? store_give_up(store, r) : 0;
}
