#include "doc/subcommands.h"

#include "batch/options.h"
#include "log/log.h"
#include "report/report.h"
#include "run/options.h"
#include "talk/talk.h"
#include "test/options.h"

const struct doc_subcommand doc_subcommands[] = {
    { "run", "run a command for each input", &run_option_table,
      DOC_WORDS_COMMAND },
    { "batch", "run the jobs of job files", &batch_option_table,
      DOC_WORDS_FILES },
    { "test", "run tests of CMake, Meson, TAP, or programs", &test_option_table,
      DOC_WORDS_FILES },
    { "log", "show what is recorded of batches", &log_option_table,
      DOC_WORDS_FILES },
    { "report", "write an HTML page about a run of a batch",
      &report_option_table, DOC_WORDS_FILES },
    { "send", "send a message to the parent of a script", &send_option_table,
      DOC_WORDS_ANY },
    { "recv", "wait for a message of the parent of a script",
      &recv_option_table, DOC_WORDS_ANY },
    { "submit", "add jobs to the batch that runs a script",
      &submit_option_table, DOC_WORDS_COMMAND },
};

const size_t doc_n_subcommands =
    sizeof(doc_subcommands) / sizeof(doc_subcommands[0]);
