/*
 * mkdoc - write the documents that follow from the table of options.
 *
 * usage: mkdoc man TEMPLATE    the manual page brood-run(1); the line @OPTIONS@
 *                              of the template is replaced by all options
 *        mkdoc bash|zsh|fish   completions for that shell
 *
 * A program of the build; it is not installed.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "option.h"
#include "run/options.h"
#include "text.h"

/* Text for roff: hyphens that can be copied, no request by chance. */
static void add_roff(struct text *out, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool starts = out->size == 0 || out->data[out->size - 1] == '\n';

        if (starts && (data[i] == '.' || data[i] == '\'')) {
            text_add_string(out, "\\&");
        }
        switch (data[i]) {
        case '-':
            text_add_string(out, "\\-");
            break;
        case '\\':
            text_add_string(out, "\\e");
            break;
        case '`':
        case '\'':
            text_add_string(out, data[i] == '`' ? "\\(ga" : "\\(aq");
            break;
        default:
            text_add_char(out, data[i]);
            break;
        }
    }
}

/* A paragraph with words in `backquotes`; each sentence begins a line. */
static void add_manual(struct text *out, const char *manual)
{
    bool literal = false;

    while (*manual != '\0') {
        size_t size = strcspn(manual, "`\n.");

        add_roff(out, manual, size);
        manual += size;
        if (*manual == '`') {
            literal = !literal;
            text_add_string(out, literal ? "\\fB" : "\\fR");
            manual++;
        } else if (*manual == '\n') {
            text_add_string(out,
                            out->data[out->size - 1] == '\n' ? ".IP\n" : "\n");
            manual++;
        } else if (*manual == '.') {
            bool ends = !literal && manual[1] == ' ';

            add_roff(out, ".", 1);
            text_add_string(out, ends ? "\n" : "");
            manual += ends ? 2 : 1;
        }
    }
    text_add_char(out, '\n');
}

static void add_names(struct text *out, const struct option_row *row)
{
    const char *at = row->names;
    const char *between = "";
    const char *name;
    size_t size;

    for (const char *letter = row->letters; *letter != '\0'; letter++) {
        text_add_format(out, "%s\\fB\\-%c\\fR", between, *letter);
        if (row->placeholder != NULL) {
            text_add_format(out, " \\fI%s\\fR", row->placeholder);
        }
        between = ", ";
    }
    while (option_name(&at, &name, &size)) {
        text_add_format(out, "%s\\fB\\-\\-", between);
        add_roff(out, name, size);
        text_add_string(out, "\\fR");
        if (row->placeholder != NULL) {
            text_add_format(out, " \\fI%s\\fR", row->placeholder);
        }
        between = ", ";
    }
    text_add_char(out, '\n');
}

static void add_options(struct text *out, const struct option_table *table)
{
    const char *group = NULL;

    for (size_t i = 0; i < table->n_rows; i++) {
        const struct option_row *row = &table->rows[i];

        if (group == NULL || strcmp(group, row->group) != 0) {
            group = row->group;
            text_add_format(out, ".SS %s\n", group);
        }
        text_add_string(out, ".TP\n");
        add_names(out, row);
        add_manual(out, row->manual);
    }
}

static int write_man(const char *path, struct text *out)
{
    static const char place[] = "@OPTIONS@\n";
    char *line = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        (void)fprintf(stderr, "mkdoc: cannot read '%s': %s\n", path,
                      brood_strerror(errno));
        return 1;
    }
    while (getline(&line, &room, file) >= 0) {
        if (strcmp(line, place) == 0) {
            add_options(out, &run_option_table);
        } else {
            text_add_string(out, line);
        }
    }
    free(line);
    (void)fclose(file);
    return 0;
}

static void add_words(struct text *out,
                      const struct option_table *table,
                      enum option_completion completion)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct option_row *row = &table->rows[i];
        const char *at = row->names;
        const char *name;
        size_t size;

        if (row->completion != completion || row->value == OPTION_FLAG) {
            continue;
        }
        while (option_name(&at, &name, &size)) {
            text_add_format(out, "%s--%.*s", out->size > 0 ? "|" : "",
                            (int)size, name);
        }
        for (const char *p = row->letters; *p != '\0'; p++) {
            text_add_format(out, "%s-%c", out->size > 0 ? "|" : "", *p);
        }
    }
}

