#ifndef BROOD_TOOLS_STORE_PAST_H
#define BROOD_TOOLS_STORE_PAST_H

/*
 * past - how jobs have ended in a run and in those before it, and what that
 * says of them: how often they fail, whether they are flaky, how long they
 * usually take.
 *
 *     past_find_runs -> past_read: each job's struct past -> past_count
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/reader.h"

enum {
    /** Runs that are looked at, the last of those with results. */
    PAST_RUNS_MAX = 30,
    /** Results that they may have in all; else they are fewer runs. */
    PAST_RESULTS_MAX = 1000000,
};

/** How a job has ended in one run. */
enum past_end {
    PAST_ABSENT = '-',
    PAST_OK = 'p',
    /** It passed, but not at once: it had been tried again, or it was in the
     * run more than once and has passed and failed. */
    PAST_FLAKY = 'y',
    PAST_FAILED = 'f',
    PAST_CRASHED = 'c',
    PAST_TIMED_OUT = 't',
    PAST_NOT_STARTED = 'n',
    PAST_LOST = 'l',
    PAST_SKIPPED = 's',
    PAST_CANCELLED = 'x',
};

/** The runs that are looked at, the latest last. */
struct past_runs {
    struct {
        int64_t run;
        int64_t start_ns;
    } runs[PAST_RUNS_MAX];
    unsigned n;
};

/** One job; what it did in runs[i] is at i. */
struct past {
    int64_t job;
    /** enum past_end; a string. */
    char ends[PAST_RUNS_MAX + 1];
    /** -1: it was not started. */
    int64_t durations_ns[PAST_RUNS_MAX];
};

/** What a past says. Only runs count in which the job passed or failed. */
struct past_numbers {
    unsigned ran;
    unsigned failed;
    unsigned flaky;
    /** How often it failed where it had passed in the run before, or passed
     * where it had failed. */
    unsigned changed;
    /** How many of the last runs have ended as the last one, well or badly. */
    unsigned same;
    /** Half of the runs in which it passed took no longer; if it never did, of
     * those in which it failed. -1: not known. */
    int64_t median_ns;
};

/**
 * Find the runs to look at.
 *
 * @run  the last of them; 0 or less: the last there is.
 *
 * Returns:   0, or -1 and reader->error.
 */
int past_find_runs(struct store_reader *reader,
                   int64_t run,
                   struct past_runs *ret);

/**
 * Read the past of each job that was in one of the runs, in the order of their
 * numbers.
 *
 * @on_past  gets what is valid during the call.
 *
 * Returns:   0, or -1 and reader->error.
 */
int past_read(struct store_reader *reader,
              const struct past_runs *runs,
              void (*on_past)(void *user, const struct past *past),
              void *user);

/** As the record spells an outcome; @attempts is how often it was tried. */
enum past_end past_end_of(const char *outcome, int attempts);
/** In words, such as "timed out". */
const char *past_end_name(enum past_end end);
bool past_is_bad(enum past_end end);

void past_count(const struct past *past, struct past_numbers *ret);
/** Passes only sometimes: was flaky, or changed and changed back. (What has
 * changed once was broken or mended.) */
bool past_is_flaky(const struct past_numbers *numbers);
/** How flaky, from 0 to 1: what was flaky or a change, by the runs; 0 for one
 * that is not. */
double past_flakiness(const struct past_numbers *numbers);
/** Took more than twice as long as usual, and 0.1 s more, and what is usual
 * is known from three runs. */
bool past_is_slow(const struct past_numbers *numbers, int64_t duration_ns);

#endif /* BROOD_TOOLS_STORE_PAST_H */
