#include "test/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "run/duration.h"
#include "run/option_values.h"

enum {
    SLOW_DEFAULT_MS = 60000,
    TIMES_MAX = 1000000,
};

static void add(struct test_texts *texts, const char *text)
{
    texts->items =
        reallocarray((void *)texts->items, texts->n + 1, sizeof(const char *));
    if (texts->items == NULL) {
        text_no_memory();
    }
    texts->items[texts->n++] = text;
}

static int read_jobs(const struct option_found *found, struct test_options *ret)
{
    struct run_options run = { 0 };

    if (option_value_jobs(found->value, &run) < 0) {
        return option_expected(found, "a number of tests such as 8 or 50%");
    }
    ret->slots = run.slots;
    return 0;
}

/* "A,B,STEP,N,N": an empty part is not given. */
static int read_numbers(const struct option_found *found,
                        struct test_numbers *ret)
{
    long parts[3] = { 0 };
    const char *at = found->value;

    for (int i = 0; i < 3 && *at != '\0'; i++) {
        char *end;

        parts[i] = strtol(at, &end, 10);
        if (parts[i] < 0 || (*end != ',' && *end != '\0')) {
            return option_expected(found, "numbers such as 1,10,2,15");
        }
        at = end + (*end == ',');
    }
    if (at[strspn(at, "0123456789,")] != '\0') {
        return option_expected(found, "numbers such as 1,10,2,15");
    }
    *ret = (struct test_numbers){ .is_given = true,
                                  .first = parts[0],
                                  .last = parts[1],
                                  .step = parts[2],
                                  .more = *at == '\0' ? NULL : at };
    return 0;
}

static int read_shard(const struct option_found *found,
                      struct test_options *ret)
{
    char *end;

    ret->shard = strtol(found->value, &end, 10);
    if (*end == '/') {
        ret->shards = strtol(end + 1, &end, 10);
    }
    return *end != '\0' || ret->shard < 1 || ret->shards < ret->shard
               ? option_expected(found, "I/N, with I from 1 to N")
               : 0;
}

static int read_repeat(const struct option_found *found,
                       struct test_options *ret)
{
    static const char *const modes[] = {
        [TEST_REPEAT_UNTIL_FAIL] = "until-fail:",
        [TEST_REPEAT_UNTIL_PASS] = "until-pass:",
        [TEST_REPEAT_AFTER_TIMEOUT] = "after-timeout:",
    };

    for (int i = TEST_REPEAT_UNTIL_FAIL; i <= TEST_REPEAT_AFTER_TIMEOUT; i++) {
        size_t size = strlen(modes[i]);
        char *end;
        long n;

        if (strncmp(found->value, modes[i], size) != 0) {
            continue;
        }
        n = strtol(found->value + size, &end, 10);
        if (*end == '\0' && n >= 1 && n <= TIMES_MAX) {
            ret->repeat = (enum test_repeat)i;
            ret->repeat_n = (unsigned)n;
            return 0;
        }
    }
    return option_expected(found, "until-fail:N, until-pass:N or "
                                  "after-timeout:N");
}

static int read_output(const struct option_found *found,
                       struct test_options *ret)
{
    static const char *const words[] = {
        [TEST_SHOW_FAILED] = "failed",
        [TEST_SHOW_ALL] = "all",
        [TEST_SHOW_NONE] = "none",
    };

    for (int i = 0; i <= TEST_SHOW_NONE; i++) {
        if (strcmp(found->value, words[i]) == 0) {
            ret->show = (enum test_show)i;
            return 0;
        }
    }
    return option_expected(found, "failed, all or none");
}

static int read_times(const struct option_found *found, unsigned *ret)
{
    int64_t n;
    int r = option_number(found, found->row->id == OPT_STRESS ? 1 : 0,
                          "a number", &n);

    if (r == 0 && n > TIMES_MAX) {
        r = option_expected(found, "a number up to 1000000");
    }
    *ret = (unsigned)n;
    return r;
}

static int read_limit(const struct option_found *found,
                      struct test_options *ret)
{
    const char *equals = strchr(found->value, '=');
    char *end;

