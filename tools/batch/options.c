#include "batch/options.h"

#include <stdlib.h>
#include <string.h>

#include "batch/bytes.h"
#include "run/option_values.h"

enum {
    OPT_JOBS = 1,
    OPT_MEM,
    OPT_RESOURCE,
    OPT_HALT,
    OPT_KEEP_GOING,
    OPT_STORE,
    OPT_NO_STORE,
    OPT_RESUME,
    OPT_RERUN_FAILED,
    OPT_AGAIN,
    OPT_FROM,
    OPT_CHECK,
    OPT_DRY_RUN,
    OPT_PLAIN,
    OPT_NULL,
    OPT_OUTPUT,
    OPT_QUIET,
    OPT_EVENTS,
    OPT_LIVE,
    OPT_NO_PROGRESS,
};

#define RUNNING "Running"
#define RECORD  "Record"
#define INPUT   "Job files"
#define OTHER   "Output"

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_JOBS, .letters = "j", .names = "jobs",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "jobs at once: N, N%, +N, -N (100%)",
      .manual =
        "Run N jobs at once; a job that says `cpus` counts for as many. `N%` "
        "is so many percent of the processors, `+N` and `-N` are so many more "
        "or fewer than processors. The default is what the job file's `limits` "
        "say, or 100%." },
    { .id = OPT_MEM, .letters = "", .names = "mem",
      .value = OPTION_VALUE, .placeholder = "SIZE", .group = RUNNING,
      .help = "memory that the jobs may need together: 8G",
      .manual =
        "Start jobs that say `mem` only while what they need together is not "
        "more than SIZE: bytes, or with K, M, G or T for powers of 1,024. The "
        "default is what `limits` say, or the machine's memory." },
    { .id = OPT_RESOURCE, .letters = "", .names = "resource",
      .value = OPTION_VALUE, .placeholder = "NAME=N", .group = RUNNING,
      .help = "there is N of what jobs call NAME",
      .manual =
        "Say how much there is of a resource that jobs need in `resources`; "
        "it comes before what `limits` say." },
    { .id = OPT_HALT, .letters = "", .names = "halt",
      .value = OPTION_VALUE, .placeholder = "WHEN", .completion = COMPLETE_WORDS,
      .words = "never now,fail=1 soon,fail=1 now,success=1 soon,success=1 "
               "now,done=1 soon,done=1",
      .group = RUNNING,
      .help = "stop early: now|soon,fail|success|done=N",
      .manual =
        "Stop early. WHEN is `now` (kill what runs) or `soon` (start no more), "
        "a comma, and `fail=`, `success=` or `done=` with the number of jobs. "
        "`never` is the default." },
    { .id = OPT_KEEP_GOING, .letters = "k", .names = "keep-going",
      .group = RUNNING,
      .help = "go on after failures (the default)",
      .manual =
        "Go on after a failure, as if `--halt never` had been given. That is "
        "the default; jobs that come after a failed one are skipped." },

    { .id = OPT_STORE, .letters = "", .names = "store",
      .value = OPTION_VALUE, .placeholder = "FILE", .group = RECORD,
      .completion = COMPLETE_FILE,
      .help = "keep the record in FILE (JOBFILE.brood)",
      .manual =
        "Keep the record of runs in FILE. The default is the name of the first "
        "job file and `.brood`; jobs from standard input have none." },
    { .id = OPT_NO_STORE, .letters = "", .names = "no-store",
      .group = RECORD,
      .help = "keep no record",
      .manual = "Keep no record: all jobs are run, and nothing is left." },
    { .id = OPT_RESUME, .letters = "", .names = "resume", .group = RECORD,
      .help = "skip what is recorded as done (the default)",
      .manual =
        "Do not run again what the record has the end of, whether it was good "
        "or not. That is the default." },
    { .id = OPT_RERUN_FAILED, .letters = "", .names = "rerun-failed",
      .group = RECORD,
      .help = "run again what has failed",
      .manual =
        "Run jobs again that the record has as failed; those that ended well "
        "are not run." },
    { .id = OPT_AGAIN, .letters = "", .names = "again", .group = RECORD,
      .help = "run all jobs, recorded or not",
      .manual = "Run all jobs, whether the record has them or not." },
    { .id = OPT_FROM, .letters = "", .names = "from",
      .value = OPTION_VALUE, .placeholder = "JOB", .group = RECORD,
      .help = "run JOB (id or line number) and what follows it",
      .manual =
        "Run JOB, named by its id or by the number of its line, and all jobs "
        "behind it in the file, recorded or not; take those before it as done." },

    { .id = OPT_CHECK, .letters = "", .names = "check", .group = INPUT,
      .help = "say what is wrong with the job files; run nothing",
      .manual =
        "Read all job files and say everything that is wrong with them, such "
        "as cycles, with their path; run nothing." },
    { .id = OPT_DRY_RUN, .letters = "", .names = "dry-run", .group = INPUT,
      .help = "show what would run, in an order that is possible",
      .manual =
        "Show the commands of the jobs that would run, in an order in which "
        "they might start; run nothing." },
    { .id = OPT_PLAIN, .letters = "", .names = "plain", .group = INPUT,
      .help = "every line is a command, also with {\" in front",
      .manual =
        "Take every line for a command for the shell, also those that start "
        "with `{\"`." },
    { .id = OPT_NULL, .letters = "0", .names = "null", .group = INPUT,
      .help = "jobs end with NUL, not with newline",
      .manual = "Jobs end with a NUL byte, not with a newline." },

    { .id = OPT_OUTPUT, .letters = "", .names = "output",
      .value = OPTION_VALUE, .placeholder = "WHICH",
      .completion = COMPLETE_WORDS, .words = "all failed none", .group = OTHER,
      .help = "show output of jobs: all, failed, none (all)",
      .manual =
        "Show the output of `all` jobs, of those that have `failed`, or of "
        "`none`. The record has it in any case." },
    { .id = OPT_QUIET, .letters = "q", .names = "quiet", .group = OTHER,
      .help = "no summary, no lines about failed jobs",
      .manual =
        "Say nothing about jobs that fail, and no summary at the end; errors "
        "of brood itself are said." },
    { .id = OPT_EVENTS, .letters = "", .names = "events",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = OTHER,
      .help = "write a JSON line for each event to FILE",
      .manual =
        "Write a line of JSON for each thing that happens to FILE, `-` for "
        "standard output: an object with `event` and `time` (seconds since "
        "1970); of a job also its `seq`, `id`, `file` and `line`. The events "
        "are `begin`; `start` (`attempt`, `pid`); `progress` (`fraction`, "
        "`text`), `metric` (`name`, `value`) and `message` (`text`); `retry` "
        "(`reason`, `wait`); `end` (`outcome`, `reason`, `command`, and how it "
        "ended as `--events` of `brood run` has it); and `done` with the "
        "status and the sums. An end is on the disk before it is written." },
    { .id = OPT_LIVE, .letters = "l", .names = "live", .group = OTHER,
      .help = "show running jobs, their ages and last lines",
      .manual =
        "Show at the foot of the terminal how the batch goes, and of the jobs "
        "that have run longest their ages, how far they say they are, and the "
        "last lines of what they have written. Nothing of it is shown where "
        "standard error is no terminal." },
    { .id = OPT_NO_PROGRESS, .letters = "", .names = "no-progress",
      .group = OTHER,
      .help = "no line at the foot of the terminal",
      .manual =
        "Show no line at the foot of the terminal; there is none where standard "
        "error is no terminal." },
    OPTION_ROWS_LAST(OPTION_HELP, OPTION_VERSION, OTHER),
};
/* clang-format on */

