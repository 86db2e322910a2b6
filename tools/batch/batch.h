#ifndef BROOD_TOOLS_BATCH_BATCH_H
#define BROOD_TOOLS_BATCH_BATCH_H

/*
 * batch - `brood batch`: the jobs of job files, with a record of them.
 *
 *     file --plan--> graph --start--> pool --finish--> store --show--> stdout
 *                      ^                 |
 *                      +---- ended ------+
 *
 * A job with a channel is forked, not submitted to the pool (channel); it may
 * submit jobs of its own (grow), which go the same way from the graph on.
 *
 * The plan reads lines and tells the graph of them; of a job that waits, only
 * where its line is stays in memory. When the graph hands it out, the line is
 * read again and the job submitted. A result is recorded, and shown when the
 * record is on the disk.
 *
 * One thread does all of this, in rounds (engine).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "arena.h"
#include "batch/channel.h"
#include "batch/identity.h"
#include "batch/options.h"
#include "batch/spec.h"
#include "batch/texts.h"
#include "clock.h"
#include "run/logfile.h"
#include "run/progress.h"
#include "run/source.h"
#include "run/writer.h"
#include "store/store.h"

/** The subcommand `brood batch`; argv[1] is "batch". Returns: the exit status. */
int batch_main(int argc, char **argv);

/** Exit statuses; a signal that ended the run is 128 and its number. */
enum {
    BATCH_STATUS_FAILED = 1,
    BATCH_STATUS_USAGE = 2,
    BATCH_STATUS_RECORD = 3,
    BATCH_STATUS_SIGNAL = 128,
};

/** Jobs that a slot may have ahead of time. */
enum {
    BATCH_AHEAD_MAX = 64,
};

/** A job file. */
struct batch_file {
    /** For messages: "standard input", or as it was given. */
    const char *name;
    const char *path;
    struct source source;
    struct spec_reader *reader;
    /** Where its lines can be read a second time. */
    struct texts texts;
    unsigned line;
    /** Where its next line begins. */
    uint64_t at;
    bool is_open;
};

struct batch_family;

/** A job that has not ended. */
struct batch_job {
    struct text_place place;
    struct batch_file *file;
    unsigned line;
    /** How many jobs of the same kind came before. */
    unsigned occurrence;
    uint64_t seq;
    /** Of the graph. */
    uint32_t number;
    unsigned attempts;
    /** It comes before --from's. */
    bool is_assumed;
    /** Of the job that has submitted it, and of those that it submits itself;
     * or NULL. */
    struct batch_family *parent;
    struct batch_family *children;
    /** When it may be tried again, on the monotonic clock. */
    int64_t retry_ns;
    struct batch_job *next_retry;
    /** All jobs that have not ended. */
    struct batch_job *next;
    struct batch_job **where;
};

/** The last lines of a job that runs, as the live view has seen them. */
struct batch_tail {
    /** Of standard output and standard error. */
    struct text seen[2];
    /** The one that has changed last, 1 or 2; 0: none has. */
    int stream;
};

/** A job that has been submitted. */
struct batch_active {
    struct batch_job *job;
    /** Holds all texts below. */
    struct arena arena;
    uint64_t id;
    unsigned char key[STORE_KEY_SIZE];
    struct spec spec;
    /** The command as the shell would have it. */
    const char *command;
    const char *tags;
    int64_t started_ns;
    int pid;
    struct batch *batch;
    unsigned slot; /* of one with a channel */
    /** With a channel: its handle, and what it has said of itself. */
    struct brood_child *child;
    struct channel_news news;
    struct batch_tail tail;
    struct batch_active *next;
    struct batch_active **where;
};

enum batch_phase {
    BATCH_READS,
    /** All lines have been read. */
    BATCH_CLOSED,
    /** No more jobs are started. */
    BATCH_DRAINS,
    /** Jobs are being stopped. */
    BATCH_KILLS,
};

enum {
    /** Beside those of the writer: where events go. */
    BATCH_EVENTS = 3,
};

/** What waits for the record, in order. */
struct batch_shown {
    struct text bytes;
    struct batch_piece *pieces;
    size_t n_pieces;
    size_t room;
};

/** Lines at the foot of the terminal. */
struct batch_live {
    bool on;
    /** So many are there now. */
    unsigned n_lines;
    int64_t drawn_ns;
    /** When jobs were asked for their last lines. */
    int64_t looked_ns;
    struct text out;
    struct batch_active **sorted;
    size_t room;
};

