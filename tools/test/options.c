#include "test/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brood.h>

enum {
    SLOW_DEFAULT_MS = 60000,
    KEEP_DEFAULT = 10,
    OUTPUT_LINES_DEFAULT = 300,
};

static void read_flag(const struct option_found *found,
                      struct test_options *ret)
{
    switch (found->row->id) {
    case OPT_RERUN_FAILED:
        ret->rerun_failed = true;
        break;
    case OPT_CHANGED:
        ret->changed = true;
        break;
    case OPT_TAP_PROGRAMS:
        ret->tap_programs = true;
        break;
    case OPT_FROM_JOBS:
        ret->from_jobs = true;
        break;
    case OPT_RECURSE:
        ret->recurse = true;
        break;
    case OPT_LIST:
        ret->ask = TEST_ASK_LIST;
        break;
    case OPT_UNION:
        ret->is_union = true;
        break;
    case OPT_JSON:
        ret->json = true;
        break;
    case OPT_OUTPUT_ON_FAILURE:
        ret->show = TEST_SHOW_FAILED;
        break;
    case OPT_VERBOSE:
        ret->show = TEST_SHOW_ALL;
        break;
    case OPT_STOP:
        ret->max_fail = 1;
        break;
    case OPT_SHUFFLE:
        ret->is_shuffled = true;
        break;
    case OPT_NO_STORE:
        ret->no_store = true;
        break;
    case OPT_USAGE:
        ret->usage = true;
        break;
    case OPT_DESCRIPTORS:
        ret->descriptors = true;
        break;
    case OPT_QUIET:
        ret->quiet = true;
        break;
    default:
        ret->no_progress = true;
        break;
    }
}

/* ctest's -LE is no bundle of -L and a value; the same of others. */
static void spell_out(int argc, char **argv)
{
    static char label[] = "--label-exclude";
    static char any[] = "--fixture-exclude-any";
    static char setup[] = "--fixture-exclude-setup";
    static char cleanup[] = "--fixture-exclude-cleanup";
    static const struct {
        const char *typed;
        char *meant;
    } words[] = {
        { "-LE", label },
        { "-FA", any },
        { "-FS", setup },
        { "-FC", cleanup },
    };

    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
        for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
            if (strcmp(argv[i], words[k].typed) == 0) {
                argv[i] = words[k].meant;
            }
        }
    }
}

static int read_option(void *user, const struct option_found *found)
{
    struct test_options *ret = user;

    if (found->value != NULL) {
        return test_option_value(found, ret);
    }
    read_flag(found, ret);
    return 0;
}

int test_options_read(int argc, char **argv, struct test_options *ret)
{
    int next;
    int r;

    *ret = (struct test_options){ .stress = 1,
                                  .slow_ms = SLOW_DEFAULT_MS,
                                  .output_lines = OUTPUT_LINES_DEFAULT,
                                  .timeout_factor = 1,
                                  .keep = KEEP_DEFAULT };
    spell_out(argc, argv);
    r = option_read_all(&test_option_table, argc, argv, read_option, ret,
                        &next);
    for (int i = next; i < argc; i++) {
        test_texts_add(&ret->sources, argv[i]);
    }
    if (ret->sources.n == 0) {
        test_texts_add(&ret->sources, ".");
    }
    if (r == 1) {
        ret->ask = TEST_ASK_NOTHING;
    }
    return r < 0 ? r : 0;
}

void test_options_clear(struct test_options *options)
{
    free((void *)options->include.items);
    free((void *)options->exclude.items);
    free((void *)options->labels.items);
    free((void *)options->labels_not.items);
    free((void *)options->no_setup.items);
    free((void *)options->no_cleanup.items);
    free((void *)options->limits.items);
    free((void *)options->from_files.items);
    free((void *)options->exclude_files.items);
    if (options->wrap.we_wordc > 0) {
        wordfree(&options->wrap);
    }
    free((void *)options->sources.items);
}
