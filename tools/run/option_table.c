#include "run/option_ids.h"
#include "run/options.h"

#define INPUT   "Input"
#define RUNNING "Running"
#define OUTPUT  "Output"
#define REPORTS "Reports"
#define OTHER   "Other"

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_ARG_FILE, .letters = "a", .names = "arg-file",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = INPUT,
      .help = "take inputs from the lines of FILE",
      .manual =
        "Take inputs from the lines of FILE, `-` for standard input. May be "
        "given more than once: each file is a source of its own, before those "
        "on the command line. Standard input is then left alone." },
    { .id = OPT_NULL, .letters = "0", .names = "null", .group = INPUT,
      .help = "inputs end with NUL, not with newline",
      .manual =
        "Inputs in files and on standard input end with a NUL byte in place "
        "of a newline, as `find -print0` writes them." },
    { .id = OPT_NO_RUN_IF_EMPTY, .letters = "r", .names = "no-run-if-empty",
      .group = INPUT,
      .help = "leave out inputs that are empty or blank",
      .manual = "Leave out inputs that are empty or hold only blanks." },
    { .id = OPT_QUOTE, .letters = "q", .names = "quote", .group = INPUT,
      .help = "quote the words of the command for the shell",
      .manual =
        "Quote each word of the command, so that the shell takes it as it "
        "was given: `brood run -q awk '{ print $2 }'`. Redirections, pipes "
        "and variables in the command then mean nothing to the shell." },
    { .id = OPT_REPLACE, .letters = "I", .names = "",
      .value = OPTION_VALUE, .placeholder = "TEXT", .group = INPUT,
      .help = "use TEXT in place of {}",
      .manual =
        "Use TEXT in place of `{}`, which is then plain text. If TEXT is in "
        "braces, as `{x}`, `{1x}` is the same of the first source." },
    { .id = OPT_REPLACE_EXTENSION, .letters = "",
      .names = "er|extensionreplace", .value = OPTION_VALUE,
      .placeholder = "TEXT", .group = INPUT, .rare = 1,
      .help = "use TEXT in place of {.}",
      .manual = "Use TEXT in place of `{.}`, the input without extension." },
    { .id = OPT_REPLACE_BASE, .letters = "", .names = "bnr|basenamereplace",
      .value = OPTION_VALUE, .placeholder = "TEXT", .group = INPUT, .rare = 1,
      .help = "use TEXT in place of {/}",
      .manual = "Use TEXT in place of `{/}`, the base name of the input." },
    { .id = OPT_REPLACE_DIRECTORY, .letters = "",
      .names = "dnr|dirnamereplace", .value = OPTION_VALUE,
      .placeholder = "TEXT", .group = INPUT, .rare = 1,
      .help = "use TEXT in place of {//}",
      .manual = "Use TEXT in place of `{//}`, the directory of the input." },
    { .id = OPT_REPLACE_BASE_EXTENSION, .letters = "",
      .names = "bner|basenameextensionreplace", .value = OPTION_VALUE,
      .placeholder = "TEXT", .group = INPUT, .rare = 1,
      .help = "use TEXT in place of {/.}",
      .manual =
        "Use TEXT in place of `{/.}`, the base name without extension." },
    { .id = OPT_REPLACE_SEQ, .letters = "", .names = "seqreplace",
      .value = OPTION_VALUE, .placeholder = "TEXT", .group = INPUT, .rare = 1,
      .help = "use TEXT in place of {#}",
      .manual = "Use TEXT in place of `{#}`, the number of the job." },
    { .id = OPT_REPLACE_SLOT, .letters = "", .names = "slotreplace",
      .value = OPTION_VALUE, .placeholder = "TEXT", .group = INPUT, .rare = 1,
      .help = "use TEXT in place of {%}",
      .manual = "Use TEXT in place of `{%}`, the slot that the job runs in." },

    { .id = OPT_JOBS, .letters = "jP", .names = "jobs|max-procs",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "jobs at once: N, N%, +N, -N, 0 (no limit), FILE",
      .manual =
        "Run N jobs at once. `N%` is so many percent of the processors, `+N` "
        "and `-N` are so many more or fewer than processors, at least 1; `0` "
        "is as many as the limit of open files allows. Anything else is the "
        "name of a file that holds one of these. The default is 100%." },
    { .id = OPT_DELAY, .letters = "", .names = "delay",
      .value = OPTION_VALUE, .placeholder = "TIME", .group = RUNNING,
      .help = "the least time between two starts",
      .manual =
        "Let at least this time pass between two starts: seconds, with a "
        "fraction or not, or as `1m30s`." },
    { .id = OPT_TIMEOUT, .letters = "", .names = "timeout",
      .value = OPTION_VALUE, .placeholder = "TIME", .group = RUNNING,
      .help = "stop jobs that take longer: 30, 1m30s, 2h, 300%",
      .manual =
        "Stop a job that takes longer, by the signals of `--termseq`. It then "
        "counts as failed. TIME is seconds, with a fraction or not, or as "
        "`1d2h30m5s`; 0 is no limit. `N%` is so many percent of the median "
        "run time of the jobs that have succeeded, once there are three." },
    { .id = OPT_RETRIES, .letters = "", .names = "retries",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING,
      .help = "try each job up to N times",
      .manual =
        "Try a job again if it fails, N times in all; 0 is without end. Only "
        "the last try's output and status count." },
    { .id = OPT_HALT, .letters = "", .names = "halt|halt-on-error",
      .value = OPTION_VALUE, .placeholder = "WHEN", .completion = COMPLETE_WORDS,
      .words = "never now,fail=1 soon,fail=1 now,success=1 soon,success=1 "
               "now,done=1 soon,done=1 soon,fail=10%",
      .group = RUNNING,
      .help = "stop early: now|soon,fail|success|done=N|N%",
      .manual =
        "Stop early. WHEN is `now` (kill what runs) or `soon` (start no more), "
        "a comma, and `fail=`, `success=` or `done=` with the number of jobs, "
        "or with the percentage of all jobs, for which all input is read "
        "first: `now,fail=1`, `soon,fail=10%`. `never` is the default. 0, 1, "
        "2, -1 and -2 are short for `never`, `soon,fail=1`, `now,fail=1`, "
        "`soon,success=1` and `now,success=1`, and N% for `soon,fail=N%`.\n\n"
        "If one job is enough, the exit status is that job's (128 plus the "
        "number if a signal ended it); with a larger number, the number of "
        "failed jobs; with a percentage, the percentage of failed jobs; and 0 "
        "when enough jobs have succeeded." },
    { .id = OPT_TERMSEQ, .letters = "", .names = "termseq|term-seq",
      .value = OPTION_VALUE, .placeholder = "LIST", .group = RUNNING, .rare = 1,
      .help = "signals and waits to stop a job with",
      .manual =
        "How to stop a job: signals, and after each how many milliseconds to "
        "wait for the job's end, with commas between. They go to the process "
        "group of the job. The default is `TERM,200,TERM,100,TERM,50,KILL,25`; "
        "if the list does not end with KILL, a KILL is added." },
    { .id = OPT_NICE, .letters = "", .names = "nice",
      .value = OPTION_VALUE, .placeholder = "N", .group = RUNNING, .rare = 1,
      .help = "run jobs with a nice value N higher",
      .manual = "Add N to the nice value of the jobs, as `nice -n N`." },
    { .id = OPT_WARM, .letters = "", .names = "warm",
      .value = OPTION_VALUE, .placeholder = "COMMAND",
      .group = RUNNING,
      .help = "give jobs to running workers, started by COMMAND",
      .manual =
        "Start COMMAND, a line for the shell, as often as jobs run at once, "
        "and give each job to one of these workers as a message: a job then "
        "costs a message and not a process. The job is the text of the "
        "command, with nothing quoted, or the input if there is no command; "
        "its output is the bytes of the answer, and its exit status 0 or the "
        "error number that the worker answers with. See there." },
    { .id = OPT_WORKDIR, .letters = "", .names = "wd|workdir",
      .value = OPTION_VALUE, .placeholder = "DIR",
      .completion = COMPLETE_DIRECTORY, .group = RUNNING,
      .help = "run jobs in DIR, which may hold {} and the like",
      .manual =
        "Run the jobs in the directory DIR, which is made if it is not there. "
        "DIR may hold replacement strings." },
    { .id = OPT_TMPDIR, .letters = "", .names = "tmpdir|tempdir",
      .value = OPTION_VALUE, .placeholder = "DIR",
      .completion = COMPLETE_DIRECTORY, .group = RUNNING, .rare = 1,
      .help = "where output goes that memory cannot hold",
      .manual =
        "Keep output that is too large for memory in DIR, in files without a "
        "name. The default is $TMPDIR, else `/tmp`." },

    { .id = OPT_GROUP, .letters = "", .names = "group", .group = OUTPUT,
      .rare = 1,
      .help = "show each job's output when it has ended (default)",
      .manual =
        "Show the output of each job when it has ended: first all of its "
        "standard output, then all of its standard error. This is the "
        "default." },
    { .id = OPT_KEEP_ORDER, .letters = "k", .names = "keep-order|keeporder",
      .group = OUTPUT,
      .help = "show output in the order of the inputs",
      .manual =
        "Show output in the order of the inputs, whatever the order in which "
        "the jobs end." },
    { .id = OPT_LINE_BUFFER, .letters = "",
      .names = "line-buffer|lb|line-buffered|linebuffer|linebuffered",
      .group = OUTPUT,
      .help = "show output by line, as it comes (also --lb)",
      .manual =
        "Show output as it comes, in whole lines. With `-k`, the first job "
        "that has not ended is shown as it comes, and the others when it is "
        "their turn." },
    { .id = OPT_UNGROUP, .letters = "u", .names = "ungroup", .group = OUTPUT,
      .help = "let jobs write to our output themselves",
      .manual =
        "Let jobs write to standard output and standard error themselves. "
        "Their output may mix, and cannot be tagged or ordered." },
    { .id = OPT_TAG, .letters = "", .names = "tag", .group = OUTPUT,
      .help = "begin each line with the input and a TAB",
      .manual =
        "Begin each line of output with the inputs of its job and a TAB." },
    { .id = OPT_TAGSTRING, .letters = "", .names = "tagstring|tag-string",
      .value = OPTION_VALUE, .placeholder = "TEXT", .group = OUTPUT,
      .help = "the same with TEXT, which may hold {} and the like",
      .manual =
        "Begin each line of output with TEXT and a TAB. TEXT may hold "
        "replacement strings; `\\t` in it is a TAB." },
    { .id = OPT_SHOW, .letters = "v", .names = "", .group = OUTPUT,
      .help = "show each command before its output",
      .manual =
        "Show each command on standard output, before the output of its job." },
    { .id = OPT_TRACE, .letters = "t", .names = "verbose", .group = OUTPUT,
      .help = "show each command on stderr when it starts",
      .manual = "Show each command on standard error when it starts." },
    { .id = OPT_DRY_RUN, .letters = "", .names = "dry-run|dryrun|dr",
      .group = OUTPUT,
      .help = "show the commands and run nothing",
      .manual = "Show the commands on standard output and run nothing." },

    { .id = OPT_JOBLOG, .letters = "", .names = "joblog|jl",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = REPORTS,
      .help = "log each job in FILE; +FILE appends",
      .manual =
        "Write a line for each job that has ended to FILE: its number, host "
        "(always `:`), start in seconds since 1970, run time in seconds, bytes "
        "sent (0), bytes of standard output, exit status (-1 after a "
        "timeout, 128 plus the number of the signal that ended it), signal "
        "and command, with TABs between. A newline in the command is written "
        "as NUL. `+FILE` appends; `-` is standard output. Jobs that were "
        "killed because the run was stopped are not logged." },
    { .id = OPT_EVENTS, .letters = "", .names = "events",
      .value = OPTION_VALUE, .placeholder = "FILE",
      .completion = COMPLETE_FILE, .group = REPORTS,
      .help = "write a JSON line for each result to FILE",
      .manual =
        "Write a line of JSON for each result to FILE, `-` for standard "
        "output: an object with `seq`, `command` (or `command_base64` if it "
        "is not UTF-8), `outcome`, `exit_status`, `signal`, `core_dumped`, "
        "`error`, `pid`, `slot`, `attempts`, `start`, `runtime`, `user` and "
        "`system` (seconds), `max_rss_bytes`, `stdout_bytes`, `stderr_bytes` "
        "and `leaked`. What does not apply is null. The lines come in the "
        "order in which jobs end." },
    { .id = OPT_PROGRESS, .letters = "", .names = "progress", .group = REPORTS,
      .help = "show how many jobs run, are done, have failed",
      .manual =
        "Show on standard error, if that is a terminal, how many jobs run, "
        "are done and have failed." },
    { .id = OPT_ETA, .letters = "", .names = "eta", .group = REPORTS,
      .help = "the same with the time that is left",
      .manual =
        "As `--progress`, with an estimate of the time that is left when the "
        "number of jobs is known." },
    { .id = OPT_BAR, .letters = "", .names = "bar", .group = REPORTS,
      .help = "the same as a bar",
      .manual = "As `--eta`, with a bar." },

    OPTION_ROWS_LAST(OPT_HELP, OPT_VERSION, OTHER),
};
/* clang-format on */

const struct option_table run_option_table = {
    .command = "brood run",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage =
        "usage: brood run [OPTION...] [COMMAND [ARG...]] [::: ARG...] "
        "[:::: FILE...]\n"
        "Run COMMAND once for each input: ARGs, lines of FILEs, or lines of "
        "standard\n"
        "input. Without a COMMAND, each input is a command.\n"
        "In COMMAND: {} input, {.} without extension, {/} base name, {//} "
        "directory,\n"
        "{/.} base name without extension, {#} job number, {%} slot, {2} "
        "{2.} {-1} ...\n"
        "of one source.\n",
    .examples =
        "Examples:\n"
        "  brood run gzip -9 ::: *.log\n"
        "  find . -name '*.wav' -print0 | brood run -0 -j4 --bar flac {} -o "
        "{.}.flac\n"
        "  brood run -k --tag --timeout 1m ./simulate {1} {2} ::: a b ::: 1 2 "
        "3\n"
        "  brood run --halt now,fail=1 < commands.txt\n"
        "Status: the number of failed jobs, 101 for more than 100, 255 for our "
        "errors.\n",
};
