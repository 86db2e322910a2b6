#ifndef BROOD_TOOLS_RUN_OPTIONS_H
#define BROOD_TOOLS_RUN_OPTIONS_H

/* options - what the user asked `brood run` for. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "option.h"
#include "run/halt.h"
#include "run/template.h"

/** The options of `brood run`. */
extern const struct option_table run_option_table;

/** How the output of jobs reaches ours. */
enum run_output {
    /** Each job's whole, when it has ended. */
    RUN_OUTPUT_GROUP,
    /** By line, as it comes. */
    RUN_OUTPUT_LINES,
    /** Jobs write themselves. */
    RUN_OUTPUT_DIRECT,
};

enum run_progress {
    RUN_PROGRESS_NONE,
    RUN_PROGRESS_COUNTS,
    RUN_PROGRESS_ETA,
    RUN_PROGRESS_BAR,
    /** Counts, rate and time left. */
    RUN_PROGRESS_ALL,
};

/** What the user asked for besides running something. */
enum run_ask {
    RUN_ASK_RUN,
    RUN_ASK_HELP,
    RUN_ASK_VERSION
};

struct run_options {
    enum run_ask ask;

    /** Files of -a, in order. */
    const char **arg_files;
    size_t n_arg_files;
    bool null_delimited;
    bool skip_blank;
    bool quote_command;
    struct template_names names;

    unsigned slots;
    /** As many as possible: no complaint when there are fewer. */
    bool slots_unlimited;
    int64_t delay_ms;
    int64_t timeout_ms;
    /** Percent of the median run time; 0: none. */
    unsigned timeout_percent;
    unsigned tries;
    struct halt halt;
    struct brood_stop_step stop[BROOD_STOP_STEPS_MAX];
    unsigned n_stop;
    int nice;
    /** A shell line that starts a warm worker, or NULL. */
    const char *warm;
    const char *dir;
    const char *tmp_dir;

    enum run_output output;
    bool keep_order;
    /** The inputs are the tag. */
    bool tag_inputs;
    /** A template for the tag, or NULL. */
    const char *tag;
    /** The command on stdout, before its output. */
    bool show_command;
    /** The command on stderr, when it starts. */
    bool trace;
    bool dry_run;

    const char *joblog;
    const char *events;
    enum run_progress progress;
};

/**
 * Read the options of a command line.
 *
 * @first       where to begin in argv.
 * @ret         filled in; to be cleared with run_options_clear() in any case.
 * @ret_next    the first word that is no option.
 * @ret_error   one line for the user after -EINVAL.
 *
 * Returns:   0 or -EINVAL.
 */
int run_options_read(int argc,
                     char **argv,
                     int first,
                     struct run_options *ret,
                     int *ret_next,
                     struct text *ret_error);
void run_options_clear(struct run_options *options);

#endif /* BROOD_TOOLS_RUN_OPTIONS_H */
