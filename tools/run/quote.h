#ifndef BROOD_TOOLS_RUN_QUOTE_H
#define BROOD_TOOLS_RUN_QUOTE_H

/* quote - make text a word of a shell. */

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/**
 * Add text so that the shell takes it for one word.
 *
 * Letters, digits and "-_.+/" stay bare; nothing becomes ''; anything else
 * stands in single quotes, with '"'"' for a single quote, and without the
 * empty '' that this may leave at either end.
 *
 * @for_csh  the shell is csh or tcsh, to which ! and newline mean something
 *           even in single quotes.
 */
void quote_add(struct text *out, const char *data, size_t size, bool for_csh);

#endif /* BROOD_TOOLS_RUN_QUOTE_H */
