#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/inside.h"

enum {
    VERSION = 3,
    BUSY_MS = 5000,
};

/* Far beyond what SQLite locks, and beyond the end of any file. */
static const off_t lock_place = 0x7fffffff00000000;

static const char schema[] =
    "CREATE TABLE runs (run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " start_ns INTEGER NOT NULL, end_ns INTEGER, host TEXT, pid INTEGER,"
    " dir TEXT, command TEXT, slots INTEGER, status INTEGER,"
    " ok INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,"
    " skipped INTEGER NOT NULL DEFAULT 0, known INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE jobs (job INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
    " name TEXT, command TEXT NOT NULL, dir TEXT, tags TEXT NOT NULL,"
    " known INTEGER NOT NULL DEFAULT 0, duration_ns INTEGER);"
    "CREATE TABLE results (result INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
    " job INTEGER NOT NULL, seq INTEGER NOT NULL, outcome TEXT NOT NULL,"
    " reason TEXT, exit_status INTEGER, signal INTEGER, attempts INTEGER,"
    " slot INTEGER, pid INTEGER, start_ns INTEGER, duration_ns INTEGER,"
    " user_ns INTEGER, system_ns INTEGER, max_rss_bytes INTEGER,"
    " leaked INTEGER);"
    "CREATE INDEX results_of_run ON results (run, seq);"
    "CREATE INDEX results_bad ON results (run, outcome) WHERE outcome != 'ok';"
    "CREATE TABLE outputs (result INTEGER NOT NULL, stream INTEGER NOT NULL,"
    " size INTEGER NOT NULL, lost INTEGER NOT NULL, data BLOB, file TEXT,"
    " PRIMARY KEY (result, stream)) WITHOUT ROWID;";

/* What version 2 has more than 1. */
static const char schema_2[] =
    "CREATE TABLE messages (message INTEGER PRIMARY KEY,"
    " run INTEGER NOT NULL, seq INTEGER NOT NULL, attempt INTEGER NOT NULL,"
    " time_ns INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT, value REAL,"
    " text);"
    "CREATE INDEX messages_of_job ON messages (run, seq);"
    "CREATE TABLE submissions (key BLOB NOT NULL, n INTEGER NOT NULL,"
    " line BLOB NOT NULL, PRIMARY KEY (key, n)) WITHOUT ROWID;";

/* What version 3 has more: which runs have their outputs still, and which
 * results have a file (store_keep_outputs()). */
static const char schema_3[] =
    "ALTER TABLE runs ADD COLUMN outputs_removed_ns INTEGER;"
    "CREATE INDEX runs_unremoved ON runs (run)"
    " WHERE outputs_removed_ns IS NULL;"
    "CREATE INDEX outputs_of_file ON outputs (file) WHERE file IS NOT NULL;";

static const char *const sql[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_FIND] = "SELECT known, duration_ns FROM jobs WHERE key = ?1",
    [STATEMENT_JOB] = "SELECT job FROM jobs WHERE key = ?1",
    [STATEMENT_JOB_NEW] =
        "INSERT INTO jobs (key, name, command, dir, tags, known, duration_ns)"
        " VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, 0), ?7)",
    [STATEMENT_JOB_AGAIN] =
        "UPDATE jobs SET name = ?2, command = ?3, dir = ?4, tags = ?5,"
        " known = coalesce(?6, known), duration_ns = coalesce(?7, duration_ns)"
        " WHERE job = ?1",
    [STATEMENT_RESULT] =
        "INSERT INTO results (run, job, seq, outcome, reason, exit_status,"
        " signal, attempts, slot, pid, start_ns, duration_ns, user_ns,"
        " system_ns, max_rss_bytes, leaked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
        " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [STATEMENT_OUTPUT] = "INSERT INTO outputs VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [STATEMENT_MESSAGE] =
        "INSERT INTO messages (run, seq, attempt, time_ns, kind, name, value,"
        " text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [STATEMENT_SUBMIT] = "INSERT INTO submissions VALUES (?1, ?2, ?3)",
    [STATEMENT_SUBMITTED] =
        "SELECT line FROM submissions WHERE key = ?1 ORDER BY n",
    [STATEMENT_FORGET] = "DELETE FROM submissions WHERE key = ?1",
    [STATEMENT_UNKNOWN] = "UPDATE jobs SET known = 0 WHERE key = ?1",
};

int store_fail(struct store *store, int error, const char *text)
{
    text_reset(&store->error);
    text_add_string(&store->error, text);
    return error;
}

/* What a code of SQLite is among errors of the system. */
static int errno_of(const struct store *store)
{
    int code = sqlite3_extended_errcode(store->db);

    switch (code & 0xff) {
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CORRUPT:
        return -EUCLEAN;
    case SQLITE_NOTADB:
        return -EINVAL;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    default:
        return -EIO;
    }
}

int store_fail_db(struct store *store, const char *doing)
{
    int error = errno_of(store);
    int number = sqlite3_system_errno(store->db);

    text_reset(&store->error);
    text_add_format(&store->error, "cannot %s '%s': %s", doing, store->path,
                    error == -EIO && number != 0 ? brood_strerror(-number)
                    : error == -ENOSPC           ? brood_strerror(-ENOSPC)
                                                 : sqlite3_errmsg(store->db));
    return error;
}

