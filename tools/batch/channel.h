#ifndef BROOD_TOOLS_BATCH_CHANNEL_H
#define BROOD_TOOLS_BATCH_CHANNEL_H

/*
 * channel - jobs that talk to the batch while they run.
 *
 *     progress FRACTION [TEXT]    how far it is, from 0 to 1
 *     metric NAME VALUE           a number
 *     anything else               a message, for the record
 *
 * are messages; a request is "submit", a newline, and lines of a job file.
 */

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/** What a job has said of itself. */
struct channel_news {
    /** It has said how far it is: from 0 to 1, and a text. */
    bool has_progress;
    double fraction;
    struct text note;
    /** The last progress is not recorded yet. */
    bool is_due;
    /** When progress was recorded last. */
    int64_t recorded_ns;
    /** Messages that are recorded, and those beyond the limit. */
    uint64_t n_messages;
    uint64_t n_dropped;
};

#endif /* BROOD_TOOLS_BATCH_CHANNEL_H */
