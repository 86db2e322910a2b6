#include "store/outcome.h"

#include <string.h>

static const struct {
    const char *name;
    bool is_failure;
} outcomes[STORE_OUTCOMES] = {
    [STORE_OK] = { "ok", false },
    [STORE_FAILED] = { "failed", true },
    [STORE_SIGNALLED] = { "signalled", true },
    [STORE_TIMED_OUT] = { "timed out", true },
    [STORE_NOT_STARTED] = { "not started", true },
    [STORE_SKIPPED] = { "skipped", false },
    [STORE_CANCELLED] = { "cancelled", false },
    [STORE_LOST] = { "lost", true },
};

const char *store_outcome_name(enum store_outcome outcome)
{
    return outcomes[outcome].name;
}

enum store_outcome store_outcome_find(const char *name)
{
    int i = 0;

    while (i < STORE_OUTCOMES &&
           (name == NULL || strcmp(outcomes[i].name, name) != 0)) {
        i++;
    }
    return (enum store_outcome)i;
}

bool store_outcome_is_failure(enum store_outcome outcome)
{
    return outcomes[outcome].is_failure;
}

void store_outcome_add_failures(struct text *sql)
{
    const char *before = "";

    /* The first half is for the index of those that are not well. */
    text_add_string(sql, "outcome != 'ok' AND outcome IN (");
    for (int i = 0; i < STORE_OUTCOMES; i++) {
        if (outcomes[i].is_failure) {
            text_add_format(sql, "%s'%s'", before, outcomes[i].name);
            before = ", ";
        }
    }
    text_add_char(sql, ')');
}
