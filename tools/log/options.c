#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log/log.h"
#include "run/duration.h"
#include "store/outcome.h"

enum {
    OPT_RUN = 1,
    OPT_SEQ,
    OPT_JOBS,
    OPT_FAILED,
    OPT_OUTCOME,
    OPT_TAG,
    OPT_TEXT,
    OPT_LONGER,
    OPT_SUMMARY,
    OPT_HISTORY,
    OPT_FLAKY,
    OPT_OUTPUT,
    OPT_MESSAGES,
    OPT_JSON,
    OPT_TRACE,
};

#define WHICH "Which jobs"
#define HOW   "How they are shown"

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_RUN, .letters = "r", .names = "run",
      .value = OPTION_VALUE, .placeholder = "N", .group = WHICH,
      .help = "those of run N, or of the last run",
      .manual =
        "Show the jobs of run N, or of the run that began last if N is `last`." },
    { .id = OPT_SEQ, .letters = "s", .names = "seq",
      .value = OPTION_VALUE, .placeholder = "N", .group = WHICH,
      .help = "the N-th of the job files",
      .manual = "Show the job that is the N-th of the job files." },
    { .id = OPT_JOBS, .letters = "a", .names = "all", .group = WHICH,
      .help = "all of all runs",
      .manual = "Show the jobs of all runs." },
    { .id = OPT_FAILED, .letters = "f", .names = "failed", .group = WHICH,
      .help = "those that have failed, in any way",
      .manual =
        "Show jobs that have failed, whether by their exit status, a signal or "
        "a time limit, or because they could not be started." },
    { .id = OPT_OUTCOME, .letters = "", .names = "outcome",
      .value = OPTION_VALUE, .placeholder = "WORD", .group = WHICH,
      .completion = COMPLETE_WORDS,
      .words = "ok failed signalled skipped cancelled lost",
      .help = "those that ended so: ok, failed, skipped, ...",
      .manual =
        "Show jobs that ended as WORD says: `ok`, `failed`, `signalled`, `timed "
        "out`, `not started`, `skipped`, `cancelled` or `lost`." },
    { .id = OPT_TAG, .letters = "", .names = "tag",
      .value = OPTION_VALUE, .placeholder = "WORD", .group = WHICH,
      .help = "those with this tag",
      .manual = "Show jobs that have the tag WORD." },
    { .id = OPT_TEXT, .letters = "", .names = "text",
      .value = OPTION_VALUE, .placeholder = "TEXT", .group = WHICH,
      .help = "those with TEXT in their id or command",
      .manual = "Show jobs that have TEXT in their id or their command." },
    { .id = OPT_LONGER, .letters = "", .names = "longer",
      .value = OPTION_VALUE, .placeholder = "TIME", .group = WHICH,
      .help = "those that took longer than TIME: 10, 1m30s",
      .manual =
        "Show jobs that took longer: seconds, with a fraction or not, or as "
        "`1m30s`." },

    { .id = OPT_SUMMARY, .letters = "", .names = "summary", .group = HOW,
      .help = "one run in a few lines: the last, or --run N",
      .manual =
        "Sum one run up, the last or that of `--run`: how its jobs ended, how "
        "busy slots and processors were, how long jobs took, the first that "
        "failed and the slowest. With `--json`, an object." },
    { .id = OPT_HISTORY, .letters = "", .names = "history", .group = HOW,
      .help = "how jobs have ended in the last runs, and how long",
      .manual =
        "Show of each job (that `--text` and `--tag` let through) how it has "
        "ended in the last 30 runs that have results, or in those up to run N "
        "of `--run`: how often it failed, how often it was flaky, which is that "
        "it passed only when tried again, how often it changed between passing "
        "and failing from one run to the next, and the median of how long it "
        "took where it passed. A letter for each run, the latest last: `p` "
        "passed, `y` flaky, `f` failed, `c` ended by a signal, `t` timed out, "
        "`n` not started, `l` lost, `s` skipped, `x` cancelled, `-` not in that "
        "run. With `--json`, an object for each job." },
    { .id = OPT_FLAKY, .letters = "", .names = "flaky", .group = HOW,
      .help = "that of those which pass only sometimes",
      .manual =
        "Show the same of jobs that were flaky, or have changed between passing "
        "and failing more than once; those that did most often come first." },
    { .id = OPT_OUTPUT, .letters = "o", .names = "output", .group = HOW,
      .help = "with what they wrote",
      .manual =
        "Show what each job wrote: first its standard output, then its standard "
        "error." },
    { .id = OPT_MESSAGES, .letters = "m", .names = "messages", .group = HOW,
      .help = "with what they said over their channels",
      .manual =
        "Show what each job said over its channel while it ran: how far it was, "
        "its metrics, its messages." },
    { .id = OPT_JSON, .letters = "", .names = "json", .group = HOW,
      .help = "a JSON object a line, for scripts",
      .manual =
        "Write a JSON object a line: of a run or a job, the columns of the "
        "record, with `stdout` and `stderr` if `--output` is given (as "
        "`stdout_base64` where the bytes are no UTF-8)." },
    { .id = OPT_TRACE, .letters = "", .names = "trace", .group = HOW,
      .help = "a trace for Perfetto or chrome://tracing",
      .manual =
        "Write a trace in the JSON format of Chrome, which Perfetto "
        "(ui.perfetto.dev) shows too: a line for each slot, with the jobs that "
        "ran in it. Without an option that says which, it is that of the last "
        "run." },
    OPTION_ROWS_LAST(OPTION_HELP, OPTION_VERSION, HOW),
};
/* clang-format on */

