#ifndef BROOD_TOOLS_STORE_INSIDE_H
#define BROOD_TOOLS_STORE_INSIDE_H

/* inside - the inside of struct store, for tools/store alone. */

#include <sqlite3.h>

#include "clock.h"
#include "store/store.h"

enum {
    STORE_APPLICATION_ID = 0x62726f64, /* "brod" */
};

enum store_statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_FIND,
    STATEMENT_JOB,
    STATEMENT_JOB_NEW,
    STATEMENT_JOB_AGAIN,
    STATEMENT_RESULT,
    STATEMENT_OUTPUT,
    STATEMENT_MESSAGE,
    STATEMENT_SUBMIT,
    STATEMENT_SUBMITTED,
    STATEMENT_FORGET,
    STATEMENT_UNKNOWN,
    STATEMENT_COUNT,
};

struct store {
    char *path;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    /** Holds the lock while it is open. */
    int lock_fd;
    /** The directory of large outputs, opened when first needed; or -1. */
    int outputs_fd;
    /** Files there cannot be made without a name. */
    bool has_names_only;
    int64_t run;
    char run_id[STORE_RUN_ID_SIZE];
    unsigned n_pending;
    /** 0, or the error after which nothing more is taken. */
    int failed;
    struct text error;
};

/** Keep a text for store_error(). Returns: @error. */
int store_fail(struct store *store, int error, const char *text);
/** The same for what SQLite has said last. Returns: a negative errno. */
int store_fail_db(struct store *store, const char *doing);
/** A prepared statement, made when first used; NULL after an error. */
sqlite3_stmt *store_statement(struct store *store, enum store_statement which);
/** Begin a transaction, unless there is one, for something that is to be
 * recorded. Returns: 0, or what store_record() is to return. */
int store_begin(struct store *store);
/** Note that nothing more is taken. Returns: @error. */
int store_give_up(struct store *store, int error);
/** Bind a text, or NULL. */
void store_bind_text(sqlite3_stmt *statement, int at, const char *text);
/** Run a statement that gives no row, and make it usable again. */
int store_step(struct store *store, sqlite3_stmt *statement, const char *doing);
int store_exec(struct store *store, const char *sql_text, const char *doing);

/**
 * Record the output of a result: in the database, or as a file.
 */
int store_add_outputs(struct store *store,
                      int64_t result,
                      const struct brood_result *of);

#endif /* BROOD_TOOLS_STORE_INSIDE_H */
