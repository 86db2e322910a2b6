/*
 * message - what jobs say while they run, and the jobs that they submit.
 */
#include <errno.h>

#include "run/utf8.h"
#include "store/inside.h"

static const char *const kind_names[] = {
    [STORE_MESSAGE] = "message",
    [STORE_PROGRESS] = "progress",
    [STORE_METRIC] = "metric",
};

/* Bytes that are no UTF-8 are recorded as such. */
static void bind_bytes(sqlite3_stmt *statement,
                       int at,
                       const char *data,
                       size_t size)
{
    if (utf8_is_valid(data, size)) {
        (void)sqlite3_bind_text64(statement, at, data, size, SQLITE_STATIC,
                                  SQLITE_UTF8);
    } else {
        (void)sqlite3_bind_blob64(statement, at, data, size, SQLITE_STATIC);
    }
}

int store_add_message(struct store *store, const struct store_message *message)
{
    sqlite3_stmt *statement;
    int r = store_begin(store);

    if (r < 0) {
        return r;
    }
    statement = store_statement(store, STATEMENT_MESSAGE);
    if (statement == NULL) {
        return store_give_up(store, store_fail_db(store, "write to"));
    }
    (void)sqlite3_clear_bindings(statement);
    (void)sqlite3_bind_int64(statement, 1, store->run);
    (void)sqlite3_bind_int64(statement, 2, (int64_t)message->seq);
    (void)sqlite3_bind_int64(statement, 3, message->attempt);
    (void)sqlite3_bind_int64(statement, 4, clock_epoch_ns());
    store_bind_text(statement, 5, kind_names[message->kind]);
    store_bind_text(statement, 6, message->name);
    if (message->kind != STORE_MESSAGE) {
        (void)sqlite3_bind_double(statement, 7, message->value);
    }
    if (message->text != NULL) {
        bind_bytes(statement, 8, message->text, message->size);
    }
    r = store_step(store, statement, "write to");
    return r < 0 ? store_give_up(store, r) : 0;
}

/* Run a statement that changes what is recorded of a job. */
static int change(struct store *store,
                  enum store_statement which,
                  const unsigned char key[STORE_KEY_SIZE])
{
    sqlite3_stmt *statement = store_statement(store, which);
    int r;

    if (statement == NULL) {
        return store_give_up(store, store_fail_db(store, "write to"));
    }
    (void)sqlite3_bind_blob(statement, 1, key, STORE_KEY_SIZE, SQLITE_STATIC);
    r = store_step(store, statement, "write to");
    return r < 0 ? store_give_up(store, r) : 0;
}

int store_forget_submitted(struct store *store,
                           const unsigned char key[STORE_KEY_SIZE])
{
    int r = store_begin(store);

    if (r == 0) {
        r = change(store, STATEMENT_FORGET, key);
    }
    return r == 0 ? change(store, STATEMENT_UNKNOWN, key) : r;
}

int store_add_submitted(struct store *store,
                        const unsigned char key[STORE_KEY_SIZE],
                        uint64_t n,
                        const char *line,
                        size_t size)
{
    sqlite3_stmt *statement;
    int r = store_begin(store);

    if (r < 0) {
        return r;
    }
    statement = store_statement(store, STATEMENT_SUBMIT);
    if (statement == NULL) {
        return store_give_up(store, store_fail_db(store, "write to"));
    }
    (void)sqlite3_bind_blob(statement, 1, key, STORE_KEY_SIZE, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, (int64_t)n);
    (void)sqlite3_bind_blob64(statement, 3, line, size, SQLITE_STATIC);
    r = store_step(store, statement, "write to");
    return r < 0 ? store_give_up(store, r) : 0;
}

int store_submitted(struct store *store,
                    const unsigned char key[STORE_KEY_SIZE],
                    void (*on_line)(void *user, const char *line, size_t size),
                    void *user)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_SUBMITTED);
    int step;

    if (statement == NULL) {
        return store_fail_db(store, "read");
    }
    (void)sqlite3_bind_blob(statement, 1, key, STORE_KEY_SIZE, SQLITE_STATIC);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        on_line(user, sqlite3_column_blob(statement, 0),
                (size_t)sqlite3_column_bytes(statement, 0));
    }
    if (step != SQLITE_DONE) {
        (void)store_fail_db(store, "read");
    }
    (void)sqlite3_reset(statement);
    return step == SQLITE_DONE ? 0 : -EIO;
}
