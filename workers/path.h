#ifndef BROOD_WORKERS_PATH_H
#define BROOD_WORKERS_PATH_H

/*
 * path - where a program may be.
 *
 * Threads: one at a time for each buffer.
 */

#include "base/buf.h"

/** The search path when the environment has none. */
#define PATH_DEFAULT "/bin:/usr/bin"

/**
 * List the files that may be meant by a program's name, in the order in which
 * execvp(3) tries them.
 *
 * The child tries one after the other: it goes on over what is not there
 * (ENOENT, ENOTDIR) and what it may not execute (EACCES, which it reports if
 * nothing else is found), and stops at any other error.
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

#endif /* BROOD_WORKERS_PATH_H */
