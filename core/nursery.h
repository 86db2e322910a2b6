#ifndef BROOD_CORE_NURSERY_H
#define BROOD_CORE_NURSERY_H

/*
 * nursery - the batch in which the children of brood_spawn() live, and what is
 * said of them to their workers.
 */

#include <stdbool.h>
#include <stddef.h>

struct brood;
struct brood_batch_options;
struct brood_child;
struct brood_result;

/** Whose callbacks turn the batch's events into those of children. */
extern const struct brood_batch_options nursery_options;

/** Start a child. Returns: 0 or the errors of brood_spawn(). */
int nursery_submit(struct brood *pool, struct brood_child *child);

/** A worker has it, started or not. */
bool nursery_is_sent(const struct brood_child *child);

/* Each tells a child's worker something. Returns: 0 or -ENOMEM. */
int nursery_send_input(struct brood_child *child,
                       const void *data,
                       size_t size,
                       bool last);
int nursery_send_pause(struct brood_child *child, int stream, bool paused);
int nursery_send_kill(struct brood_child *child, int sig);
int nursery_send_leave(struct brood_child *child);

/** Send what was asked for before the start. */
void nursery_send_early(struct brood_child *child);

/** Keep a result beyond its callback. Returns: false if that is not possible
 * now. */
bool nursery_keep_result(const struct brood_result *result,
                         struct brood_result *ret);
void nursery_drop_result(struct brood_result *result);

#endif /* BROOD_CORE_NURSERY_H */
