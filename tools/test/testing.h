#ifndef BROOD_TOOLS_TEST_TESTING_H
#define BROOD_TOOLS_TEST_TESTING_H

/*
 * testing - `brood test`: tests of many kinds, run in parallel.
 *
 *     source --suite--> select --plan--> graph --engine--> pool
 *                                          ^                 |
 *                                          +-- judge <-------+--> show, reports,
 *                                                                 record
 *
 * A test that is to be run is a case; with --stress there are several of one
 * test. One thread does all of this, in rounds. It is a client of the
 * library's public headers alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "clock.h"
#include "run/logfile.h"
#include "run/progress.h"
#include "run/writer.h"
#include "store/store.h"
#include "suite/suite.h"
#include "test/case.h"
#include "test/options.h"
#include "test/resources.h"

/** The subcommand `brood test`; argv[1] is "test". Returns: the exit status. */
int test_main(int argc, char **argv);

/** Exit statuses; a signal that ended the run is 128 and its number. */
enum {
    TEST_STATUS_FAILED = 1,
    TEST_STATUS_USAGE = 2,
    TEST_STATUS_OURS = 3,
    TEST_STATUS_NONE = 4,
    TEST_STATUS_SIGNAL = 128,
};

struct test_last;
struct test_held;
struct test_descriptors;

struct test_counts {
    size_t verdicts[VERDICT_CANCELLED + 1];
    size_t slow;
    size_t leaked;
    size_t over;
    /** That are failures. */
    size_t bad;
};

/** Regular expressions of tests, each once. */
struct test_expressions {
    struct test_expression {
        const char *text;
        struct pattern *pattern;
        size_t next; /* in by_hash: 1 + the index of another; 0: none */
    } * items;
    size_t n;
    size_t room;
    /** 1 + the index of the last that has a hash, as many as there is room for.
     */
    size_t *by_hash;
};

struct testing {
    struct test_options options;
    struct suite suite;
    struct test_case *cases;
    size_t n_cases;
    /** Tests that the options choose by names, labels and numbers. */
    size_t n_matching;
    /** Those that tests share. */
    struct test_expressions expressions;

    struct resources resources;
    struct test_case *waiting;
    /** What this one needs is kept for it; NULL: none. */
    struct test_case *starving;

    struct brood_graph *graph;
    struct brood *pool;
    struct brood_batch *batch;
    unsigned slots;
    struct test_case *running;
    size_t n_running;
    /** Those that wait for gdb to be started, and to end. */
    struct test_held *gdb_waiting;
    struct test_held *gdb_running;
    unsigned n_gdb;
    /** Cases that the graph may hand out beyond the slots; none when there is
     * one that counts for several. */
    unsigned ahead;
    bool has_wide;
    int64_t usual_ns;
    int64_t look_ns;
    /** When everything is stopped; INT64_MAX: never. */
    int64_t stop_ns;
    /** Of --test-load: when the machine may be looked at again. */
    int64_t load_look_ns;
    unsigned interrupts;
    /** No more are started; what runs is stopped. */
    bool is_draining;
    bool has_hung_up;
    bool is_killing;

    /** The command line. */
    struct text command;
    /** Empty: there is to be no record. */
    struct text store_path;
    struct store *store;
    /** With --changed: when tests were run last, by key. */
    struct test_last *last;
    size_t n_last;
    int64_t commit_ns;
    /** Where each test has a directory of its own. */
    char *tmp_dir;
    struct test_tmpdir *unused_tmpdirs;
    size_t n_tmpdirs;
    /** With --descriptors: what each test has left open; else NULL. */
    struct test_descriptors *descriptors;

    int tmp_lock;

    int signal_fd;
    struct writer writer;
    struct progress progress;
    struct text foot;
    struct logfile events;
    bool has_colors;
    /** A line has been shown, and the last one is empty. */
    bool has_shown;
    bool has_gap;
    struct test_counts counts;
    int64_t start_ns;
    int64_t end_ns;
    int signal;
    int status;
};

