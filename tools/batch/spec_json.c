/*
 * spec_json - one line of JSON, token by token.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/spec_reader.h"
#include "run/utf8.h"

int spec_fail_at(struct spec_reader *reader, size_t at, const char *text)
{
    text_reset(&reader->error);
    text_add_string(&reader->error, text);
    reader->ret->column = at + 1;
    return 0;
}

int spec_fail_wants(struct spec_reader *reader)
{
    text_reset(&reader->error);
    text_add_format(&reader->error, "'%s' wants %s", reader->key->name,
                    reader->key->wants);
    reader->ret->column = reader->token + 1;
    return 0;
}

/* A token has come: it begins behind what separates it from the last. */
static void next_token(struct spec_reader *r)
{
    size_t end = yajl_get_bytes_consumed(r->json);
    size_t at = r->at;

    while (at < end && strchr(" \t\r,:", r->line[at]) != NULL) {
        at++;
    }
    r->token = at;
    r->at = end;
}

/* yajl makes a question mark of half a pair, as JSON in UTF-16 may have. */
static bool has_half_pair(const struct spec_reader *r)
{
    const char *p = r->line + r->token;
    const char *end = r->line + r->at;
    bool is_first = false;

    while (p < end) {
        bool is_second = false;

        if (*p != '\\') {
            if (is_first) {
                return true;
            }
            p++;
            continue;
        }
        if (end - p >= 6 && p[1] == 'u' && (p[2] == 'd' || p[2] == 'D') &&
            strchr("89abAB", p[3]) != NULL) {
            if (is_first) {
                return true;
            }
            is_first = true;
            p += 6;
            continue;
        }
        is_second = end - p >= 6 && p[1] == 'u' &&
                    (p[2] == 'd' || p[2] == 'D') &&
                    strchr("cdefCDEF", p[3]) != NULL;
        if (is_second != is_first) {
            return true;
        }
        is_first = false;
        p += p[1] == 'u' ? 6 : 2;
    }
    return is_first;
}

/* Whether a string is what the line says. */
static bool is_whole(struct spec_reader *r, const char *text)
{
    bool is_in_line = text >= r->line && text <= r->line + r->size;

    if (is_in_line || !has_half_pair(r)) {
        return true;
    }
    (void)spec_fail_at(r, r->token, "half of a surrogate pair");
    return false;
}

static uint64_t bit_of(const struct spec_key *key)
{
    return UINT64_C(1) << spec_key_number(key);
}

/* A key that says the same as another: what the line says takes the place of
 * what defaults said the other way, but it may not say both itself. */
static int at_either(struct spec_reader *r)
{
    const char *name = r->key->not_with;
    const struct spec_key *other = spec_key_find(r->where, name, strlen(name));

    if ((r->seen & bit_of(other)) != 0) {
        return spec_fail_at(r, r->token, r->key->either);
    }
    if (other->type == SPEC_STRING || other->type == SPEC_TEXT) {
        *(const char **)((char *)&r->ret->job + other->offset) = NULL;
    }
    return 1;
}

static int at_key(struct spec_reader *r, const char *name, size_t size)
{
    unsigned places = r->where;

    if (r->place == PLACE_WRAPPED) {
        return spec_fail_at(r, r->token, "expected the end of the object here");
    }
    if (r->place == PLACE_LINE) {
        places |= SPEC_IN_LINE;
        r->place = PLACE_OBJECT;
    }
    r->key_at = r->token;
    if (size >= 2 && memcmp(name, "x-", 2) == 0) {
        r->key = NULL;
        return 1;
    }
    r->key = spec_key_find(places, name, size);
    if (r->key == NULL) {
        (void)spec_fail_at(r, r->token, "");
        spec_key_unknown(r->where, name, size, &r->error);
        return 0;
    }
    if ((r->seen & bit_of(r->key)) != 0) {
        return spec_fail_at(r, r->token, "a key a second time");
    }
    r->seen |= bit_of(r->key);
    return r->key->not_with == NULL ? 1 : at_either(r);
}

/* A name in "env" or "resources". */
static int at_name(struct spec_reader *r, const char *name, size_t size)
{
    if (size == 0 || memchr(name, '\0', size) != NULL ||
        (r->key->type == SPEC_ENV && memchr(name, '=', size) != NULL)) {
        return spec_fail_at(r, r->token, "a name that cannot be used");
    }
    r->key_at = r->token;
    text_reset(&r->name);
    text_add(&r->name, name, size);
    return 1;
}

static int on_key(void *user, const unsigned char *name, size_t size)
{
    struct spec_reader *r = user;

    next_token(r);
    if (r->place == PLACE_IGNORED) {
        return 1;
    }
    if (!is_whole(r, (const char *)name)) {
        return 0;
    }
    return r->place == PLACE_MAP ? at_name(r, (const char *)name, size)
                                 : at_key(r, (const char *)name, size);
}

/* Whether a value that begins is to be looked at. Returns: 1; 0 an error; -1
 * it belongs to what is ignored. */
static int at_value(struct spec_reader *r)
{
    next_token(r);
    if (r->place == PLACE_START || r->place == PLACE_END) {
        return spec_fail_at(r, r->token, "expected one object in the line");
    }
    return r->place == PLACE_IGNORED ||
                   (r->place == PLACE_OBJECT && r->key == NULL)
               ? -1
               : 1;
}

static int on_string(void *user, const unsigned char *text, size_t size)
{
    struct spec_reader *r = user;
    int go = at_value(r);

    if (go <= 0) {
        return -go;
    }
    return is_whole(r, (const char *)text)
               ? spec_value_string(r, (const char *)text, size)
               : 0;
}

