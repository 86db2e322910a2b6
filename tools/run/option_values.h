#ifndef BROOD_TOOLS_RUN_OPTION_VALUES_H
#define BROOD_TOOLS_RUN_OPTION_VALUES_H

/*
 * option_values - read the values of options.
 *
 * Each function returns 0, or -EINVAL with @ret untouched when the text does
 * not say what it should.
 */

#include <stdbool.h>

#include "run/options.h"

/** "8", "50%", "+2", "-1", "0", or a file that holds one of these. */
int option_value_jobs(const char *text, struct run_options *ret);

/** A number from @min to @max. */
int option_value_number(const char *text, long min, long max, long *ret);

/** A duration, or a percentage of the median run time. */
int option_value_timeout(const char *text, struct run_options *ret);

/** "TERM,200,TERM,100,KILL,25": signals, and milliseconds after each. */
int option_value_termseq(const char *text, struct run_options *ret);

/** "TERM", "SIGTERM" or "15": the number, or -EINVAL. */
int option_value_signal(const char *text, size_t size);

#endif /* BROOD_TOOLS_RUN_OPTION_VALUES_H */
