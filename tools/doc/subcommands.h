#ifndef BROOD_TOOLS_DOC_SUBCOMMANDS_H
#define BROOD_TOOLS_DOC_SUBCOMMANDS_H

/* subcommands - those that have options. */

#include <stdbool.h>

#include "option.h"

struct doc_subcommand {
    const char *name;
    const char *help;
    const struct option_table *table;
    /** Its words are a command. */
    bool runs_commands;
};

extern const struct doc_subcommand doc_subcommands[];
extern const size_t doc_n_subcommands;

#endif /* BROOD_TOOLS_DOC_SUBCOMMANDS_H */
