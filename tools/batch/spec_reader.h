#ifndef BROOD_TOOLS_BATCH_SPEC_READER_H
#define BROOD_TOOLS_BATCH_SPEC_READER_H

/*
 * spec_reader - the inside of struct spec_reader, for spec*.c alone.
 *
 * yajl calls for each token; where a line stands is told by @place, and what
 * the next value belongs to by @key.
 *
 *     line {            -> IN_LINE: the first key decides what it is
 *       "defaults": {   -> IN_OBJECT: the members of defaults or limits
 *       "sh": ...       -> IN_OBJECT: the members of a job
 *         [ or {        -> IN_ARRAY, IN_MAP: the parts of one value
 *       "x-...": ...    -> IN_IGNORED until it ends
 */

#include <yajl/yajl_parse.h>

#include "arena.h"
#include "batch/spec.h"
#include "batch/spec_keys.h"

enum place {
    /** Before the line's object. */
    PLACE_START,
    PLACE_LINE,
    PLACE_OBJECT,
    PLACE_ARRAY,
    PLACE_MAP,
    PLACE_IGNORED,
    /** Behind the end of the object in "defaults" or "limits". */
    PLACE_WRAPPED,
    /** Behind the line's object. */
    PLACE_END,
};

struct spec_reader {
    bool plain;
    bool has_job;
    yajl_handle json;
    /** Of the line, and of the defaults. */
    struct arena arena;
    struct arena default_arena;
    struct spec defaults;

    const char *line;
    size_t size;
    /** Behind the last token. */
    size_t at;
    /** Where the token that is looked at begins. */
    size_t token;
    /** Where the line's object begins. */
    size_t object_at;
    enum place place;
    /** Which keys may come: enum spec_place. */
    unsigned where;
    const struct spec_key *key;
    size_t key_at;
    /** Keys that the line had. */
    uint64_t seen;
    unsigned depth; /* in PLACE_IGNORED */
    /** Where to go on behind an ignored value. */
    enum place back;
    /** Words, or names with amounts, of the value that is being read. */
    const char **words;
    uint64_t *amounts;
    size_t n_words;
    size_t room;
    struct text name; /* of a variable */
    struct spec_line *ret;
    struct text error;
};

/** Note what is wrong, and where (from 0). Returns: 0, to stop yajl. */
int spec_fail_at(struct spec_reader *reader, size_t at, const char *text);
/** The value of the key is not what it wants. Returns: 0. */
int spec_fail_wants(struct spec_reader *reader);

/** One more word of the value. */
void spec_word_add(struct spec_reader *reader, const char *word, uint64_t n);

/* A value of the key, or a part of one; each returns 1, or 0 after an error. */
int spec_value_string(struct spec_reader *reader,
                      const char *text,
                      size_t size);
int spec_value_number(struct spec_reader *reader,
                      const char *text,
                      size_t size);
int spec_value_bool(struct spec_reader *reader, bool value);
/** The array or object of the key begins, or ends. */
int spec_value_open(struct spec_reader *reader, bool is_array);
int spec_value_close(struct spec_reader *reader);

/** Read the line as JSON. Returns: 0, or -EINVAL. */
int spec_read_json(struct spec_reader *reader);

#endif /* BROOD_TOOLS_BATCH_SPEC_READER_H */
