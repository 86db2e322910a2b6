#ifndef BROOD_WORKERS_LAUNCH_H
#define BROOD_WORKERS_LAUNCH_H

/*
 * launch - the start of a child: its command, its streams, its process.
 *
 * All that can fail comes before the process exists, but for watching for its
 * end and its streams; where epoll has no room, the clock takes its place.
 */

#include <stdbool.h>
#include <stdint.h>

#include "workers/spawn.h"

struct child;
struct job;
struct message_bytes;
struct stream;
struct worker;

/**
 * Start a job's process with its streams.
 *
 * @ret_step  the step that failed.
 *
 * Returns:   0, or a negative error; then nothing of the child is left.
 */
int launch(struct worker *w,
           struct child *c,
           const struct job *job,
           enum spawn_step *ret_step);

/** The failure is one of means that other children hold now. */
bool launch_may_succeed_later(enum spawn_step step, int error);

/** Watch one of a child's streams. Returns: 0 or a negative error. */
int launch_watch_stream(struct worker *w, struct child *c, struct stream *s);

/** Watch for room in a child's input. Returns: 0 or a negative error. */
int launch_watch_input(struct worker *w, struct child *c);

/** What could not be watched is tried again by the clock. */
void launch_watch_later(struct worker *w);

#endif /* BROOD_WORKERS_LAUNCH_H */
