#include "run/verdict.h"

#include <errno.h>

static struct verdict by_status(const struct brood_result *result)
{
    struct verdict v = { .signal = result->signal };

    v.status = result->signal != 0 ? VERDICT_SIGNAL_BASE + result->signal
                                   : result->exit_status;
    v.exit_value = v.status;
    return v;
}

static struct verdict by_time(const struct brood_result *result)
{
    struct verdict v = by_status(result);

    v.timed_out = true;
    v.exit_value = -1;
    if (v.status <= 0) {
        v.status = VERDICT_TIMED_OUT;
    }
    return v;
}

struct verdict verdict_of(const struct brood_result *result, bool timed_out)
{
    struct verdict v = { 0 };

    switch (result->outcome) {
    case BROOD_EXITED:
    case BROOD_SIGNALLED:
        return by_status(result);
    case BROOD_TIMED_OUT:
        return by_time(result);
    case BROOD_CANCELLED:
        if (timed_out && result->attempt > 0) {
            return by_time(result);
        }
        v.void_result = true;
        return v;
    case BROOD_SKIPPED:
        v.void_result = true;
        return v;
    case BROOD_SPAWN_FAILED:
        v.status =
            result->error == -ENOENT ? VERDICT_NOT_FOUND : VERDICT_NOT_STARTED;
        break;
    case BROOD_LOST:
    default:
        v.status = VERDICT_UNKNOWN;
        break;
    }
    v.exit_value = v.status;
    return v;
}
