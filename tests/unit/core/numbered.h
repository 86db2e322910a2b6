#ifndef BROOD_TESTS_UNIT_CORE_NUMBERED_H
#define BROOD_TESTS_UNIT_CORE_NUMBERED_H

/* numbered - results whose bytes tell of which job they are: put into an order
 * and taken out again. */

#include <stddef.h>
#include <stdint.h>

#include "order.h"

enum {
    NUMBERED_SIZE_MAX = 1 << 20,
};

/** An output in memory, which the caller frees. */
struct brood_output data_output(uint64_t number, int stream, size_t size);

/** Put result @number, with outputs of these sizes, in memory or in files. */
void put_data(struct order *o, uint64_t number, size_t out, size_t err);
void put_file(struct order *o, uint64_t number, size_t out, size_t err);

void check_output(const struct brood_output *output,
                  uint64_t number,
                  int stream,
                  size_t size);
/** The next result is @number, and whole. */
void take(struct order *o, uint64_t number, size_t out, size_t err);

#endif /* BROOD_TESTS_UNIT_CORE_NUMBERED_H */
