#ifndef BROOD_TOOLS_RUN_MEDIAN_H
#define BROOD_TOOLS_RUN_MEDIAN_H

/*
 * median - the median of many durations, in little memory.
 *
 * They are counted in classes, each 1/16 longer than the one before at most;
 * the median is known as exactly as that.
 */

#include <stdint.h>

enum {
    MEDIAN_CLASSES = 64 * 16
};

struct median {
    uint64_t counts[MEDIAN_CLASSES];
    uint64_t n;
};

void median_add(struct median *median, int64_t duration_ns);

/** The upper end of the class that holds the median; 0 without durations. */
int64_t median_ns(const struct median *median);

#endif /* BROOD_TOOLS_RUN_MEDIAN_H */
