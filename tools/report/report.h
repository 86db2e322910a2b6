#ifndef BROOD_TOOLS_REPORT_REPORT_H
#define BROOD_TOOLS_REPORT_REPORT_H

/*
 * report - `brood report`: one run of a record as an HTML page.
 *
 *     record --gather--> numbers of all jobs --shape--> charts
 *        |                      \--pick--> jobs to list
 *        +--past--> what these did in earlier runs --choose--> tables
 *        +--data, past, outputs, metrics--> JSON of all that
 *                                             |
 *                                             +--> page.html with it inside
 *
 * The page needs nothing else, no network either; what is in page/ becomes a
 * part of the program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "option.h"
#include "store/outcome.h"
#include "store/past.h"
#include "store/reader.h"
#include "text.h"

/** The subcommand; argv[1] is "report". Returns: the exit status. */
int report_main(int argc, char **argv);

extern const struct option_table report_option_table;

enum {
    REPORT_STATUS_NONE = 1,
    REPORT_STATUS_USAGE = 2,
    REPORT_STATUS_RECORD = 3,
};

struct report_options {
    /** A job file, or the record itself. */
    const char *file;
    /** -1: the last. */
    int64_t run;
    /** NULL: standard output. */
    const char *out;
    bool no_output;
};

/** Read the command line; what is wrong is said. Returns: 0; 1 --help or
 * --version has been answered; or -EINVAL. */
int report_options_read(int argc, char **argv, struct report_options *ret);

enum {
    /** Points of a chart over time, and bars of the histogram. */
    REPORT_POINTS = 300,
    REPORT_BINS = 64,
    /** Jobs that are listed. */
    REPORT_LISTED_MAX = 20000,
    /** Jobs of which there are the durations of earlier runs. */
    REPORT_TIMED_MAX = 2000,
    /** Rows of the tables. */
    REPORT_FAILED_MAX = 200,
    REPORT_FLAKY_MAX = 50,
    REPORT_SLOWER_MAX = 50,
    REPORT_SLOWEST_MAX = 20,
};

/** One job; times are microseconds. */
struct report_job {
    int64_t result; /* its row */
    int64_t job;    /* what it is, in all runs */
    uint64_t seq;
    /** From the start of the run; -1: it was not started. */
    int64_t start_us;
    int64_t duration_us;
    int64_t cpu_us;
    int64_t rss_bytes;
    unsigned slot;
    enum store_outcome outcome;
    unsigned attempts;
    bool is_listed;
};

/** What is drawn of all jobs. */
struct report_shape {
    int64_t span_us;
    int64_t busy_us;
    int64_t cpu_us;
    int64_t peak_rss;
    uint64_t counts[STORE_OUTCOMES];
    uint64_t n_failed;
    /** Means over equal parts of the span. */
    double running[REPORT_POINTS];
    double memory[REPORT_POINTS];
    /** How many took between report_bin_us(i) and report_bin_us(i + 1). */
    uint64_t bins[REPORT_BINS];
};

/** What a listed job did in earlier runs. */
struct report_past {
    struct past past;
    struct past_numbers numbers;
};

enum report_table {
    REPORT_FAILED,
    /** That pass sometimes, and those that took longer than usual. */
    REPORT_FLAKY,
    REPORT_SLOWER,
    REPORT_SLOWEST,
    REPORT_TABLES,
};

/** Jobs in the order of a table. */
struct report_rows {
    struct report_row {
        /** Which of report.jobs, and which of those that are listed. */
        size_t job;
        size_t listed;
    } * rows;
    size_t n;
    /** How many there would be without a limit. */
    size_t n_all;
};

struct report {
    struct report_options options;
    struct store_reader reader;
    /** The number of the run, and when it began. */
    int64_t run;
    int64_t start_ns;
    /** 0: it has no end. */
    int64_t end_ns;
    struct report_job *jobs;
    size_t n_jobs;
    size_t n_listed;
    struct report_shape shape;
    /** In the order of their jobs; none of a run with too many. */
    struct past_runs runs;
    struct report_past *pasts;
    size_t n_pasts;
    struct report_rows tables[REPORT_TABLES];
    int status;
};

/** Say what the reader says, and end with REPORT_STATUS_RECORD. */
void report_fail(struct report *report);
/** Prepare a statement. Returns: NULL after report_fail(). */
sqlite3_stmt *report_prepare(struct report *report, const char *sql);
/** End a statement, which may be NULL, and of which @step came last. Returns:
 * 0, or -1 after report_fail(). */
int report_finish(struct report *report, sqlite3_stmt *row, int step);

/* gather.c */

/** Find the run. Returns: whether there is one. */
bool report_find_run(struct report *report);
/** Read the numbers of its jobs. Returns: 0, or -1 after report_fail(). */
int report_gather(struct report *report);

/* shape.c */

/** Where a bar of the histogram begins, in microseconds. */
double report_bin_us(int bin);
/** @span_us  of the run; 0: until the last job's end. */
void report_shape(const struct report_job *jobs,
                  size_t n,
                  int64_t span_us,
                  struct report_shape *ret);
/** Choose up to @max jobs to list: those that failed, then the longest.
 * Returns: how many. */
size_t report_pick(struct report_job *jobs, size_t n, size_t max);

/* data.c */

/** Write all that the page shows as JSON. Returns: 0, or -1 after
 * report_fail(). */
int report_data(struct report *report, struct text *out);
/** Add any bytes as text: what is no UTF-8 becomes U+FFFD. */
void report_add_clean(struct text *out, const char *data, size_t size);
/** Add the same as a string. */
void report_add_string(struct text *out, const char *data, size_t size);

/* outputs.c */

/** Add "outputs": what the jobs of the tables have written, the end of it, by their numbers: ["stdout","text",bytes before it].
 * Returns: 0, or -1 after report_fail(). */
int report_outputs(struct report *report, struct text *out);

/* metrics.c */

/** Add "metrics": a series of points for each job and name.
 * Returns: 0, or -1 after report_fail(). */
int report_metrics(struct report *report, struct text *out);

/* past.c */

/** Read what the listed jobs did in this run and in earlier ones. Returns: 0,
 * or -1 after report_fail(). */
int report_read_past(struct report *report);
/** NULL: nothing is known. */
const struct report_past *report_past_of(const struct report *report,
                                         const struct report_job *job);
/** Add "history", of each listed job a letter (enum past_end) for each run,
 * and "past": the runs, numbers, and durations. */
void report_add_past(const struct report *report, struct text *out);

/* choose.c */

/** Choose the jobs of the tables, which must be empty. */
void report_choose(struct report *report);

/** Those whose output is shown: all of the tables that were started. Returns:
 * how many; *ret is to be freed. */
size_t report_shown(const struct report *report, struct report_job ***ret);

/* tables.c */

/** Add the tables as HTML, which says what there is to a reader without
 * JavaScript, too. Returns: 0, or -1 after report_fail(). */
int report_tables(struct report *report, struct text *out);

#endif /* BROOD_TOOLS_REPORT_REPORT_H */
