#include "store/past.h"

#include <stdlib.h>
#include <string.h>

#include "store/outcome.h"

enum {
    /* Runs in which it passed, to say what is usual. */
    USUAL_MIN = 3,
    SLOW_TIMES = 2,
};

#define SLOW_MORE_NS INT64_C(100000000)

static const char runs_sql[] =
    "SELECT run, start_ns, (SELECT count(*) FROM results"
    " WHERE results.run = runs.run) AS n FROM runs WHERE n > 0 AND run <="
    " CASE WHEN ?1 > 0 THEN ?1 ELSE (SELECT max(run) FROM runs) END"
    " ORDER BY run DESC LIMIT ?2";

static const char results_sql[] =
    "SELECT job, run, outcome, attempts, start_ns, duration_ns FROM results"
    " WHERE run BETWEEN ?1 AND ?2 ORDER BY job, run, result";

enum {
    COLUMN_JOB,
    COLUMN_RUN,
    COLUMN_OUTCOME,
    COLUMN_ATTEMPTS,
    COLUMN_START,
    COLUMN_DURATION,
};

static const enum past_end ends[STORE_OUTCOMES] = {
    [STORE_OK] = PAST_OK,
    [STORE_FAILED] = PAST_FAILED,
    [STORE_SIGNALLED] = PAST_CRASHED,
    [STORE_TIMED_OUT] = PAST_TIMED_OUT,
    [STORE_NOT_STARTED] = PAST_NOT_STARTED,
    [STORE_SKIPPED] = PAST_SKIPPED,
    [STORE_CANCELLED] = PAST_CANCELLED,
    [STORE_LOST] = PAST_LOST,
};

enum past_end past_end_of(const char *outcome, int attempts)
{
    enum store_outcome found = store_outcome_find(outcome);

    if (found == STORE_OUTCOMES) {
        return PAST_LOST;
    }
    return found == STORE_OK && attempts > 1 ? PAST_FLAKY : ends[found];
}

/* Returns: STORE_OUTCOMES for what is no outcome of the record. */
static enum store_outcome outcome_of(enum past_end end)
{
    int i = 0;

    while (i < STORE_OUTCOMES && ends[i] != end) {
        i++;
    }
    return (enum store_outcome)i;
}

const char *past_end_name(enum past_end end)
{
    enum store_outcome outcome = outcome_of(end);

    if (outcome == STORE_OUTCOMES) {
        return end == PAST_FLAKY ? "flaky" : "absent";
    }
    return store_outcome_name(outcome);
}

bool past_is_bad(enum past_end end)
{
    enum store_outcome outcome = outcome_of(end);

    return outcome != STORE_OUTCOMES && store_outcome_is_failure(outcome);
}

static bool is_good(enum past_end end)
{
    return end == PAST_OK || end == PAST_FLAKY;
}

/* What says most of a job. */
static int weight_of(enum past_end end)
{
    if (end == PAST_FLAKY) {
        return 3;
    }
    return past_is_bad(end) ? 2 : end == PAST_OK;
}

/* What to say of two ends in one run. */
static enum past_end join(enum past_end one, enum past_end other)
{
    if ((is_good(one) && past_is_bad(other)) ||
        (past_is_bad(one) && is_good(other))) {
        return PAST_FLAKY;
    }
    return weight_of(one) > weight_of(other) ? one : other;
}

/* End a statement that has come to @step. */
static int finish(struct store_reader *reader, sqlite3_stmt *row, int step)
{
    bool failed = row == NULL || (step != SQLITE_DONE && step != SQLITE_ROW);

    if (row != NULL && failed) {
        store_reader_fail(reader);
    }
    (void)sqlite3_finalize(row);
    return failed ? -1 : 0;
}

int past_find_runs(struct store_reader *reader,
                   int64_t run,
                   struct past_runs *ret)
{
    sqlite3_stmt *row = store_reader_prepare(reader, runs_sql);
    int64_t n_results = 0;
    int step = SQLITE_ERROR;

    *ret = (struct past_runs){ 0 };
    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, run);
        (void)sqlite3_bind_int(row, 2, PAST_RUNS_MAX);
    }
    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        n_results += sqlite3_column_int64(row, 2);
        if (ret->n > 0 && n_results > PAST_RESULTS_MAX) {
            break;
        }
        /* The latest last. */
        memmove(&ret->runs[1], &ret->runs[0], ret->n * sizeof(ret->runs[0]));
        ret->runs[0].run = sqlite3_column_int64(row, 0);
        ret->runs[0].start_ns = sqlite3_column_int64(row, 1);
        ret->n++;
    }
    return finish(reader, row, step);
}

