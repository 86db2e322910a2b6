#ifndef BROOD_TESTS_CHILDREN_PATTERN_H
#define BROOD_TESTS_CHILDREN_PATTERN_H

/* pattern - bytes that say where they belong: spew writes them, tests check
 * them. A piece that is lost, doubled or moved does not go unseen. */

#include <stddef.h>
#include <stdint.h>

static inline unsigned char pattern_byte(uint64_t offset)
{
    return (unsigned char)('!' + (offset * 7 + (offset >> 8)) % 94);
}

static inline void pattern_fill(void *data, size_t size, uint64_t offset)
{
    unsigned char *p = data;

    for (size_t i = 0; i < size; i++) {
        p[i] = pattern_byte(offset + i);
    }
}

/* Returns: the number of bytes that are as they should be, from the start. */
static inline size_t pattern_check(const void *data,
                                   size_t size,
                                   uint64_t offset)
{
    const unsigned char *p = data;
    size_t i = 0;

    while (i < size && p[i] == pattern_byte(offset + i)) {
        i++;
    }
    return i;
}

#endif /* BROOD_TESTS_CHILDREN_PATTERN_H */
