#ifndef BROOD_TOOLS_RUN_RUN_H
#define BROOD_TOOLS_RUN_RUN_H

/*
 * run - `brood run`: a command for each input, many at once.
 *
 *     product --feed--> template --> engine
 *     on_start, on_output, on_end, on_result --> emit, joblog, events, halt
 *
 * One thread does all of this, in rounds: take in some inputs, write what has
 * come, wait for the library, a signal or more input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "clock.h"
#include "run/emit.h"
#include "run/logfile.h"
#include "run/median.h"
#include "run/options.h"
#include "run/product.h"
#include "run/progress.h"
#include "run/template.h"
#include "run/writer.h"

/** The subcommand `brood run`; argv[1] is "run". Returns: the exit status. */
int run_main(int argc, char **argv);

/** The exit status of an error of our own. */
enum {
    RUN_STATUS_OURS = 255
};

/** Room for "brood-slot-" and 32 digits. */
enum {
    RUN_MARK_SIZE = 48
};

/** A job that has been made and whose result has not been shown. */
struct run_job {
    uint64_t id;
    uint64_t seq;
    struct text command;
    /** Its own directory; empty: that of all. */
    struct text dir;
    struct emit_job out;

    /** In the list of running jobs, or of unused ones. */
    struct run_job *next;
    struct run_job **where;
    bool running;
    int64_t started_ns;
    int pid;
    bool timed_out;
    /** The slot's number has been put in. */
    bool settled;
};

/** How far the run has come to its end. */
enum run_phase {
    RUN_GOES_ON,
    /** No more inputs; all jobs will be run. */
    RUN_CLOSED,
    /** No more jobs are started. */
    RUN_DRAINS,
    /** Jobs are being stopped. */
    RUN_KILLS,
};

struct run {
    struct run_options options;
    struct product product;
    struct template command;
    struct template tag;
    struct template dir;
    struct text shell;
    /** What stands for the slot until the job has one, and the variable that
     * tells the job. */
    char mark[RUN_MARK_SIZE];
    char slot_env[2 * RUN_MARK_SIZE];

    struct writer writer;
    struct emit emit;
    struct logfile joblog;
    struct logfile events;
    struct progress progress;
    struct halt *halt;
    struct median median;

    struct brood *pool;
    /** What runs the jobs: one of them (engine.h). */
    struct brood_batch *batch;
    struct brood_warm *crew;
    /** The shell line that starts a worker. */
    struct text worker;
    int signal_fd;

    enum run_phase phase;
    /** Made, and refused by a full queue. */
    struct run_job *pending;
    struct run_job *unused;
    struct run_job *running;
    uint64_t n_running;
    uint64_t n_made;
    uint64_t n_ended;
    /** With line output in order: the job whose turn it is. */
    uint64_t turn;
    /** The directory that was made last. */
    struct text made_dir;
    /** Wait for product.stuck before reading on. */
    bool starved;

    bool own_error;
    bool interrupted;
    bool pipe_closed;
};

/** Say one line on stderr, behind what has been written so far. */
void run_say(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The same, and end with RUN_STATUS_OURS. */
void run_fail(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Start no more jobs, and let those that run finish. */
void run_drain(struct run *run);
/** Stop all jobs. */
void run_kill(struct run *run);

/* setup.c */

/** Read the command line and open what it names. Returns: 0, or 1 to end with
 * *ret_status. */
int run_setup(struct run *run, int argc, char **argv, int *ret_status);
/** Open the pool and the batch. Returns: 0, or -1 after a message. */
int run_open(struct run *run);
/** Free everything. */
void run_clear(struct run *run);

/* job.c */

struct run_job *run_job_new(struct run *run);
void run_job_free(struct run *run, struct run_job *job);
/** Put in the number of the slot. */
void run_job_settle(struct run *run, struct run_job *job, unsigned slot);
void run_job_started(struct run *run, struct run_job *job);
void run_job_stopped(struct run *run, struct run_job *job);
/** The command in one line of bounded length, for messages. */
const char *run_job_name(const struct run_job *job, struct text *buffer);

/* feed.c */

/** Take in inputs while there is room. Returns: whether there is more to take
 * in at once. */
bool run_feed(struct run *run);
/** How many jobs may be queued now; no more than are worth it at once. */
int run_room(const struct run *run);
/** Show all commands instead of running them. */
void run_show_commands(struct run *run);

/* results.c */

/** The engine's callbacks. */
void run_on_start(struct brood_batch *batch,
                  const struct brood_result *start,
                  void *user);
void run_on_output(struct brood_batch *batch,
                   const struct brood_result *result,
                   int stream,
                   const void *data,
                   size_t size,
                   void *user);
void run_on_end(struct brood_batch *batch,
                const struct brood_result *result,
                void *user);
void run_on_result(struct brood_batch *batch,
                   const struct brood_result *result,
                   void *user);
/** Count a job that was never submitted as failed. */
void run_count_refused(struct run *run, int status);
/** Write what the last round has left. */
void run_flush(struct run *run);

/* control.c */

/** Do what signals ask for. */
void run_signals(void *user);
/** Stop jobs that take longer than --timeout N% allows. Returns: when to look
 * again, in milliseconds; -1: no need. */
int run_check_times(struct run *run);

#endif /* BROOD_TOOLS_RUN_RUN_H */
