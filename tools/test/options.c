#include "test/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "run/duration.h"
#include "run/option_values.h"

enum {
    OPT_JOBS = 1,
    OPT_INCLUDE,
    OPT_EXCLUDE,
    OPT_LABEL,
    OPT_LABEL_NOT,
    OPT_NUMBERS,
    OPT_RERUN_FAILED,
    OPT_SHARD,
    OPT_CONFIG,
    OPT_TAP_PROGRAMS,
    OPT_LIST,
    OPT_REPEAT,
    OPT_RETRIES,
    OPT_STRESS,
    OPT_STOP,
    OPT_SHUFFLE,
    OPT_SEED,
    OPT_TIMEOUT,
    OPT_SLOW,
    OPT_LIMIT,
    OPT_STORE,
    OPT_NO_STORE,
    OPT_OUTPUT,
    OPT_QUIET,
    OPT_NO_PROGRESS,
    OPT_JUNIT,
    OPT_TAP,
    OPT_EVENTS,
    OPT_HELP,
    OPT_VERSION,
};

enum {
    SLOW_DEFAULT_MS = 60000,
    TIMES_MAX = 1000000,
};

#define WHICH   "Which tests"
#define RUNNING "Running"
#define OUTPUT  "Output and reports"

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_INCLUDE, .letters = "R", .names = "tests-regex",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH,
      .help = "those whose name has REGEX",
      .manual =
        "Run tests whose name has a match of REGEX, in the syntax of CMake. "
        "Given more than once, one match is enough." },
    { .id = OPT_EXCLUDE, .letters = "E", .names = "exclude-regex",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH,
      .help = "not those whose name has REGEX",
      .manual = "Leave out tests whose name has a match of REGEX." },
    { .id = OPT_LABEL, .letters = "L", .names = "label-regex",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH,
      .help = "those with a label that has REGEX",
      .manual =
        "Run tests that have a label with a match of REGEX. Given more than "
        "once, each must have a match." },
    { .id = OPT_LABEL_NOT, .letters = "", .names = "label-exclude",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH,
      .help = "not those with such a label (also: -LE)",
      .manual =
        "Leave out tests that have a label with a match of REGEX; given more "
        "than once, those with a match of each. `-LE` is the same." },
    { .id = OPT_NUMBERS, .letters = "I", .names = "tests-information",
      .value = OPTION_VALUE, .placeholder = "A,B,STEP,N...", .group = WHICH,
      .help = "from number A to B by STEP, and numbers N",
      .manual =
        "Run tests by their numbers: every STEP-th from A to B, and those that "
        "follow. What is left out is the first, the last and 1." },
    { .id = OPT_RERUN_FAILED, .letters = "", .names = "rerun-failed",
      .group = WHICH,
      .help = "those that failed when they ran last",
      .manual = "Run tests that failed when they were run last." },
    { .id = OPT_SHARD, .letters = "", .names = "shard",
      .value = OPTION_VALUE, .placeholder = "I/N", .group = WHICH,
      .help = "part I of N that take about as long",
      .manual =
        "Run the I-th of N parts, for N machines. Tests are shared out so that "
        "the parts take about as long by the record; with the same record, "
        "the parts are the same." },
    { .id = OPT_CONFIG, .letters = "C", .names = "build-config",
      .value = OPTION_VALUE, .placeholder = "CONFIG", .group = WHICH,
      .help = "the configuration of a multi-config build",
      .manual = "The configuration to test, for CMake." },
    { .id = OPT_TAP_PROGRAMS, .letters = "", .names = "from-tap",
      .group = WHICH,
      .help = "programs that are named write TAP",
      .manual =
        "Programs that are named as sources write TAP. `*.t` do in any case." },
    { .id = OPT_LIST, .letters = "N", .names = "list|show-only",
      .group = WHICH,
      .help = "show which would run; run nothing",
      .manual = "Show the numbers and names of the tests, and run nothing." },

    { .id = OPT_JOBS, .letters = "j", .names = "jobs|parallel",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "tests at once: N, N%, +N, -N (100%)",
      .manual =
        "Run N tests at once; one counts as its PROCESSORS say. `N%` is so many "
        "percent of the processors. The default is 100%." },
    { .id = OPT_RETRIES, .letters = "", .names = "retries",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "run a test that fails up to N times more",
      .manual =
        "Run a test that fails again, up to N times. One that passes then is "
        "reported as flaky." },
    { .id = OPT_REPEAT, .letters = "", .names = "repeat",
      .value = OPTION_VALUE, .placeholder = "MODE:N", .group = RUNNING,
      .completion = COMPLETE_WORDS,
      .words = "until-fail:2 until-pass:2 after-timeout:2",
      .help = "until-fail:N, until-pass:N, after-timeout:N",
      .manual =
        "Run each test up to N times: `until-fail`, `until-pass`, or, if its "
        "time is up, again (`after-timeout`)." },
    { .id = OPT_STRESS, .letters = "", .names = "stress",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "run each test N times, side by side",
      .manual =
        "Run each test N times, in parallel with others and itself, and count "
        "how often it fails." },
    { .id = OPT_STOP, .letters = "", .names = "stop-on-failure",
      .group = RUNNING,
      .help = "start no more once one has failed",
      .manual = "Start no more tests once one has failed." },
    { .id = OPT_SHUFFLE, .letters = "", .names = "schedule-random",
      .group = RUNNING,
      .help = "in a random order; the seed is shown",
      .manual =
        "Start tests in a random order. The seed of it is shown, for `--seed`." },
    { .id = OPT_SEED, .letters = "", .names = "seed",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "the random order of this seed",
      .manual = "Start tests in the random order that has this seed." },
    { .id = OPT_TIMEOUT, .letters = "", .names = "timeout",
      .value = OPTION_VALUE, .placeholder = "TIME", .group = RUNNING,
      .help = "the limit of tests that have none: 10, 1m30s",
      .manual = "The time limit of tests that have none of their own." },
    { .id = OPT_SLOW, .letters = "", .names = "slow",
      .value = OPTION_VALUE, .placeholder = "TIME", .group = RUNNING,
      .help = "say which tests take longer than TIME (60)",
      .manual =
        "Say while it runs that a test is slow when it has taken so long, and "
        "again each time that long has passed. 0: never." },
    { .id = OPT_LIMIT, .letters = "", .names = "limit",
      .value = OPTION_VALUE, .placeholder = "LABEL=N", .group = RUNNING,
      .help = "at most N tests with LABEL at once",
      .manual = "Run at most N tests that have LABEL at a time." },

    { .id = OPT_OUTPUT, .letters = "", .names = "output",
      .value = OPTION_VALUE, .placeholder = "WHICH",
      .completion = COMPLETE_WORDS, .words = "failed all none", .group = OUTPUT,
      .help = "show output of tests: failed, all, none",
      .manual =
        "Show what tests write: of those that have `failed`, of `all`, or of "
        "`none`." },
    { .id = OPT_QUIET, .letters = "q", .names = "quiet", .group = OUTPUT,
      .help = "no lines about tests that pass",
      .manual = "Show no lines about tests that pass." },
    { .id = OPT_NO_PROGRESS, .letters = "", .names = "no-progress",
      .group = OUTPUT,
      .help = "no line at the foot of the terminal",
      .manual =
        "Show no line at the foot of the terminal; there is none where standard "
        "error is no terminal." },
    { .id = OPT_JUNIT, .letters = "", .names = "junit|output-junit",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = OUTPUT,
      .help = "write the results as JUnit XML to FILE",
      .manual =
        "Write the results as JUnit XML to FILE, with `flakyFailure` of "
        "attempts before one that passed and `rerunFailure` of others." },
    { .id = OPT_TAP, .letters = "", .names = "tap",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = OUTPUT,
      .help = "write the results as TAP 14 to FILE",
      .manual = "Write the results as TAP version 14 to FILE." },
    { .id = OPT_EVENTS, .letters = "", .names = "events",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = OUTPUT,
      .help = "write a JSON line for each result to FILE",
      .manual =
        "Write a line of JSON to FILE when a test ends: `number`, `name`, "
        "`verdict`, `reason`, `attempts`, `start` and `runtime` in seconds, "
        "`cpu`, `max_rss_bytes`, `slot`, `leaked`." },
    { .id = OPT_STORE, .letters = "", .names = "store",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = OUTPUT,
      .help = "keep the record in FILE",
      .manual =
        "Keep the record of runs in FILE, which `brood log` and `brood report` "
        "read. The default is `brood-test.db` in the build directory, or here." },
    { .id = OPT_NO_STORE, .letters = "", .names = "no-store", .group = OUTPUT,
      .help = "keep no record",
      .manual = "Keep no record of this run, and read none." },
    OPTION_ROWS_LAST(OPT_HELP, OPT_VERSION, OUTPUT),
};
/* clang-format on */

