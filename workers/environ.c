#include "workers/environ.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/decode.h"

enum {
    INDEX_FIRST = 16,
    VECTOR_FIRST = 64,
};

static size_t name_size(const char *entry)
{
    return strcspn(entry, "=");
}

static int same_name(const char *a, const char *b, size_t size)
{
    return strncmp(a, b, size) == 0 && (b[size] == '=' || b[size] == '\0');
}

/* FNV-1a. */
static uint32_t hash(const char *name, size_t size)
{
    uint32_t h = UINT32_C(2166136261);

    for (size_t i = 0; i < size; i++) {
        h = (h ^ (uint8_t)name[i]) * UINT32_C(16777619);
    }
    return h;
}

/*
 * The place of a name, or the free place where it would go. @entries[p - 1]
 * is the entry at position p. The index is never full.
 */
static uint32_t *find(const struct environ_index *index,
                      char *const *entries,
                      const char *name,
                      size_t size)
{
    size_t at = hash(name, size) & (index->room - 1);

    while (index->place[at] != 0 &&
           !same_name(name, entries[index->place[at] - 1], size)) {
        at = (at + 1) & (index->room - 1);
    }
    return &index->place[at];
}

/* Make an empty index that @count names fill to the half at most. */
static int index_prepare(struct environ_index *index, size_t count)
{
    size_t room = INDEX_FIRST;
    uint32_t *place;

    if (count > UINT32_MAX / 4) {
        return -ENOMEM;
    }
    while (room < count * 2) {
        room += room;
    }
    if (room > index->room) {
        place = brood_malloc(room * sizeof(*place));
        if (place == NULL) {
            return -ENOMEM;
        }
        free(index->place);
        index->place = place;
        index->room = room;
    }
    memset(index->place, 0, index->room * sizeof(*index->place));
    return 0;
}

/* Put an entry in the place of the one with its name, or at the end. */
static size_t put_entry(const struct environ_index *index,
                        char **entries,
                        size_t count,
                        char *entry)
{
    uint32_t *place = find(index, entries, entry, name_size(entry));

    if (*place != 0) {
        entries[*place - 1] = entry;
        return count;
    }
    *place = (uint32_t)count + 1;
    entries[count] = entry;
    return count + 1;
}

int environ_table_make(const struct message_texts *texts,
                       struct environ_table *ret)
{
    struct environ_table t = { 0 };
    struct message_texts copy;
    const char *text = NULL;
    int r = -ENOMEM;

    t.text = brood_malloc(texts->size + 1);
    t.entries = brood_calloc((size_t)texts->count + 1, sizeof(*t.entries));
    if (t.text == NULL || t.entries == NULL) {
        goto out;
    }
    r = index_prepare(&t.index, texts->count);
    if (r < 0) {
        goto out;
    }
    if (texts->size > 0) {
        memcpy(t.text, texts->data, texts->size);
    }
    copy = (struct message_texts){ t.text, texts->size, texts->count };
    while ((text = texts_next(&copy, text)) != NULL) {
        t.count = put_entry(&t.index, t.entries, t.count,
                            t.text + (text - copy.data));
    }
    *ret = t;
    t = (struct environ_table){ 0 };
    r = 0;
out:
    environ_table_clear(&t);
    return r;
}

void environ_table_clear(struct environ_table *table)
{
    free(table->text);
    free((void *)table->entries);
    free(table->index.place);
    *table = (struct environ_table){ 0 };
}

/* The value in an entry, or NULL if it has none. */
static const char *value_of(const char *entry, size_t size)
{
    return entry[size] == '=' ? entry + size + 1 : NULL;
}

const char *environ_table_get(const struct environ_table *table,
                              const char *name)
{
    size_t size = strlen(name);
    const uint32_t *place;

    if (table->count == 0) {
        return NULL;
    }
    place = find(&table->index, table->entries, name, size);
    return *place == 0 ? NULL : value_of(table->entries[*place - 1], size);
}

static int vector_reserve(struct environ_vector *v, size_t need)
{
    size_t room = v->room < VECTOR_FIRST ? VECTOR_FIRST : v->room;
    void *entries;

    if (need <= v->room) {
        return 0;
    }
    if (need > SIZE_MAX / 4 / sizeof(*v->entries)) {
        return -ENOMEM;
    }
    while (room < need) {
        room += room;
    }
    entries = brood_realloc((void *)v->entries, room * sizeof(*v->entries));
    if (entries == NULL) {
        return -ENOMEM;
    }
    v->entries = entries;
    v->room = room;
    return 0;
}

/* The entries that the table does not have are at the end, with an index of
 * their own. */
static void put(struct environ_vector *v, char *entry)
{
    const struct environ_table *t = v->table;

    if (t->count > 0) {
        const uint32_t *place =
            find(&t->index, t->entries, entry, name_size(entry));

        if (*place != 0) {
            v->entries[*place - 1] = entry;
            return;
        }
    }
    v->count = t->count + put_entry(&v->index, v->entries + t->count,
                                    v->count - t->count, entry);
    v->entries[v->count] = NULL;
}

int environ_make(struct environ_vector *vector,
                 const struct environ_table *table,
                 const struct message_texts *added)
{
    size_t more = added == NULL ? 0 : added->count;
    const char *text = NULL;
    int r = vector_reserve(vector, table->count + more + 1);

    vector->table = table;
    vector->count = 0;
    if (r == 0) {
        r = index_prepare(&vector->index, more);
    }
    if (r < 0) {
        if (vector->room > 0) {
            vector->entries[0] = NULL;
        }
        return r;
    }
    if (table->count > 0) {
        memcpy((void *)vector->entries, (void *)table->entries,
               table->count * sizeof(*vector->entries));
    }
    vector->count = table->count;
    vector->entries[vector->count] = NULL;
    while (more > 0 && (text = texts_next(added, text)) != NULL) {
        put(vector, (char *)(uintptr_t)text);
    }
    return 0;
}

/* Room for one more name: a larger index is filled anew. */
static int index_grow(struct environ_vector *v)
{
    size_t first = v->table->count;
    size_t count = v->count - first;
    int r;

    if ((count + 1) * 2 <= v->index.room) {
        return 0;
    }
    r = index_prepare(&v->index, count * 2 + 2);
    for (size_t i = 0; r == 0 && i < count; i++) {
        (void)put_entry(&v->index, v->entries + first, i,
                        v->entries[first + i]);
    }
    return r;
}

int environ_put(struct environ_vector *vector, char *entry)
{
    int r = vector_reserve(vector, vector->count + 2);

    if (r == 0) {
        r = index_grow(vector);
    }
    if (r == 0) {
        put(vector, entry);
    }
    return r;
}

void environ_drop(struct environ_vector *vector, size_t position)
{
    vector->count--;
    vector->entries[position] = vector->entries[vector->count];
    vector->entries[vector->count] = NULL;
}

void environ_vector_clear(struct environ_vector *vector)
{
    free((void *)vector->entries);
    free(vector->index.place);
    *vector = (struct environ_vector){ 0 };
}

const char *environ_get(char *const *entries, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; entries != NULL && entries[i] != NULL; i++) {
        if (strncmp(entries[i], name, size) == 0 && entries[i][size] == '=') {
            return entries[i] + size + 1;
        }
    }
    return NULL;
}