/** Say one line on stderr. */
void test_say(struct testing *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The same, and end with a status. */
void test_fail(struct testing *t, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The exit status, as far as it is known. */
int test_status(const struct testing *t);

/* sources.c */

/** Load the tests of all sources. Returns: 0, or -1 after a message. */
int test_load(struct testing *t);

/* select.c */

/** Mark the tests that are to be run. Returns: 0, or -1 after a message. */
int test_select(struct testing *t);
/** Mark what the marked tests need too: those that set up and clean up what they
 * require, as the options allow. Returns: 0, or -1 after a message. */
int test_select_fixtures(struct testing *t);

/* shard.c */

/** Of the chosen tests, keep those of the shard that was asked for. */
void test_shard_keep(struct testing *t);

/* list.c */

/** Show the chosen tests, for people or as JSON. */
void test_list(struct testing *t);

/* load.c */

/** Whether another test may start now. */
bool test_may_start(struct testing *t);
/** Returns: ms until that is worth asking again; -1: it needs not be asked. */
int test_load_wait_ms(const struct testing *t);

/* changed.c */

/** Read when each test was run last. Returns: 0, or -1 after a message. */
int test_changed_read(struct testing *t);
/** Whether a test has changed since it passed, or has not passed. */
bool test_changed_has(struct testing *t, const struct suite_test *test);
void test_changed_clear(struct testing *t);

/* plan.c */

/** Make cases of the chosen tests, and a graph of them. Returns: 0, or -1
 * after a message. */
int test_plan(struct testing *t);
void test_plan_clear(struct testing *t);

/* rules.c */

/** Make the rules of a case's verdict. Returns: 0, or -1 after a message. */
int test_rules_make(struct testing *t, struct test_case *c);
/** Free the expressions of all. */
void test_rules_clear(struct testing *t);

/* start.c */

/** Submit a case, or judge it if it cannot be run. */
void test_start(struct testing *t, struct test_case *c);
/** Submit a case, again or not. Returns: 0; else it is judged as not run. */
int test_submit(struct testing *t, struct test_case *c);
/** The limit of TIMEOUT_AFTER_MATCH in ms, once its output has matched. */
int64_t test_limit_after(const struct testing *t, const struct test_case *c);
/** It does not run any more. */
void test_leave_running(struct testing *t, struct test_case *c);
/* devices.c */

/** Take the resources that a case needs. Returns: whether it may start; if not,
 * it comes again when some are given back, or has been judged. */
bool test_take_devices(struct testing *t, struct test_case *c);
/** Give back what a case has of the resources; who waits for some may try. */
void test_give_back(struct testing *t, struct test_case *c);

/* tmpdir.c */

/** Make the directory that theirs are in. Returns: 0, or -1 after a message. */
int test_tmpdirs_open(struct testing *t);
/** Remove all of them. */
void test_tmpdirs_close(struct testing *t);
/** Make an empty one for a case. Returns: 0, or a negative error. */
int test_tmpdir_take(struct testing *t, struct test_case *c);
const char *test_tmpdir_path(const struct test_case *c);
void test_tmpdir_give_back(struct testing *t, struct test_case *c);

/* leaks.c */

/** Add the variable by which all processes of a case are known. */
void test_id_add(const struct testing *t,
                 const struct test_case *c,
                 struct text *out);
/** End what a case has left behind, and name it in c->left. */
void test_leaks_end(struct testing *t,
                    struct test_case *c,
                    const struct brood_result *result);
/** The same for what all cases have left that is found nowhere else. */
void test_leaks_end_all(struct testing *t);

/* cores.c */

/** Add to the output of a case that dumped core where that is. One that other
 * tests may write over is put aside. */
void test_core_add(const struct testing *t,
                   struct test_case *c,
                   const struct brood_result *result);
/** Leave the core of a case whose output is not kept where it was. */
void test_core_leave(const struct testing *t,
                     struct test_case *c,
                     const struct brood_result *result);
/** Whether a case's core is that of its process; if it has become another's,
 * that is added to the output. */
bool test_core_is_kept(struct test_case *c, int pid);
/** Give a core that was put aside its name back. */
void test_core_give_back(struct test_case *c);

/* backtrace.c */

/** Ask gdb of a case's core. Returns: whether there is one; then the case is
 * concluded when gdb has answered. */
bool test_backtrace_hold(struct testing *t,
                         struct test_case *c,
                         enum verdict verdict,
                         const struct brood_result *result);
/** Stop all gdb that run; also while something is being written. */
void test_backtraces_stop(struct testing *t);
/** Conclude cases for which none has been started. */
void test_backtraces_give_up(struct testing *t);

/* control.c */

/** Start no more; or stop what runs too. */
void test_drain(struct testing *t);
void test_kill(struct testing *t);
/** How many tests run: some may have been handed out that have not started. */
size_t test_count_started(const struct testing *t);
/** Signals have come. */
void test_signals(void *user);

/* engine.c */

/** Run all cases. */
void test_run(struct testing *t);
void test_run_clear(struct testing *t);

/* bisect.c */

/** Find the test that makes the one of --bisect fail. */
void test_bisect(struct testing *t);

/* judge.c */

/** A case's job has ended. */
void test_judge(struct testing *t,
                struct test_case *c,
                const struct brood_result *result);
/** What follows from an attempt: another one, or the end of the case. */
void test_judge_conclude(struct testing *t,
                         struct test_case *c,
                         enum verdict verdict,
                         const struct brood_result *result);
/** A case that is not run. */
void test_judge_unrun(struct testing *t,
                      struct test_case *c,
                      enum verdict verdict,
                      const char *reason);

/* record.c */

/** Keep the command line for the record, as it was typed. */
void test_record_name(struct testing *t, int argc, char **argv);
/** Open the record if there is one. Returns: 0, also if it cannot be had and
 * the run can do without; or -1 after a message. */
int test_record_open(struct testing *t);
/** A run begins; make the record if there is none. Returns: as that. */
int test_record_begin(struct testing *t);
/** It cannot be written any more: say so, and go on. */
void test_record_lose(struct testing *t);
void test_record_end(struct testing *t);
/* output.c */

/** Add all of an output. */
void test_output_read(const struct brood_output *from, struct text *out);
/** Drop what is more than reports have: a line at the beginning says so. */
void test_output_cut(struct text *output);

/* history.c */

/** What a test is known by. */
void test_history_key(const struct suite *suite,
                      const struct suite_test *test,
                      unsigned char ret[STORE_KEY_SIZE]);
/** Look up what is known of each test. */
void test_history_look(struct testing *t, struct test_case *c);
void test_history_record(struct testing *t,
                         struct test_case *c,
                         const struct brood_result *result);
/** Commit when it is time. Returns: ms until then; -1. */
int test_history_commit(struct testing *t, bool now);

/* show.c */

void test_show_start(struct testing *t);
void test_show_case(struct testing *t, const struct test_case *c);
void test_show_slow(struct testing *t, const struct test_case *c);
/** Leave a line empty, unless the last one was. */
void test_show_gap(struct testing *t);
/** Add the word for a verdict; a test's name, as it is; its whole line. */
void test_show_add_word(const struct testing *t,
                        enum verdict verdict,
                        struct text *out);
void test_show_add_name(const struct testing *t,
                        const struct test_case *c,
                        struct text *out);
void test_show_add_line(const struct testing *t,
                        const struct test_case *c,
                        struct text *out);

/* block.c */

/** Add what is shown below a test's line. */
void test_block_add(const struct testing *t,
                    const struct test_case *c,
                    struct text *out);

/* annotation.c */

/** Add a line that GitHub shows with the change, if it is GitHub that runs us. */
void test_annotation_add(const struct testing *t,
                         const struct test_case *c,
                         struct text *out);

/* summary.c */

void test_show_summary(struct testing *t);

/* none.c */

/** Add why no test has been chosen. */
void test_none_add(const struct testing *t, struct text *out);

/* foot.c */

/** Draw the line at the foot of the terminal, if it is time. */
void test_foot_draw(struct testing *t);

/* reports.c */

/** Make sure that what was asked for can be written. Returns: 0, or a negative
 * error after a message. */
int test_reports_open(struct testing *t);
/** Write it. */
void test_report_junit(struct testing *t);
void test_report_tap(struct testing *t);
void test_report_case(struct testing *t, const struct test_case *c);

#endif /* BROOD_TOOLS_TEST_TESTING_H */
