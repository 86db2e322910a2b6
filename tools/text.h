#ifndef BROOD_TOOLS_TEXT_H
#define BROOD_TOOLS_TEXT_H

/*
 * text - bytes that grow at the end.
 *
 *     struct text line = { 0 };
 *
 *     text_add(&line, "job ", 4);
 *     text_add_number(&line, 7);
 *     text_clear(&line);
 *
 * Memory that cannot be had ends the program with a message (see
 * text_no_memory()), so that nothing here returns an error.
 */

#include <stddef.h>
#include <stdint.h>

/** Zeroed memory is an empty text. */
struct text {
    /** The bytes, with a NUL behind them; NULL before the first use. */
    char *data;
    size_t size;
    size_t room;
};

void text_add(struct text *text, const void *data, size_t size);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char c);
void text_add_number(struct text *text, uint64_t number);
void text_add_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Make room for @size bytes more, and give the place where they go; add what
 * was put there to text->size. */
char *text_reserve(struct text *text, size_t size);

/** Drop the first @size bytes. */
void text_drop(struct text *text, size_t size);

/** The bytes as a string: "" for an empty text. */
const char *text_string(const struct text *text);

/** Forget the bytes, keep the memory. */
void text_reset(struct text *text);
/** Free the memory; the text is empty and usable again. */
void text_clear(struct text *text);

/** Say that memory has run out, and end the program with status 255. */
_Noreturn void text_no_memory(void);

#endif /* BROOD_TOOLS_TEXT_H */
