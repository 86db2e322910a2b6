#ifndef BROOD_TOOLS_BATCH_TEXTS_H
#define BROOD_TOOLS_BATCH_TEXTS_H

/*
 * texts - lines that can be read a second time, without being kept in memory.
 *
 * Those of a regular file are read from it again, and looked at whether they
 * are still the same; others are kept in a file without a name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/spill.h"
#include "text.h"

struct text_place {
    uint64_t at;
    uint64_t hash;
    size_t size;
};

struct texts {
    /** Of the file; -1: lines are kept in @spill. */
    int fd;
    struct spill spill;
    /** The line that was read last. */
    struct text read;
};

/** @fd  of the file, which stays the caller's; -1: keep lines. */
void texts_init(struct texts *texts, int fd);
void texts_clear(struct texts *texts);
/** Keep a line, or note where in the file it is. Returns: 0, or an error. */
int texts_add(struct texts *texts,
              const char *line,
              size_t size,
              uint64_t at,
              struct text_place *ret);
/** It will not be read any more. */
void texts_forget(struct texts *texts, const struct text_place *place);
/** Read it again; valid until the next call. Returns: 0; -ESTALE it is another
 * now; another error. */
int texts_read(struct texts *texts,
               const struct text_place *place,
               const char **ret);

#endif /* BROOD_TOOLS_BATCH_TEXTS_H */
