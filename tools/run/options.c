#include "run/options.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/duration.h"
#include "run/option_ids.h"
#include "run/option_values.h"

/* How to stop a job unless --termseq says otherwise. */
static const struct brood_stop_step default_stop[] = {
    { SIGTERM, 200 },
    { SIGTERM, 100 },
    { SIGTERM, 50 },
    { SIGKILL, 25 },
};

enum {
    DEFAULT_STOPS = sizeof(default_stop) / sizeof(default_stop[0]),
    NICE_MAX = 39,
};

/* Said of a value that does not fit: "expected WHAT, not 'value'". */
static int expected(const char *what,
                    const struct option_found *found,
                    struct text *error)
{
    text_add_format(error, "%s: option '", run_option_table.command);
    option_spell(found->row, error);
    text_add_format(error, "': expected %s, not '%s'", what, found->value);
    return -EINVAL;
}

static void set_defaults(struct run_options *options)
{
    *options = (struct run_options){ .names = template_default_names,
                                     .tries = 1,
                                     .n_stop = DEFAULT_STOPS };
    memcpy(options->stop, default_stop, sizeof(default_stop));
    (void)option_value_jobs("100%", options);
}

static void add_arg_file(struct run_options *options, const char *path)
{
    size_t n = options->n_arg_files + 1;
    const char **files =
        reallocarray(options->arg_files, n, sizeof(*options->arg_files));

    if (files == NULL) {
        text_no_memory();
    }
    files[n - 1] = path;
    options->arg_files = files;
    options->n_arg_files = n;
}

/* Options without a value. */
static void read_flag(int id, struct run_options *options)
{
    switch (id) {
    case OPT_NULL:
        options->null_delimited = true;
        break;
    case OPT_NO_RUN_IF_EMPTY:
        options->skip_blank = true;
        break;
    case OPT_QUOTE:
        options->quote_command = true;
        break;
    case OPT_GROUP:
        options->output = RUN_OUTPUT_GROUP;
        break;
    case OPT_KEEP_ORDER:
        options->keep_order = true;
        break;
    case OPT_LINE_BUFFER:
        options->output = RUN_OUTPUT_LINES;
        break;
    case OPT_UNGROUP:
        options->output = RUN_OUTPUT_DIRECT;
        break;
    case OPT_TAG:
        options->tag_inputs = true;
        break;
    case OPT_SHOW:
        options->show_command = true;
        break;
    case OPT_TRACE:
        options->trace = true;
        break;
    case OPT_DRY_RUN:
        options->dry_run = true;
        break;
    case OPT_PROGRESS:
        options->progress = RUN_PROGRESS_COUNTS;
        break;
    case OPT_ETA:
        options->progress = RUN_PROGRESS_ETA;
        break;
    case OPT_BAR:
        options->progress = RUN_PROGRESS_BAR;
        break;
    case OPT_HELP:
        options->ask = RUN_ASK_HELP;
        break;
    case OPT_VERSION:
        options->ask = RUN_ASK_VERSION;
        break;
    default:
        break;
    }
}

/* The place of a replacement string that an option renames, or NULL. */
static const char **renamed(int id, struct run_options *options)
{
    switch (id) {
    case OPT_REPLACE:
        return &options->names.value;
    case OPT_REPLACE_EXTENSION:
        return &options->names.no_extension;
    case OPT_REPLACE_BASE:
        return &options->names.base;
    case OPT_REPLACE_DIRECTORY:
        return &options->names.directory;
    case OPT_REPLACE_BASE_EXTENSION:
        return &options->names.base_no_extension;
    case OPT_REPLACE_SEQ:
        return &options->names.seq;
    case OPT_REPLACE_SLOT:
        return &options->names.slot;
    default:
        return NULL;
    }
}

/* The place of a value that is kept as it is, or NULL. */
static const char **plain(int id, struct run_options *options)
{
    switch (id) {
    case OPT_WORKDIR:
        return &options->dir;
    case OPT_WARM:
        return &options->warm;
    case OPT_TMPDIR:
        return &options->tmp_dir;
    case OPT_TAGSTRING:
        return &options->tag;
    case OPT_JOBLOG:
        return &options->joblog;
    case OPT_EVENTS:
        return &options->events;
    default:
        return NULL;
    }
}

static int read_limit(const struct option_found *found,
                      struct run_options *options,
                      struct text *error)
{
    const char *value = found->value;
    long number = 0;

    switch (found->row->id) {
    case OPT_JOBS:
        return option_value_jobs(value, options) < 0
                   ? expected("a number, N%, +N, -N, or a file that holds one",
                              found, error)
                   : 0;
    case OPT_DELAY:
        return duration_parse(value, &options->delay_ms) < 0
                   ? expected("a time such as 0.5 or 1m30s", found, error)
                   : 0;
    case OPT_TIMEOUT:
        return option_value_timeout(value, options) < 0
                   ? expected("a time such as 30, 1m30s or 300%", found, error)
                   : 0;
    case OPT_RETRIES:
        if (option_value_number(value, 0, INT_MAX, &number) < 0) {
            return expected("a number from 0", found, error);
        }
        options->tries = number == 0 ? UINT_MAX : (unsigned)number;
        return 0;
    case OPT_HALT:
        return halt_parse(value, &options->halt) < 0
                   ? expected("now or soon, then ,fail= ,success= or ,done= "
                              "with a number or N%",
                              found, error)
                   : 0;
    case OPT_TERMSEQ:
        return option_value_termseq(value, options) < 0
                   ? expected("up to 8 signals with milliseconds after each, "
                              "such as TERM,200,KILL,25",
                              found, error)
                   : 0;
    case OPT_NICE:
        if (option_value_number(value, -NICE_MAX, NICE_MAX, &number) < 0) {
            return expected("a number from -39 to 39", found, error);
        }
        options->nice = (int)number;
        return 0;
    default:
        return 0;
    }
}

static int read_value(const struct option_found *found,
                      struct run_options *options,
                      struct text *error)
{
    const char **place = renamed(found->row->id, options);

    if (found->row->id == OPT_ARG_FILE) {
        add_arg_file(options, found->value);
        return 0;
    }
    if (place != NULL && found->value[0] == '\0') {
        return expected("some text", found, error);
    }
    if (place == NULL) {
        place = plain(found->row->id, options);
        if (place != NULL && found->value[0] == '\0' &&
            found->row->id != OPT_TAGSTRING) {
            return expected("a name", found, error);
        }
    }
    if (place == NULL) {
        return read_limit(found, options, error);
    }
    *place = found->value;
    return 0;
}

int run_options_read(int argc,
                     char **argv,
                     int first,
                     struct run_options *ret,
                     int *ret_next,
                     struct text *ret_error)
{
    struct option_reader reader;
    struct option_found found;
    int r;

    set_defaults(ret);
    option_reader_init(&reader, &run_option_table, argc, argv, first);
    while ((r = option_next(&reader, &found)) == 1) {
        if (found.row->value == OPTION_FLAG) {
            read_flag(found.row->id, ret);
        } else {
            r = read_value(&found, ret, ret_error);
        }
        if (r < 0 || ret->ask != RUN_ASK_RUN) {
            break;
        }
    }
    if (r < 0) {
        text_add_string(ret_error, text_string(&reader.error));
        r = -EINVAL;
    }
    *ret_next = reader.next;
    option_reader_clear(&reader);
    return r < 0 ? r : 0;
}

void run_options_clear(struct run_options *options)
{
    free(options->arg_files);
    options->arg_files = NULL;
    options->n_arg_files = 0;
}
