#include "option.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

void option_reader_init(struct option_reader *reader,
                        const struct option_table *table,
                        int argc,
                        char **argv,
                        int first)
{
    *reader = (struct option_reader){
        .table = table, .argv = argv, .argc = argc, .next = first
    };
}

void option_reader_clear(struct option_reader *reader)
{
    text_clear(&reader->error);
}

int option_name(const char **at, const char **ret_name, size_t *ret_size)
{
    const char *name = *at;
    size_t size = strcspn(name, "|");

    if (size == 0) {
        return 0;
    }
    *ret_name = name;
    *ret_size = size;
    *at = name[size] == '|' ? name + size + 1 : name + size;
    return 1;
}

void option_spell(const struct option_row *row, struct text *out)
{
    const char *at = row->names;
    const char *name;
    size_t size;

    if (option_name(&at, &name, &size)) {
        text_add_string(out, "--");
        text_add(out, name, size);
    } else {
        text_add_char(out, '-');
        text_add(out, row->letters, 1);
    }
}

/* How well a row's names fit what was typed. */
enum fit {
    FIT_NOT,
    FIT_PREFIX,
    FIT_WHOLE
};

static enum fit row_fit(const struct option_row *row,
                        const char *typed,
                        size_t typed_size)
{
    const char *at = row->names;
    enum fit fit = FIT_NOT;
    const char *name;
    size_t size;

    while (option_name(&at, &name, &size)) {
        if (size < typed_size || memcmp(name, typed, typed_size) != 0) {
            continue;
        }
        if (size == typed_size) {
            return FIT_WHOLE;
        }
        fit = FIT_PREFIX;
    }
    return fit;
}

static int fail_unknown(struct option_reader *reader,
                        const char *dashes,
                        const char *typed,
                        size_t size)
{
    text_add_format(&reader->error, "%s: unknown option '%s%.*s'",
                    reader->table->command, dashes, (int)size, typed);
    return -EINVAL;
}

static int fail_ambiguous(struct option_reader *reader,
                          const char *typed,
                          size_t typed_size)
{
    const char *between = ": ";

    text_add_format(&reader->error,
                    "%s: option '--%.*s' could be more than one",
                    reader->table->command, (int)typed_size, typed);
    for (size_t i = 0; i < reader->table->n_rows; i++) {
        const struct option_row *row = &reader->table->rows[i];

        if (row_fit(row, typed, typed_size) == FIT_PREFIX) {
            text_add_string(&reader->error, between);
            option_spell(row, &reader->error);
            between = ", ";
        }
    }
    return -EINVAL;
}

static int fail_value(struct option_reader *reader,
                      const struct option_row *row,
                      const char *what)
{
    text_add_format(&reader->error, "%s: option '", reader->table->command);
    option_spell(row, &reader->error);
    text_add_format(&reader->error, "' %s", what);
    return -EINVAL;
}

static int find_long(struct option_reader *reader,
                     const char *typed,
                     size_t size,
                     const struct option_row **ret)
{
    const struct option_row *found = NULL;
    unsigned n = 0;

    for (size_t i = 0; i < reader->table->n_rows; i++) {
        const struct option_row *row = &reader->table->rows[i];
        enum fit fit = row_fit(row, typed, size);

        if (fit == FIT_WHOLE) {
            *ret = row;
            return 0;
        }
        if (fit == FIT_PREFIX) {
            found = row;
            n++;
        }
    }
    if (n == 0) {
        return fail_unknown(reader, "--", typed, size);
    }
    if (n > 1) {
        return fail_ambiguous(reader, typed, size);
    }
    *ret = found;
    return 0;
}

/* The value of a row that needs one: the next word. */
static int take_word(struct option_reader *reader, struct option_found *found)
{
    if (reader->next >= reader->argc) {
        return fail_value(reader, found->row, "needs a value");
    }
    found->value = reader->argv[reader->next++];
    return 1;
}

static int next_long(struct option_reader *reader,
                     const char *typed,
                     struct option_found *ret)
{
    struct option_found found = { .table = reader->table };
    size_t size = strcspn(typed, "=");
    int r = find_long(reader, typed, size, &found.row);

    if (r < 0) {
        return r;
    }
    assert(found.row != NULL);
    reader->next++;
    if (typed[size] == '=') {
        if (found.row->value == OPTION_FLAG) {
            return fail_value(reader, found.row, "takes no value");
        }
        found.value = typed + size + 1;
    } else if (found.row->value == OPTION_VALUE) {
        r = take_word(reader, &found);
        if (r < 0) {
            return r;
        }
    }
    *ret = found;
    return 1;
}

static int next_short(struct option_reader *reader, struct option_found *ret)
{
    char letter = *reader->bundle++;
    struct option_found found = { .table = reader->table };

    for (size_t i = 0; i < reader->table->n_rows && found.row == NULL; i++) {
        if (strchr(reader->table->rows[i].letters, letter) != NULL) {
            found.row = &reader->table->rows[i];
        }
    }
    if (found.row == NULL) {
        return fail_unknown(reader, "-", &letter, 1);
    }
    if (found.row->value != OPTION_FLAG && *reader->bundle != '\0') {
        found.value = reader->bundle;
        reader->bundle = "";
    }
    if (*reader->bundle == '\0') {
        reader->bundle = NULL;
        reader->next++;
    }
    if (found.row->value == OPTION_VALUE && found.value == NULL &&
        take_word(reader, &found) < 0) {
        return -EINVAL;
    }
    *ret = found;
    return 1;
}