const struct option_table batch_option_table = {
    .command = "brood batch",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood batch [OPTION...] [FILE...]\n"
             "Run the jobs of job files (- is standard input): a "
             "command a line, or JSON such\n"
             "as {\"id\":\"b\",\"sh\":\"make b\",\"after\":[\"a\"],"
             "\"timeout\":60}. Done jobs are recorded;\n"
             "running the same file again runs the rest.\n",
    .examples = "Examples:\n"
                "  brood batch jobs.txt\n"
                "  brood batch -j8 --rerun-failed jobs.jsonl\n"
                "Status: 0, 1 a job failed, 2 a mistake in "
                "options or files, 3 record.\n",
};

static int read_jobs(const struct option_found *found,
                     struct batch_options *ret)
{
    struct run_options run = { 0 };

    if (option_value_jobs(found->value, &run) < 0) {
        return option_expected(found, "a number of jobs such as 8 or 50%");
    }
    ret->slots = run.slots;
    return 0;
}

static int read_output(const struct option_found *found,
                       struct batch_options *ret)
{
    static const char *const words[] = {
        [BATCH_SHOW_ALL] = "all",
        [BATCH_SHOW_FAILED] = "failed",
        [BATCH_SHOW_NONE] = "none",
    };

    for (int i = 0; i <= BATCH_SHOW_NONE; i++) {
        if (strcmp(found->value, words[i]) == 0) {
            ret->show = (enum batch_show)i;
            return 0;
        }
    }
    return option_expected(found, "all, failed or none");
}

