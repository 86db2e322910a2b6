/* history - how jobs have ended in the last runs. */
#include <inttypes.h>
#include <stdlib.h>

#include "log/log.h"
#include "store/past.h"

enum {
    PERCENT = 100,
    BOUND_JOB = 1,
    BOUND_TAG,
    BOUND_TEXT,
};

static const char job_sql[] =
    "SELECT name, command, dir, tags FROM jobs WHERE job = ?1"
    " AND (?2 IS NULL OR instr(' ' || tags, ' ' || ?2 || ' ') > 0)"
    " AND (?3 IS NULL OR instr(command, ?3) > 0"
    " OR instr(coalesce(name, ''), ?3) > 0)";

struct history {
    struct log *log;
    sqlite3_stmt *job;
    struct past_runs runs;
    /** struct past of those that are flaky. */
    struct text flaky;
    uint64_t n;
};

static void add_numbers_json(struct text *out, const struct past_numbers *n)
{
    text_add_format(out,
                    ",\"ran\":%u,\"failed\":%u,\"flaky\":%u,\"changed\":%u,"
                    "\"flakiness\":%.3f,\"median_ns\":",
                    n->ran, n->failed, n->flaky, n->changed, past_flakiness(n));
    if (n->median_ns < 0) {
        text_add_string(out, "null");
    } else {
        text_add_format(out, "%" PRId64, n->median_ns);
    }
}

static void add_json(const struct history *history,
                     const struct past *past,
                     const struct past_numbers *numbers)
{
    struct text *out = &history->log->out;
    const struct past_runs *runs = &history->runs;

    log_add_json(history->log, history->job, 0);
    add_numbers_json(out, numbers);
    for (unsigned i = 0; i < runs->n; i++) {
        text_add_format(out, "%s%" PRId64, i == 0 ? ",\"runs\":[" : ",",
                        runs->runs[i].run);
    }
    for (unsigned i = 0; i < runs->n; i++) {
        enum past_end end = (enum past_end)past->ends[i];

        text_add_string(out, i == 0 ? "],\"outcomes\":[" : ",");
        if (end == PAST_ABSENT) {
            text_add_string(out, "null");
        } else {
            text_add_format(out, "\"%s\"", past_end_name(end));
        }
    }
    for (unsigned i = 0; i < runs->n; i++) {
        text_add_string(out, i == 0 ? "],\"durations_ns\":[" : ",");
        if (past->durations_ns[i] < 0) {
            text_add_string(out, "null");
        } else {
            text_add_format(out, "%" PRId64, past->durations_ns[i]);
        }
    }
    text_add_string(out, "]}\n");
}

static void add_line(const struct history *history,
                     const struct past *past,
                     const struct past_numbers *numbers)
{
    struct text *out = &history->log->out;
    const char *name = (const char *)sqlite3_column_text(history->job, 0);
    const char *command = (const char *)sqlite3_column_text(history->job, 1);

    text_add_format(out,
                    "%s  failed %u of %u, flaky %u, changed %u, %.0f%% flaky  ",
                    past->ends, numbers->failed, numbers->ran, numbers->flaky,
                    numbers->changed, PERCENT * past_flakiness(numbers));
    if (numbers->median_ns >= 0) {
        log_add_seconds(out, numbers->median_ns);
        text_add_string(out, "  ");
    }
    if (name != NULL) {
        log_add_name(out, name);
    }
    log_add_line(out, command == NULL ? "" : command);
}

static void show(struct history *history, const struct past *past)
{
    struct past_numbers numbers;
    int step;

    (void)sqlite3_reset(history->job);
    (void)sqlite3_bind_int64(history->job, BOUND_JOB, past->job);
    step = sqlite3_step(history->job);
    if (step == SQLITE_ROW) {
        past_count(past, &numbers);
        if (history->log->options.json) {
            add_json(history, past, &numbers);
        } else {
            add_line(history, past, &numbers);
        }
        log_flush(history->log, false);
        history->n++;
    } else {
        log_check(history->log, history->job, step);
    }
}

static void take(void *user, const struct past *past)
{
    struct history *history = user;
    struct past_numbers numbers;

    if (!history->log->options.flaky) {
        show(history, past);
        return;
    }
    past_count(past, &numbers);
    if (past_is_flaky(&numbers)) {
        text_add(&history->flaky, past, sizeof(*past));
    }
}

/* The most flaky first. */
static int by_flakiness(const void *a, const void *b)
{
    const struct past *x = a;
    const struct past *y = b;
    struct past_numbers of_x;
    struct past_numbers of_y;

    past_count(x, &of_x);
    past_count(y, &of_y);
    if (past_flakiness(&of_x) > past_flakiness(&of_y)) {
        return -1;
    }
    if (past_flakiness(&of_x) < past_flakiness(&of_y)) {
        return 1;
    }
    return (x->job > y->job) - (x->job < y->job);
}

static void show_flaky(struct history *history)
{
    struct past *flaky = (struct past *)(void *)history->flaky.data;
    size_t n = history->flaky.size / sizeof(*flaky);

    if (n > 0) {
        qsort(flaky, n, sizeof(*flaky), by_flakiness);
    }
    for (size_t i = 0; i < n; i++) {
        show(history, &flaky[i]);
    }
}

uint64_t log_show_history(struct log *log)
{
    struct history history = { .log = log };
    const struct log_options *o = &log->options;

    history.job = store_reader_prepare(&log->reader, job_sql);
    if (history.job == NULL) {
        log_fail(log);
        return 0;
    }
    (void)sqlite3_bind_text(history.job, BOUND_TAG, o->tag, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(history.job, BOUND_TEXT, o->text, -1,
                            SQLITE_STATIC);
    if (past_find_runs(&log->reader, o->run, &history.runs) < 0 ||
        past_read(&log->reader, &history.runs, take, &history) < 0) {
        log_fail(log);
    } else {
        show_flaky(&history);
    }
    (void)sqlite3_finalize(history.job);
    text_clear(&history.flaky);
    return history.n;
}
