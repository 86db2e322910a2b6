#include "spin.h"

#include <errno.h>
#include <sched.h>

#include "base/clock.h"

/* How long the last arrival may be ago, and how long to look for the next. */
#define RECENT_NS (CLOCK_NS_PER_MS)
#define SPIN_NS   (100 * (CLOCK_NS_PER_MS / 1000))

void spin_note(struct spin *spin)
{
    spin->last_ns = clock_mono_ns();
}

int spin_wait(const struct spin *spin,
              int epoll,
              struct epoll_event *events,
              int max,
              int timeout_ms)
{
    int n = 0;

    if (timeout_ms != 0 && spin->last_ns != 0) {
        int64_t start_ns = clock_mono_ns();

        if (start_ns - spin->last_ns < RECENT_NS) {
            do {
                n = epoll_wait(epoll, events, max, 0);
                if (n == 0) {
                    (void)sched_yield();
                }
            } while (n == 0 && clock_mono_ns() - start_ns < SPIN_NS);
        }
    }
    if (n == 0) {
        n = epoll_wait(epoll, events, max, timeout_ms);
    }
    return n < 0 ? -errno : n;
}