int option_expected(const struct option_found *found, const char *what)
{
    struct text name = { 0 };

    option_spell(found->row, &name);
    (void)fprintf(stderr, "%s: option '%s': expected %s, not '%s'\n",
                  found->table->command, text_string(&name), what,
                  found->value);
    text_clear(&name);
    return -EINVAL;
}

int option_number(const struct option_found *found,
                  int64_t min,
                  const char *what,
                  int64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(found->value, &end, 10);
    return errno != 0 || end == found->value || *end != '\0' || *ret < min
               ? option_expected(found, what)
               : 0;
}

int option_next(struct option_reader *reader, struct option_found *ret)
{
    const char *word;

    if (reader->bundle != NULL) {
        return next_short(reader, ret);
    }
    if (reader->next >= reader->argc) {
        return 0;
    }
    word = reader->argv[reader->next];
    if (word[0] != '-' || word[1] == '\0') {
        return 0;
    }
    if (word[1] != '-') {
        reader->bundle = word + 1;
        return next_short(reader, ret);
    }
    if (word[2] == '\0') {
        reader->next++;
        reader->is_ended = 1;
        return 0;
    }
    return next_long(reader, word + 2, ret);
}

/* Returns: whether the option was one that is answered here. */
static bool answer(const struct option_found *found)
{
    struct text out = { 0 };

    switch (found->row->id) {
    case OPTION_HELP:
        option_help(found->table, &out);
        break;
    case OPTION_VERSION:
        text_add_format(&out, "brood %s\n", brood_version());
        break;
    default:
        return false;
    }
    (void)!write(STDOUT_FILENO, out.data, out.size);
    text_clear(&out);
    return true;
}

/* Put the word that was no option to the end, behind those before it.
 * Returns: whether there was one. */
static bool put_off(struct option_reader *reader, int argc)
{
    char *word;
    int last = argc - 1;

    if (!reader->table->mixed || reader->is_ended ||
        reader->next >= reader->argc) {
        return false;
    }
    word = reader->argv[reader->next];
    memmove((void *)(reader->argv + reader->next),
            (void *)(reader->argv + reader->next + 1),
            (size_t)(last - reader->next) * sizeof(word));
    reader->argv[last] = word;
    reader->argc--;
    return true;
}

/* Words that were put off stand behind those that nobody has looked at. */
static void put_back(struct option_reader *reader, int argc)
{
    int n_left = reader->argc - reader->next;
    char **words = reader->argv + reader->next;
    int n = argc - reader->next;

    for (int i = 0; i < n_left; i++) {
        char *word = words[0];

        memmove((void *)words, (void *)(words + 1),
                (size_t)(n - 1) * sizeof(word));
        words[n - 1] = word;
    }
}

int option_read_all(const struct option_table *table,
                    int argc,
                    char **argv,
                    int (*on_option)(void *user,
                                     const struct option_found *found),
                    void *user,
                    int *ret_next)
{
    struct option_reader reader;
    struct option_found found;
    int taken = 0;
    int r = 0;

    option_reader_init(&reader, table, argc, argv, 2);
    do {
        while (taken == 0 && (r = option_next(&reader, &found)) == 1) {
            taken = answer(&found) ? 1 : on_option(user, &found);
        }
    } while (taken == 0 && r == 0 && put_off(&reader, argc));
    put_back(&reader, argc);
    if (r < 0) {
        (void)fprintf(stderr, "%s\n", text_string(&reader.error));
    }
    *ret_next = reader.next;
    option_reader_clear(&reader);
    return r < 0 ? r : taken;
}

static void help_row(const struct option_row *row, struct text *out)
{
    enum {
        HELP_COLUMN = 26
    };
    size_t start = out->size;
    const char *at = row->names;
    const char *name;
    size_t size;
    int has_name = option_name(&at, &name, &size);

    if (row->letters[0] != '\0') {
        text_add_format(out, "  -%c%s", row->letters[0], has_name ? ", " : "");
    } else {
        text_add_string(out, "      ");
    }
    if (has_name) {
        text_add_string(out, "--");
        text_add(out, name, size);
    }
    if (row->placeholder != NULL) {
        text_add_format(out, " %s", row->placeholder);
    }
    while (out->size - start < HELP_COLUMN) {
        text_add_char(out, ' ');
    }
    text_add_format(out, " %s\n", row->help);
}

void option_help(const struct option_table *table, struct text *out)
{
    const char *group = NULL;

    text_add_string(out, table->usage == NULL ? "" : table->usage);
    for (size_t i = 0; i < table->n_rows; i++) {
        const struct option_row *row = &table->rows[i];

        if (row->rare) {
            continue;
        }
        if (group == NULL || strcmp(group, row->group) != 0) {
            group = row->group;
            text_add_format(out, "%s:\n", group);
        }
        help_row(row, out);
    }
    text_add_string(out, table->examples == NULL ? "" : table->examples);
}
