#ifndef BROOD_PROTO_RECORD_H
#define BROOD_PROTO_RECORD_H

/*
 * record - how encoders write one record (encode.c).
 *
 *     r = record_begin(b, size, &p);      room for exactly @size bytes at @p
 *     p = wire_put_u64(p, ...); ...
 *     return record_end(b, p);
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** Returns: 0, -ENOMEM or -E2BIG. */
int record_begin(struct buf *b, uint64_t size, uint8_t **ret);
/** Returns: 0. */
int record_end(struct buf *b, const uint8_t *end);

/* Each returns where the next field goes. */
uint8_t *record_put_bytes(uint8_t *p, const void *data, size_t size);
uint8_t *record_put_text(uint8_t *p, const char *text, size_t size);
/** Three single bytes and one that fills up. */
uint8_t *record_put_three(uint8_t *p, uint8_t a, uint8_t b, uint8_t c);

/** What a text of @size takes. */
uint64_t record_text_room(size_t size);

#endif /* BROOD_PROTO_RECORD_H */
