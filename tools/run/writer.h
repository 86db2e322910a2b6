#ifndef BROOD_TOOLS_RUN_WRITER_H
#define BROOD_TOOLS_RUN_WRITER_H

/*
 * writer - our standard output and standard error.
 *
 * Small pieces are collected and written together; what goes to one stream is
 * written before later pieces for the other, so that both may be the same
 * file. While a reader is slow, the writer waits for it and for signals alike:
 * a full pipe never keeps the user from stopping the program.
 *
 * The first error on standard output ends all output there. Errors on standard
 * error are not reported: there is nowhere to report them.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <brood.h>

#include "text.h"

enum {
    WRITER_OUT = 1,
    WRITER_ERR = 2
};

struct writer_stream {
    int fd;
    /** The same file, opened so that writing never waits; or -1. */
    int no_wait_fd;
    enum {
        STREAM_UNKNOWN,
        STREAM_PLAIN,
        STREAM_PIPE,
        STREAM_SOCKET
    } kind;
    int error;
};

struct writer {
    struct writer_stream streams[2];
    /** Collected for the stream @current. */
    struct text buffer;
    int current;
    /** What writer_flush() is writing. */
    struct text taken;
    /** Everything is dropped from now on. */
    bool abandoned;
    /** Bytes are being written: only writer_put_now() may be called. */
    bool busy;
    /** Waited for besides the streams; on_wake is called when readable. */
    int wake_fd;
    void (*on_wake)(void *user);
    /** Called before bytes are written. */
    void (*on_write)(void *user);
    void *user;
};

void writer_init(struct writer *writer);
void writer_clear(struct writer *writer);

/** Add bytes for WRITER_OUT or WRITER_ERR. */
void writer_put(struct writer *writer,
                int stream,
                const void *data,
                size_t size);

/** Write to standard error at once and without waiting, even from on_wake. */
void writer_put_now(struct writer *writer, const void *data, size_t size);

/** Say one line on standard error, "WHO: message": after what was collected,
 * or at once if bytes are being written. */
void writer_say(struct writer *writer,
                const char *who,
                const char *format,
                va_list args) __attribute__((format(printf, 3, 0)));

/**
 * Add all of a job's output.
 *
 * Returns:   0, or why a part of it could not be read.
 */
int writer_copy(struct writer *writer,
                int stream,
                const struct brood_output *output);

/** Write what has been collected. */
void writer_flush(struct writer *writer);

/** 0, or the negative errno of the first failure on standard output. */
int writer_error(const struct writer *writer);

#endif /* BROOD_TOOLS_RUN_WRITER_H */
