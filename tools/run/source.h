#ifndef BROOD_TOOLS_RUN_SOURCE_H
#define BROOD_TOOLS_RUN_SOURCE_H

/*
 * source - where inputs come from: arguments, or the records of a file.
 *
 * A record ends with a newline (or a NUL), which is not part of it; the last
 * one may lack it. Nothing is read before it is wanted, and a file that has
 * nothing to give yet (a pipe, a terminal) never makes the caller wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/template.h"
#include "text.h"

struct source {
    /** For messages: "standard input", or the name of the file. */
    const char *name;
    /** Arguments; of a file, NULL. */
    const char *const *args;
    size_t n_args;

    int fd;
    bool own_fd;
    /** Reading may have to wait: ask poll(2) first. */
    bool may_wait;
    bool at_end;
    char delimiter;
    /** Inputs that are empty or blank are left out. */
    bool skip_blank;
    /** Bytes read and not yet given out, from @at on. */
    struct text buffer;
    size_t at;
    /** How far @buffer is known to hold no delimiter. */
    size_t searched;
    /** Records, or arguments, given out or left out. */
    uint64_t n_taken;
};

/** Take inputs from arguments, which must outlive the source. */
void source_from_args(struct source *source,
                      const char *const *args,
                      size_t n_args);

/**
 * Take inputs from a file; "-" is standard input.
 *
 * Returns:   0, or a negative errno, -EISDIR for a directory.
 */
int source_from_file(struct source *source, const char *path, char delimiter);

void source_close(struct source *source);

/**
 * Take the next input.
 *
 * Returns:   1 and *ret, valid until the next call; 0 there are no more;
 *            -EAGAIN wait until source->fd is readable; or another negative
 *            errno of read(2).
 */
int source_next(struct source *source, struct value *ret);

#endif /* BROOD_TOOLS_RUN_SOURCE_H */
