/*
 * Any bytes as a message: whatever is accepted keeps the promises of decode.h,
 * and every byte that its views lead to can be read.
 */

#include <stdint.h>

#include "proto/wire.h"
#include "unit/proto/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Put right what a mutation hardly ever gets right: the header. */
static void walk_as(const uint8_t *data, size_t size, uint16_t type)
{
    uint8_t *copy = malloc(size);

    if (copy == NULL) {
        return;
    }
    memcpy(copy, data, size);
    (void)wire_put_u32(copy, MESSAGE_MAGIC);
    (void)wire_put_u16(copy + WIRE_VERSION_AT, MESSAGE_VERSION);
    (void)wire_put_u16(copy + WIRE_TYPE_AT, type);
    (void)wire_put_u32(copy + WIRE_BODY_SIZE_AT,
                       (uint32_t)(size - MESSAGE_HEADER_SIZE));
    (void)walk_message(copy, size, false);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)walk_message(data, size, false);
    (void)walk_message(data, size, true);
    if (size < MESSAGE_HEADER_SIZE) {
        return 0;
    }
    for (unsigned type = 0; type <= MESSAGE_TAIL; type++) {
        walk_as(data, size, (uint16_t)type);
    }
    return 0;
}
