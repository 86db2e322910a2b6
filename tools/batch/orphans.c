/*
 * orphans - processes that are left of a run whose process was killed. The
 * kernel tells a job of our death, but not what a job has started; all of them
 * have the run's id in their environment.
 */
#include "batch/batch.h"
#include "strays.h"

enum {
    GRACE_MS = 2000,
};

static void say(struct batch *batch, const struct strays *strays)
{
    struct text line = { 0 };

    text_add_format(&line,
                    "ending %zu process%s of a run that was killed:", strays->n,
                    strays->n == 1 ? "" : "es");
    for (size_t i = 0; i < strays->n; i++) {
        text_add_format(&line, " %d", strays->pids[i]);
    }
    batch_say(batch, "%s", text_string(&line));
    text_clear(&line);
}

void batch_end_orphans(struct batch *batch, const char *run_id)
{
    struct strays strays = { 0 };
    struct text variable = { 0 };

    text_add_format(&variable, "BROOD_RUN=%s", run_id);
    strays_find(&strays, text_string(&variable), 0);
    if (strays.n > 0) {
        say(batch, &strays);
        strays_end(&strays, GRACE_MS);
    }
    strays_clear(&strays);
    text_clear(&variable);
}
