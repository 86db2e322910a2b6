#ifndef BROOD_TOOLS_FILE_H
#define BROOD_TOOLS_FILE_H

/* file - whole files: read, or written. */

#include <stddef.h>
#include <sys/types.h>

#include "text.h"

/** Add all that is in a file. Returns: 0, or a negative errno. */
int file_read(const char *path, struct text *out);
/** Write all of some bytes. Returns: 0, or a negative errno. */
int file_write_all(int fd, const void *data, size_t size);
/** Make a file, or empty it, and write all of a text to it. Returns: 0, or a
 * negative errno. */
int file_write(const char *path, mode_t mode, const struct text *text);

#endif /* BROOD_TOOLS_FILE_H */
