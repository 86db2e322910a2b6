#ifndef BROOD_TOOLS_CLOCK_H
#define BROOD_TOOLS_CLOCK_H

/* clock - what time it is, in nanoseconds. */

#include <stdint.h>

/** On the monotonic clock: for how long something takes, and for deadlines. */
int64_t clock_now_ns(void);
/** Since 1970: for what is recorded. It may be set back. */
int64_t clock_epoch_ns(void);

#endif /* BROOD_TOOLS_CLOCK_H */
