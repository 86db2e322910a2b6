#ifndef BROOD_TOOLS_STORE_STORE_H
#define BROOD_TOOLS_STORE_STORE_H

/*
 * store - the record of runs: an SQLite database (brood-batch(1) has its
 * schema), and beside it a directory for outputs that are large.
 *
 *     open -> begin_run -> { find, record ... commit } -> end_run -> close
 *
 * What has been recorded is safe when store_commit() has returned 0: from the
 * end of this process, and from that of the machine. One process at a time
 * writes to a store; anybody may read it meanwhile.
 *
 * Functions that return int return 0 or a count, or a negative errno, and
 * store_error() then has one line of text. After an error of begin_run, record
 * or commit, what has not been committed is lost, and the store takes no more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "store/outcome.h"
#include "text.h"

enum {
    /** Bytes of what a job is known by. */
    STORE_KEY_SIZE = 16,
    STORE_RUN_ID_SIZE = 33,
};

struct store;

/** A run, as it begins. */
struct store_run {
    const char *dir;
    /** The command line. */
    const char *command;
    unsigned slots;
};

/** A job and what became of it. */
struct store_result {
    unsigned char key[STORE_KEY_SIZE];
    const char *name; /* NULL: none */
    const char *command;
    const char *dir; /* NULL: the run's */
    /** Words with a blank behind each; "" for none. */
    const char *tags;
    /** Which of the run's jobs, from 1. */
    uint64_t seq;
    enum store_outcome outcome;
    /** Why, in words; NULL: nothing to add. */
    const char *reason;
    unsigned attempts;
    /** NULL for a job that was not started. */
    const struct brood_result *result;
};

/** What a job says while it runs. */
enum store_message_kind {
    STORE_MESSAGE,
    STORE_PROGRESS,
    STORE_METRIC,
};

struct store_message {
    /** Which of the run's jobs, and which of its attempts, from 1. */
    uint64_t seq;
    unsigned attempt;
    enum store_message_kind kind;
    const char *name; /* of a metric; else NULL */
    /** A metric's, or the fraction that is done. */
    double value;
    /** Any bytes; NULL: none. */
    const char *text;
    size_t size;
};

/** What is known of a job from before. */
enum store_known {
    STORE_KNOWN_NOT,
    STORE_KNOWN_OK,
    STORE_KNOWN_FAILED,
};

/** How many jobs of a run ended how. */
struct store_counts {
    uint64_t ok;
    uint64_t failed;
    uint64_t skipped;
    /** Recorded before, and not run again. */
    uint64_t known;
};

/**
 * Open a store, or make one (mode 0600).
 *
 * @ret_store  set in any case; end it with store_close().
 *
 * Returns:   0; -EBUSY another process writes to it; -EINVAL no store, or of a
 *            newer version; -EUCLEAN damaged; or another negative errno.
 */
int store_open(const char *path, struct store **ret_store);
struct store *store_close(struct store *store);
/** One line about the last error. */
const char *store_error(const struct store *store);

/**
 * Find runs that were never ended, because their process was killed, and note
 * that they are over.
 *
 * @on_run  gets the id that the environment of the run's jobs has.
 */
int store_end_dead_runs(struct store *store,
                        void (*on_run)(void *user, const char *id),
                        void *user);

int store_begin_run(struct store *store, const struct store_run *run);
/** The run's number, from 1. */
int64_t store_run_number(const struct store *store);
/** Its id: 32 digits that nobody can guess. */
const char *store_run_id(const struct store *store);

/**
 * Look up what a job is known by.
 *
 * @ret_duration_ns  how long it took last time; 0: not known.
 *
 * Returns:   enum store_known, or a negative errno.
 */
int store_find(struct store *store,
               const unsigned char key[STORE_KEY_SIZE],
               int64_t *ret_duration_ns);

/** Read when each job was started last; of some that were not there is none. */
int store_last_starts(struct store *store,
                      void (*on_job)(void *user,
                                     const unsigned char key[STORE_KEY_SIZE],
                                     int64_t start_ns),
                      void *user);

int store_record(struct store *store, const struct store_result *result);
int store_add_message(struct store *store, const struct store_message *message);

/** Keep a line that the job of @key has submitted as its @n-th. */
int store_add_submitted(struct store *store,
                        const unsigned char key[STORE_KEY_SIZE],
                        uint64_t n,
                        const char *line,
                        size_t size);
/** A job that may submit others begins: what it has submitted before does not
 * count, and until it ends it is not known. */
int store_forget_submitted(struct store *store,
                           const unsigned char key[STORE_KEY_SIZE]);
/** Read the lines that a job has submitted, in order. */
int store_submitted(struct store *store,
                    const unsigned char key[STORE_KEY_SIZE],
                    void (*on_line)(void *user, const char *line, size_t size),
                    void *user);

/** How many results and the like wait for store_commit(). */
unsigned store_pending(const struct store *store);
int store_commit(struct store *store);

int store_end_run(struct store *store,
                  int status,
                  const struct store_counts *counts);

#endif /* BROOD_TOOLS_STORE_STORE_H */
