#include "json.h"

#include <inttypes.h>
#include <string.h>

#include "run/utf8.h"

static void add_escaped(struct text *out, const char *data, size_t size)
{
    static const char special[] = "\"\\\n\t\r\b\f";
    static const char letters[] = "\"\\ntrbf";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        const char *at = c != '\0' ? strchr(special, c) : NULL;

        if (at != NULL) {
            text_add_char(out, '\\');
            text_add_char(out, letters[at - special]);
        } else if (c < 0x20 || c == 0x7f) {
            text_add_format(out, "\\u%04x", c);
        } else {
            text_add_char(out, (char)c);
        }
    }
}

void json_add_string(struct text *out, const char *data, size_t size)
{
    text_add_char(out, '"');
    add_escaped(out, data, size);
    text_add_char(out, '"');
}

void json_add_lossy(struct text *out, const char *data, size_t size)
{
    text_add_char(out, '"');
    while (size > 0) {
        size_t valid = utf8_valid_size(data, size);

        add_escaped(out, data, valid);
        if (valid < size) {
            text_add_string(out, "\xef\xbf\xbd");
            valid++;
        }
        data += valid;
        size -= valid;
    }
    text_add_char(out, '"');
}

static void add_base64(struct text *out, const char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)data;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)p[i] << 16;
        char four[4];

        group |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)p[i + 2] : 0;
        four[0] = digits[group >> 18];
        four[1] = digits[group >> 12 & 63];
        four[2] = (char)(left > 1 ? digits[group >> 6 & 63] : '=');
        four[3] = (char)(left > 2 ? digits[group & 63] : '=');
        text_add(out, four, sizeof(four));
    }
}

void json_add_text(struct text *out,
                   const char *name,
                   const char *data,
                   size_t size)
{
    bool is_text = utf8_is_valid(data, size);

    text_add_format(out, "\"%s%s\":\"", name, is_text ? "" : "_base64");
    if (is_text) {
        add_escaped(out, data, size);
    } else {
        add_base64(out, data, size);
    }
    text_add_char(out, '"');
}

void json_add_seconds(struct text *out, const char *name, int64_t ns)
{
    enum {
        NS_PER_US = 1000,
        US_PER_S = 1000000
    };
    int64_t us = ns / NS_PER_US;

    text_add_format(out, ",\"%s\":%" PRId64 ".%06d", name, us / US_PER_S,
                    (int)(us % US_PER_S));
}
