/*
 * spec_value - the values of keys, from JSON into struct spec.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/bytes.h"
#include "batch/spec_reader.h"
#include "run/duration.h"

enum {
    NUMBER_SIZE = 64,
    CODE_BITS = 64,
    AMOUNTS_MAX = 200,
};

static const int64_t ns_per_ms = 1000000;

static void *member(const struct spec_reader *r)
{
    char *base = r->where == SPEC_IN_LIMITS ? (char *)&r->ret->limits
                                            : (char *)&r->ret->job;

    return base + r->key->offset;
}

void spec_word_add(struct spec_reader *reader, const char *word, uint64_t n)
{
    if (reader->n_words == reader->room) {
        size_t room = 2 * reader->room + 16;

        reader->words =
            reallocarray(reader->words, room, sizeof(*reader->words));
        reader->amounts =
            reallocarray(reader->amounts, room, sizeof(*reader->amounts));
        if (reader->words == NULL || reader->amounts == NULL) {
            text_no_memory();
        }
        reader->room = room;
    }
    reader->amounts[reader->n_words] = n;
    reader->words[reader->n_words++] = word;
}

/* The words read, with NULL behind them. */
static struct spec_words keep_words(struct spec_reader *r)
{
    size_t size = r->n_words * sizeof(*r->words);
    const char **items = arena_take(&r->arena, size + sizeof(*items));

    if (size > 0) {
        memcpy(items, r->words, size);
    }
    items[r->n_words] = NULL;
    return (struct spec_words){ .items = items, .n = r->n_words };
}

static int keep_duration(struct spec_reader *r, const char *text)
{
    int64_t ms;

    if (duration_parse(text, &ms) < 0) {
        return spec_fail_wants(r);
    }
    *(int64_t *)member(r) =
        r->key->type == SPEC_DURATION_NS ? ms * ns_per_ms : ms;
    return 1;
}

/* A whole number within the key's limits. */
static int read_whole(struct spec_reader *r,
                      const char *text,
                      int64_t min,
                      int64_t max,
                      int64_t *ret)
{
    char *end;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || n < min || n > max) {
        return spec_fail_wants(r);
    }
    *ret = n;
    return 1;
}

static int keep_number(struct spec_reader *r, const char *text)
{
    int64_t n = 0;

    if (read_whole(r, text, r->key->min, r->key->max, &n) == 0) {
        return 0;
    }
    if (r->key->type == SPEC_INT) {
        *(int *)member(r) = (int)n;
    } else {
        *(unsigned *)member(r) = (unsigned)n;
    }
    return 1;
}

static int add_code(struct spec_reader *r, const char *text)
{
    uint64_t *bits = member(r);
    int64_t n = 0;

    if (read_whole(r, text, r->key->min, r->key->max, &n) == 0) {
        return 0;
    }
    bits[n / CODE_BITS] |= UINT64_C(1) << (n % CODE_BITS);
    return 1;
}

static int add_amount(struct spec_reader *r, const char *text)
{
    int64_t n = 0;

    if (read_whole(r, text, 0, INT64_MAX, &n) == 0) {
        return 0;
    }
    if (r->n_words == AMOUNTS_MAX) {
        return spec_fail_at(r, r->key_at, "more than 200 resources");
    }
    for (size_t i = 0; i < r->n_words; i++) {
        if (strcmp(r->words[i], text_string(&r->name)) == 0) {
            return spec_fail_at(r, r->key_at, "the same name a second time");
        }
    }
    spec_word_add(r, arena_copy(&r->arena, r->name.data, r->name.size),
                  (uint64_t)n);
    return 1;
}

