#ifndef BROOD_WORKERS_PATH_H
#define BROOD_WORKERS_PATH_H

/*
 * path - where a program may be, and executing it.
 *
 * Threads: one at a time for each buffer.
 */

#include "base/buf.h"

/** The search path when the environment has none. */
#define PATH_DEFAULT "/bin:/usr/bin"

/**
 * List the files that may be meant by a program's name, as execvp(3) would
 * try them.
 *
 * @program  with a slash it is itself the only candidate.
 * @path     the value of PATH; NULL: PATH_DEFAULT. An empty element is the
 *           current directory, and so is an empty PATH.
 * @ret      is emptied first: then the candidates, each with its NUL, and an
 *           empty one at the end. May be reused.
 *
 * Returns:   0; -ENOENT the name is empty; -ENAMETOOLONG no candidate could be
 *            a path; -ENOMEM.
 */
int path_candidates(const char *program, const char *path, struct buf *ret);

/**
 * Execute the first candidate that can be.
 *
 * Goes on to the next on ENOENT, ENOTDIR, EACCES and what says that a file
 * system is not there (ESTALE, ENODEV, ETIMEDOUT, ELOOP, ENAMETOOLONG), stops
 * at any other error. Async-signal-safe: for the child after vfork.
 *
 * @candidates  from path_candidates().
 *
 * Returns:   only on failure: -EACCES if that came up on the way, else the
 *            last error.
 */
int path_exec(const char *candidates, char *const *argv, char *const *envp);

#endif /* BROOD_WORKERS_PATH_H */
