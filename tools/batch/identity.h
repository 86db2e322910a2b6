#ifndef BROOD_TOOLS_BATCH_IDENTITY_H
#define BROOD_TOOLS_BATCH_IDENTITY_H

/*
 * identity - what a job is known by in the record.
 *
 * Its command, directory, environment, standard input and declared inputs, as
 * the job file has them; and which of several jobs of that kind it is. Not its
 * place in the file, its name or its limits: a line in front of it, or another
 * time limit, do not make it another job.
 */

#include <stdint.h>

#include "batch/spec.h"
#include "store/store.h"

struct kinds_place;

/** How many jobs of each kind there have been. Zeroed memory is empty. */
struct kinds {
    struct kinds_place *places;
    uint64_t n_places;
    uint64_t n_used;
};

void kinds_clear(struct kinds *kinds);
/** Count a job of the kind of @spec. Returns: how many came before. */
unsigned kinds_count(struct kinds *kinds, const struct spec *spec);

/** How many jobs of the kind of @spec have been counted. */
unsigned kinds_look(const struct kinds *kinds, const struct spec *spec);

/** @dir     that of the run. Inputs are looked at as they are now.
 * @parent  the key of the job that has submitted this one; NULL: none has. */
void identity_of(const struct spec *spec,
                 unsigned occurrence,
                 const char *dir,
                 const unsigned char *parent,
                 unsigned char ret[STORE_KEY_SIZE]);

#endif /* BROOD_TOOLS_BATCH_IDENTITY_H */