const char *store_error(const struct store *store)
{
    return text_string(&store->error);
}

sqlite3_stmt *store_statement(struct store *store, enum store_statement which)
{
    if (store->statements[which] == NULL &&
        sqlite3_prepare_v3(store->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                           &store->statements[which], NULL) != SQLITE_OK) {
        return NULL;
    }
    return store->statements[which];
}

int store_step(struct store *store, sqlite3_stmt *statement, const char *doing)
{
    int r = 0;

    if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE) {
        r = store_fail_db(store, doing);
    }
    if (statement != NULL) {
        (void)sqlite3_reset(statement);
    }
    return r;
}

int store_exec(struct store *store, const char *sql_text, const char *doing)
{
    return sqlite3_exec(store->db, sql_text, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : store_fail_db(store, doing);
}

/* The number that a pragma gives. */
static int read_number(struct store *store, const char *text, int64_t *ret)
{
    sqlite3_stmt *statement = NULL;
    int r = 0;

    if (sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        r = store_fail_db(store, "read");
    } else {
        *ret = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return r;
}

/* Through a descriptor of its own: locks of this kind belong to that, and do
 * not end when SQLite closes another. */
static int take_lock(struct store *store)
{
    struct flock lock = { .l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = lock_place,
                          .l_len = 1 };

    store->lock_fd =
        open(store->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (store->lock_fd < 0) {
        int error = -errno;

        text_reset(&store->error);
        text_add_format(&store->error, "cannot open '%s': %s", store->path,
                        brood_strerror(error));
        return error;
    }
    if (fcntl(store->lock_fd, F_OFD_SETLK, &lock) < 0) {
        text_reset(&store->error);
        text_add_format(&store->error, "'%s' is in use by another brood",
                        store->path);
        return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
    }
    return 0;
}

/* @version  what is there; 0: nothing. */
static int make_schema(struct store *store, int64_t version)
{
    char text[128];
    int r = store_exec(store, "BEGIN IMMEDIATE", "make");

    if (r == 0 && version < 1) {
        r = store_exec(store, schema, "make");
    }
    if (r == 0 && version < 2) {
        r = store_exec(store, schema_2, "make");
    }
    if (r == 0) {
        r = store_exec(store, schema_3, "make");
    }
    if (r == 0) {
        (void)snprintf(text, sizeof(text),
                       "PRAGMA application_id = %d; PRAGMA user_version = %d",
                       STORE_APPLICATION_ID, VERSION);
        r = store_exec(store, text, "make");
    }
    return r == 0 ? store_exec(store, "COMMIT", "make") : r;
}

static int check_kind(struct store *store, int64_t id, int64_t version)
{
    text_reset(&store->error);
    if (id != STORE_APPLICATION_ID) {
        text_add_format(&store->error,
                        "'%s' is a database, but not a record of brood",
                        store->path);
        return -EINVAL;
    }
    if (version > VERSION) {
        text_add_format(&store->error,
                        "'%s' was made by a newer brood (version %lld, not %d)",
                        store->path, (long long)version, VERSION);
        return -EINVAL;
    }
    return 0;
}

static int open_db(struct store *store)
{
    int64_t id = 0;
    int64_t version = 0;
    int64_t tables = 0;
    int r;

    if (sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK) {
        return store->db == NULL ? store_fail(store, -ENOMEM, "out of memory")
                                 : store_fail_db(store, "open");
    }
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    r = read_number(store, "SELECT count(*) FROM sqlite_schema", &tables);
    if (r == 0) {
        r = read_number(store, "PRAGMA application_id", &id);
    }
    if (r == 0) {
        r = read_number(store, "PRAGMA user_version", &version);
    }
    /* One without tables is new, or was killed when it was. */
    if (r == 0 && tables > 0) {
        r = check_kind(store, id, version);
    }
    if (r == 0) {
        /* A commit is on the disk when it returns. Keys come in no order, so
         * with a million jobs the cache has to hold most of their index. */
        r = store_exec(store,
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "PRAGMA cache_size = -32768;"
                       "PRAGMA wal_autocheckpoint = 8000",
                       "write to");
    }
    return r == 0 && version < VERSION ? make_schema(store, version) : r;
}

int store_open(const char *path, struct store **ret_store)
{
    struct store *store = calloc(1, sizeof(*store));
    int r;

    if (store == NULL) {
        text_no_memory();
    }
    store->path = strdup(path);
    if (store->path == NULL) {
        text_no_memory();
    }
    store->lock_fd = -1;
    store->outputs_fd = -1;
    *ret_store = store;
    r = take_lock(store);
    return r == 0 ? open_db(store) : r;
}

struct store *store_close(struct store *store)
{
    if (store == NULL) {
        return NULL;
    }
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(store->statements[i]);
    }
    (void)sqlite3_close(store->db);
    if (store->outputs_fd >= 0) {
        (void)close(store->outputs_fd);
    }
    if (store->lock_fd >= 0) {
        (void)close(store->lock_fd);
    }
    free(store->path);
    text_clear(&store->error);
    free(store);
    return NULL;
}
