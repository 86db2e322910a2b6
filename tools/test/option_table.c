/* option_table - the options of `brood test`. */
#include "test/options.h"

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
      .help = "numbers A to B by STEP, and each N",
      .manual =
        "Run tests by their numbers: every STEP-th from A to B, and those that "
        "follow. What is left out is the first, the last and 1; `0,0,0,3,6` is 3 "
        "and 6 alone." },
    { .id = OPT_UNION, .letters = "U", .names = "union", .group = WHICH,
      .rare = 1,
      .help = "those of -I and those of -R",
      .manual =
        "Run tests that -I names beside those that -R chooses; without it, "
        "tests must be in both." },
    { .id = OPT_FROM_FILE, .letters = "", .names = "tests-from-file",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = WHICH,
      .help = "those whose names are in FILE, one a line",
      .manual =
        "Run tests whose whole name is a line of FILE. Empty lines, and lines "
        "that begin with #, do not count; names that no test has are said." },
    { .id = OPT_EXCLUDE_FROM_FILE, .letters = "", .names = "exclude-from-file",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = WHICH, .rare = 1,
      .help = "not those whose names are in FILE",
      .manual = "Leave out tests whose whole name is a line of FILE." },
    { .id = OPT_RERUN_FAILED, .letters = "", .names = "rerun-failed",
      .group = WHICH,
      .help = "those that failed when they ran last",
      .manual = "Run tests that failed when they were run last." },
    { .id = OPT_CHANGED, .letters = "", .names = "changed", .group = WHICH,
      .help = "those that have changed since they passed",
      .manual =
        "Run tests that have not passed when they ran last, or of which the "
        "program, another file among its arguments or a file that they require "
        "has been written since." },
    { .id = OPT_FIXTURE_ANY, .letters = "", .names = "fixture-exclude-any",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH, .rare = 1,
      .help = "do not add tests for such fixtures (-FA)",
      .manual =
        "Do not add the tests that set up or clean up fixtures whose name has "
        "a match of REGEX. `-FA` is the same." },
    { .id = OPT_FIXTURE_SETUP, .letters = "", .names = "fixture-exclude-setup",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH, .rare = 1,
      .help = "do not add those that set them up (-FS)",
      .manual = "The same, of setup only. `-FS` is the same." },
    { .id = OPT_FIXTURE_CLEANUP, .letters = "",
      .names = "fixture-exclude-cleanup",
      .value = OPTION_VALUE, .placeholder = "REGEX", .group = WHICH, .rare = 1,
      .help = "do not add those that clean up (-FC)",
      .manual = "The same, of cleanup only. `-FC` is the same." },
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
      .manual =
        "The configuration to test, for CMake. A build of several "
        "configurations wants one." },
    { .id = OPT_TAP_PROGRAMS, .letters = "", .names = "from-tap",
      .group = WHICH,
      .help = "programs that are named write TAP",
      .manual =
        "Programs that are named as sources write TAP. `*.t` do in any case." },
    { .id = OPT_RECURSE, .letters = "r", .names = "recurse", .group = WHICH,
      .rare = 1,
      .help = "*.t of directories in the directory, too",
      .manual = "Run the `*.t` of all directories below a source, as prove -r." },
    { .id = OPT_FROM_JOBS, .letters = "", .names = "from-jobs",
      .group = WHICH, .rare = 1,
      .help = "files that are named are job files",
      .manual =
        "Files that are named as sources, and are no programs, are job files. "
        "`*.jobs` and `*.jsonl` are in any case." },
    { .id = OPT_LIST, .letters = "N", .names = "list|show-only",
      .group = WHICH,
      .help = "show which would run; run nothing",
      .manual = "Show the numbers and names of the tests, and run nothing." },
    { .id = OPT_JSON, .letters = "", .names = "json", .group = WHICH, .rare = 1,
      .help = "with -N: a JSON line for each",
      .manual =
        "With -N, show a line of JSON for each test: `number`, `name`, "
        "`command`, `dir`, `labels`, `disabled`, `timeout` in seconds, and of "
        "the record `usual` in seconds and `last`: ok, failed or null." },
    { .id = OPT_NO_TESTS, .letters = "", .names = "no-tests",
      .value = OPTION_VALUE, .placeholder = "ACTION",
      .completion = COMPLETE_WORDS, .words = "error ignore", .group = WHICH,
      .rare = 1,
      .help = "where no test is found: error, ignore",
      .manual =
        "What to do where no test is found: `error` ends with status 4, which "
        "is the default, `ignore` with 0." },
    { .id = OPT_TEST_DIR, .letters = "", .names = "test-dir",
      .value = OPTION_VALUE, .placeholder = "DIR",
      .completion = COMPLETE_DIRECTORY, .group = WHICH, .rare = 1,
      .help = "a source, as an option",
      .manual = "The same as DIR behind the options." },

    { .id = OPT_JOBS, .letters = "j", .names = "jobs|parallel",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "tests at once: N, N%, +N, -N (100%)",
      .manual =
        "Run N tests at once; one counts as its PROCESSORS say. `N%` is so many "
        "percent of the processors. The default is what CTEST_PARALLEL_LEVEL "
        "says in the environment, else 100%." },
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
    { .id = OPT_BISECT, .letters = "", .names = "bisect",
      .value = OPTION_VALUE, .placeholder = "TEST", .group = RUNNING,
      .help = "find which test makes TEST fail after it",
      .manual =
        "Find the test that makes the one called TEST fail when it has run "
        "before it, or the fewest that do so together: run them one after the "
        "other, all, then half of them, and so on, each time with what sets up "
        "and cleans up their fixtures. The exit status is 1 if TEST fails, "
        "alone or after others, and if it is skipped or not run, which ends "
        "the search. No reports are written; `--max-fail`, "
        "`--stop-on-failure`, `--repeat`, `--retries`, `--stress` and "
        "`--schedule-random` do not count." },
    { .id = OPT_STOP, .letters = "", .names = "stop-on-failure",
      .group = RUNNING,
      .help = "start no more once one has failed",
      .manual = "Start no more tests once one has failed." },
    { .id = OPT_MAX_FAIL, .letters = "", .names = "max-fail",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING, .rare = 1,
      .help = "start no more once N have failed",
      .manual = "Start no more tests once N have failed." },
    { .id = OPT_STOP_TIME, .letters = "", .names = "stop-time",
      .value = OPTION_VALUE, .placeholder = "WHEN", .group = RUNNING,
      .rare = 1,
      .help = "stop all at 17:30, or after +1h",
      .manual =
        "Stop at a time of day, such as `17:30` or `17:30:10`, or so long after "
        "the start, such as `+1h`: what runs then has timed out, and no more is "
        "started." },
    { .id = OPT_TEST_LOAD, .letters = "", .names = "test-load",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING, .rare = 1,
      .help = "start none while N processes want to run",
      .manual =
        "Start no test beside another while N or more processes of the machine "
        "run or wait for a processor (the fourth number of /proc/loadavg)." },
    { .id = OPT_WRAP, .letters = "", .names = "wrap",
      .value = OPTION_VALUE, .placeholder = "COMMAND", .group = RUNNING,
      .help = "run each test by COMMAND: 'valgrind -q'",
      .manual =
        "Run each test's command as arguments of COMMAND, which is split into "
        "words as a shell does it (no command in it is run): "
        "`--wrap 'valgrind -q --error-exitcode=9' --timeout-factor 20`." },
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
    { .id = OPT_TIMEOUT_FACTOR, .letters = "", .names = "timeout-factor",
      .value = OPTION_VALUE, .placeholder = "X", .group = RUNNING, .rare = 1,
      .help = "make all time limits X times as long",
      .manual =
        "Make every time limit X times as long, for a slow machine or --wrap." },
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
    { .id = OPT_RESOURCES, .letters = "", .names = "resource-spec-file",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = RUNNING,
      .help = "what there is for RESOURCE_GROUPS",
      .manual =
        "What the machine has of what tests need in RESOURCE_GROUPS, as ctest "
        "has it: `{\"local\":[{\"gpus\":[{\"id\":\"0\",\"slots\":2}]}]}`. Tests "
        "find what they have got in CTEST_RESOURCE_GROUP_COUNT and its like. "
        "Without it, RESOURCE_GROUPS does not count." },

    { .id = OPT_OUTPUT, .letters = "", .names = "output",
      .value = OPTION_VALUE, .placeholder = "WHICH",
      .completion = COMPLETE_WORDS, .words = "failed all none", .group = OUTPUT,
      .help = "show output of tests: failed, all, none",
      .manual =
        "Show what tests write: of those that have `failed`, of `all`, or of "
        "`none`." },
    { .id = OPT_OUTPUT_ON_FAILURE, .letters = "", .names = "output-on-failure",
      .group = OUTPUT, .rare = 1,
      .help = "the same as --output failed, the default",
      .manual = "The same as `--output failed`, which is the default." },
    { .id = OPT_VERBOSE, .letters = "V", .names = "verbose", .group = OUTPUT,
      .rare = 1,
      .help = "the same as --output all",
      .manual = "The same as `--output all`." },
    { .id = OPT_OUTPUT_LINES, .letters = "", .names = "output-lines",
      .value = OPTION_VALUE, .placeholder = "N", .group = OUTPUT,
      .help = "at most N lines of a test's output (300); 0: all",
      .manual =
        "Show at most N lines of what a test writes, the first sixth and the "
        "last of them, and of a line at most 8 KiB; 0: all. The default is 300." },
    { .id = OPT_USAGE, .letters = "", .names = "usage", .group = OUTPUT,
      .help = "show each test's processor time and memory",
      .manual =
        "Show of each test how long it has used a processor, and the largest "
        "memory of its processes that ended (Linux counts what brood itself had "
        "when it started them: it is never less than some MiB)." },
    { .id = OPT_DESCRIPTORS, .letters = "", .names = "descriptors",
      .group = OUTPUT,
      .help = "tell which descriptors a test left open",
      .manual =
        "Tell of each test which file descriptors above 2 its process still "
        "had open when it ended. This traces it: see DESCRIPTORS." },
    { .id = OPT_QUIET, .letters = "q", .names = "quiet", .group = OUTPUT,
      .help = "no lines about tests that pass",
      .manual = "Show no lines about tests that pass." },
    { .id = OPT_NO_PROGRESS, .letters = "", .names = "no-progress",
      .group = OUTPUT,
      .help = "no line at the foot of the terminal",
      .manual =
        "Show no line at the foot of the terminal; there is none where standard "
        "error is no terminal, or standard output a pipe." },
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
        "`cpu`, `max_rss_bytes`, `slot`, `leaked`; with `--descriptors` those, "
        "up to 64, and `descriptors_total`." },
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
    { .id = OPT_KEEP, .letters = "", .names = "keep",
      .value = OPTION_VALUE, .placeholder = "N", .group = OUTPUT, .rare = 1,
      .help = "keep what tests wrote of the last N runs (10)",
      .manual =
        "Keep in the record what tests wrote of the last N runs (10), or with 0 "
        "of all; the rest is removed when a run ends. How tests ended is kept "
        "of all runs." },
    OPTION_ROWS_LAST_WITH(OPTION_HELP, OPTION_VERSION, "", OUTPUT),
};
/* clang-format on */

const struct option_table test_option_table = {
    .command = "brood test",
    .mixed = 1,
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood test [OPTION...] [SOURCE...]\n"
             "Run tests in parallel: of a build directory of CMake or Meson, "
             "of a directory of\n"
             "*.t files, programs, or a job file. The default is this "
             "directory.\n",
    .examples = "Examples:\n"
                "  brood test build\n"
                "  brood test -j8 -R parser --retries 2 --junit junit.xml "
                "build\n"
                "Status: 0, 1 a test failed, 2 wrong options or source, 3 "
                "ours, 4 no tests.\n",
};
