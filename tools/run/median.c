#include "run/median.h"

enum {
    STEP_BITS = 4,
    STEPS = 1 << STEP_BITS
};

/* Small durations have a class each; from there on a class is a power of two
 * and the four bits behind it. */
static unsigned class_of(uint64_t ns)
{
    unsigned power;

    if (ns < STEPS) {
        return (unsigned)ns;
    }
    power = 63u - (unsigned)__builtin_clzll(ns);
    return (power - STEP_BITS + 1) * STEPS +
           (unsigned)(ns >> (power - STEP_BITS)) % STEPS;
}

static int64_t class_end(unsigned class)
{
    unsigned shift;

    if (class < STEPS) {
        return class;
    }
    shift = class / STEPS - 1;
    return (int64_t)((((uint64_t)STEPS + class % STEPS + 1) << shift) - 1);
}

void median_add(struct median *median, int64_t duration_ns)
{
    median->counts[class_of(duration_ns < 0 ? 0 : (uint64_t)duration_ns)]++;
    median->n++;
}

int64_t median_ns(const struct median *median)
{
    uint64_t before = 0;

    for (unsigned i = 0; i < MEDIAN_CLASSES; i++) {
        before += median->counts[i];
        if (median->n > 0 && before >= (median->n + 1) / 2) {
            return class_end(i);
        }
    }
    return 0;
}
