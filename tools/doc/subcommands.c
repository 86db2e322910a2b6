#include "doc/subcommands.h"

#include "run/options.h"
#include "talk/talk.h"

const struct doc_subcommand doc_subcommands[] = {
    { "run", "run a command for each input", &run_option_table, true },
    { "send", "send a message to the parent of a script", &send_option_table,
      false },
    { "recv", "wait for a message of the parent of a script",
      &recv_option_table, false },
};

const size_t doc_n_subcommands =
    sizeof(doc_subcommands) / sizeof(doc_subcommands[0]);
