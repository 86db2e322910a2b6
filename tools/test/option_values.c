/* option_values - what the values of the options of `brood test` mean. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wordexp.h>

#include "clock.h"
#include "run/duration.h"
#include "run/option_values.h"
#include "test/options.h"

enum {
    TIMES_MAX = 1000000,
    NUMBER_MAX = 1000000,
};

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

void test_texts_add(struct test_texts *texts, const char *text)
{
    texts->items =
        reallocarray((void *)texts->items, texts->n + 1, sizeof(const char *));
    if (texts->items == NULL) {
        text_no_memory();
    }
    texts->items[texts->n++] = text;
}

static int read_jobs(const struct option_found *found, struct test_options *ret)
{
    struct run_options run = { 0 };

    if (option_value_jobs(found->value, &run) < 0 ||
        strspn(found->value, "0") == strlen(found->value)) {
        return option_expected(found, "a number of tests such as 8 or 50%");
    }
    ret->slots = run.slots;
    return 0;
}

/* "A,B,STEP,N,N": an empty part is not given. */
static int read_numbers(const struct option_found *found,
                        struct test_numbers *ret)
{
    long parts[3] = { -1, -1, -1 };
    const char *at = found->value;

    for (int i = 0; i < 3 && *at != '\0'; i++) {
        char *end;

        if (*at == ',') {
            at++;
            continue;
        }
        parts[i] = strtol(at, &end, 10);
        if (parts[i] < 0 || (*end != ',' && *end != '\0')) {
            return option_expected(found, "numbers such as 1,10,2,15");
        }
        at = end + (*end == ',');
    }
    if (at[strspn(at, "0123456789,")] != '\0') {
        return option_expected(found, "numbers such as 1,10,2,15");
    }
    *ret = (struct test_numbers){ .is_given = true,
                                  .first = parts[0],
                                  .last = parts[1],
                                  .step = parts[2],
                                  .more = *at == '\0' ? NULL : at };
    return 0;
}

static int read_shard(const struct option_found *found,
                      struct test_options *ret)
{
    char *end;

    ret->shard = strtol(found->value, &end, 10);
    if (*end == '/') {
        ret->shards = strtol(end + 1, &end, 10);
    }
    return *end != '\0' || ret->shard < 1 || ret->shards < ret->shard ||
                   ret->shards > TIMES_MAX
               ? option_expected(found, "I/N, with I from 1 to N")
               : 0;
}

static int read_repeat(const struct option_found *found,
                       struct test_options *ret)
{
    static const char *const modes[] = {
        [TEST_REPEAT_UNTIL_FAIL] = "until-fail:",
        [TEST_REPEAT_UNTIL_PASS] = "until-pass:",
        [TEST_REPEAT_AFTER_TIMEOUT] = "after-timeout:",
    };

    for (int i = TEST_REPEAT_UNTIL_FAIL; i <= TEST_REPEAT_AFTER_TIMEOUT; i++) {
        size_t size = strlen(modes[i]);
        char *end;
        long n;

        if (strncmp(found->value, modes[i], size) != 0) {
            continue;
        }
        n = strtol(found->value + size, &end, 10);
        if (*end == '\0' && n >= 1 && n <= TIMES_MAX) {
            ret->repeat = (enum test_repeat)i;
            ret->repeat_n = (unsigned)n;
            return 0;
        }
    }
    return option_expected(found, "until-fail:N, until-pass:N or "
                                  "after-timeout:N");
}

static int read_output(const struct option_found *found,
                       struct test_options *ret)
{
    static const char *const words[] = {
        [TEST_SHOW_FAILED] = "failed",
        [TEST_SHOW_ALL] = "all",
        [TEST_SHOW_NONE] = "none",
    };

    for (int i = 0; i <= TEST_SHOW_NONE; i++) {
        if (strcmp(found->value, words[i]) == 0) {
            ret->show = (enum test_show)i;
            return 0;
        }
    }
    return option_expected(found, "failed, all or none");
}

static int read_times(const struct option_found *found, unsigned *ret)
{
    int64_t n = 0;
    int r = option_number(found, found->row->id == OPT_RETRIES ? 0 : 1,
                          "a number", &n);

    if (r == 0 && n > TIMES_MAX) {
        r = option_expected(found, "a number up to 1000000");
    }
    *ret = (unsigned)n;
    return r;
}

static int read_output_lines(const struct option_found *found, unsigned *ret)
{
    int64_t n = 0;
    int r = option_number(found, 0, "a number of lines, 0 for all", &n);

    *ret = n > UINT_MAX ? UINT_MAX : (unsigned)n;
    return r;
}

static int read_limit(const struct option_found *found,
                      struct test_options *ret)
{
    const char *equals = strchr(found->value, '=');
    char *end;

    if (equals == NULL || equals == found->value ||
        strtol(equals + 1, &end, 10) < 1 || *end != '\0') {
        return option_expected(found, "LABEL=NUMBER");
    }
    test_texts_add(&ret->limits, found->value);
    return 0;
}

static int read_time(const struct option_found *found, int64_t *ret)
{
    return duration_parse(found->value, ret) < 0
               ? option_expected(found, "a time such as 10 or 1m30s")
               : 0;
}

static int read_positive(const struct option_found *found, double *ret)
{
    char *end;

    *ret = strtod(found->value, &end);
    return *end != '\0' || !(*ret > 0) || *ret > NUMBER_MAX
               ? option_expected(found, "a number above 0 such as 2 or 1.5")
               : 0;
}

/* HH:MM or HH:MM:SS, the next time that it is; or how long from now, behind a
 * plus. */
