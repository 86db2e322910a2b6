#ifndef BROOD_TOOLS_OPTION_H
#define BROOD_TOOLS_OPTION_H

/*
 * option - command line options as a table.
 *
 * One row holds all there is to say about an option: its names, its value,
 * the line in --help, the paragraph in the manual and what a shell completes.
 * Parsing, --help, the manual page and the completions all read the table, so
 * none of them can miss an option. The library's getopt_long() is not used:
 * it cannot tell an unknown option from an ambiguous one, and wants the same
 * names once more in two other forms.
 *
 * What is accepted is what getopt_long() takes with a leading '+': options
 * end at the first word that is none, or behind "--"; short ones in a bundle
 * (-kj2, -k -j 2); long ones by any prefix that fits one row only
 * (--dry for --dry-run), with --name=value or --name value.
 */

#include <stddef.h>
#include <stdio.h>

#include "text.h"

enum option_value {
    OPTION_FLAG,
    OPTION_VALUE,
    /** A value that is there only if it is in the same word. */
    OPTION_VALUE_OR_NOT,
};

enum option_completion {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_DIRECTORY,
    /** One of the row's words. */
    COMPLETE_WORDS,
};

struct option_row {
    /** For a switch; unique in the table, not 0. */
    int id;
    enum option_value value;
    /** Each character a short form: "jP"; "" for none. */
    const char *letters;
    /** The long forms, the one to show first: "jobs|max-procs"; "" for none. */
    const char *names;
    /** What the value is called: "FILE"; NULL without a value. */
    const char *placeholder;
    /** Words with blanks between them, for COMPLETE_WORDS. */
    const char *words;
    /** Under which heading; rows of one group stand together. */
    const char *group;
    /** One line, 52 characters at the most. */
    const char *help;
    /** What the manual says. An empty line begins a paragraph, words in
     * `backquotes` are literal, words in 'quotes' stay as they are. */
    const char *manual;
    /** Left out of --help (not of the manual): few need it. */
    int rare;
    enum option_completion completion;
};

/** What option_read_all() answers itself. */
enum {
    OPTION_HELP = -1,
    OPTION_VERSION = -2,
};

/** The two rows that every table ends with. */
#define OPTION_ROWS_LAST(HELP_ID, VERSION_ID, GROUP) \
    OPTION_ROWS_LAST_WITH(HELP_ID, VERSION_ID, "V", GROUP)
/** The same where -V means something else. */
#define OPTION_ROWS_LAST_WITH(HELP_ID, VERSION_ID, LETTERS, GROUP)    \
    { .id = (HELP_ID),                                                \
      .letters = "h",                                                 \
      .names = "help",                                                \
      .group = (GROUP),                                               \
      .help = "show this",                                            \
      .manual = "Show a summary and exit." },                         \
    {                                                                 \
        .id = (VERSION_ID), .letters = (LETTERS), .names = "version", \
        .group = (GROUP), .help = "show the version",                 \
        .manual = "Show the version and exit."                        \
    }

struct option_table {
    /** As typed: "brood run". */
    const char *command;
    const struct option_row *rows;
    size_t n_rows;
    /** What --help says before the options and behind them; NULL: nothing. */
    const char *usage;
    const char *examples;
    /** Options may stand behind other words, too, up to "--". */
    int mixed;
};

/** Where the reading of a command line stands. */
struct option_reader {
    const struct option_table *table;
    char **argv;
    int argc;
    /** The next word; after the last option the first one that is none. */
    int next;
    /** Letters left in the word of short options, or NULL. */
    const char *bundle;
    /** "--" has been read. */
    int is_ended;
    /** One line without newline, after -EINVAL. */
    struct text error;
};

/** One option as it was found. */
struct option_found {
    const struct option_table *table;
    const struct option_row *row;
    /** NULL when there is none. */
    const char *value;
};

/** Begin with argv[first]. End with option_reader_clear(). */
void option_reader_init(struct option_reader *reader,
                        const struct option_table *table,
                        int argc,
                        char **argv,
                        int first);
void option_reader_clear(struct option_reader *reader);

/**
 * Read the next option.
 *
 * Returns:   1 and *ret; 0 no option is left; -EINVAL and reader->error.
 */
int option_next(struct option_reader *reader, struct option_found *ret);

/**
 * Read the options of a subcommand, from argv[2] on; what is wrong is said.
 *
 * @on_option  takes one. Returns: 0; 1 if no more are to be read; or a
 *             negative errno, after a message.
 * @ret_next   set in any case: the first word that was not read. In a table of
 *             mixed options, words that are none go to the end of @argv, in
 *             their order.
 *
 * Returns:   0 all are read; 1 --help or --version has been answered, or
 *            @on_option has returned 1; or a negative errno.
 */
int option_read_all(const struct option_table *table,
                    int argc,
                    char **argv,
                    int (*on_option)(void *user,
                                     const struct option_found *found),
                    void *user,
                    int *ret_next);

/** Say on stderr that the value is not @what. Returns: -EINVAL. */
int option_expected(const struct option_found *found, const char *what);
/** Read a whole number of the value, from @min on; else say that it is not
 * @what. Returns: 0 or -EINVAL. */
int option_number(const struct option_found *found,
                  int64_t min,
                  const char *what,
                  int64_t *ret);

/**
 * Step through the long names of a row.
 *
 *     const char *at = row->names;
 *     while (option_name(&at, &name, &size)) ...
 *
 * Returns:   1 and a name (not NUL-terminated); 0 at the end.
 */
int option_name(const char **at, const char **ret_name, size_t *ret_size);

/** How messages call an option: "--jobs" or "-I". */
void option_spell(const struct option_row *row, struct text *out);

/** What --help says: of the options a line each, without the rare ones. */
void option_help(const struct option_table *table, struct text *out);

#endif /* BROOD_TOOLS_OPTION_H */
