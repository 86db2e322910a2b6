#include "unit/workers/texts.h"

#include <string.h>

#include "support/check.h"

struct message_texts texts_of(struct buf *b, const char *const *strings)
{
    size_t start = b->size;
    uint32_t count = 0;

    for (; strings[count] != NULL; count++) {
        assert_ok(buf_add(b, strings[count], strlen(strings[count]) + 1));
    }
    return (struct message_texts){
        .data = b->data == NULL ? NULL : (const char *)b->data + start,
        .size = b->size - start,
        .count = count,
    };
}
