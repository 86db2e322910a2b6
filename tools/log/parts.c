/* parts - what belongs to a job: its columns, its output, its messages. */
#include <string.h>

#include "json.h"
#include "log/log.h"

enum {
    OUTPUT_SIZE = 3,
    PERCENT = 100,
};

enum {
    MESSAGE_TIME,
    MESSAGE_KIND,
    MESSAGE_NAME,
    MESSAGE_VALUE,
    MESSAGE_TEXT,
};

/* All columns from @first on as members of an object. */
void log_add_json(struct log *log, sqlite3_stmt *row, int first)
{
    for (int i = first; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        const char *text;

        text_add_char(&log->out, i > first ? ',' : '{');
        switch (sqlite3_column_type(row, i)) {
        case SQLITE_NULL:
            text_add_format(&log->out, "\"%s\":null", name);
            break;
        case SQLITE_INTEGER:
            text_add_format(&log->out, "\"%s\":%lld", name,
                            (long long)sqlite3_column_int64(row, i));
            break;
        case SQLITE_FLOAT:
            text_add_format(&log->out, "\"%s\":%.17g", name,
                            sqlite3_column_double(row, i));
            break;
        default:
            text = (const char *)sqlite3_column_text(row, i);
            json_add_text(&log->out, name, text == NULL ? "" : text,
                          (size_t)sqlite3_column_bytes(row, i));
            break;
        }
    }
}

static void add_removed(struct log *log, sqlite3_stmt *row)
{
    bool is_out = sqlite3_column_int(row, 0) == 1;

    if (log->options.json) {
        text_add_format(&log->out, ",\"%s\":null",
                        is_out ? "stdout" : "stderr");
    } else {
        text_add_format(&log->out,
                        "(%lld bytes of standard %s have been removed)\n",
                        (long long)sqlite3_column_int64(row, OUTPUT_SIZE),
                        is_out ? "output" : "error");
    }
}

static void add_output(struct log *log, sqlite3_stmt *row)
{
    int stream = sqlite3_column_int(row, 0);
    struct text bytes = { 0 };

    if (store_reader_is_removed(row, 1)) {
        add_removed(log, row);
        return;
    }
    if (store_reader_output(&log->reader, row, 1, &bytes) < 0) {
        log_fail(log);
    }
    if (log->options.json) {
        text_add_char(&log->out, ',');
        json_add_text(&log->out, stream == 1 ? "stdout" : "stderr",
                      text_string(&bytes), bytes.size);
    } else if (bytes.size > 0) {
        text_add(&log->out, bytes.data, bytes.size);
        if (bytes.data[bytes.size - 1] != '\n') {
            text_add_char(&log->out, '\n');
        }
    }
    text_clear(&bytes);
}

void log_add_outputs(struct log *log, int64_t result)
{
    sqlite3_stmt *row = store_reader_prepare(
        &log->reader, "SELECT stream, data, file, size FROM outputs"
                      " WHERE result = ?1 ORDER BY stream");
    int step = SQLITE_ERROR;

    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, result);
        while ((step = sqlite3_step(row)) == SQLITE_ROW) {
            add_output(log, row);
        }
    }
    log_check(log, row, step);
    (void)sqlite3_finalize(row);
}

static void add_message(struct log *log, sqlite3_stmt *row)
{
    const char *kind = (const char *)sqlite3_column_text(row, MESSAGE_KIND);
    const char *name = (const char *)sqlite3_column_text(row, MESSAGE_NAME);
    const char *text = sqlite3_column_blob(row, MESSAGE_TEXT);

    text_add_string(&log->out, "  ");
    log_add_time(&log->out, sqlite3_column_int64(row, MESSAGE_TIME));
    text_add_format(&log->out, "  %s", kind == NULL ? "" : kind);
    if (name != NULL) {
        text_add_format(&log->out, " %s %g", name,
                        sqlite3_column_double(row, MESSAGE_VALUE));
    } else if (sqlite3_column_type(row, MESSAGE_VALUE) != SQLITE_NULL) {
        text_add_format(&log->out, " %.4g%%",
                        PERCENT * sqlite3_column_double(row, MESSAGE_VALUE));
    }
    if (text != NULL) {
        text_add_char(&log->out, ' ');
        text_add(&log->out, text,
                 (size_t)sqlite3_column_bytes(row, MESSAGE_TEXT));
    }
    text_add_char(&log->out, '\n');
}

void log_add_messages(struct log *log, int64_t run, int64_t seq)
{
    sqlite3_stmt *row;
    int step = SQLITE_ERROR;
    int n = 0;

    text_add_string(&log->out, log->options.json ? ",\"messages\":[" : "");
    if (store_reader_has_messages(&log->reader)) {
        row = store_reader_prepare(
            &log->reader, "SELECT time_ns, kind, name, value, text FROM"
                          " messages WHERE run = ?1 AND seq = ?2"
                          " ORDER BY message");
        if (row != NULL) {
            (void)sqlite3_bind_int64(row, 1, run);
            (void)sqlite3_bind_int64(row, 2, seq);
        }
        while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
            if (log->options.json) {
                text_add_string(&log->out, n++ > 0 ? "," : "");
                log_add_json(log, row, 0);
                text_add_char(&log->out, '}');
            } else {
                add_message(log, row);
            }
        }
        log_check(log, row, step);
        (void)sqlite3_finalize(row);
    }
    text_add_string(&log->out, log->options.json ? "]" : "");
}