struct batch {
    struct batch_options options;
    struct batch_file *files;
    size_t n_files;
    /** The one that is being read. */
    size_t file;
    struct brood_graph *graph;
    struct spec_limits limits;
    /** Where we are. */
    char *dir;
    /** How often each kind of job has come. */
    struct kinds kinds;
    /** --from has been given, and its job has not come. */
    bool is_before_from;
    /** Lines that jobs have submitted. */
    struct batch_file submitted;

    struct store *store;
    struct text store_path;
    /** The command line, for the record. */
    struct text command;
    int64_t commit_ns;     /* when to, while results wait */
    int64_t commit_gap_ns; /* how long they wait */

    struct brood *pool;
    struct brood_batch *batch;
    int signal_fd;
    struct writer writer;
    struct batch_shown shown;
    struct logfile events;
    struct progress progress;
    struct batch_live live;

    enum batch_phase phase;
    unsigned slots;
    /** Jobs that the graph may hand out beyond the slots; none when there is
     * one that counts for several. */
    unsigned ahead;
    bool has_wide;
    /** How long jobs take, about. */
    int64_t usual_ns;
    /** Reads no further until this many have been started. */
    bool is_starved;
    bool has_order; /* priorities or dependencies: all lines matter */
    struct batch_job *jobs;
    struct batch_active *active;
    unsigned n_active;
    struct batch_active *unused;
    struct batch_job *retries; /* by time */

    uint64_t n_jobs;
    uint64_t n_bad_lines;
    struct store_counts counts;
    /** Of the known ones in counts: recorded as failed. */
    uint64_t n_known_failed;
    uint64_t n_not_run; /* cancelled */
    int signal;
    int status;
};

