#include "run/halt.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *old;
    const char *now;
} old_forms[] = {
    { "0", "never" },          { "1", "soon,fail=1" },
    { "2", "now,fail=1" },     { "-1", "soon,success=1" },
    { "-2", "now,success=1" },
};

/* Step over @word if the text begins with it. */
static bool take(const char **text, const char *word)
{
    size_t size = strlen(word);

    if (strncmp(*text, word, size) != 0) {
        return false;
    }
    *text += size;
    return true;
}

static int parse_limit(const char *text, struct halt *halt)
{
    char *end;

    if (!isdigit((unsigned char)*text)) {
        return -EINVAL;
    }
    errno = 0;
    halt->limit = strtoull(text, &end, 10);
    if (errno != 0) {
        return -EINVAL;
    }
    halt->percent = *end == '%';
    end += halt->percent;
    return *end != '\0' || halt->limit == 0 ? -EINVAL : 0;
}

int halt_parse(const char *text, struct halt *ret)
{
    struct halt halt = { 0 };
    int r;

    for (size_t i = 0; i < sizeof(old_forms) / sizeof(old_forms[0]); i++) {
        if (strcmp(text, old_forms[i].old) == 0) {
            text = old_forms[i].now;
        }
    }
    if (strcmp(text, "never") == 0) {
        *ret = halt;
        return 0;
    }
    halt.when = HALT_SOON;
    if (parse_limit(text, &halt) == 0 && halt.percent) {
        *ret = halt;
        return 0;
    }
    if (take(&text, "now,")) {
        halt.when = HALT_NOW;
    } else if (!take(&text, "soon,")) {
        return -EINVAL;
    }
    if (take(&text, "success=")) {
        halt.what = HALT_SUCCESS;
    } else if (take(&text, "done=")) {
        halt.what = HALT_DONE;
    } else if (!take(&text, "fail=")) {
        return -EINVAL;
    }
    r = parse_limit(text, &halt);
    if (r == 0) {
        *ret = halt;
    }
    return r;
}

static uint64_t counted(const struct halt *halt)
{
    switch (halt->what) {
    case HALT_FAIL:
        return halt->failed;
    case HALT_SUCCESS:
        return halt->succeeded;
    case HALT_DONE:
    default:
        return halt->failed + halt->succeeded;
    }
}

/* How many of all jobs failed, in percent; 0 only if none did. */
static int failed_percent(const struct halt *halt)
{
    uint64_t percent;

    if (halt->failed == 0 || halt->total == 0) {
        return 0;
    }
    percent = halt->failed * 100 / halt->total;
    return percent < 1 ? 1 : percent > 100 ? 100 : (int)percent;
}

static int failed_number(const struct halt *halt)
{
    return halt->failed > HALT_STATUS_MAX ? HALT_STATUS_MAX + 1
                                          : (int)halt->failed;
}

/* Whether the first job that counts is the one that ends the run: then its
 * status is the run's. */
static bool one_is_enough(const struct halt *halt)
{
    return halt->percent ? halt->limit * halt->total == 100 : halt->limit == 1;
}

static int reached_status(const struct halt *halt, int status)
{
    if (halt->what == HALT_SUCCESS) {
        return 0;
    }
    if (one_is_enough(halt)) {
        return status;
    }
    return halt->percent ? failed_percent(halt) : failed_number(halt);
}

enum halt_when halt_count(struct halt *halt, int status)
{
    uint64_t n;

    if (status == 0) {
        halt->succeeded++;
    } else {
        halt->failed++;
    }
    if (halt->when == HALT_NEVER || halt->reached) {
        return HALT_NEVER;
    }
    if ((halt->what == HALT_FAIL && status == 0) ||
        (halt->what == HALT_SUCCESS && status != 0)) {
        return HALT_NEVER;
    }
    n = counted(halt);
    if (halt->percent ? n * 100 < halt->limit * halt->total : n < halt->limit) {
        return HALT_NEVER;
    }
    halt->reached = true;
    halt->status = reached_status(halt, status);
    return halt->when;
}

int halt_status(const struct halt *halt)
{
    if (halt->reached) {
        return halt->status;
    }
    if (halt->when != HALT_NEVER && halt->percent) {
        return failed_percent(halt);
    }
    return failed_number(halt);
}
