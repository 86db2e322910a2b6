#include "clock.h"

#include <time.h>

#define NS_PER_S INT64_C(1000000000)

static int64_t read_ns(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_now_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_epoch_ns(void)
{
    return read_ns(CLOCK_REALTIME);
}