static int add_resource(const struct option_found *found,
                        struct batch_options *ret)
{
    const char *equals = strchr(found->value, '=');
    uint64_t amount;

    if (equals == NULL || equals == found->value ||
        bytes_parse(equals + 1, &amount) < 0) {
        return option_expected(found, "NAME=NUMBER");
    }
    ret->resources = reallocarray(ret->resources, ret->n_resources + 1,
                                  sizeof(*ret->resources));
    if (ret->resources == NULL) {
        text_no_memory();
    }
    ret->resources[ret->n_resources++] = found->value;
    return 0;
}

static int read_valued(const struct option_found *found,
                       struct batch_options *ret)
{
    switch (found->row->id) {
    case OPT_JOBS:
        return read_jobs(found, ret);
    case OPT_MEM:
        return bytes_parse(found->value, &ret->mem_bytes) < 0 ||
                       ret->mem_bytes == 0
                   ? option_expected(found, "a size such as 512M")
                   : 0;
    case OPT_RESOURCE:
        return add_resource(found, ret);
    case OPT_HALT:
        return halt_parse(found->value, &ret->halt) < 0 || ret->halt.percent
                   ? option_expected(found,
                                     "never, or now|soon,fail|success|done=N")
                   : 0;
    case OPT_STORE:
        ret->store = found->value;
        return 0;
    case OPT_EVENTS:
        ret->events = found->value;
        return 0;
    case OPT_FROM:
        ret->from = found->value;
        return 0;
    default:
        return read_output(found, ret);
    }
}

static void read_flag(const struct option_found *found,
                      struct batch_options *ret)
{
    switch (found->row->id) {
    case OPT_KEEP_GOING:
        ret->halt = (struct halt){ 0 };
        break;
    case OPT_NO_STORE:
        ret->no_store = true;
        break;
    case OPT_RESUME:
        ret->again = BATCH_AGAIN_NONE;
        break;
    case OPT_RERUN_FAILED:
        ret->again = BATCH_AGAIN_FAILED;
        break;
    case OPT_AGAIN:
        ret->again = BATCH_AGAIN_ALL;
        break;
    case OPT_CHECK:
        ret->ask = BATCH_ASK_CHECK;
        break;
    case OPT_DRY_RUN:
        ret->ask = BATCH_ASK_DRY_RUN;
        break;
    case OPT_PLAIN:
        ret->plain = true;
        break;
    case OPT_NULL:
        ret->null_delimited = true;
        break;
    case OPT_QUIET:
        ret->quiet = true;
        break;
    case OPT_LIVE:
        ret->live = true;
        break;
    case OPT_NO_PROGRESS:
        ret->no_progress = true;
        break;
    default:
        break;
    }
}

static int read_option(void *user, const struct option_found *found)
{
    struct batch_options *ret = user;

    if (found->value != NULL) {
        return read_valued(found, ret);
    }
    read_flag(found, ret);
    return 0;
}

int batch_options_read(int argc,
                       char **argv,
                       struct batch_options *ret,
                       int *ret_next)
{
    *ret = (struct batch_options){ 0 };
    return option_read_all(&batch_option_table, argc, argv, read_option, ret,
                           ret_next);
}

void batch_options_clear(struct batch_options *options)
{
    free(options->resources);
    options->resources = NULL;
}
