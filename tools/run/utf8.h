#ifndef BROOD_TOOLS_RUN_UTF8_H
#define BROOD_TOOLS_RUN_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Whether bytes are UTF-8 as RFC 3629 has it: no surrogates, nothing beyond
 * U+10FFFF, nothing longer than it has to be. */
bool utf8_is_valid(const char *data, size_t size);
/** How many bytes come before what is not UTF-8. */
size_t utf8_valid_size(const char *data, size_t size);

#endif /* BROOD_TOOLS_RUN_UTF8_H */
