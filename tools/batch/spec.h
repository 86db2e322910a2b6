#ifndef BROOD_TOOLS_BATCH_SPEC_H
#define BROOD_TOOLS_BATCH_SPEC_H

/*
 * spec - what one line of a job file says.
 *
 * A line that starts with {" (blanks before it are allowed) is a JSON object,
 * strict as RFC 8259 wants it; each other line is a command for the shell.
 * Blank lines, and lines that start with # (blanks before it are allowed), say
 * nothing.
 *
 *     {"defaults": {...}}   what later lines of the file start from
 *     {"limits": {...}}     how much of what there is for the whole batch
 *     {...}                 a job
 *
 * An error is told with the column (from 1, in bytes) of what is wrong.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "text.h"

enum {
    /** Exit statuses that a bitmap holds. */
    SPEC_STATUSES = 256,
};

/** Words, in the order given. */
struct spec_words {
    const char **items;
    size_t n;
};

/** A job, or defaults. Unset members are zero, but for those that say other. */
struct spec {
    const char *id;
    /** One of these two, in a job. */
    struct spec_words argv; /* ends with NULL behind the n-th */
    const char *sh;
    /** "NAME=value", sorted by name, each name once. */
    struct spec_words env;
    const char *cwd;
    const char *stdin_text; /* no NUL inside */
    const char *stdin_file;
    int64_t timeout_ms;
    /** How often to try again. */
    unsigned retries;
    /** How long to wait before the first retry; doubled for each more. */
    int64_t backoff_ms;
    unsigned cpus; /* 1 unless given */
    uint64_t mem_bytes;
    /** What is needed of resources: their names, and how much, side by side. */
    struct spec_words resources;
    uint64_t *amounts;
    struct spec_words locks;
    struct spec_words after;
    struct spec_words after_any;
    struct spec_words after_fail;
    int priority;
    int64_t cost_ns; /* "duration": how long it is expected to take */
    struct spec_words tags;
    struct spec_words inputs;
    struct spec_words outputs;
    /** The exit status that means "skipped"; -1 unless given. */
    int skip_code;
    /** A bit for each exit status that means success; only 0 unless given. */
    uint64_t ok_codes[SPEC_STATUSES / 64];
    /** It is forked, and talks to the batch. */
    bool channel;
};

/** {"limits": {...}} */
struct spec_limits {
    unsigned slots; /* 0: not given */
    uint64_t mem_bytes;
    struct spec_words resources;
    uint64_t *amounts;
};

enum spec_kind {
    SPEC_NOTHING,
    SPEC_JOB,
    SPEC_DEFAULTS,
    SPEC_LIMITS,
};

/** Reads lines; one for each job file. Opaque. */
struct spec_reader;

/** Make a reader. @plain: every line is a command for the shell. */
struct spec_reader *spec_reader_new(bool plain);
struct spec_reader *spec_reader_free(struct spec_reader *reader);

/** What a line said: all is valid until the next call. */
struct spec_line {
    enum spec_kind kind;
    struct spec job; /* for SPEC_JOB, with the defaults in it */
    struct spec_limits limits;
    /** With -EINVAL: where, from 1, and one line of text without a newline. */
    size_t column;
    const char *error;
};

/**
 * Read one line, without its newline. Defaults are kept for the lines that
 * follow.
 *
 * Returns:   0, or -EINVAL with ret->column and ret->error.
 */
int spec_read(struct spec_reader *reader,
              const char *line,
              size_t size,
              struct spec_line *ret);

#endif /* BROOD_TOOLS_BATCH_SPEC_H */
