/*
 * peek - the end of what a running job has written so far.
 */
#include <errno.h>

#include "brood/batch.h"
#include "child.h"
#include "entry.h"
#include "pool.h"
#include "proto/encode.h"
#include "proto/steer.h"

int brood_peek(struct brood_batch *batch,
               uint64_t id,
               int stream,
               size_t size_bytes)
{
    const struct entry *entry = table_find(&batch->pool->table, id);
    struct buf b = { 0 };
    int r;

    if (stream != 1 && stream != 2) {
        return -EINVAL;
    }
    if (entry == NULL || entry->batch != batch || entry->state != ENTRY_SENT) {
        return -ESRCH;
    }
    r = message_begin(&b, MESSAGE_PEEK);
    if (r == 0) {
        r = encode_peek(&b, &(struct message_peek){
                                .key = id,
                                .stream = (uint8_t)stream,
                                .size = size_bytes < UINT32_MAX
                                            ? (uint32_t)size_bytes
                                            : UINT32_MAX,
                            });
    }
    if (r == 0) {
        message_end(&b);
        r = peer_send(entry->peer, &b);
        pool_wake_at(batch->pool, 0);
    }
    buf_clear(&b);
    return r;
}
