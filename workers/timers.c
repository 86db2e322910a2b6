#include "workers/timers.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

/*
 * A binary heap whose root has the index 1: the parent of i is i / 2, and
 * heap[i - 1] knows that it is at i.
 */

int timers_reserve(struct timers *t, size_t n)
{
    void *heap;

    if (n <= t->room) {
        return 0;
    }
    if (n > SIZE_MAX / sizeof(struct timer *)) {
        return -ENOMEM;
    }
    heap = brood_realloc((void *)t->heap, n * sizeof(struct timer *));
    if (heap == NULL) {
        return -ENOMEM;
    }
    t->heap = heap;
    t->room = n;
    return 0;
}

void timers_clear(struct timers *t)
{
    free((void *)t->heap);
    *t = (struct timers){ 0 };
}

static void place(struct timers *t, struct timer *timer, size_t index)
{
    t->heap[index - 1] = timer;
    timer->index = index;
}

/* Move a hole from @index towards the root until @timer fits into it. */
static void sift_up(struct timers *t, struct timer *timer, size_t index)
{
    while (index > 1 && t->heap[index / 2 - 1]->due_ns > timer->due_ns) {
        place(t, t->heap[index / 2 - 1], index);
        index /= 2;
    }
    place(t, timer, index);
}

/* The same away from the root. */
static void sift_down(struct timers *t, struct timer *timer, size_t index)
{
    while (index * 2 <= t->count) {
        size_t child = index * 2;

        if (child < t->count &&
            t->heap[child]->due_ns < t->heap[child - 1]->due_ns) {
            child++;
        }
        if (t->heap[child - 1]->due_ns >= timer->due_ns) {
            break;
        }
        place(t, t->heap[child - 1], index);
        index = child;
    }
    place(t, timer, index);
}

static void settle(struct timers *t, struct timer *timer, size_t index)
{
    if (index > 1 && t->heap[index / 2 - 1]->due_ns > timer->due_ns) {
        sift_up(t, timer, index);
    } else {
        sift_down(t, timer, index);
    }
}

void timers_add(struct timers *t, struct timer *timer, int64_t due_ns)
{
    size_t index = timer->index;

    if (index == 0) {
        assert(t->count < t->room);
        index = ++t->count;
    }
    timer->due_ns = due_ns;
    settle(t, timer, index);
}

void timers_remove(struct timers *t, struct timer *timer)
{
    size_t index = timer->index;
    struct timer *last;

    if (index == 0) {
        return;
    }
    last = t->heap[t->count - 1];
    t->count--;
    timer->index = 0;
    if (last != timer) {
        settle(t, last, index);
    }
}

struct timer *timers_next(const struct timers *t)
{
    return t->count == 0 ? NULL : t->heap[0];
}

struct timer *timers_take_due(struct timers *t, int64_t now_ns)
{
    struct timer *first = timers_next(t);

    if (first == NULL || first->due_ns > now_ns) {
        return NULL;
    }
    timers_remove(t, first);
    return first;
}

int timers_wait_ms(const struct timers *t, int64_t now_ns)
{
    const struct timer *first = timers_next(t);
    int64_t ms;

    if (first == NULL) {
        return -1;
    }
    if (first->due_ns <= now_ns) {
        return 0;
    }
    /* Both are on one clock, which starts near 0: no overflow unless
     * somebody means "never", and that is far enough off. */
    ms = (first->due_ns - now_ns - 1) / CLOCK_NS_PER_MS + 1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}
