#ifndef BROOD_TOOLS_LOG_LOG_H
#define BROOD_TOOLS_LOG_LOG_H

/*
 * log - `brood log`: what the record of brood batch has.
 *
 *     options -> query (SQL) -> rows -> text or JSON
 *
 * It reads the tables that brood-batch(1) describes, and writes nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "option.h"
#include "store/reader.h"
#include "text.h"

/** The subcommand; argv[1] is "log". Returns: the exit status. */
int log_main(int argc, char **argv);

extern const struct option_table log_option_table;

enum {
    LOG_STATUS_NONE = 1,
    LOG_STATUS_USAGE = 2,
    LOG_STATUS_RECORD = 3,
};

struct log_options {
    /** A job file, or the record itself. */
    const char *file;
    /** 0: all; -1: the last. */
    int64_t run;
    /** 0: any. */
    int64_t seq;
    bool failed;
    const char *outcome;
    const char *tag;
    const char *text;
    int64_t longer_ms;
    /** Something of the above was given: jobs are wanted, not runs. */
    bool wants_jobs;
    bool summary;
    /** Of each job, or of those that pass sometimes. */
    bool history;
    bool flaky;
    bool output;
    bool messages;
    bool json;
    bool trace;
};

/** Read the command line; what is wrong is said. Returns: 0; 1 --help or
 * --version has been answered; or -EINVAL. */
int log_options_read(int argc, char **argv, struct log_options *ret);

/** An open record. */
struct log {
    struct log_options options;
    struct store_reader reader;
    /** Events of the trace so far. */
    uint64_t n_events;
    /** What is to be written to standard output. */
    struct text out;
    int status;
};

/** Write what has been collected, when it is much or at the end. */
void log_flush(struct log *log, bool all);
/** Say what the reader says, and end with LOG_STATUS_RECORD. */
void log_fail(struct log *log);

/** Look how a query has ended: SQLITE_DONE is well. @row may be NULL. */
void log_check(struct log *log, sqlite3_stmt *row, int step);

/* parts.c */

/** Add the columns from @first on as members of an object, without its end. */
void log_add_json(struct log *log, sqlite3_stmt *row, int first);
/** Add what a job wrote, or said over its channel. */
void log_add_outputs(struct log *log, int64_t result);
void log_add_messages(struct log *log, int64_t run, int64_t seq);

/* rows.c */

/** Add a time of the clock. */
void log_add_time(struct text *out, int64_t ns);
void log_add_seconds(struct text *out, int64_t ns);
/** Add a command as one line of bounded length. */
void log_add_line(struct text *out, const char *command);
/** Add "NAME: " or "(REASON)  ", of which nothing steers the terminal. */
void log_add_name(struct text *out, const char *name);
void log_add_reason(struct text *out, const char *reason);
/** List the runs. Returns: how many. */
uint64_t log_show_runs(struct log *log);
/** List jobs. Returns: how many. */
uint64_t log_show_jobs(struct log *log);

/* summary.c */

/** Sum one run up. Returns: 1; 0 there is none. */
uint64_t log_show_summary(struct log *log);

/* history.c */

/** Show how jobs have ended in the last runs. Returns: how many. */
uint64_t log_show_history(struct log *log);

#endif /* BROOD_TOOLS_LOG_LOG_H */
