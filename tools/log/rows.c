/* rows - runs and jobs of the record, as text or JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "log/log.h"
#include "run/terminal.h"
#include "store/outcome.h"

enum {
    TIME_SIZE = 32,
    COMMAND_MAX_BYTES = 200,
    BOUND_RUN = 1,
    BOUND_OUTCOME,
    BOUND_TAG,
    BOUND_TEXT,
    BOUND_LONGER,
    BOUND_SEQ,
};

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

/* The columns come first in the order in which text needs them. */
static const char runs_sql[] =
    "SELECT run, start_ns, end_ns, status, ok, failed, skipped, known, host,"
    " pid, dir, command, slots, id FROM runs ORDER BY run";

static const char jobs_sql[] =
    "SELECT result, run, seq, outcome, reason, results.duration_ns, command, "
    "name,"
    " dir, tags, exit_status, signal, attempts, slot, pid, start_ns, user_ns,"
    " system_ns, max_rss_bytes, leaked FROM results JOIN jobs USING (job)"
    " WHERE 1";

enum {
    RUN_NUMBER,
    RUN_START,
    RUN_END,
    RUN_STATUS,
    RUN_OK,
    RUN_FAILED,
    RUN_SKIPPED,
    RUN_KNOWN,
};

enum {
    JOB_RESULT,
    JOB_RUN,
    JOB_SEQ,
    JOB_OUTCOME,
    JOB_REASON,
    JOB_DURATION,
    JOB_COMMAND,
    JOB_NAME,
    JOB_SLOT = 13,
    JOB_START = 15,
};

