#ifndef BROOD_TOOLS_SUITE_SCRIPT_H
#define BROOD_TOOLS_SUITE_SCRIPT_H

/*
 * script - commands and their arguments, in the part of CMake's language that
 * CTestTestfile.cmake is written in: quoted, bracket and plain arguments,
 * escapes and comments; no variables.
 */

#include <stddef.h>

#include "arena.h"
#include "text.h"

enum {
    SCRIPT_ARGS_MAX = 65536,
};

struct script {
    struct arena *arena;
    /** For messages. */
    const char *path;
    const char *at; /* what is left of it */
    unsigned line;
    /** Of the command that was read last; room for SCRIPT_ARGS_MAX. */
    const char **args;
    size_t n_args;
    struct text *error;
};

/** Say that something else was expected here. Returns: -1. */
int script_fail(struct script *script, const char *what);
/** Read a command. Returns: 1; 0 there is no more; -1 and script->error. */
int script_next(struct script *script, struct text *command);

#endif /* BROOD_TOOLS_SUITE_SCRIPT_H */
