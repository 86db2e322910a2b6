#ifndef BROOD_BASE_CLOCK_H
#define BROOD_BASE_CLOCK_H

/* clock - the two clocks: monotonic for deadlines, real for records. */

#include <stdint.h>

#define CLOCK_NS_PER_MS INT64_C(1000000)
#define CLOCK_NS_PER_S  INT64_C(1000000000)

/** Nanoseconds on CLOCK_MONOTONIC. Threads: any. */
int64_t clock_mono_ns(void);
/** The same as of the kernel's last tick: 1 to 10 ms old, for a tenth of the
 * time. Threads: any. */
int64_t clock_tick_ns(void);
/** Nanoseconds since 1970. Threads: any. */
int64_t clock_real_ns(void);

#endif /* BROOD_BASE_CLOCK_H */
