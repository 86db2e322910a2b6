#ifndef BROOD_TOOLS_BATCH_SPEC_KEYS_H
#define BROOD_TOOLS_BATCH_SPEC_KEYS_H

/* spec_keys - the keys of job files, as a table. */

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/** What a key's value is. */
enum spec_type {
    SPEC_STRING, /* not empty */
    SPEC_TEXT,   /* may be empty */
    SPEC_WORDS,
    SPEC_WORDS_OR_ONE, /* or one string, for one word */
    SPEC_ENV,
    SPEC_AMOUNTS, /* names with numbers */
    SPEC_DURATION_MS,
    SPEC_DURATION_NS,
    SPEC_BYTES,
    SPEC_UNSIGNED,
    SPEC_INT,
    SPEC_CODES,  /* a bitmap */
    SPEC_FLAG,   /* true or false */
    SPEC_OBJECT, /* defaults and limits */
};

/** Where a key may stand. */
enum spec_place {
    SPEC_IN_JOB = 1,
    SPEC_IN_DEFAULTS = 2,
    SPEC_IN_LIMITS = 4,
    /** Alone in its line. */
    SPEC_IN_LINE = 8,
};

struct spec_key {
    const char *name;
    size_t name_size;
    enum spec_type type;
    unsigned places;
    /** Where in struct spec, or struct spec_limits. */
    size_t offset;
    int64_t min;
    int64_t max;
    /** "wants" and this: "a number from 1 to 65536". */
    const char *wants;
    /** NULL, or the key that says the same in another way, and what is said to
     * who gives both. */
    const char *not_with;
    const char *either;
};

/** A key that may stand at a place, or NULL. */
const struct spec_key *spec_key_find(unsigned places,
                                     const char *name,
                                     size_t size);
/** Its number, for a bit. */
unsigned spec_key_number(const struct spec_key *key);
/** Say that a key is unknown there, and which may have been meant. */
void spec_key_unknown(unsigned places,
                      const char *name,
                      size_t size,
                      struct text *out);

#endif /* BROOD_TOOLS_BATCH_SPEC_KEYS_H */
