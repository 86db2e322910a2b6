#include "proto/cursor.h"

#include <string.h>

bool cursor_open(const struct reader *r, size_t fixed, struct cursor *c)
{
    size_t room = (size_t)(r->end - r->next);
    size_t size;

    if (r->left == 0 || room < WIRE_SIZE) {
        return false;
    }
    size = wire_u32(r->next);
    if (size > room - WIRE_SIZE || size < fixed) {
        return false;
    }
    c->p = r->next + WIRE_SIZE;
    c->end = c->p + size;
    c->bad = false;
    return true;
}

void cursor_close(struct reader *r, const struct cursor *c)
{
    r->next = c->end;
    r->left--;
}

/* Take @size bytes; a text of no bytes when they are not there. */
static const void *cursor_take(struct cursor *c, size_t size)
{
    const uint8_t *p = c->p;

    if (c->bad || size > (size_t)(c->end - p)) {
        c->bad = true;
        return "";
    }
    c->p = p + size;
    return p;
}

uint32_t cursor_u32(struct cursor *c)
{
    const uint8_t *p = cursor_take(c, 4);

    return c->bad ? 0 : wire_u32(p);
}

const char *cursor_text(struct cursor *c)
{
    size_t size = cursor_u32(c);
    const char *text = cursor_take(c, size + 1);

    if (!c->bad && memchr(text, '\0', size + 1) != text + size) {
        c->bad = true;
    }
    return text;
}

struct message_bytes cursor_bytes(struct cursor *c)
{
    size_t size = cursor_u32(c);
    const void *data = cursor_take(c, size);

    return (struct message_bytes){ .data = data, .size = size };
}

/* Whether @size bytes are exactly @count texts, each with its NUL. */
static bool are_texts(const char *data, size_t size, uint32_t count)
{
    const char *end = data + size;
    uint32_t n = 0;

    while (data < end) {
        const char *nul = memchr(data, '\0', (size_t)(end - data));

        if (nul == NULL) {
            return false;
        }
        data = nul + 1;
        n++;
    }
    return n == count;
}

struct message_texts cursor_texts(struct cursor *c)
{
    struct message_texts t;

    t.count = cursor_u32(c);
    t.size = cursor_u32(c);
    t.data = cursor_take(c, t.size);
    if (!c->bad && !are_texts(t.data, t.size, t.count)) {
        c->bad = true;
    }
    return t;
}
