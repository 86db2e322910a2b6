#include "doc/complete.h"

#include <string.h>

#include "doc/subcommands.h"

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

static void add_subcommands(struct text *out)
{
    for (size_t i = 0; i < doc_n_subcommands; i++) {
        text_add_format(out, "%s%s", i > 0 ? " " : "", doc_subcommands[i].name);
    }
}

/* What is completed behind one subcommand; with _brood's variables. */
static void add_bash_subcommand(struct text *out,
                                const struct doc_subcommand *s)
{
    text_add_format(out, "_brood_%s() {\n    case $prev in\n", s->name);
    add_bash_case(out, s->table, COMPLETE_FILE,
                  "COMPREPLY=($(compgen -f -- \"$cur\"))");
    add_bash_case(out, s->table, COMPLETE_DIRECTORY,
                  "COMPREPLY=($(compgen -d -- \"$cur\"))");
    add_bash_case(out, s->table, COMPLETE_NOTHING, ":");
    add_bash_values(out, s->table);
    text_add_string(out, "    esac\n"
                         "    case $cur in\n"
                         "    -*) COMPREPLY=($(compgen -W '");
    add_all_names(out, s->table);
    text_add_string(out, "' -- \"$cur\")) ;;\n");
    if (s->words == DOC_WORDS_COMMAND) {
        text_add_string(out, "    *) COMPREPLY=($(compgen -c -- \"$cur\") "
                             "$(compgen -f -- \"$cur\")) ;;\n");
    } else if (s->words == DOC_WORDS_FILES) {
        text_add_string(out,
                        "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n");
    }
    text_add_string(out, "    esac\n"
                         "}\n");
}

void complete_bash(struct text *out)
{
    text_add_string(out, "# bash completion for brood; written by mkdoc\n"
                         "_brood() {\n"
                         "    local cur=${COMP_WORDS[COMP_CWORD]} "
                         "prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                         "    COMPREPLY=()\n"
                         "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                         "        COMPREPLY=($(compgen -W '");
    add_subcommands(out);
    text_add_string(out, " help --help --version' -- \"$cur\"))\n"
                         "        return\n"
                         "    fi\n"
                         "    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < doc_n_subcommands; i++) {
        text_add_format(out, "    %s) _brood_%s ;;\n", doc_subcommands[i].name,
                        doc_subcommands[i].name);
    }
    text_add_string(out, "    help) COMPREPLY=($(compgen -W '");
    add_subcommands(out);
    text_add_string(out, "' -- \"$cur\")) ;;\n"
                         "    esac\n"
                         "}\n");
    for (size_t i = 0; i < doc_n_subcommands; i++) {
        add_bash_subcommand(out, &doc_subcommands[i]);
    }
    text_add_string(out, "complete -o filenames -F _brood brood\n");
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

static void add_zsh_subcommand(struct text *out, const struct doc_subcommand *s)
{
    static const char *const words[] = {
        [DOC_WORDS_ANY] = "*: :",
        [DOC_WORDS_COMMAND] = "*::command:_normal",
        [DOC_WORDS_FILES] = "*:file:_files",
    };

    text_add_format(out, "    %s)\n        _arguments -s -S \\\n", s->name);
    for (size_t i = 0; i < s->table->n_rows; i++) {
        const struct option_row *row = &s->table->rows[i];
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
    text_add_format(out, "        '%s' ;;\n", words[s->words]);
}

void complete_zsh(struct text *out)
{
    text_add_string(out, "#compdef brood\n"
                         "# zsh completion for brood; written by mkdoc\n"
                         "_brood() {\n"
                         "    if (( CURRENT == 2 )); then\n"
                         "        _values subcommand");
    for (size_t i = 0; i < doc_n_subcommands; i++) {
        text_add_format(out, " '%s[", doc_subcommands[i].name);
        add_plain(out, doc_subcommands[i].help, "[]:\\");
        text_add_string(out, "]'");
    }
    text_add_string(out, " 'help[show how a subcommand is used]'\n"
                         "        return\n"
                         "    fi\n"
                         "    shift words\n"
                         "    (( CURRENT-- ))\n"
                         "    case $words[1] in\n");
    for (size_t i = 0; i < doc_n_subcommands; i++) {
        add_zsh_subcommand(out, &doc_subcommands[i]);
    }
    text_add_string(out, "    esac\n"
                         "}\n"
                         "_brood \"$@\"\n");
}

static void add_fish_option(struct text *out,
                            const char *subcommand,
                            const struct option_row *row)
{
    const char *at = row->names;
    const char *name;
    size_t size;

    text_add_format(out,
                    "complete -c brood -n '__fish_seen_subcommand_from %s'",
                    subcommand);
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

void complete_fish(struct text *out)
{
    text_add_string(out,
                    "# fish completion for brood; written by mkdoc\n"
                    "complete -c brood -n __fish_use_subcommand -x -a help -d "
                    "'show how a subcommand is used'\n");
    for (size_t i = 0; i < doc_n_subcommands; i++) {
        const struct doc_subcommand *s = &doc_subcommands[i];

        text_add_format(out,
                        "complete -c brood -n __fish_use_subcommand -x -a %s "
                        "-d '",
                        s->name);
        add_plain(out, s->help, "\\");
        text_add_string(out, "'\n");
        for (size_t k = 0; k < s->table->n_rows; k++) {
            add_fish_option(out, s->name, &s->table->rows[k]);
        }
    }
}
