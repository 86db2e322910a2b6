#ifndef BROOD_TOOLS_STORE_OUTCOME_H
#define BROOD_TOOLS_STORE_OUTCOME_H

/* outcome - how jobs end: what the record calls it, and what is a failure. */

#include <stdbool.h>

#include "text.h"

/** How a job ended, as the store has it. */
enum store_outcome {
    STORE_OK,
    STORE_FAILED,
    STORE_SIGNALLED,
    STORE_TIMED_OUT,
    STORE_NOT_STARTED,
    /** Its time has not come: a job before it failed, or the run was ended. */
    STORE_SKIPPED,
    STORE_CANCELLED,
    STORE_LOST,
    STORE_OUTCOMES, /* how many there are */
};

/** As the store spells it. */
const char *store_outcome_name(enum store_outcome outcome);
/** The outcome of that name, which may be NULL. Returns: STORE_OUTCOMES if
 * there is none. */
enum store_outcome store_outcome_find(const char *name);
/** Whether a job that ended so has failed. */
bool store_outcome_is_failure(enum store_outcome outcome);
/** Add the condition of SQL that is true of results that are failures. */
void store_outcome_add_failures(struct text *sql);

#endif /* BROOD_TOOLS_STORE_OUTCOME_H */
