#ifndef BROOD_TOOLS_FILE_H
#define BROOD_TOOLS_FILE_H

/* file - files in one go: read, or written. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "text.h"

/** Add all that is in a file. Returns: 0, or a negative errno. */
int file_read(const char *path, struct text *out);
/** Read the beginning of a file, and put a NUL behind it. Returns: how many
 * bytes, fewer than @size; or a negative errno, and the text is empty. */
int file_read_start(const char *path, char *ret, size_t size);
/** Write all of some bytes. Returns: 0, or a negative errno. */
int file_write_all(int fd, const void *data, size_t size);
/** Make a file, or empty it, and write all of a text to it. Returns: 0, or a
 * negative errno. */
int file_write(const char *path, mode_t mode, const struct text *text);
/** Whether a directory has a file, with the rights of access(2): F_OK... */
bool file_is_in(const char *dir, const char *name, int mode);
/** Find a program in PATH. Returns: whether there is one; then its path. */
bool file_find_program(const char *name, struct text *ret);
/** Add a path to a pattern of glob(7), as which it means itself. */
void file_add_literal(struct text *out, const char *path);
/**
 * Remove a directory and all that is in it, also what is in directories that
 * are closed to us, as far as that is allowed.
 *
 * @max_ms  how long to try: somebody may go on to make files there; 0: until it
 *          is gone.
 *
 * Returns:   whether it is gone.
 * Threads:   one at a time.
 */
bool file_remove_tree(const char *path, int64_t max_ms);

#endif /* BROOD_TOOLS_FILE_H */