/* Numbers as duration_parse() and strtoll() want them: no exponent. */
int spec_value_number(struct spec_reader *reader, const char *text, size_t size)
{
    char copy[NUMBER_SIZE];

    if (size >= sizeof(copy) || memchr(text, 'e', size) != NULL ||
        memchr(text, 'E', size) != NULL) {
        return spec_fail_wants(reader);
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    switch (reader->key->type) {
    case SPEC_DURATION_MS:
    case SPEC_DURATION_NS:
        return keep_duration(reader, copy);
    case SPEC_BYTES:
        return memchr(copy, '.', size) == NULL &&
                       bytes_parse(copy, member(reader)) == 0
                   ? 1
                   : spec_fail_wants(reader);
    case SPEC_UNSIGNED:
    case SPEC_INT:
        return keep_number(reader, copy);
    case SPEC_CODES:
        return reader->place == PLACE_ARRAY ? add_code(reader, copy)
                                            : spec_fail_wants(reader);
    case SPEC_AMOUNTS:
        return reader->place == PLACE_MAP ? add_amount(reader, copy)
                                          : spec_fail_wants(reader);
    default:
        return spec_fail_wants(reader);
    }
}

static int add_variable(struct spec_reader *r, const char *value, size_t size)
{
    char *text = arena_take(&r->arena, r->name.size + size + 2);

    memcpy(text, text_string(&r->name), r->name.size);
    text[r->name.size] = '=';
    memcpy(text + r->name.size + 1, value, size);
    text[r->name.size + 1 + size] = '\0';
    spec_word_add(r, text, 0);
    return 1;
}

int spec_value_string(struct spec_reader *reader, const char *text, size_t size)
{
    const struct spec_key *key = reader->key;
    char *copy;

    if (memchr(text, '\0', size) != NULL) {
        return spec_fail_at(reader, reader->token,
                            "a string with \\u0000 cannot be used");
    }
    if (key->type == SPEC_ENV && reader->place == PLACE_MAP) {
        return add_variable(reader, text, size);
    }
    copy = arena_copy(&reader->arena, text, size);
    switch (key->type) {
    case SPEC_STRING:
    case SPEC_TEXT:
        if (size == 0 && key->type == SPEC_STRING) {
            return spec_fail_wants(reader);
        }
        *(const char **)member(reader) = copy;
        return 1;
    case SPEC_WORDS_OR_ONE:
    case SPEC_WORDS:
        if (reader->place == PLACE_ARRAY) {
            if (size == 0 && key->type == SPEC_WORDS_OR_ONE) {
                return spec_fail_at(reader, reader->token,
                                    "an empty string cannot be used here");
            }
            spec_word_add(reader, copy, 0);
            return 1;
        }
        if (key->type == SPEC_WORDS || size == 0) {
            return spec_fail_wants(reader);
        }
        reader->n_words = 0;
        spec_word_add(reader, copy, 0);
        *(struct spec_words *)member(reader) = keep_words(reader);
        return 1;
    case SPEC_DURATION_MS:
    case SPEC_DURATION_NS:
        return keep_duration(reader, copy);
    case SPEC_BYTES:
        return bytes_parse(copy, member(reader)) == 0 ? 1
                                                      : spec_fail_wants(reader);
    default:
        return spec_fail_wants(reader);
    }
}

int spec_value_bool(struct spec_reader *reader, bool value)
{
    if (reader->key->type != SPEC_FLAG) {
        return spec_fail_wants(reader);
    }
    *(bool *)member(reader) = value;
    return 1;
}

int spec_value_open(struct spec_reader *reader, bool is_array)
{
    enum spec_type type = reader->key->type;

    if (is_array ? type != SPEC_WORDS && type != SPEC_WORDS_OR_ONE &&
                       type != SPEC_CODES
                 : type != SPEC_ENV && type != SPEC_AMOUNTS) {
        return spec_fail_wants(reader);
    }
    if (type == SPEC_CODES) {
        memset(member(reader), 0, sizeof(reader->ret->job.ok_codes));
    }
    reader->n_words = 0;
    reader->place = is_array ? PLACE_ARRAY : PLACE_MAP;
    return 1;
}

/* By their names, which end with '='. */
static int compare_variables(const void *a, const void *b)
{
    const char *x = *(const char *const *)a;
    const char *y = *(const char *const *)b;

    while (*x == *y && *x != '=') {
        x++;
        y++;
    }
    return (*x != '=' || *y != '=')
               ? (*x == '='
                      ? -1
                      : (*y == '=' ? 1 : (unsigned char)*x - (unsigned char)*y))
               : 0;
}

/* The variables of the line over those of the defaults, sorted. */
static int keep_env(struct spec_reader *r)
{
    const struct spec_words *defaults = &r->defaults.env;
    struct spec_words own;
    size_t k = 0;

    if (r->n_words > 1) {
        qsort(r->words, r->n_words, sizeof(*r->words), compare_variables);
    }
    for (size_t i = 1; i < r->n_words; i++) {
        if (compare_variables(&r->words[i - 1], &r->words[i]) == 0) {
            return spec_fail_at(r, r->key_at, "a variable a second time");
        }
    }
    own = keep_words(r);
    r->n_words = 0;
    for (size_t i = 0; i < own.n; i++) {
        int order = 1;

        for (; k < defaults->n; k++) {
            order = compare_variables(&defaults->items[k], &own.items[i]);
            if (order >= 0) {
                break;
            }
            spec_word_add(r, defaults->items[k], 0);
        }
        k += k < defaults->n && order == 0;
        spec_word_add(r, own.items[i], 0);
    }
    for (; k < defaults->n; k++) {
        spec_word_add(r, defaults->items[k], 0);
    }
    *(struct spec_words *)member(r) = keep_words(r);
    return 1;
}

static void keep_amounts(struct spec_reader *r)
{
    size_t size = r->n_words * sizeof(*r->amounts);
    uint64_t *amounts = arena_take(&r->arena, size);

    if (size > 0) {
        memcpy(amounts, r->amounts, size);
    }
    *(struct spec_words *)member(r) = keep_words(r);
    if (r->where == SPEC_IN_LIMITS) {
        r->ret->limits.amounts = amounts;
    } else {
        r->ret->job.amounts = amounts;
    }
}

int spec_value_close(struct spec_reader *reader)
{
    reader->place = PLACE_OBJECT;
    switch (reader->key->type) {
    case SPEC_ENV:
        return keep_env(reader);
    case SPEC_AMOUNTS:
        keep_amounts(reader);
        return 1;
    case SPEC_CODES:
        return 1;
    default:
        if (reader->n_words < (size_t)reader->key->min) {
            return spec_fail_at(reader, reader->key_at,
                                "the array must not be empty");
        }
        *(struct spec_words *)member(reader) = keep_words(reader);
        return 1;
    }
}