/** Say one line on stderr. */
void batch_say(struct batch *batch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The same, and end with a status. */
void batch_fail(struct batch *batch, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** How many jobs run at once is known: all that says so has been read. */
void batch_set_slots(struct batch *batch);
/** Let the graph hand out so many jobs beyond the slots. */
void batch_set_ahead(struct batch *batch, unsigned ahead);

/* engine.c */

/** Run all jobs, until they have ended or the run is stopped. */
void batch_engine_run(struct batch *batch);

/* plan.c */

/** Open the job files. Returns: 0, or -1 after a message. */
int batch_plan_open(struct batch *batch, int argc, char **argv, int first);
/** Read lines while there are some. Returns: whether more can be read at once. */
bool batch_plan_read(struct batch *batch);
/** The file that has nothing to read yet, or NULL. */
const struct batch_file *batch_plan_waits_for(const struct batch *batch);
void batch_plan_clear(struct batch *batch);
/** Make a job of a line; it is not in the graph yet. Returns: 0, or a negative
 * error after a message. */
int batch_job_new(struct batch *batch,
                  struct batch_file *file,
                  const struct value *line,
                  uint64_t at,
                  struct batch_job **ret);
/** What a job is known by. */
void batch_job_key(const struct batch *batch,
                   const struct batch_job *job,
                   const struct spec *spec,
                   unsigned char ret[STORE_KEY_SIZE]);
/** Say where a job is: "FILE:LINE". */
void batch_job_place(const struct batch_job *job, struct text *out);
/** Read its line again. Returns: 0; -EINVAL it is no longer what it was. */
int batch_job_read(struct batch *batch,
                   const struct batch_job *job,
                   struct spec_line *ret);
/** Forget a job that has ended, or never will. */
void batch_job_free(struct batch_job *job);

/* wish.c */

/** Add a job to the graph. Returns: 0, or a negative error and why. */
int batch_wish(struct batch *batch,
               const struct spec *spec,
               struct batch_job *job,
               struct text *error);

/* grow.c */

/** A job that may submit others is about to start. */
void batch_grow_begin(struct batch *batch, struct batch_active *active);
/** Take the lines that a job submits. Returns: 0, or a negative error; and one
 * line of text either way. */
int batch_grow(struct batch *batch,
               struct batch_active *active,
               const char *lines,
               size_t size,
               struct text *answer);
/** A job is not run because it is known: take what it had submitted. */
void batch_grow_known(struct batch *batch,
                      const unsigned char key[STORE_KEY_SIZE]);
/** The key of the job that has submitted this one, or NULL. */
const unsigned char *batch_grow_key(const struct batch_job *job);
void batch_grow_free(struct batch_job *job);
void batch_grow_clear(struct batch *batch);

/* channel.c */

/** Fork a job that has a channel. Returns: 0, or a negative error. */
int batch_channel_start(struct batch_active *active,
                        const struct brood_job *job);
/** Stop all jobs that have a channel. */
void batch_channel_stop(struct batch *batch);

/* start.c */

/** Add the command as the shell would have it; tags, with a blank behind each.
 */
void batch_command_add(const struct spec *spec, struct text *out);
void batch_tags_add(const struct spec *spec, struct text *out);
/** Submit jobs while there is room. Returns: whether there is more to do at
 * once. */
bool batch_start(struct batch *batch);
/** Show the commands of the jobs that would be run. */
void batch_start_show(struct batch *batch);
void batch_start_clear(struct batch *batch);
/** Submit a job once more. */
void batch_start_again(struct batch *batch, struct batch_active *active);
/** Make jobs ready again whose time has come. Returns: ms until the next; -1. */
int batch_start_retries(struct batch *batch);
void batch_active_free(struct batch *batch, struct batch_active *active);

/* finish.c */

void batch_on_start(struct brood_batch *batch,
                    const struct brood_result *start,
                    void *user);
void batch_on_result(struct brood_batch *batch,
                     const struct brood_result *result,
                     void *user);
/** A job has ended. */
void batch_finish(struct batch *batch,
                  struct batch_active *active,
                  const struct brood_result *result);
/** The record cannot be written. */
void batch_finish_failed_store(struct batch *batch);
/** Something is to be recorded: it is committed before long. */
void batch_commit_soon(struct batch *batch);
/** A job that is not run: it is recorded, and what comes after it told. */
void batch_finish_known(struct batch *batch, struct batch_job *job, bool ok);
/** A job that cannot be started. @active  may be NULL. */
void batch_finish_refused(struct batch *batch,
                          struct batch_job *job,
                          struct batch_active *active,
                          const char *reason);
/** Tell of jobs that can never start. */
void batch_finish_skipped(struct batch *batch);
/** Commit when it is time. Returns: ms until then; -1: nothing waits. */
int batch_commit(struct batch *batch, bool now);

/* show.c */

/** Show the output of a job, and a line about it if it failed. */
void batch_show_result(struct batch *batch,
                       const struct batch_active *active,
                       const struct brood_result *result,
                       bool ok,
                       const char *reason);
/** Show one line about a job that did not run. */
void batch_show_line(struct batch *batch,
                     const struct batch_job *job,
                     const char *reason);
/** Keep bytes until what was recorded before them is on the disk.
 * @stream  WRITER_OUT, WRITER_ERR or BATCH_EVENTS. */
void batch_show_keep(struct batch *batch,
                     int stream,
                     const char *data,
                     size_t size);
/** What waited for the record may be written. */
void batch_show_recorded(struct batch *batch);
void batch_show_clear(struct batch *batch);
void batch_show_summary(struct batch *batch);

/* events.c */

/** Open the file of events. Returns: 0, or -1 after a message. */
int batch_events_open(struct batch *batch);
/** Each says that something has happened, if somebody wants to know. */
void batch_events_begin(struct batch *batch);
void batch_events_start(struct batch *batch, const struct batch_active *active);
void batch_events_said(struct batch *batch,
                       const struct batch_active *active,
                       const struct store_message *message);
void batch_events_retry(struct batch *batch,
                        const struct batch_active *active,
                        const char *reason,
                        int64_t wait_ms);
void batch_events_end(struct batch *batch,
                      const struct batch_job *job,
                      const struct store_result *result);
void batch_events_done(struct batch *batch, int status);
/** Write those that may be written. */
void batch_events_flush(struct batch *batch);

/* live.c */

void batch_live_init(struct batch *batch);
void batch_live_clear(struct batch *batch);
/** Draw the lines when it is time. Returns: ms until then; -1: never. */
int batch_live_draw(struct batch *batch, const struct progress_counts *counts);
/** Take them away before something else is written. */
void batch_live_erase(struct batch *batch);
/** What a job has written last has come. */
void batch_live_tail(struct batch_active *active,
                     int stream,
                     const void *data,
                     size_t size);
void batch_live_on_tail(struct brood_batch *batch,
                        const struct brood_result *job,
                        int stream,
                        const void *data,
                        size_t size,
                        void *user);

/* control.c */

void batch_drain(struct batch *batch);
void batch_kill(struct batch *batch);
void batch_signals(void *user);

/* orphans.c */

/** End the processes that a run has left, whose process was killed. */
void batch_end_orphans(struct batch *batch, const char *run_id);

#endif /* BROOD_TOOLS_BATCH_BATCH_H */
