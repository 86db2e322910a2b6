#include "batch/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_BITS = 10,
};

/* Which power of 1,024 a unit is; -1: none. */
static int power_of(const char *unit)
{
    static const char letters[] = "kKmMgGtT";
    const char *at;

    if (*unit == '\0') {
        return 0;
    }
    at = strchr(letters, *unit);
    if (at == NULL || (unit[1] != '\0' && strcmp(unit + 1, "B") != 0 &&
                       strcmp(unit + 1, "iB") != 0)) {
        return -1;
    }
    return (int)(at - letters) / 2 + 1;
}

int bytes_parse(const char *text, uint64_t *ret)
{
    size_t digits = strspn(text, "0123456789.");
    char *end;
    double n;
    int power = power_of(text + digits);

    if (*text < '0' || *text > '9' || power < 0) {
        return -EINVAL;
    }
    n = strtod(text, &end);
    if (end != text + digits) {
        return -EINVAL;
    }
    n *= (double)(UINT64_C(1) << (STEP_BITS * power));
    if (!(n < 0x1p63)) {
        return -ERANGE;
    }
    *ret = (uint64_t)n;
    return 0;
}
