#ifndef BROOD_TOOLS_BATCH_OPTIONS_H
#define BROOD_TOOLS_BATCH_OPTIONS_H

/* options - what the user asked `brood batch` for. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "option.h"
#include "run/halt.h"

extern const struct option_table batch_option_table;

enum batch_ask {
    BATCH_ASK_RUN,
    BATCH_ASK_CHECK,
    BATCH_ASK_DRY_RUN,
};

/** Whose output is shown. */
enum batch_show {
    BATCH_SHOW_ALL,
    BATCH_SHOW_FAILED,
    BATCH_SHOW_NONE,
};

/** What to do with jobs that the record knows. */
enum batch_again {
    BATCH_AGAIN_NONE,
    BATCH_AGAIN_FAILED,
    BATCH_AGAIN_ALL,
};

struct batch_options {
    enum batch_ask ask;
    unsigned slots; /* 0: not given */
    bool plain;
    bool null_delimited;
    const char *store; /* NULL: beside the job file */
    bool no_store;
    enum batch_again again;
    const char *from;
    struct halt halt;
    uint64_t mem_bytes; /* 0: not given */
    /** NAME=N, as given. */
    const char **resources;
    size_t n_resources;
    enum batch_show show;
    bool quiet;
    const char *events; /* NULL: none */
    bool live;
    bool no_progress;
};

/**
 * Read the options of `brood batch`; what is wrong is said on stderr.
 *
 * @ret_next  the first file.
 *
 * Returns:   0; 1 --help or --version has been answered; or -EINVAL.
 */
int batch_options_read(int argc,
                       char **argv,
                       struct batch_options *ret,
                       int *ret_next);
void batch_options_clear(struct batch_options *options);

#endif /* BROOD_TOOLS_BATCH_OPTIONS_H */
