#ifndef BROOD_CORE_FORK_H
#define BROOD_CORE_FORK_H

/*
 * fork - the channel of a forked child.
 *
 * The socket says nothing of a peer's death: the result of the child's process
 * does, and then the channel's end is waited for, so that what the child sent
 * before it died arrives, and only then is the end of the channel told.
 */

#include "brood/fork.h"
#include "port.h"

struct fork {
    struct port port;
    struct brood_fork_options options;
    struct brood *pool;
    /** Of the endpoint, until the child has joined; then NULL. */
    char *path;
    bool was_open;
    /** In fork_pump(), which sends what callbacks add. */
    bool is_pumping;
    uint64_t delivered;
    /** The monitor has something to say. */
    bool peer_moved;
    /** When it must have joined. */
    int64_t due_ns;
    /** When its process was seen to have ended; 0: it lives. */
    int64_t ended_ns;
};

/** See what the channel has for us. @ended  the child's process has. */
void fork_pump(struct brood_child *child, bool ended);
/** Somebody has joined or left its channel: fork_pump() will look. */
void fork_note_peer(struct brood_child *child);
/** Its time may have come: see to it. */
bool fork_is_waiting(const struct brood_child *child);
/** Give up all calls of a child that is being freed. */
void fork_end_calls(struct brood_child *child);
/** Nothing more will come of it. */
bool fork_is_over(const struct brood_child *child);
/** End it without a word. NULL is allowed. Returns: NULL. */
struct fork *fork_free(struct fork *fork);

#endif /* BROOD_CORE_FORK_H */