static int on_number(void *user, const char *text, size_t size)
{
    struct spec_reader *r = user;
    int go = at_value(r);

    return go <= 0 ? -go : spec_value_number(r, text, size);
}

static int on_bool(void *user, int value)
{
    struct spec_reader *r = user;
    int go = at_value(r);

    return go <= 0 ? -go : spec_value_bool(r, value != 0);
}

static int on_null(void *user)
{
    struct spec_reader *r = user;
    int go = at_value(r);

    return go <= 0 ? -go : spec_fail_wants(r);
}

/* The object of "defaults" or "limits". */
static int open_wrapped(struct spec_reader *r)
{
    bool is_limits = r->key->name[0] == 'l';

    if (r->has_job) {
        return spec_fail_at(r, r->key_at,
                            is_limits
                                ? "'limits' must come before the first job"
                                : "'defaults' must come before the first job");
    }
    r->ret->kind = is_limits ? SPEC_LIMITS : SPEC_DEFAULTS;
    r->where = is_limits ? SPEC_IN_LIMITS : SPEC_IN_DEFAULTS;
    r->seen = 0;
    return 1;
}

static int open_ignored(struct spec_reader *r)
{
    if (r->place != PLACE_IGNORED) {
        r->back = r->place;
        r->place = PLACE_IGNORED;
        r->depth = 0;
    }
    r->depth++;
    return 1;
}

static int on_open(struct spec_reader *r, bool is_array)
{
    int go;

    if (r->place == PLACE_START && !is_array) {
        next_token(r);
        r->object_at = r->token;
        r->place = PLACE_LINE;
        return 1;
    }
    go = at_value(r);
    if (go <= 0) {
        return go < 0 ? open_ignored(r) : 0;
    }
    if (r->place == PLACE_ARRAY || r->place == PLACE_MAP) {
        return spec_fail_wants(r);
    }
    if (r->key->type == SPEC_OBJECT) {
        return is_array ? spec_fail_wants(r) : open_wrapped(r);
    }
    return spec_value_open(r, is_array);
}

static int on_close(struct spec_reader *r)
{
    next_token(r);
    switch (r->place) {
    case PLACE_IGNORED:
        if (--r->depth == 0) {
            r->place = r->back;
        }
        return 1;
    case PLACE_ARRAY:
    case PLACE_MAP:
        return spec_value_close(r);
    case PLACE_OBJECT:
        r->place = r->where == SPEC_IN_JOB ? PLACE_END : PLACE_WRAPPED;
        return 1;
    default:
        r->place = PLACE_END;
        return 1;
    }
}

static int on_map_open(void *user)
{
    return on_open(user, false);
}

static int on_map_close(void *user)
{
    return on_close(user);
}

static int on_array_open(void *user)
{
    return on_open(user, true);
}

static int on_array_close(void *user)
{
    return on_close(user);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map_open,
    .yajl_map_key = on_key,
    .yajl_end_map = on_map_close,
    .yajl_start_array = on_array_open,
    .yajl_end_array = on_array_close,
};

/* yajl's own words, on one line. */
static void fail_syntax(struct spec_reader *r)
{
    unsigned char *text = yajl_get_error(r->json, 0, NULL, 0);
    size_t at = yajl_get_bytes_consumed(r->json);
    size_t size;

    if (text == NULL) {
        text_no_memory();
    }
    size = strcspn((const char *)text, "\n");
    text_reset(&r->error);
    text_add_string(&r->error, "not JSON: ");
    text_add(&r->error, text, size);
    yajl_free_error(r->json, text);
    r->ret->column = at > 0 ? at : 1;
}

static bool is_blank(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) {
        p++;
    }
    return p == end;
}

static int parse(struct spec_reader *r)
{
    yajl_status status =
        yajl_parse(r->json, (const unsigned char *)r->line, r->size);

    if (status == yajl_status_client_canceled) {
        return -EINVAL;
    }
    if (status != yajl_status_ok) {
        fail_syntax(r);
        return -EINVAL;
    }
    if (r->place != PLACE_END) {
        (void)spec_fail_at(r, r->size, "the line ends inside of its object");
        return -EINVAL;
    }
    if (!is_blank(r->line + r->at, r->line + r->size)) {
        (void)spec_fail_at(r, r->at, "expected one object in the line");
        return -EINVAL;
    }
    return 0;
}

int spec_read_json(struct spec_reader *reader)
{
    size_t valid = utf8_valid_size(reader->line, reader->size);
    const char *blank = memchr(reader->line, '\v', reader->size);
    int r;

    if (blank == NULL) {
        blank = memchr(reader->line, '\f', reader->size);
    }
    if (blank != NULL) {
        /* yajl takes them for blanks between tokens. */
        (void)spec_fail_at(reader, (size_t)(blank - reader->line),
                           "not JSON: a control character");
        return -EINVAL;
    }

    if (valid < reader->size) {
        (void)spec_fail_at(reader, valid, "not JSON: bytes that are not UTF-8");
        return -EINVAL;
    }
    if (reader->json == NULL) {
        reader->json = yajl_alloc(&callbacks, NULL, reader);
        if (reader->json == NULL) {
            text_no_memory();
        }
        /* One line after the other, each an object. */
        (void)yajl_config(reader->json, yajl_allow_multiple_values, 1);
        /* It takes what is longer than it has to be; we have looked. */
        (void)yajl_config(reader->json, yajl_dont_validate_strings, 1);
    }
    reader->place = PLACE_START;
    reader->where = SPEC_IN_JOB;
    reader->key = NULL;
    reader->seen = 0;
    reader->at = 0;
    r = parse(reader);
    if (r < 0) {
        /* It stands somewhere inside of the line. */
        yajl_free(reader->json);
        reader->json = NULL;
    }
    return r;
}