void log_add_time(struct text *out, int64_t ns)
{
    time_t seconds = (time_t)(ns / NS_PER_S);
    struct tm tm;
    char text[TIME_SIZE] = "";

    if (localtime_r(&seconds, &tm) != NULL) {
        (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    }
    text_add_string(out, text);
}

void log_add_seconds(struct text *out, int64_t ns)
{
    text_add_format(out, "%" PRId64 ".%03d s", ns / NS_PER_S,
                    (int)(ns % NS_PER_S / NS_PER_MS));
}

static void add_count(struct log *log,
                      sqlite3_stmt *row,
                      int at,
                      const char *what)
{
    int64_t n = sqlite3_column_int64(row, at);

    if (n > 0) {
        text_add_format(&log->out, ", %" PRId64 " %s", n, what);
    }
}

static void add_run(struct log *log, sqlite3_stmt *row)
{
    int64_t start = sqlite3_column_int64(row, RUN_START);

    text_add_format(&log->out, "run %lld  ",
                    (long long)sqlite3_column_int64(row, RUN_NUMBER));
    log_add_time(&log->out, start);
    text_add_string(&log->out, "  ");
    if (sqlite3_column_type(row, RUN_END) == SQLITE_NULL) {
        text_add_string(&log->out, "running, or killed\n");
        return;
    }
    log_add_seconds(&log->out, sqlite3_column_int64(row, RUN_END) - start);
    if (sqlite3_column_type(row, RUN_STATUS) == SQLITE_NULL) {
        text_add_string(&log->out, "  killed\n");
        return;
    }
    text_add_format(&log->out, "  status %d: %lld ok",
                    sqlite3_column_int(row, RUN_STATUS),
                    (long long)sqlite3_column_int64(row, RUN_OK));
    add_count(log, row, RUN_FAILED, "failed");
    add_count(log, row, RUN_SKIPPED, "skipped");
    add_count(log, row, RUN_KNOWN, "done before");
    text_add_char(&log->out, '\n');
}

uint64_t log_show_runs(struct log *log)
{
    sqlite3_stmt *row;
    uint64_t n = 0;
    int step = SQLITE_ERROR;

    row = store_reader_prepare(&log->reader, runs_sql);
    if (row != NULL) {
        for (; (step = sqlite3_step(row)) == SQLITE_ROW; n++) {
            if (log->options.json) {
                log_add_json(log, row, RUN_NUMBER);
                text_add_string(&log->out, "}\n");
            } else {
                add_run(log, row);
            }
            log_flush(log, false);
        }
    }
    log_check(log, row, step);
    (void)sqlite3_finalize(row);
    return n;
}

static const char *column_text(sqlite3_stmt *row, int at)
{
    const char *text = (const char *)sqlite3_column_text(row, at);

    return text == NULL ? "" : text;
}

void log_add_name(struct text *out, const char *name)
{
    terminal_add_plain(out, name);
    text_add_string(out, ": ");
}

void log_add_reason(struct text *out, const char *reason)
{
    text_add_char(out, '(');
    terminal_add_plain(out, reason);
    text_add_string(out, ")  ");
}

/* The command in one line of bounded length. */
void log_add_line(struct text *out, const char *command)
{
    size_t size = strlen(command);

    for (size_t i = 0; i < size && i < COMMAND_MAX_BYTES; i++) {
        text_add(out, (unsigned char)command[i] < ' ' ? " " : &command[i], 1);
    }
    text_add_string(out, size > COMMAND_MAX_BYTES ? "...\n" : "\n");
}

static void add_job(struct log *log, sqlite3_stmt *row)
{
    const char *name = column_text(row, JOB_NAME);
    const char *reason = column_text(row, JOB_REASON);

    text_add_format(&log->out, "%lld:%lld  %s  ",
                    (long long)sqlite3_column_int64(row, JOB_RUN),
                    (long long)sqlite3_column_int64(row, JOB_SEQ),
                    column_text(row, JOB_OUTCOME));
    if (sqlite3_column_type(row, JOB_DURATION) != SQLITE_NULL) {
        log_add_seconds(&log->out, sqlite3_column_int64(row, JOB_DURATION));
        text_add_string(&log->out, "  ");
    }
    if (*reason != '\0') {
        log_add_reason(&log->out, reason);
    }
    if (*name != '\0') {
        log_add_name(&log->out, name);
    }
    log_add_line(&log->out, column_text(row, JOB_COMMAND));
}

/* A complete event ("X") of the Trace Event Format: times in microseconds, a
 * process for each run and a thread for each slot. */
static void add_event(struct log *log, sqlite3_stmt *row)
{
    const char *name = column_text(row, JOB_NAME);
    const char *command = column_text(row, JOB_COMMAND);
    const char *shown = *name != '\0' ? name : command;

    if (sqlite3_column_int64(row, JOB_START) == 0) {
        return; /* It was not started. */
    }
    text_add_string(&log->out, log->n_events++ == 0 ? "[\n{" : ",\n{");
    json_add_text(&log->out, "name", shown, strlen(shown));
    text_add_format(&log->out,
                    ",\"ph\":\"X\",\"ts\":%lld,\"dur\":%lld,\"pid\":%lld,"
                    "\"tid\":%d,\"args\":",
                    (long long)sqlite3_column_int64(row, JOB_START) / NS_PER_US,
                    (long long)sqlite3_column_int64(row, JOB_DURATION) /
                        NS_PER_US,
                    (long long)sqlite3_column_int64(row, JOB_RUN),
                    sqlite3_column_int(row, JOB_SLOT));
    log_add_json(log, row, JOB_RUN);
    text_add_string(&log->out, "}}");
}

/* The conditions that were asked for; each option has a number to bind. */
static void add_conditions(const struct log_options *o, struct text *sql)
{
    if (o->run > 0) {
        text_add_string(sql, " AND run = ?1");
    } else if (o->run < 0) {
        text_add_string(sql, " AND run = (SELECT max(run) FROM runs)");
    }
    if (o->seq > 0) {
        text_add_string(sql, " AND seq = ?6");
    }
    if (o->failed) {
        text_add_string(sql, " AND ");
        store_outcome_add_failures(sql);
    }
    if (o->outcome != NULL) {
        text_add_string(sql, " AND outcome = ?2");
        /* For the index of those that are not. */
        text_add_string(
            sql, strcmp(o->outcome, "ok") == 0 ? "" : " AND outcome != 'ok'");
    }
    if (o->tag != NULL) {
        text_add_string(sql, " AND instr(' ' || tags, ' ' || ?3 || ' ') > 0");
    }
    if (o->text != NULL) {
        text_add_string(sql, " AND (instr(command, ?4) > 0"
                             " OR instr(coalesce(name, ''), ?4) > 0)");
    }
    if (o->longer_ms >= 0) {
        text_add_string(sql, " AND results.duration_ns > ?5");
    }
    text_add_string(sql, " ORDER BY run, seq");
}

/* What has no place in the statement is refused by these, which is well. */
static void bind(const struct log_options *o, sqlite3_stmt *row)
{
    (void)sqlite3_bind_int64(row, BOUND_RUN, o->run);
    (void)sqlite3_bind_text(row, BOUND_OUTCOME, o->outcome, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(row, BOUND_TAG, o->tag, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(row, BOUND_TEXT, o->text, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(row, BOUND_SEQ, o->seq);
    (void)sqlite3_bind_int64(row, BOUND_LONGER, o->longer_ms * NS_PER_MS);
}

static void show_job(struct log *log, sqlite3_stmt *row)
{
    int64_t result = sqlite3_column_int64(row, JOB_RESULT);

    if (log->options.trace) {
        add_event(log, row);
        log_flush(log, false);
        return;
    }
    if (log->options.json) {
        log_add_json(log, row, JOB_RUN);
    } else {
        add_job(log, row);
    }
    if (log->options.messages) {
        log_add_messages(log, sqlite3_column_int64(row, JOB_RUN),
                         sqlite3_column_int64(row, JOB_SEQ));
    }
    if (log->options.output) {
        log_add_outputs(log, result);
    }
    text_add_string(&log->out, log->options.json ? "}\n" : "");
    log_flush(log, false);
}

uint64_t log_show_jobs(struct log *log)
{
    struct text sql = { 0 };
    sqlite3_stmt *row;
    uint64_t n = 0;
    int step = SQLITE_ERROR;

    text_add_string(&sql, jobs_sql);
    add_conditions(&log->options, &sql);
    row = store_reader_prepare(&log->reader, text_string(&sql));
    if (row != NULL) {
        bind(&log->options, row);
        for (; (step = sqlite3_step(row)) == SQLITE_ROW; n++) {
            show_job(log, row);
        }
    }
    log_check(log, row, step);
    if (log->options.trace) {
        text_add_string(&log->out, log->n_events == 0 ? "[]\n" : "\n]\n");
    }
    (void)sqlite3_finalize(row);
    text_clear(&sql);
    return n;
}
