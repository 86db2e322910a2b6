#ifndef BROOD_TOOLS_BATCH_BYTES_H
#define BROOD_TOOLS_BATCH_BYTES_H

#include <stdint.h>

/**
 * Read a number of bytes as users write it: "4096", "512M", "1.5GiB"; K, M, G
 * and T are powers of 1,024.
 *
 * Returns:   0; -EINVAL not a number of bytes; -ERANGE more than INT64_MAX.
 */
int bytes_parse(const char *text, uint64_t *ret);

#endif /* BROOD_TOOLS_BATCH_BYTES_H */