const struct option_table log_option_table = {
    .command = "brood log",
    .mixed = 1,
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood log [OPTION...] FILE\n"
             "Show what is recorded of a job file (or FILE is a "
             "record): its runs, or jobs\n"
             "if an option says which.\n",
    .examples = "Examples:\n"
                "  brood log jobs.txt\n"
                "  brood log --run last --failed --output jobs.txt\n"
                "Status: 0, 1 nothing was found, 2 wrong options, 3 the "
                "record cannot be read.\n",
};

static int read_run(const struct option_found *found, struct log_options *ret)
{
    if (strcmp(found->value, "last") == 0) {
        ret->run = -1;
        return 0;
    }
    return option_number(found, 1, "the number of a run, or 'last'", &ret->run);
}

static int read_option(void *user, const struct option_found *found)
{
    struct log_options *ret = user;

    ret->wants_jobs = ret->wants_jobs || found->row->id < OPT_SUMMARY;
    switch (found->row->id) {
    case OPT_RUN:
        return read_run(found, ret);
    case OPT_SEQ:
        return option_number(found, 1, "the number of a job", &ret->seq);
    case OPT_JOBS:
        break;
    case OPT_FAILED:
        ret->failed = true;
        break;
    case OPT_OUTCOME:
        ret->outcome = found->value;
        return store_outcome_find(found->value) == STORE_OUTCOMES
                   ? option_expected(found,
                                     "ok, failed, signalled, timed out, not "
                                     "started, skipped, cancelled or lost")
                   : 0;
    case OPT_TAG:
        ret->tag = found->value;
        break;
    case OPT_TEXT:
        ret->text = found->value;
        break;
    case OPT_LONGER:
        return duration_parse(found->value, &ret->longer_ms) < 0
                   ? option_expected(found, "a time such as 10 or 1m30s")
                   : 0;
    case OPT_SUMMARY:
        ret->summary = true;
        break;
    case OPT_FLAKY:
        ret->flaky = true;
        ret->history = true;
        break;
    case OPT_HISTORY:
        ret->history = true;
        break;
    case OPT_OUTPUT:
        ret->output = true;
        break;
    case OPT_MESSAGES:
        ret->messages = true;
        break;
    case OPT_JSON:
        ret->json = true;
        break;
    case OPT_TRACE:
        ret->trace = true;
        break;
    default:
        break;
    }
    return 0;
}

int log_options_read(int argc, char **argv, struct log_options *ret)
{
    int next;
    int r;

    *ret = (struct log_options){ .longer_ms = -1 };
    r = option_read_all(&log_option_table, argc, argv, read_option, ret, &next);
    if (r == 0 && next != argc - 1) {
        (void)fprintf(stderr, "brood log: expected one file, not %d\n",
                      argc - next);
        r = -EINVAL;
    }
    if (ret->trace && !ret->wants_jobs) {
        ret->run = -1;
    }
    ret->wants_jobs =
        ret->wants_jobs || ret->trace || ret->output || ret->messages;
    ret->file = argv[argc - 1];
    return r;
}
