#ifndef BROOD_TOOLS_RUN_SHELL_H
#define BROOD_TOOLS_RUN_SHELL_H

/* shell - which shell runs the commands. */

#include <stdbool.h>

#include "text.h"

/**
 * Find the shell: $PARALLEL_SHELL; else the shell that started this program,
 * if it was one; else $SHELL; else /bin/sh.
 *
 * @ret  its path, to be cleared by the caller.
 */
void shell_find(struct text *ret);

/** Whether a program is a shell that takes -c, by its base name. */
bool shell_is_known(const char *path);

/** Whether a shell is csh or tcsh. */
bool shell_is_csh(const char *path);

#endif /* BROOD_TOOLS_RUN_SHELL_H */
