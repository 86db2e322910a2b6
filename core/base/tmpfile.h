#ifndef BROOD_BASE_TMPFILE_H
#define BROOD_BASE_TMPFILE_H

/**
 * Open a file that has no name and ends with its descriptor: 0600,
 * close-on-exec.
 *
 * @dir  where.
 *
 * Returns:   the descriptor, or a negative errno. Fault site: "tmpfile".
 * Threads:   any.
 */
int tmpfile_open(const char *dir);

#endif /* BROOD_BASE_TMPFILE_H */