    if (equals == NULL || equals == found->value ||
        strtol(equals + 1, &end, 10) < 1 || *end != '\0') {
        return option_expected(found, "LABEL=NUMBER");
    }
    add(&ret->limits, found->value);
    return 0;
}

static int read_time(const struct option_found *found, int64_t *ret)
{
    return duration_parse(found->value, ret) < 0
               ? option_expected(found, "a time such as 10 or 1m30s")
               : 0;
}

/* Options with values that are texts. */
static int read_text(const struct option_found *found, struct test_options *ret)
{
    switch (found->row->id) {
    case OPT_INCLUDE:
        add(&ret->include, found->value);
        break;
    case OPT_EXCLUDE:
        add(&ret->exclude, found->value);
        break;
    case OPT_LABEL:
        add(&ret->labels, found->value);
        break;
    case OPT_LABEL_NOT:
        add(&ret->labels_not, found->value);
        break;
    case OPT_FIXTURE_ANY:
        add(&ret->no_setup, found->value);
        add(&ret->no_cleanup, found->value);
        break;
    case OPT_FIXTURE_SETUP:
        add(&ret->no_setup, found->value);
        break;
    case OPT_FIXTURE_CLEANUP:
        add(&ret->no_cleanup, found->value);
        break;
    case OPT_BISECT:
        ret->bisect = found->value;
        break;
    case OPT_CONFIG:
        ret->config = found->value;
        break;
    case OPT_RESOURCES:
        ret->resources = found->value;
        break;
    case OPT_STORE:
        ret->store = found->value;
        break;
    case OPT_JUNIT:
        ret->junit = found->value;
        break;
    case OPT_TAP:
        ret->tap = found->value;
        break;
    default:
        ret->events = found->value;
        break;
    }
    return 0;
}

static int read_valued(const struct option_found *found,
                       struct test_options *ret)
{
    int64_t seed = 0;
    int r;

    switch (found->row->id) {
    case OPT_JOBS:
        return read_jobs(found, ret);
    case OPT_NUMBERS:
        return read_numbers(found, &ret->numbers);
    case OPT_SHARD:
        return read_shard(found, ret);
    case OPT_REPEAT:
        return read_repeat(found, ret);
    case OPT_RETRIES:
        return read_times(found, &ret->retries);
    case OPT_STRESS:
        return read_times(found, &ret->stress);
    case OPT_SEED:
        r = option_number(found, 1, "a number from 1", &seed);
        ret->seed = (uint64_t)seed;
        ret->is_shuffled = true;
        return r;
    case OPT_TIMEOUT:
        return read_time(found, &ret->timeout_ms);
    case OPT_SLOW:
        return read_time(found, &ret->slow_ms);
    case OPT_LIMIT:
        return read_limit(found, ret);
    case OPT_OUTPUT:
        return read_output(found, ret);
    default:
        return read_text(found, ret);
    }
}

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
    case OPT_LIST:
        ret->ask = TEST_ASK_LIST;
        break;
    case OPT_STOP:
        ret->stop_on_failure = true;
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
    case OPT_NO_PROGRESS:
        ret->no_progress = true;
        break;
    case OPT_HELP:
        test_options_help();
        ret->ask = TEST_ASK_NOTHING;
        break;
    default:
        (void)printf("brood %s\n", brood_version());
        ret->ask = TEST_ASK_NOTHING;
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

int test_options_read(int argc, char **argv, struct test_options *ret)
{
    struct option_reader reader;
    struct option_found found;
    int r = 0;

    *ret = (struct test_options){ .stress = 1, .slow_ms = SLOW_DEFAULT_MS };
    spell_out(argc, argv);
    option_reader_init(&reader, &test_option_table, argc, argv, 2);
    while (ret->ask != TEST_ASK_NOTHING &&
           (r = option_next(&reader, &found)) == 1) {
        if (found.value != NULL) {
            r = read_valued(&found, ret);
        } else {
            read_flag(&found, ret);
        }
        if (r < 0) {
            break;
        }
    }
    if (r < 0 && reader.error.size > 0) {
        (void)fprintf(stderr, "%s\n", text_string(&reader.error));
    }
    ret->sources = argv + reader.next;
    ret->n_sources = argc - reader.next;
    option_reader_clear(&reader);
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
}
