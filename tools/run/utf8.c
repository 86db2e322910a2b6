#include "run/utf8.h"

#include <stdint.h>
#include <string.h>

/* What may begin a character, and what may follow at once. */
static const struct {
    uint8_t first_min, first_max;
    uint8_t second_min, second_max;
    uint8_t more;
} forms[] = {
    { 0x00, 0x7f, 0x00, 0x00, 0 }, { 0xc2, 0xdf, 0x80, 0xbf, 1 },
    { 0xe0, 0xe0, 0xa0, 0xbf, 2 }, { 0xe1, 0xec, 0x80, 0xbf, 2 },
    { 0xed, 0xed, 0x80, 0x9f, 2 }, { 0xee, 0xef, 0x80, 0xbf, 2 },
    { 0xf0, 0xf0, 0x90, 0xbf, 3 }, { 0xf1, 0xf3, 0x80, 0xbf, 3 },
    { 0xf4, 0xf4, 0x80, 0x8f, 3 },
};

/* The bytes of the character at @p, or 0. */
static size_t character(const uint8_t *p, size_t left)
{
    size_t form = 0;

    while (form < sizeof(forms) / sizeof(forms[0]) &&
           (p[0] < forms[form].first_min || p[0] > forms[form].first_max)) {
        form++;
    }
    if (form == sizeof(forms) / sizeof(forms[0]) || left <= forms[form].more) {
        return 0;
    }
    for (size_t i = 1; i <= forms[form].more; i++) {
        uint8_t min = i == 1 ? forms[form].second_min : 0x80;
        uint8_t max = i == 1 ? forms[form].second_max : 0xbf;

        if (p[i] < min || p[i] > max) {
            return 0;
        }
    }
    return forms[form].more + 1u;
}

/* How many of the bytes from @p on are ASCII, in whole words. */
static size_t plain(const uint8_t *p, size_t size)
{
    size_t n = 0;
    uint64_t word;

    for (; size - n >= sizeof(word); n += sizeof(word)) {
        memcpy(&word, p + n, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    return n;
}

size_t utf8_valid_size(const char *data, size_t size)
{
    const uint8_t *p = (const uint8_t *)data;
    size_t at = 0;

    while (at < size) {
        size_t n = plain(p + at, size - at);

        if (n == 0) {
            n = character(p + at, size - at);
        }
        if (n == 0) {
            break;
        }
        at += n;
    }
    return at;
}

bool utf8_is_valid(const char *data, size_t size)
{
    return utf8_valid_size(data, size) == size;
}
