#ifndef BROOD_TOOLS_RUN_PROGRESS_H
#define BROOD_TOOLS_RUN_PROGRESS_H

/*
 * progress - one line at the foot of the terminal that says how the run goes.
 *
 * It is drawn at most ten times a second, taken away before anything else is
 * written to the terminal, and left as it is at the end.
 */

#include <stdbool.h>
#include <stdint.h>

#include "run/options.h"
#include "text.h"

/** What there is to show. */
struct progress_counts {
    uint64_t running;
    uint64_t done;
    uint64_t failed;
    /** Of those done, the ones that took no time: they were known. */
    uint64_t known;
    /** -1: not known. */
    int64_t total;
    /** How much longer it will take, where something better than the pace so
     * far tells; 0: nothing does. */
    int64_t left_ns;
    /** What is said last, as far as there is room; NULL: nothing. */
    const char *detail;
};

struct progress {
    enum run_progress kind;
    /** The line is on the terminal. */
    bool shown;
    int64_t start_ns;
    int64_t drawn_ns;
    struct text line;
};

/** Begin; kind becomes RUN_PROGRESS_NONE where stderr is no terminal, or one
 * that cannot erase a line. */
void progress_init(struct progress *progress,
                   enum run_progress kind,
                   int64_t now_ns);
void progress_clear(struct progress *progress);

/** Draw the line if it is time. */
void progress_draw(struct progress *progress,
                   const struct progress_counts *counts,
                   int64_t now_ns);

/** Take the line away before something else is written. */
void progress_erase(struct progress *progress);

/** Draw it a last time and go to the next line. */
void progress_finish(struct progress *progress,
                     const struct progress_counts *counts,
                     int64_t now_ns);

/** Milliseconds until the line wants to be drawn; -1: never. */
int progress_wait_ms(const struct progress *progress, int64_t now_ns);

/** Add a time as 1:02 or 1:02:03. */
void progress_add_time(struct text *out, int64_t seconds);
/** Put the line together, for a terminal of @width columns. */
void progress_line(enum run_progress kind,
                   const struct progress_counts *counts,
                   int64_t elapsed_ns,
                   int width,
                   struct text *out);

#endif /* BROOD_TOOLS_RUN_PROGRESS_H */
