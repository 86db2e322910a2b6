#ifndef BROOD_TOOLS_RUN_DURATION_H
#define BROOD_TOOLS_RUN_DURATION_H

/* duration - read a time span as users write it. */

#include <stdint.h>

/**
 * Read "2.5", "90s", "1m30s", "1d2h"; a number without a unit is seconds.
 *
 * @text  numbers with a fraction or not, each but the last with a unit s, m, h
 *        or d in either case; no sign, no blanks.
 *
 * Units:     *ret_ms is milliseconds, rounded up: what is not 0 stays so.
 * Returns:   0; -EINVAL not a duration; -ERANGE more than 100 years. On error
 *            *ret_ms is untouched.
 */
int duration_parse(const char *text, int64_t *ret_ms);

#endif /* BROOD_TOOLS_RUN_DURATION_H */
