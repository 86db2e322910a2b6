/*
 * mkdoc - write the documents that follow from the tables of options.
 *
 * usage: mkdoc man TEMPLATE    a manual page; the line @OPTIONS@ of the template
 *                              (brood-run.1.in) is replaced by all options of
 *                              the subcommand that it is named after
 *        mkdoc bash|zsh|fish   completions for that shell
 *
 * A program of the build; it is not installed.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brood.h>

#include "doc/complete.h"
#include "doc/subcommands.h"
#include "option.h"
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

/* Returns: the table that a template is named after, or NULL. */
static const struct option_table *table_of(const char *path)
{
    const char *name = strstr(path, "/brood-");

    for (size_t i = 0; name != NULL && i < doc_n_subcommands; i++) {
        const struct doc_subcommand *s = &doc_subcommands[i];
        size_t size = strlen(s->name);

        if (strncmp(name + strlen("/brood-"), s->name, size) == 0 &&
            name[strlen("/brood-") + size] == '.') {
            return s->table;
        }
    }
    return NULL;
}

static int write_man(const char *path, struct text *out)
{
    static const char place[] = "@OPTIONS@\n";
    const struct option_table *table = table_of(path);
    char *line = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        (void)fprintf(stderr, "mkdoc: cannot read '%s': %s\n", path,
                      brood_strerror(errno));
        return 1;
    }
    if (table == NULL) {
        (void)fprintf(stderr, "mkdoc: no subcommand for '%s'\n", path);
        (void)fclose(file);
        return 1;
    }
    while (getline(&line, &room, file) >= 0) {
        if (strcmp(line, place) == 0) {
            add_options(out, table);
        } else {
            text_add_string(out, line);
        }
    }
    free(line);
    (void)fclose(file);
    return 0;
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
        complete_bash(&out);
    } else if (strcmp(what, "zsh") == 0) {
        complete_zsh(&out);
    } else if (strcmp(what, "fish") == 0) {
        complete_fish(&out);
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
