/* output - what a test has written: read, and kept for reports. */
#include <string.h>

#include "test/testing.h"

enum {
    /* More of an output is not kept for reports. */
    KEPT_MAX_BYTES = 4 << 20,
    PIECE_SIZE = 64 * 1024,
};

void test_output_read(const struct brood_output *from, struct text *out)
{
    uint64_t at = 0;
    int64_t n;

    while ((n = brood_output_read(from, at, text_reserve(out, PIECE_SIZE),
                                  PIECE_SIZE)) > 0) {
        out->size += (size_t)n;
        at += (uint64_t)n;
    }
}

void test_output_cut(struct text *output)
{
    struct text kept = { 0 };
    size_t from;
    const char *newline;

    if (output->size <= KEPT_MAX_BYTES) {
        return;
    }
    from = output->size - KEPT_MAX_BYTES;
    newline = memchr(output->data + from - 1, '\n', output->size - from);
    if (newline != NULL) {
        from = (size_t)(newline + 1 - output->data);
    }
    text_add_format(&kept, "[%zu bytes left out]\n", from);
    text_add(&kept, output->data + from, output->size - from);
    text_clear(output);
    *output = kept;
}
