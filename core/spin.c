#include "spin.h"

#include <errno.h>
#include <sched.h>

#include "base/clock.h"

/* How long the last arrival may be ago, and how long to look for the next. */
#define RECENT_NS (CLOCK_NS_PER_MS)
#define SPIN_NS   (100 * (CLOCK_NS_PER_MS / 1000))
/* Who is away for so long was not giving way to a thread that passes a message
 * on, but to one that computes; for how long not to try again. */
#define AWAY_NS (200 * (CLOCK_NS_PER_MS / 1000))
#define REST_NS (50 * CLOCK_NS_PER_MS)

void spin_note(struct spin *spin)
{
    spin->last_ns = clock_mono_ns();
}

/* Look for a moment, without sleeping. Returns: as epoll_wait(2). */
static int look(struct spin *spin,
                int epoll,
                struct epoll_event *events,
                int max,
                int64_t now_ns)
{
    int64_t end_ns = now_ns + SPIN_NS;
    int n;

    while ((n = epoll_wait(epoll, events, max, 0)) == 0 && now_ns < end_ns) {
        int64_t before_ns = now_ns;

        (void)sched_yield();
        now_ns = clock_mono_ns();
        if (now_ns - before_ns > AWAY_NS) {
            spin->rest_until_ns = now_ns + REST_NS;
        }
    }
    return n;
}

int spin_wait(struct spin *spin,
              int epoll,
              struct epoll_event *events,
              int max,
              int timeout_ms)
{
    int n = 0;

    if (timeout_ms != 0 && spin->last_ns != 0) {
        int64_t now_ns = clock_mono_ns();

        if (now_ns - spin->last_ns < RECENT_NS &&
            now_ns >= spin->rest_until_ns) {
            n = look(spin, epoll, events, max, now_ns);
        }
    }
    if (n == 0) {
        n = epoll_wait(epoll, events, max, timeout_ms);
    }
    return n < 0 ? -errno : n;
}
