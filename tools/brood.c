/*
 * brood - the program: it finds the subcommand and leaves the rest to it.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "batch/batch.h"
#include "log/log.h"
#include "report/report.h"
#include "run/run.h"
#include "talk/talk.h"
#include "test/hold.h"
#include "test/testing.h"
#include "text.h"

enum {
    STATUS_OURS = 255
};

struct subcommand {
    const char *name;
    /** One line for --help. */
    const char *help;
    /** argv[1] is the subcommand's name. Returns: the exit status. */
    int (*main)(int argc, char **argv);
};

static int help_main(int argc, char **argv);

static const struct subcommand subcommands[] = {
    { "run", "run a command for each input, many at once", run_main },
    { "batch", "run the jobs of job files, with a record", batch_main },
    { "test", "run tests of CMake, Meson, TAP, or programs", test_main },
    { "log", "show what is recorded of batches", log_main },
    { "report", "write an HTML page about a run of a batch", report_main },
    { "send", "send a message from a script to its parent", send_main },
    { "recv", "wait for a message of the script's parent", recv_main },
    { "submit", "add jobs to the batch that runs a script", submit_main },
    { "help", "show how a subcommand is used: brood help run", help_main },
};

enum {
    SUBCOMMANDS = sizeof(subcommands) / sizeof(subcommands[0])
};

static const struct subcommand *find(const char *name)
{
    for (int i = 0; i < SUBCOMMANDS; i++) {
        if (strcmp(subcommands[i].name, name) == 0) {
            return &subcommands[i];
        }
    }
    return NULL;
}

static int show(const struct text *out)
{
    ssize_t n = write(STDOUT_FILENO, out->data, out->size);

    return n == (ssize_t)out->size ? 0 : STATUS_OURS;
}

static int show_help(void)
{
    struct text out = { 0 };
    int r;

    text_add_string(&out, "usage: brood SUBCOMMAND [ARG...]\n"
                          "Run jobs in parallel.\n\n");
    for (int i = 0; i < SUBCOMMANDS; i++) {
        text_add_format(&out, "  %-10s %s\n", subcommands[i].name,
                        subcommands[i].help);
    }
    text_add_string(&out, "\n  --help     show this\n"
                          "  --version  show the version\n"
                          "\nMore: brood run --help, man brood-run\n");
    r = show(&out);
    text_clear(&out);
    return r;
}

static int show_version(void)
{
    struct text out = { 0 };
    int r;

    text_add_format(&out, "brood %s\n", brood_version());
    r = show(&out);
    text_clear(&out);
    return r;
}

static int fail_unknown(const char *name)
{
    struct text out = { 0 };

    text_add_format(&out, "brood: unknown subcommand '%s'; there are:", name);
    for (int i = 0; i < SUBCOMMANDS; i++) {
        text_add_format(&out, "%s %s", i > 0 ? "," : "", subcommands[i].name);
    }
    text_add_string(&out, "\n");
    (void)!write(STDERR_FILENO, out.data, out.size);
    text_clear(&out);
    return STATUS_OURS;
}

static int help_main(int argc, char **argv)
{
    static char help[] = "--help";
    char *words[] = { argv[0], NULL, help, NULL };
    const struct subcommand *subcommand;

    if (argc < 3) {
        return show_help();
    }
    subcommand = find(argv[2]);
    if (subcommand == NULL) {
        return fail_unknown(argv[2]);
    }
    if (subcommand->main == help_main) {
        return show_help();
    }
    words[1] = argv[2];
    return subcommand->main(3, words);
}

int main(int argc, char **argv)
{
    static const char missing[] =
        "brood: no subcommand; try 'brood run --help'\n";
    const struct subcommand *subcommand;

    if (argc < 2) {
        (void)!write(STDERR_FILENO, missing, sizeof(missing) - 1);
        return STATUS_OURS;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return show_help();
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        return show_version();
    }
    if (strcmp(argv[1], "test-hold") == 0) {
        return hold_main(argc, argv); /* not for users */
    }
    subcommand = find(argv[1]);
    return subcommand == NULL ? fail_unknown(argv[1])
                              : subcommand->main(argc, argv);
}
