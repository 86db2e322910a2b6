#ifndef BROOD_WORKERS_SHLINE_NAMES_H
#define BROOD_WORKERS_SHLINE_NAMES_H

/*
 * shline_names - names that mean something to a shell.
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stddef.h>

#include "workers/shline.h"

enum shline_builtin {
    /** The name of a program. */
    SHLINE_NONE,
    /** bash: does what the program of that name does, if it is given no
     * option and no backslash. */
    SHLINE_ECHO,
    /** bash: does what the program does, if it is given nothing. */
    SHLINE_STATUS,
    /** Only the shell can do it, or does it in its own way. */
    SHLINE_OWN,
};

/** What a first word is to dash or bash. */
enum shline_builtin shline_builtin_of(const char *word);

enum shline_variable {
    /** The shell passes it on. */
    SHLINE_PASSED,
    /** The shell does not pass it on. */
    SHLINE_DROPPED,
    /** The shell changes it, or is changed by it. */
    SHLINE_MINDED,
};

/** What the shell does with an entry of the environment. */
enum shline_variable shline_variable_of(enum shline_kind kind,
                                        const char *entry);

/** What bash names the variables that hold functions. */
#define SHLINE_FUNCTION_PREFIX "BASH_FUNC_"

#endif /* BROOD_WORKERS_SHLINE_NAMES_H */
