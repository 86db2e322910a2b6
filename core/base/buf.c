#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    BUF_FIRST = 256,
};

int buf_reserve(struct buf *b, size_t more)
{
    size_t need;
    size_t room = b->room;
    void *data;

    if (b->room - b->size >= more) {
        return 0;
    }
    if (more > SIZE_MAX / 4 || b->size > SIZE_MAX / 4) {
        return -ENOMEM;
    }
    need = b->size + more;
    if (room < BUF_FIRST) {
        room = BUF_FIRST;
    }
    while (room < need) {
        room += room;
    }
    data = brood_realloc(b->data, room);
    if (data == NULL) {
        return -ENOMEM;
    }
    b->data = data;
    b->room = room;
    return 0;
}

int buf_add(struct buf *b, const void *data, size_t size)
{
    int r = buf_reserve(b, size);

    if (r < 0) {
        return r;
    }
    if (size > 0) {
        memcpy(b->data + b->size, data, size);
        b->size += size;
    }
    return 0;
}

void buf_clear(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ 0 };
}
