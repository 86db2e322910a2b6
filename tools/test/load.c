/* load - tests wait while the machine has enough to do (--test-load). */
#include <stdio.h>

#include "test/testing.h"

enum {
    LOOK_MS = 100,
};

#define NS_PER_MS INT64_C(1000000)

/* How many processes run or wait for a processor, but for the one that looks;
 * 0 where that is not told. */
static unsigned count_running(void)
{
    FILE *file = fopen("/proc/loadavg", "re");
    unsigned n = 0;

    if (file != NULL) {
        if (fscanf(file, "%*s %*s %*s %u/", &n) != 1) {
            n = 0;
        }
        (void)fclose(file);
    }
    return n > 0 ? n - 1 : 0;
}

bool test_may_start(struct testing *t)
{
    int64_t now;

    if (t->options.load <= 0 || t->n_running == 0) {
        return true;
    }
    now = clock_now_ns();
    if (now < t->load_look_ns) {
        return false;
    }
    /* What was started last has not shown itself yet: one at a time. */
    t->load_look_ns = now + LOOK_MS * NS_PER_MS;
    return count_running() < t->options.load;
}

int test_load_wait_ms(const struct testing *t)
{
    return t->options.load > 0 ? LOOK_MS : -1;
}