const struct option_table test_option_table = {
    .command = "brood test",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
};

static void help(void)
{
    struct text out = { 0 };

    text_add_string(&out, "usage: brood test [OPTION...] [SOURCE...]\n"
                          "Run tests in parallel: of a build directory of "
                          "CMake or Meson, of a directory of\n"
                          "*.t files, programs, or a job file. The default is "
                          "this directory.\n");
    option_help(&test_option_table, &out);
    text_add_string(&out, "Examples:\n"
                          "  brood test build\n"
                          "  brood test -j8 -R parser --retries 2 --junit "
                          "junit.xml build\n"
                          "Status: 0, 1 a test failed, 2 wrong options or "
                          "source, 3 ours, 4 no tests.\n");
    (void)!write(STDOUT_FILENO, out.data, out.size);
    text_clear(&out);
}

static void add(struct test_texts *texts, const char *text)
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

    if (option_value_jobs(found->value, &run) < 0) {
        return option_expected(found, "a number of tests such as 8 or 50%");
    }
    ret->slots = run.slots;
    return 0;
}

/* "A,B,STEP,N,N": an empty part is not given. */
static int read_numbers(const struct option_found *found,
                        struct test_numbers *ret)
{
    long parts[3] = { 0 };
    const char *at = found->value;

    for (int i = 0; i < 3 && *at != '\0'; i++) {
        char *end;

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
    return *end != '\0' || ret->shard < 1 || ret->shards < ret->shard
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
    int64_t n;
    int r = option_number(found, found->row->id == OPT_STRESS ? 1 : 0,
                          "a number", &n);

    if (r == 0 && n > TIMES_MAX) {
        r = option_expected(found, "a number up to 1000000");
    }
    *ret = (unsigned)n;
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
    add(&ret->limits, found->value);
    return 0;
}

static int read_time(const struct option_found *found, int64_t *ret)
{
    return duration_parse(found->value, ret) < 0
               ? option_expected(found, "a time such as 10 or 1m30s")
               : 0;
}

/* Options with values that are texts. */
static int read_text(const struct option_found *found, struct test_options *ret)
{
    switch (found->row->id) {
    case OPT_INCLUDE:
        add(&ret->include, found->value);
        break;
    case OPT_EXCLUDE:
        add(&ret->exclude, found->value);
        break;
    case OPT_LABEL:
        add(&ret->labels, found->value);
        break;
    case OPT_LABEL_NOT:
        add(&ret->labels_not, found->value);
        break;
    case OPT_CONFIG:
        ret->config = found->value;
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

static int read_valued(const struct option_found *found,
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
    case OPT_OUTPUT:
        return read_output(found, ret);
    default:
        return read_text(found, ret);
    }
}

static void read_flag(const struct option_found *found,
                      struct test_options *ret)
{
    switch (found->row->id) {
    case OPT_RERUN_FAILED:
        ret->rerun_failed = true;
        break;
    case OPT_TAP_PROGRAMS:
        ret->tap_programs = true;
        break;
    case OPT_LIST:
        ret->ask = TEST_ASK_LIST;
        break;
    case OPT_STOP:
        ret->stop_on_failure = true;
        break;
    case OPT_SHUFFLE:
        ret->is_shuffled = true;
        break;
    case OPT_NO_STORE:
        ret->no_store = true;
        break;
    case OPT_QUIET:
        ret->quiet = true;
        break;
    case OPT_NO_PROGRESS:
        ret->no_progress = true;
        break;
    case OPT_HELP:
        help();
        ret->ask = TEST_ASK_NOTHING;
        break;
    default:
        (void)printf("brood %s\n", brood_version());
        ret->ask = TEST_ASK_NOTHING;
        break;
    }
}

/* ctest's -LE is no bundle of -L and a value. */
static void spell_out(int argc, char **argv)
{
    static char whole[] = "--label-exclude";

    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-LE") == 0) {
            argv[i] = whole;
        }
    }
}

int test_options_read(int argc, char **argv, struct test_options *ret)
{
    struct option_reader reader;
    struct option_found found;
    int r = 0;

    *ret = (struct test_options){ .stress = 1, .slow_ms = SLOW_DEFAULT_MS };
    spell_out(argc, argv);
    option_reader_init(&reader, &test_option_table, argc, argv, 2);
    while (ret->ask != TEST_ASK_NOTHING &&
           (r = option_next(&reader, &found)) == 1) {
        if (found.value != NULL) {
            r = read_valued(&found, ret);
        } else {
            read_flag(&found, ret);
        }
        if (r < 0) {
            break;
        }
    }
    if (r < 0 && reader.error.size > 0) {
        (void)fprintf(stderr, "%s\n", text_string(&reader.error));
    }
    ret->sources = argv + reader.next;
    ret->n_sources = argc - reader.next;
    option_reader_clear(&reader);
    return r < 0 ? r : 0;
}

void test_options_clear(struct test_options *options)
{
    free((void *)options->include.items);
    free((void *)options->exclude.items);
    free((void *)options->labels.items);
    free((void *)options->labels_not.items);
    free((void *)options->limits.items);
}
