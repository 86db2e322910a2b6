#ifndef BROOD_WORKERS_FEED_H
#define BROOD_WORKERS_FEED_H

/*
 * feed - what a child reads as its standard input, when it comes from us.
 *
 * Bytes that came with the job are written as the pipe takes them. With
 * MESSAGE_INPUT_STREAM they come piece by piece, and core is told what has been
 * taken; it sends no more than it has room for.
 */

#include <stdbool.h>

#include "base/buf.h"

struct child;
struct message_bytes;
struct message_piece;
struct worker;

struct feed {
    /** Our end of the pipe, or -1. */
    int fd;
    /** Bytes of the job, or of @buf, that have been written. */
    size_t at;
    /** Streamed bytes that wait. */
    struct buf buf;
    /** End-of-file follows what waits. */
    bool last;
    bool watched;
};

/** Write what goes in of the bytes that came with the job.
 * Returns: 0 all is written; -EAGAIN the pipe is full; another error: the
 * child reads no more. */
int feed_bytes(struct feed *feed, const struct message_bytes *bytes);
/** More for a streamed input. Returns: 0 or -ENOMEM, and nothing was done. */
int feed_piece(struct worker *w,
               struct child *c,
               const struct message_piece *piece);
/** The pipe takes more. */
void feed_on_room(struct worker *w, struct child *c);
/** Watch the pipe, if that could not be done. */
void feed_resume(struct worker *w, struct child *c);
/** The child reads no more: close our end, forget what waits. */
void feed_end(struct feed *feed);

#endif /* BROOD_WORKERS_FEED_H */
