#include "store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brood.h>

#include "file.h"
#include "store/inside.h"

enum {
    MAGIC_SIZE = 16,
    BUSY_MS = 5000,
};

void store_reader_fail(struct store_reader *reader)
{
    text_reset(&reader->error);
    text_add_format(&reader->error, "cannot read '%s': %s",
                    text_string(&reader->path), sqlite3_errmsg(reader->db));
}

/* Whether a file is a database; a job file is not. */
static bool is_database(const char *path)
{
    char magic[MAGIC_SIZE] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = fd >= 0 && read(fd, magic, sizeof(magic)) == MAGIC_SIZE &&
              memcmp(magic, "SQLite format 3", MAGIC_SIZE) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return is;
}

/* In a directory that cannot be written, a record can only be read as one that
 * does not change. */
static int open_as(struct store_reader *reader, const char *how)
{
    struct text uri = { 0 };
    int r;

    text_add_string(&uri, "file:");
    for (const char *p = text_string(&reader->path); *p != '\0'; p++) {
        if (strchr("%?#", *p) != NULL) {
            text_add_format(&uri, "%%%02x", (unsigned char)*p);
        } else {
            text_add_char(&uri, *p);
        }
    }
    text_add_format(&uri, "?%s", how);
    (void)sqlite3_close(reader->db);
    reader->db = NULL;
    r = sqlite3_open_v2(text_string(&uri), &reader->db,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    if (r == SQLITE_OK) {
        (void)sqlite3_busy_timeout(reader->db, BUSY_MS);
        r = sqlite3_exec(reader->db, "SELECT count(*) FROM sqlite_schema", NULL,
                         NULL, NULL);
    }
    text_clear(&uri);
    return r;
}

static int64_t application_id(struct store_reader *reader)
{
    sqlite3_stmt *row = store_reader_prepare(reader, "PRAGMA application_id");
    int64_t id = 0;

    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        id = sqlite3_column_int64(row, 0);
    }
    (void)sqlite3_finalize(row);
    return id;
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* From what the user names to the record. Returns: 0, or -1 if there is none. */
static int find(struct store_reader *reader, const char *file)
{
    struct text in_dir = { 0 };
    size_t size = strlen(file);

    if (is_database(file)) {
        text_add_string(&reader->path, file);
        return 0;
    }
    while (size > 1 && file[size - 1] == '/') {
        size--;
    }
    text_add(&reader->path, file, size);
    if (is_directory(file)) {
        text_add_format(&in_dir, "%s/brood-test.db",
                        text_string(&reader->path));
    }
    text_add_string(&reader->path, ".brood");
    if (in_dir.size > 0 && access(text_string(&in_dir), F_OK) == 0) {
        text_clear(&reader->path);
        reader->path = in_dir;
        return 0;
    }
    if (access(text_string(&reader->path), F_OK) == 0) {
        text_clear(&in_dir);
        return 0;
    }
    text_add_string(&reader->error, "there is no record ");
    if (in_dir.size > 0) {
        text_add_format(&reader->error, "'%s', and no ", text_string(&in_dir));
    }
    text_add_format(&reader->error, "'%s'", text_string(&reader->path));
    text_clear(&in_dir);
    return -1;
}

int store_reader_open(struct store_reader *reader, const char *file)
{
    int r;

    if (find(reader, file) < 0) {
        return -1;
    }
    r = open_as(reader, "mode=ro");
    if ((r & 0xff) == SQLITE_CANTOPEN || (r & 0xff) == SQLITE_READONLY) {
        r = open_as(reader, "immutable=1");
    }
    if (r != SQLITE_OK) {
        store_reader_fail(reader);
        return -1;
    }
    if (application_id(reader) != STORE_APPLICATION_ID) {
        text_add_format(&reader->error, "'%s' is no record of brood",
                        text_string(&reader->path));
        return -1;
    }
    return 0;
}

void store_reader_close(struct store_reader *reader)
{
    (void)sqlite3_close(reader->db);
    reader->db = NULL;
    text_clear(&reader->path);
    text_clear(&reader->error);
}

sqlite3_stmt *store_reader_prepare(struct store_reader *reader, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(reader->db, sql, -1, &statement, NULL) !=
        SQLITE_OK) {
        store_reader_fail(reader);
    }
    return statement;
}

/* An output that is a file beside the record. */
static int read_file(struct store_reader *reader,
                     const char *name,
                     struct text *out)
{
    struct text path = { 0 };
    int r;

    text_add_format(&path, "%s-outputs/%s", text_string(&reader->path), name);
    r = file_read(text_string(&path), out);
    if (r < 0) {
        text_reset(&reader->error);
        text_add_format(&reader->error, "cannot read '%s': %s",
                        text_string(&path), brood_strerror(r));
    }
    text_clear(&path);
    return r < 0 ? -1 : 0;
}

int store_reader_output(struct store_reader *reader,
                        sqlite3_stmt *row,
                        int at,
                        struct text *out)
{
    const void *data = sqlite3_column_blob(row, at);
    const char *file = (const char *)sqlite3_column_text(row, at + 1);

    if (file != NULL) {
        return read_file(reader, file, out);
    }
    if (data != NULL) {
        text_add(out, data, (size_t)sqlite3_column_bytes(row, at));
    }
    return 0;
}

bool store_reader_is_removed(sqlite3_stmt *row, int at)
{
    return sqlite3_column_type(row, at) == SQLITE_NULL &&
           sqlite3_column_type(row, at + 1) == SQLITE_NULL;
}

bool store_reader_has_messages(struct store_reader *reader)
{
    sqlite3_stmt *row = store_reader_prepare(
        reader, "SELECT 1 FROM sqlite_schema WHERE name = 'messages'");
    bool has = row != NULL && sqlite3_step(row) == SQLITE_ROW;

    (void)sqlite3_finalize(row);
    return has;
}
