#ifndef BROOD_TOOLS_STORE_READER_H
#define BROOD_TOOLS_STORE_READER_H

/* reader - a record that is only read, also while a run writes to it. */

#include <stdbool.h>

#include <sqlite3.h>

#include "text.h"

/** Zeroed memory is a closed one. */
struct store_reader {
    struct text path;
    sqlite3 *db;
    /** One line about what went wrong. */
    struct text error;
};

/**
 * Open a record.
 *
 * @file  the record, or the job file or build directory that it belongs to.
 *
 * Returns:   0, or -1 and reader->error.
 */
int store_reader_open(struct store_reader *reader, const char *file);
void store_reader_close(struct store_reader *reader);
/** What SQLite has said last, in reader->error. */
void store_reader_fail(struct store_reader *reader);
/** Prepare a statement; NULL after an error, which reader->error has. */
sqlite3_stmt *store_reader_prepare(struct store_reader *reader,
                                   const char *sql);
/**
 * Read an output: @row has its data and its file at columns @at and @at + 1.
 *
 * Returns:   0 and the bytes added to @out, or -1 and reader->error.
 */
int store_reader_output(struct store_reader *reader,
                        sqlite3_stmt *row,
                        int at,
                        struct text *out);

/** Whether an output has been removed since (store_keep_outputs()). */
bool store_reader_is_removed(sqlite3_stmt *row, int at);

/** Whether there can be messages: a record of version 1 has none. */
bool store_reader_has_messages(struct store_reader *reader);

#endif /* BROOD_TOOLS_STORE_READER_H */
