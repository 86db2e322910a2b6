#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"

enum {
    OPT_RUN = 1,
    OPT_OUT,
    OPT_NO_OUTPUT,
};

#define GROUP "Options"

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_RUN, .letters = "r", .names = "run",
      .value = OPTION_VALUE, .placeholder = "N", .group = GROUP,
      .help = "run N, not the last one",
      .manual =
        "Report on run N. The default is the run that began last, which is "
        "also `last`." },
    { .id = OPT_OUT, .letters = "o", .names = "out",
      .value = OPTION_VALUE, .placeholder = "FILE", .group = GROUP,
      .completion = COMPLETE_FILE,
      .help = "write to FILE, not to standard output",
      .manual =
        "Write the page to FILE, which only you can read when it is made. The "
        "default is standard output, if that is no terminal." },
    { .id = OPT_NO_OUTPUT, .letters = "", .names = "no-output", .group = GROUP,
      .help = "without what jobs wrote",
      .manual = "Leave out what jobs wrote." },
    OPTION_ROWS_LAST(OPTION_HELP, OPTION_VERSION, GROUP),
};
/* clang-format on */

const struct option_table report_option_table = {
    .command = "brood report",
    .mixed = 1,
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood report [OPTION...] FILE\n"
             "Write an HTML page about a run of a job file (or "
             "FILE is a record): slots over\n"
             "time, durations, memory, failed and slow jobs, their "
             "output, metrics; to search.\n"
             "The page is one file and needs no network.\n",
    .examples = "Examples:\n"
                "  brood report jobs.txt > report.html\n"
                "  brood report --run 3 --out run-3.html jobs.txt\n"
                "Status: 0, 1 no such run, 2 wrong options, 3 a "
                "file cannot be read or written.\n",
};

static int read_run(const struct option_found *found, int64_t *ret)
{
    if (strcmp(found->value, "last") == 0) {
        *ret = -1;
        return 0;
    }
    return option_number(found, 1, "the number of a run, or 'last'", ret);
}

static int read_option(void *user, const struct option_found *found)
{
    struct report_options *ret = user;

    switch (found->row->id) {
    case OPT_RUN:
        return read_run(found, &ret->run);
    case OPT_OUT:
        ret->out = found->value;
        break;
    case OPT_NO_OUTPUT:
        ret->no_output = true;
        break;
    default:
        break;
    }
    return 0;
}

static int check(const struct report_options *options, int n_files)
{
    if (n_files != 1) {
        (void)fprintf(stderr, "brood report: expected one file, not %d\n",
                      n_files);
        return -EINVAL;
    }
    if (options->out == NULL && isatty(STDOUT_FILENO)) {
        (void)fprintf(stderr, "brood report: expected '--out FILE', or "
                              "standard output that is no terminal\n");
        return -EINVAL;
    }
    return 0;
}

int report_options_read(int argc, char **argv, struct report_options *ret)
{
    int next;
    int r;

    *ret = (struct report_options){ .run = -1 };
    r = option_read_all(&report_option_table, argc, argv, read_option, ret,
                        &next);
    if (r == 0) {
        r = check(ret, argc - next);
    }
    ret->file = argv[argc - 1];
    return r;
}
