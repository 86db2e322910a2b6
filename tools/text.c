#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROOM_MIN = 64,
    STATUS_OURS = 255
};

_Noreturn void text_no_memory(void)
{
    static const char message[] = "brood: out of memory\n";

    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    _exit(STATUS_OURS);
}

char *text_reserve(struct text *text, size_t size)
{
    size_t need = text->size + size + 1;
    size_t room = text->room;
    char *data;

    if (need <= room) {
        return text->data + text->size;
    }
    room = room < ROOM_MIN ? ROOM_MIN : room;
    while (room < need) {
        room += room / 2;
    }
    data = realloc(text->data, room);
    if (data == NULL) {
        text_no_memory();
    }
    text->data = data;
    text->room = room;
    return data + text->size;
}

void text_add(struct text *text, const void *data, size_t size)
{
    char *to = text_reserve(text, size);

    if (size > 0) {
        memcpy(to, data, size);
    }
    to[size] = '\0';
    text->size += size;
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add(text, &c, 1);
}

void text_add_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_add(text, digits + at, sizeof(digits) - at);
}

static void add_formatted(struct text *text, const char *format, va_list args)
{
    char *formatted = NULL;
    int size = vasprintf(&formatted, format, args);

    if (size < 0) {
        text_no_memory();
    }
    text_add(text, formatted, (size_t)size);
    free(formatted);
}

void text_add_format(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_formatted(text, format, args);
    va_end(args);
}

void text_drop(struct text *text, size_t size)
{
    if (size > 0) {
        memmove(text->data, text->data + size, text->size - size + 1);
        text->size -= size;
    }
}

const char *text_string(const struct text *text)
{
    return text->data == NULL ? "" : text->data;
}

void text_reset(struct text *text)
{
    text->size = 0;
    if (text->data != NULL) {
        text->data[0] = '\0';
    }
}

void text_clear(struct text *text)
{
    free(text->data);
    *text = (struct text){ 0 };
}
