#ifndef BROOD_TOOLS_RUN_TERMINAL_H
#define BROOD_TOOLS_RUN_TERMINAL_H

/* terminal - what a terminal can show, and text that does not steer it. */

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/** Whether a descriptor is a terminal that can erase a line and has colours:
 * one whose TERM is neither "dumb" nor missing. */
bool terminal_is_able(int fd);

/**
 * Add a text without what steers a terminal (ECMA-48): control sequences such
 * as colours, strings such as titles and links, and other escapes. One that is
 * not whole ends where it is wrong; a string ends at its line's end at the
 * latest.
 */
void terminal_strip(struct text *out, const char *data, size_t size);

/** The same, but for colours and the like (SGR), which stay. */
void terminal_keep_colors(struct text *out, const char *data, size_t size);

/** Add a text that is to be part of a line: control characters become '?'. */
void terminal_add_plain(struct text *out, const char *string);

#endif /* BROOD_TOOLS_RUN_TERMINAL_H */
