#ifndef BROOD_BASE_BUF_H
#define BROOD_BASE_BUF_H

/*
 * buf - a growing run of bytes.
 */

#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t size;
    size_t room;
};

/**
 * Make room for @more bytes after the end.
 *
 * Returns:   0 or -ENOMEM; on error the buffer is as it was.
 * Threads:   one at a time.
 */
int buf_reserve(struct buf *b, size_t more);
/** Add bytes at the end. Returns: 0 or -ENOMEM. */
int buf_add(struct buf *b, const void *data, size_t size);
/** Free the bytes; the buffer is empty and usable again. */
void buf_clear(struct buf *b);

#endif /* BROOD_BASE_BUF_H */
