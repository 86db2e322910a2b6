#include "run/duration.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const int64_t ms_max = INT64_C(100) * 366 * 24 * 3600 * 1000;

static int64_t unit_ms(char unit)
{
    switch (unit) {
    case 's':
    case 'S':
        return 1000;
    case 'm':
    case 'M':
        return INT64_C(60) * 1000;
    case 'h':
    case 'H':
        return INT64_C(3600) * 1000;
    case 'd':
    case 'D':
        return INT64_C(24) * 3600 * 1000;
    default:
        return 0;
    }
}

/* Read digits and a fraction; NULL if there are none. */
static const char *parse_number(const char *p, double *ret)
{
    double number = 0;
    double place = 1;
    int digits = 0;

    for (; isdigit((unsigned char)*p); p++, digits++) {
        number = number * 10 + (*p - '0');
    }
    if (*p == '.') {
        for (p++; isdigit((unsigned char)*p); p++, digits++) {
            place /= 10;
            number += (*p - '0') * place;
        }
    }
    *ret = number;
    return digits == 0 ? NULL : p;
}

int duration_parse(const char *text, int64_t *ret_ms)
{
    const char *p = text;
    double sum_ms = 0;
    int64_t ms;

    do {
        double number;
        int64_t unit;

        p = parse_number(p, &number);
        if (p == NULL) {
            return -EINVAL;
        }
        unit = unit_ms(*p);
        if (unit == 0) {
            if (*p != '\0') {
                return -EINVAL;
            }
            unit = 1000;
        } else {
            p++;
        }
        sum_ms += number * (double)unit;
        if (sum_ms > (double)ms_max) {
            return -ERANGE;
        }
    } while (*p != '\0');
    ms = (int64_t)sum_ms;
    if ((double)ms < sum_ms - 1e-6) {
        ms++;
    }
    *ret_ms = ms;
    return 0;
}