/* A case of the words of one kind of value, for bash. */
static void add_bash_case(struct text *out,
                          const struct option_table *table,
                          enum option_completion completion,
                          const char *action)
{
    struct text words = { 0 };

    add_words(&words, table, completion);
    if (words.size > 0) {
        text_add_format(out, "    %s)\n        %s\n        return ;;\n",
                        words.data, action);
    }
    text_clear(&words);
}

static void add_bash_values(struct text *out, const struct option_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct option_row *row = &table->rows[i];
        const struct option_table one = { .rows = row, .n_rows = 1 };

        if (row->completion == COMPLETE_WORDS) {
            struct text action = { 0 };

            text_add_format(&action,
                            "COMPREPLY=($(compgen -W '%s' -- \"$cur\"))",
                            row->words);
            add_bash_case(out, &one, COMPLETE_WORDS, action.data);
            text_clear(&action);
        }
    }
}

static void add_all_names(struct text *out, const struct option_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *at = table->rows[i].names;
        const char *name;
        size_t size;

        while (option_name(&at, &name, &size)) {
            text_add_format(out, " --%.*s", (int)size, name);
        }
    }
}

static void write_bash(struct text *out)
{
    text_add_string(
        out, "# bash completion for brood; written by mkdoc\n"
             "_brood() {\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} "
             "prev=${COMP_WORDS[COMP_CWORD-1]}\n"
             "    COMPREPLY=()\n"
             "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
             "        COMPREPLY=($(compgen -W 'run help --help --version' -- "
             "\"$cur\"))\n"
             "        return\n"
             "    fi\n"
             "    [ \"${COMP_WORDS[1]}\" = run ] || {\n"
             "        [ \"${COMP_WORDS[1]}\" != help ] ||\n"
             "            COMPREPLY=($(compgen -W 'run' -- \"$cur\"))\n"
             "        return\n"
             "    }\n"
             "    case $prev in\n");
    add_bash_case(out, &run_option_table, COMPLETE_FILE,
                  "COMPREPLY=($(compgen -f -- \"$cur\"))");
    add_bash_case(out, &run_option_table, COMPLETE_DIRECTORY,
                  "COMPREPLY=($(compgen -d -- \"$cur\"))");
    add_bash_case(out, &run_option_table, COMPLETE_NOTHING, ":");
    add_bash_values(out, &run_option_table);
    text_add_string(out, "    esac\n"
                         "    case $cur in\n"
                         "    -*) COMPREPLY=($(compgen -W '");
    add_all_names(out, &run_option_table);
    text_add_string(out, "' -- \"$cur\")) ;;\n"
                         "    *) COMPREPLY=($(compgen -c -- \"$cur\") "
                         "$(compgen -f -- \"$cur\")) ;;\n"
                         "    esac\n"
                         "}\n"
                         "complete -o filenames -F _brood brood\n");
}

/* For a shell's single quotes, and without what _arguments gives a meaning. */
static void add_plain(struct text *out, const char *string, const char *special)
{
    for (; *string != '\0'; string++) {
        if (*string == '\'') {
            text_add_string(out, "'\\''");
            continue;
        }
        if (strchr(special, *string) != NULL) {
            text_add_char(out, '\\');
        }
        text_add_char(out, *string);
    }
}

static const char *zsh_action(const struct option_row *row)
{
    switch (row->completion) {
    case COMPLETE_FILE:
        return "_files";
    case COMPLETE_DIRECTORY:
        return "_files -/";
    case COMPLETE_WORDS:
    case COMPLETE_NOTHING:
    default:
        return "";
    }
}

