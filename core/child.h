#ifndef BROOD_CORE_CHILD_H
#define BROOD_CORE_CHILD_H

/*
 * child - a program of brood_spawn(), as core sees it.
 *
 * It is a job of a batch of its pool that nobody else sees (the nursery),
 * which starts beside the slots and tells of all that happens to it.
 */

#include "base/buf.h"
#include "base/list.h"
#include "brood/child.h"

struct brood;
struct fork;
struct message_ended;
struct message_taken;

/** One streamed output. */
struct child_stream {
    bool paused;
    /** It has come to its end; on_end has been called. */
    bool over;
    bool told;
    /** What came while it was paused. */
    struct buf held;
};

struct brood_child {
    struct list link; /* in the pool's list */
    struct list due;  /* in the pool's list of those to be seen to */
    struct brood *pool;
    struct brood_child_options options;
    uint64_t id;
    int pid;
    bool started;
    bool exited;
    bool closed;
    /** The channel of a forked child, or NULL. */
    struct fork *fork;
    /** The handle is gone; the struct goes with the result. */
    bool freed;
    /** Whom to tell that the struct is gone, or NULL. */
    bool *is_gone;
    /** It belongs to brood_exec(): it is not freed before it has ended. */
    bool is_exec;
    /** Sent when it has been started: a byte each, in their order. */
    struct buf early_signals;

    /** Written and not known to be taken. */
    uint64_t unwritten;
    /** Written before the start. */
    struct buf early;
    bool input_ended;
    bool drain_due;
    int input_error;

    struct child_stream streams[2];
    /** It waits here for paused streams; its bytes are ours. */
    bool has_result;
    struct brood_result result;
};

/** See to it in the pool's next round. */
void child_deliver_later(struct brood_child *child);
/** Its standard input has taken bytes. */
void child_on_taken(struct brood_child *child, const struct message_taken *m);
/** Its process has ended. */
void child_on_ended(struct brood_child *child, const struct message_ended *m);
/** Its stream 1 or 2; NULL: there is no other. */
static inline struct child_stream *child_stream_of(struct brood_child *child,
                                                   int stream)
{
    return stream == 1 || stream == 2 ? &child->streams[stream - 1] : NULL;
}
/** Its output comes through on_data. */
bool child_is_streamed(const struct brood_child *child, int stream);
/** See to children whose held output may be delivered. */
void children_deliver(struct brood *pool);
/** See to forked children for which time has passed. */
void children_wake(struct brood *pool);
/** Free all that are left, as brood_child_free(); those of brood_exec() are
 * stopped. */
void children_close(struct brood *pool);

#endif /* BROOD_CORE_CHILD_H */