static int read_stop_time(const struct option_found *found, int64_t *ret_ns)
{
    static const char *const formats[] = { "%H:%M:%S", "%H:%M" };
    int64_t now_ns = clock_epoch_ns();
    time_t now = (time_t)(now_ns / NS_PER_S);
    int64_t span_ms;

    if (*found->value == '+' &&
        duration_parse(found->value + 1, &span_ms) == 0) {
        *ret_ns = now_ns + span_ms * NS_PER_MS;
        return 0;
    }
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct tm tm = { 0 };
        const char *end;

        (void)localtime_r(&now, &tm);
        tm.tm_sec = 0;
        end = strptime(found->value, formats[i], &tm);
        if (end != NULL && *end == '\0') {
            tm.tm_isdst = -1;
            if (mktime(&tm) <= now) {
                tm.tm_mday++;
            }
            tm.tm_isdst = -1;
            *ret_ns = mktime(&tm) * NS_PER_S;
            return 0;
        }
    }
    return option_expected(found, "a time of day such as 17:30, or +1h");
}

/* Words as a shell splits them; no command is run for it. */
static int read_wrap(const struct option_found *found, wordexp_t *ret)
{
    int r;

    if (ret->we_wordc > 0) {
        wordfree(ret);
    }
    *ret = (wordexp_t){ 0 };
    r = wordexp(found->value, ret, WRDE_NOCMD | WRDE_UNDEF);
    if (r == 0 && ret->we_wordc == 0) {
        wordfree(ret);
    }
    if (r != 0) {
        ret->we_wordc = 0;
    }
    return ret->we_wordc == 0
               ? option_expected(found, "a command, with its quotes closed")
               : 0;
}

static int read_no_tests(const struct option_found *found, bool *ret_is_ok)
{
    *ret_is_ok = strcmp(found->value, "ignore") == 0;
    return *ret_is_ok || strcmp(found->value, "error") == 0
               ? 0
               : option_expected(found, "error or ignore");
}

/* Options with values that are texts. */
static int read_text(const struct option_found *found, struct test_options *ret)
{
    switch (found->row->id) {
    case OPT_INCLUDE:
        test_texts_add(&ret->include, found->value);
        break;
    case OPT_EXCLUDE:
        test_texts_add(&ret->exclude, found->value);
        break;
    case OPT_LABEL:
        test_texts_add(&ret->labels, found->value);
        break;
    case OPT_LABEL_NOT:
        test_texts_add(&ret->labels_not, found->value);
        break;
    case OPT_FIXTURE_ANY:
        test_texts_add(&ret->no_setup, found->value);
        test_texts_add(&ret->no_cleanup, found->value);
        break;
    case OPT_FIXTURE_SETUP:
        test_texts_add(&ret->no_setup, found->value);
        break;
    case OPT_FIXTURE_CLEANUP:
        test_texts_add(&ret->no_cleanup, found->value);
        break;
    case OPT_FROM_FILE:
        test_texts_add(&ret->from_files, found->value);
        break;
    case OPT_EXCLUDE_FROM_FILE:
        test_texts_add(&ret->exclude_files, found->value);
        break;
    case OPT_TEST_DIR:
        test_texts_add(&ret->sources, found->value);
        break;
    case OPT_BISECT:
        ret->bisect = found->value;
        break;
    case OPT_CONFIG:
        ret->config = found->value;
        break;
    case OPT_RESOURCES:
        ret->resources = found->value;
        break;
    case OPT_STORE:
        ret->store = found->value;
        break;
    case OPT_JUNIT:
        ret->junit = found->value;
        break;
    case OPT_TAP:
        ret->tap = found->value;
        break;
    default:
        ret->events = found->value;
        break;
    }
    return 0;
}

int test_option_value(const struct option_found *found,
                      struct test_options *ret)
{
    int64_t seed = 0;
    int r;

    switch (found->row->id) {
    case OPT_JOBS:
        return read_jobs(found, ret);
    case OPT_NUMBERS:
        return read_numbers(found, &ret->numbers);
    case OPT_SHARD:
        return read_shard(found, ret);
    case OPT_REPEAT:
        return read_repeat(found, ret);
    case OPT_RETRIES:
        return read_times(found, &ret->retries);
    case OPT_STRESS:
        return read_times(found, &ret->stress);
    case OPT_SEED:
        r = option_number(found, 1, "a number from 1", &seed);
        ret->seed = (uint64_t)seed;
        ret->is_shuffled = true;
        return r;
    case OPT_TIMEOUT:
        return read_time(found, &ret->timeout_ms);
    case OPT_SLOW:
        return read_time(found, &ret->slow_ms);
    case OPT_LIMIT:
        return read_limit(found, ret);
    case OPT_MAX_FAIL:
        return read_times(found, &ret->max_fail);
    case OPT_STOP_TIME:
        return read_stop_time(found, &ret->stop_time_ns);
    case OPT_TEST_LOAD:
        return read_positive(found, &ret->load);
    case OPT_TIMEOUT_FACTOR:
        return read_positive(found, &ret->timeout_factor);
    case OPT_WRAP:
        return read_wrap(found, &ret->wrap);
    case OPT_NO_TESTS:
        return read_no_tests(found, &ret->none_is_ok);
    case OPT_KEEP:
        return option_number(found, 0, "a number of runs", &ret->keep);
    case OPT_OUTPUT:
        return read_output(found, ret);
    case OPT_OUTPUT_LINES:
        return read_output_lines(found, &ret->output_lines);
    default:
        return read_text(found, ret);
    }
}
