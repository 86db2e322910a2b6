#include "test/environ.h"

#include <string.h>

/* Strings that are "NAME=VALUE", in any order. */
struct table {
    struct arena *arena;
    const char **items;
    size_t n;
};

/* Returns: its place; n: there is none. */
static size_t find(const struct table *table, const char *name, size_t size)
{
    size_t i = 0;

    while (i < table->n && (strncmp(table->items[i], name, size) != 0 ||
                            table->items[i][size] != '=')) {
        i++;
    }
    return i;
}

static const char *value_of(const struct table *table,
                            const char *name,
                            size_t size)
{
    size_t i = find(table, name, size);

    return i == table->n ? NULL : table->items[i] + size + 1;
}

static void unset(struct table *table, const char *name, size_t size)
{
    size_t i = find(table, name, size);

    if (i < table->n) {
        table->items[i] = table->items[--table->n];
    }
}

static void set(struct table *table,
                const char *name,
                size_t size,
                const char *value)
{
    struct text text = { 0 };
    size_t i = find(table, name, size);

    text_add(&text, name, size);
    text_add_format(&text, "=%s", value);
    table->items[i] = arena_copy(table->arena, text_string(&text), text.size);
    table->n += i == table->n;
    text_clear(&text);
}

/* Put a value before or behind the one that is there. */
static void join(struct table *table,
                 const char *name,
                 size_t size,
                 const char *value,
                 const char *between,
                 bool is_first)
{
    const char *old = value_of(table, name, size);
    struct text text = { 0 };

    if (old == NULL || *old == '\0') {
        set(table, name, size, value);
        return;
    }
    text_add_format(&text, "%s%s%s", is_first ? value : old, between,
                    is_first ? old : value);
    set(table, name, size, text_string(&text));
    text_clear(&text);
}

static const struct {
    const char *name;
    const char *between;
    bool is_first;
} joins[] = {
    { "string_append", "", false },      { "string_prepend", "", true },
    { "path_list_append", ":", false },  { "path_list_prepend", ":", true },
    { "cmake_list_append", ";", false }, { "cmake_list_prepend", ";", true },
};

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

/* "NAME=operation:value". Returns: whether it is one. */
static bool change(struct table *table,
                   const struct table *base,
                   const char *text)
{
    const char *equals = strchr(text, '=');
    const char *colon = equals == NULL ? NULL : strchr(equals, ':');
    size_t size = equals == NULL ? 0 : (size_t)(equals - text);
    size_t operation;
    const char *value;

    if (colon == NULL) {
        return false;
    }
    operation = (size_t)(colon - equals - 1);
    if (is_word(equals + 1, operation, "set")) {
        set(table, text, size, colon + 1);
        return true;
    }
    if (is_word(equals + 1, operation, "unset")) {
        unset(table, text, size);
        return true;
    }
    if (is_word(equals + 1, operation, "reset")) {
        value = value_of(base, text, size);
        if (value == NULL) {
            unset(table, text, size);
        } else {
            set(table, text, size, value);
        }
        return true;
    }
    for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) {
        if (is_word(equals + 1, operation, joins[i].name)) {
            join(table, text, size, colon + 1, joins[i].between,
                 joins[i].is_first);
            return true;
        }
    }
    return false;
}

static size_t count(const char *const *items)
{
    size_t n = 0;

    while (items[n] != NULL) {
        n++;
    }
    return n;
}

const char **environ_make(struct arena *arena,
                          const char *const *base,
                          const struct suite_test *test,
                          struct text *error)
{
    size_t room = count(base) + test->env.n + test->env_changes.n + 1;
    struct table given = { .arena = arena };
    struct table table = { .arena = arena };

    given.items = arena_take(arena, room * sizeof(const char *));
    table.items = arena_take(arena, room * sizeof(const char *));
    for (size_t i = 0; base[i] != NULL; i++) {
        given.items[given.n++] = base[i];
    }
    for (size_t i = 0; i < test->env.n; i++) {
        const char *equals = strchr(test->env.items[i], '=');

        if (equals != NULL) {
            set(&given, test->env.items[i],
                (size_t)(equals - test->env.items[i]), equals + 1);
        }
    }
    memcpy((void *)table.items, (void *)given.items,
           given.n * sizeof(const char *));
    table.n = given.n;
    for (size_t i = 0; i < test->env_changes.n; i++) {
        if (!change(&table, &given, test->env_changes.items[i])) {
            text_add_format(error,
                            "ENVIRONMENT_MODIFICATION: expected "
                            "NAME=OPERATION:VALUE, not '%s'",
                            test->env_changes.items[i]);
            return NULL;
        }
    }
    table.items[table.n] = NULL;
    return table.items;
}