static void add_zsh_option(struct text *out,
                           const struct option_row *row,
                           const char *dashes,
                           const char *name,
                           size_t size)
{
    text_add_format(out, "        '*%s%.*s", dashes, (int)size, name);
    text_add_char(out, '[');
    add_plain(out, row->help, "[]:\\");
    text_add_char(out, ']');
    if (row->value == OPTION_VALUE) {
        text_add_char(out, ':');
        add_plain(out, row->placeholder, "[]:\\");
        text_add_char(out, ':');
        if (row->completion == COMPLETE_WORDS) {
            text_add_format(out, "(%s)", row->words);
        } else {
            text_add_string(out, zsh_action(row));
        }
    }
    text_add_string(out, "' \\\n");
}

static void write_zsh(struct text *out)
{
    text_add_string(
        out, "#compdef brood\n"
             "# zsh completion for brood; written by mkdoc\n"
             "_brood() {\n"
             "    if (( CURRENT == 2 )); then\n"
             "        _values subcommand 'run[run a command for each input]' "
             "'help[show how a subcommand is used]'\n"
             "        return\n"
             "    fi\n"
             "    [[ $words[2] == run ]] || return\n"
             "    shift words\n"
             "    (( CURRENT-- ))\n"
             "    _arguments -s -S \\\n");
    for (size_t i = 0; i < run_option_table.n_rows; i++) {
        const struct option_row *row = &run_option_table.rows[i];
        const char *at = row->names;
        const char *name;
        size_t size;

        for (const char *p = row->letters; *p != '\0'; p++) {
            add_zsh_option(out, row, "-", p, 1);
        }
        while (option_name(&at, &name, &size)) {
            add_zsh_option(out, row, "--", name, size);
        }
    }
    text_add_string(out, "        '*::command:_normal'\n"
                         "}\n"
                         "_brood \"$@\"\n");
}

static void add_fish_option(struct text *out, const struct option_row *row)
{
    const char *at = row->names;
    const char *name;
    size_t size;

    text_add_string(out, "complete -c brood -n '__fish_seen_subcommand_from "
                         "run'");
    for (const char *p = row->letters; *p != '\0'; p++) {
        text_add_format(out, " -s %c", *p);
    }
    while (option_name(&at, &name, &size)) {
        text_add_format(out, " -l %.*s", (int)size, name);
    }
    if (row->value == OPTION_VALUE) {
        text_add_string(out,
                        row->completion == COMPLETE_FILE ? " -r -F" : " -x");
    }
    if (row->completion == COMPLETE_DIRECTORY) {
        text_add_string(out, " -a '(__fish_complete_directories)'");
    } else if (row->completion == COMPLETE_WORDS) {
        text_add_format(out, " -a '%s'", row->words);
    }
    text_add_string(out, " -d '");
    add_plain(out, row->help, "\\");
    text_add_string(out, "'\n");
}

static void write_fish(struct text *out)
{
    text_add_string(out,
                    "# fish completion for brood; written by mkdoc\n"
                    "complete -c brood -n __fish_use_subcommand -x -a run -d "
                    "'run a command for each input'\n"
                    "complete -c brood -n __fish_use_subcommand -x -a help -d "
                    "'show how a subcommand is used'\n");
    for (size_t i = 0; i < run_option_table.n_rows; i++) {
        add_fish_option(out, &run_option_table.rows[i]);
    }
}

int main(int argc, char **argv)
{
    static const char usage[] =
        "usage: mkdoc man TEMPLATE | mkdoc bash|zsh|fish\n";
    const char *what = argc > 1 ? argv[1] : "";
    struct text out = { 0 };
    int r = 0;

    if (strcmp(what, "man") == 0 && argc == 3) {
        r = write_man(argv[2], &out);
    } else if (strcmp(what, "bash") == 0) {
        write_bash(&out);
    } else if (strcmp(what, "zsh") == 0) {
        write_zsh(&out);
    } else if (strcmp(what, "fish") == 0) {
        write_fish(&out);
    } else {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (fwrite(out.data, 1, out.size, stdout) != out.size ||
        fflush(stdout) != 0) {
        r = 1;
    }
    text_clear(&out);
    return r;
}
