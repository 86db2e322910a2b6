#ifndef BROOD_WORKERS_TIMERS_H
#define BROOD_WORKERS_TIMERS_H

/*
 * timers - deadlines on the monotonic clock, the earliest first.
 *
 * A timer lies inside of the struct that it belongs to (find that with
 * LIST_ENTRY); zeroed memory is a timer that is not set. Room for all timers
 * is reserved in advance, so that setting one cannot fail. Setting and
 * removing take O(log n), the earliest is known at once.
 *
 * Threads: one at a time for each struct timers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    /** When it is due (CLOCK_MONOTONIC). */
    int64_t due_ns;
    /** Its place in the heap, counted from 1; 0: not set. */
    size_t index;
    /** Yours: what is due. */
    int kind;
};

/** Zeroed memory is an empty set without room. */
struct timers {
    struct timer **heap;
    size_t count;
    size_t room;
};

/**
 * Make room for @n timers in all.
 *
 * Returns:   0 or -ENOMEM; on error the set is as it was.
 */
int timers_reserve(struct timers *t, size_t n);

/** Free the room; timers that are still set must not be used again. */
void timers_clear(struct timers *t);

/**
 * Set a timer, or move one that is set already.
 *
 * The set must have room for it.
 */
void timers_add(struct timers *t, struct timer *timer, int64_t due_ns);

/** Take a timer out; one that is not set stays so. */
void timers_remove(struct timers *t, struct timer *timer);

/** The timer that is due first, still set, or NULL. */
struct timer *timers_next(const struct timers *t);

/** Take out the timer that is due first if that is at or before @now_ns.
 * Returns: the timer, no longer set, or NULL. */
struct timer *timers_take_due(struct timers *t, int64_t now_ns);

/**
 * How long to wait for the first timer, for epoll_wait(2).
 *
 * Returns:   milliseconds, rounded up so that a wait never ends early; 0: one
 *            is due; -1: none is set.
 */
int timers_wait_ms(const struct timers *t, int64_t now_ns);

static inline bool timer_is_set(const struct timer *timer)
{
    return timer->index != 0;
}

#endif /* BROOD_WORKERS_TIMERS_H */
