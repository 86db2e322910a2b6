#ifndef BROOD_WORKERS_ENVIRON_H
#define BROOD_WORKERS_ENVIRON_H

/*
 * environ - the environment of a child.
 *
 * A table holds the environment that many jobs share. For each job, its own
 * additions are laid over it in a vector that is used again for the next job,
 * so that in the steady state nothing is allocated and no text is copied.
 *
 * An entry is NAME=value; its name ends at the first '='. Of entries with the
 * same name the last counts, and it takes the place of the first. Entries
 * without '=' are passed on as they are (their name is the whole entry).
 *
 * Threads: one at a time for each struct; a table that is only read may be
 * read by many.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

/** Where each name is: a hash table of positions, counted from 1. */
struct environ_index {
    uint32_t *place;
    size_t room; /* a power of two, or 0 */
};

/** The environment that jobs share. Zeroed memory is an empty one. */
struct environ_table {
    char *text;
    char **entries; /* NULL-terminated */
    size_t count;
    struct environ_index index;
};

/** The environment of one job. Zeroed memory is an empty one. */
struct environ_vector {
    /** For execve(2); NULL-terminated, or NULL before the first use. */
    char **entries;
    size_t count;
    size_t room;
    const struct environ_table *table;
    struct environ_index index; /* of what is behind the table's entries */
};

/**
 * Make a table from texts, which are copied.
 *
 * Returns:   0 or -ENOMEM; on error *ret is untouched.
 */
int environ_table_make(const struct message_texts *texts,
                       struct environ_table *ret);
void environ_table_clear(struct environ_table *table);

/** The value of @name in a table, or NULL. */
const char *environ_table_get(const struct environ_table *table,
                              const char *name);

/**
 * Make the environment of a job: the table and the job's own entries.
 *
 * @added  may be NULL. Its texts are not copied: they and the table must
 *         outlive the use of the vector.
 *
 * Returns:   0 or -ENOMEM; on error the vector is empty.
 */
int environ_make(struct environ_vector *vector,
                 const struct environ_table *table,
                 const struct message_texts *added);

/**
 * Add one entry, or put it in the place of the one with its name.
 *
 * @entry  not copied.
 *
 * Returns:   0 or -ENOMEM; on error the vector is as it was.
 */
int environ_put(struct environ_vector *vector, char *entry);

/** Drop the entry at a position; the last one takes its place. Only for after
 * the last environ_put(), and from the end to the front. */
void environ_drop(struct environ_vector *vector, size_t position);

/** Free a vector; it is empty and usable again. */
void environ_vector_clear(struct environ_vector *vector);

/** The value of @name in a NULL-terminated vector, or NULL. */
const char *environ_get(char *const *entries, const char *name);

#endif /* BROOD_WORKERS_ENVIRON_H */