static void add_result(const struct past_runs *runs,
                       sqlite3_stmt *row,
                       struct past *past)
{
    int64_t run = sqlite3_column_int64(row, COLUMN_RUN);
    enum past_end end =
        past_end_of((const char *)sqlite3_column_text(row, COLUMN_OUTCOME),
                    sqlite3_column_int(row, COLUMN_ATTEMPTS));
    unsigned at = 0;

    while (at < runs->n && runs->runs[at].run != run) {
        at++;
    }
    if (at == runs->n) {
        return; /* Of a run that has begun since. */
    }
    past->ends[at] = (char)(past->ends[at] == PAST_ABSENT
                                ? end
                                : join((enum past_end)past->ends[at], end));
    if (sqlite3_column_int64(row, COLUMN_START) > 0) {
        past->durations_ns[at] = sqlite3_column_int64(row, COLUMN_DURATION);
    }
}

static void begin(struct past *past, int64_t job, unsigned n_runs)
{
    past->job = job;
    memset(past->ends, PAST_ABSENT, n_runs);
    past->ends[n_runs] = '\0';
    for (unsigned i = 0; i < n_runs; i++) {
        past->durations_ns[i] = -1;
    }
}

int past_read(struct store_reader *reader,
              const struct past_runs *runs,
              void (*on_past)(void *user, const struct past *past),
              void *user)
{
    struct past past = { 0 };
    sqlite3_stmt *row;
    int step = SQLITE_ERROR;

    if (runs->n == 0) {
        return 0;
    }
    row = store_reader_prepare(reader, results_sql);
    if (row != NULL) {
        (void)sqlite3_bind_int64(row, 1, runs->runs[0].run);
        (void)sqlite3_bind_int64(row, 2, runs->runs[runs->n - 1].run);
    }
    while (row != NULL && (step = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t job = sqlite3_column_int64(row, COLUMN_JOB);

        if (past.job != job) {
            if (past.job != 0) {
                on_past(user, &past);
            }
            begin(&past, job, runs->n);
        }
        add_result(runs, row, &past);
    }
    if (past.job != 0) {
        on_past(user, &past);
    }
    return finish(reader, row, step);
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The lower one of two in the middle; -1: there is none. */
static int64_t median_of(const struct past *past, bool of_bad)
{
    int64_t sorted[PAST_RUNS_MAX];
    size_t n = 0;

    for (int i = 0; past->ends[i] != '\0'; i++) {
        enum past_end end = (enum past_end)past->ends[i];

        if (past->durations_ns[i] >= 0 &&
            (of_bad ? past_is_bad(end) : is_good(end))) {
            sorted[n++] = past->durations_ns[i];
        }
    }
    qsort(sorted, n, sizeof(sorted[0]), compare);
    return n == 0 ? -1 : sorted[(n - 1) / 2];
}

void past_count(const struct past *past, struct past_numbers *ret)
{
    bool was_bad = false;

    *ret = (struct past_numbers){ 0 };
    for (int i = 0; past->ends[i] != '\0'; i++) {
        enum past_end end = (enum past_end)past->ends[i];
        bool bad = past_is_bad(end);

        if (!bad && !is_good(end)) {
            continue;
        }
        if (ret->ran > 0 && bad != was_bad) {
            ret->changed++;
            ret->same = 0;
        }
        was_bad = bad;
        ret->ran++;
        ret->same++;
        ret->failed += bad;
        ret->flaky += end == PAST_FLAKY;
    }
    ret->median_ns = median_of(past, ret->ran > 0 && ret->failed == ret->ran);
}

bool past_is_flaky(const struct past_numbers *numbers)
{
    return numbers->flaky > 0 || numbers->changed > 1;
}

double past_flakiness(const struct past_numbers *numbers)
{
    unsigned odd = numbers->flaky + numbers->changed;

    if (!past_is_flaky(numbers)) {
        return 0;
    }
    return odd > numbers->ran ? 1 : (double)odd / numbers->ran;
}

bool past_is_slow(const struct past_numbers *numbers, int64_t duration_ns)
{
    return numbers->ran - numbers->failed >= USUAL_MIN &&
           numbers->median_ns >= 0 &&
           duration_ns > SLOW_TIMES * numbers->median_ns &&
           duration_ns - numbers->median_ns > SLOW_MORE_NS;
}
