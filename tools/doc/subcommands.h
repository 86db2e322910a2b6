#ifndef BROOD_TOOLS_DOC_SUBCOMMANDS_H
#define BROOD_TOOLS_DOC_SUBCOMMANDS_H

/* subcommands - those that have options. */

#include "option.h"

/** What the words behind the options are. */
enum doc_words {
    DOC_WORDS_ANY,
    DOC_WORDS_COMMAND,
    DOC_WORDS_FILES,
};

struct doc_subcommand {
    const char *name;
    const char *help;
    const struct option_table *table;
    enum doc_words words;
};

extern const struct doc_subcommand doc_subcommands[];
extern const size_t doc_n_subcommands;

#endif /* BROOD_TOOLS_DOC_SUBCOMMANDS_H */
