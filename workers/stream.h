#ifndef BROOD_WORKERS_STREAM_H
#define BROOD_WORKERS_STREAM_H

/*
 * stream - a child's output: captured, or handed to core as it comes.
 *
 * Streams are watched only after the child has lived for a moment (child.h
 * says why). One that core holds, or for which there is no room on the way to
 * core, is paused: it is not watched, and the child waits once its pipe is
 * full.
 */

#include <stdbool.h>
#include <stdint.h>

#include "workers/capture.h"

struct child;
struct worker;

struct stream {
    int fd; /* our end, or -1 */
    uint8_t policy;
    bool paused;
    /** Core does not want more of it now. */
    bool held;
    struct capture capture;
};

/** Watch a child's streams. Returns: 0 or a negative error; one that is
 * watched already is none. */
int streams_watch(struct worker *w, struct child *c);
/** Watch the streams of children that have lived for a moment. */
void streams_watch_fresh(struct worker *w, int64_t now_ns);
/** When that has to be done next; INT64_MAX: there are none. */
int64_t streams_fresh_due_ns(const struct worker *w);
/** Take what is in the pipes of a child that was never watched. Pipes that
 * others hold open are watched from here on. */
void streams_empty(struct worker *w, struct child *c);
/** Watch streams again that were paused. */
void streams_resume(struct worker *w, struct child *c);

/** Core takes no more of it for now. */
bool stream_must_wait(const struct worker *w, const struct stream *s);
/** Stop watching it. */
void stream_pause(struct worker *w, struct stream *s);
/** Stop reading it, or go on, as core says. */
void stream_hold(struct worker *w,
                 struct child *c,
                 struct stream *s,
                 bool hold);
/**
 * Read from a stream that is readable, or has nobody any more that writes to
 * it: then to its end, since that never blocks.
 *
 * Returns: 1 there may be more; 0 it is at its end, and closed.
 */
int stream_read(struct worker *w,
                struct child *c,
                struct stream *s,
                bool hung_up);
/** It is at its end. */
void stream_close(struct worker *w, struct child *c, struct stream *s);
/** It will not be read any more. */
void stream_forget(struct worker *w, struct stream *s);

#endif /* BROOD_WORKERS_STREAM_H */
