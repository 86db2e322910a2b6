#include "run/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BEL = 0x07,
    CAN = 0x18,
    SUB = 0x1a,
    ESC = 0x1b,
    DEL = 0x7f,
};

bool terminal_is_able(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) && term != NULL && *term != '\0' &&
           strcmp(term, "dumb") != 0;
}

static bool is_among(const char *data, size_t at, size_t size, int min, int max)
{
    return at < size && (unsigned char)data[at] >= min &&
           (unsigned char)data[at] <= max;
}

/* Behind ESC [: parameters, intermediates, and one final byte. */
static size_t skip_control(const char *data, size_t at, size_t size)
{
    while (is_among(data, at, size, 0x30, 0x3f)) {
        at++;
    }
    while (is_among(data, at, size, 0x20, 0x2f)) {
        at++;
    }
    return at + is_among(data, at, size, 0x40, 0x7e);
}

/* Behind ESC ] and its like: all up to BEL or ESC \. */
static size_t skip_string(const char *data, size_t at, size_t size)
{
    while (at < size && data[at] != '\n') {
        if (data[at] == BEL || data[at] == CAN || data[at] == SUB) {
            return at + 1;
        }
        if (data[at] == ESC) {
            /* Any other escape cancels the string, and is one of its own. */
            return at + 1 < size && data[at + 1] == '\\' ? at + 2 : at;
        }
        at++;
    }
    return at;
}

/* Behind ESC. Returns: where what it begins has ended. */
static size_t skip_escape(const char *data, size_t at, size_t size)
{
    if (at < size && data[at] == '[') {
        return skip_control(data, at + 1, size);
    }
    if (at < size && data[at] != '\0' && strchr("]PX^_", data[at]) != NULL) {
        return skip_string(data, at + 1, size);
    }
    while (is_among(data, at, size, 0x20, 0x2f)) {
        at++;
    }
    return at + is_among(data, at, size, 0x30, 0x7e);
}

static void strip(struct text *out,
                  const char *data,
                  size_t size,
                  bool keeps_colors)
{
    size_t at = 0;

    while (at < size) {
        const char *escape = memchr(data + at, ESC, size - at);
        size_t end = escape == NULL ? size : (size_t)(escape - data);

        text_add(out, data + at, end - at);
        at = escape == NULL ? size : skip_escape(data, end + 1, size);
        if (keeps_colors && escape != NULL && end + 2 < at &&
            data[end + 1] == '[' && data[at - 1] == 'm') {
            text_add(out, data + end, at - end);
        }
    }
}

void terminal_strip(struct text *out, const char *data, size_t size)
{
    strip(out, data, size, false);
}

void terminal_keep_colors(struct text *out, const char *data, size_t size)
{
    strip(out, data, size, true);
}

void terminal_add_plain(struct text *out, const char *string)
{
    for (const char *p = string; *p != '\0'; p++) {
        unsigned char c = (unsigned char)p[0];
        unsigned char next = (unsigned char)p[1];

        if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
            text_add_char(out, '?'); /* the second half of the controls */
            p++;
        } else {
            text_add(out, c < ' ' || c == DEL ? "?" : p, 1);
        }
    }
}
