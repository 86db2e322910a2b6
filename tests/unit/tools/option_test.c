#include "option.h"

#include <errno.h>

#include "run/options.h"
#include "support/check.h"

enum {
    OPT_JOBS = 1,
    OPT_KEEP,
    OPT_DRY,
    OPT_TAG,
    OPT_TAGSTRING,
    OPT_MAYBE
};

static const struct option_row rows[] = {
    { .id = OPT_JOBS,
      .letters = "jP",
      .names = "jobs|max-procs",
      .value = OPTION_VALUE,
      .placeholder = "N" },
    { .id = OPT_KEEP, .letters = "k", .names = "keep-order" },
    { .id = OPT_DRY, .letters = "", .names = "dry-run|dryrun" },
    { .id = OPT_TAG, .letters = "", .names = "tag" },
    { .id = OPT_TAGSTRING,
      .letters = "",
      .names = "tagstring",
      .value = OPTION_VALUE,
      .placeholder = "TEXT" },
    { .id = OPT_MAYBE,
      .letters = "i",
      .names = "",
      .value = OPTION_VALUE_OR_NOT,
      .placeholder = "X" },
};

static const struct option_table table = { .command = "brood run",
                                           .rows = rows,
                                           .n_rows =
                                               sizeof(rows) / sizeof(*rows) };

enum {
    ARGS_MAX = 8,
    FOUND_MAX = 8
};

struct reading {
    struct option_found found[FOUND_MAX];
    int n;
    int r;
    int next;
    char error[200];
};

static struct reading read_all(const char *const *words)
{
    struct reading reading = { 0 };
    struct option_reader reader;
    char *argv[ARGS_MAX];
    int argc = 0;

    for (; words[argc] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)words[argc];
    }
    option_reader_init(&reader, &table, argc, argv, 0);
    while (reading.n < FOUND_MAX &&
           (reading.r = option_next(&reader, &reading.found[reading.n])) == 1) {
        reading.n++;
    }
    reading.next = reader.next;
    (void)snprintf(reading.error, sizeof(reading.error), "%s",
                   text_string(&reader.error));
    option_reader_clear(&reader);
    return reading;
}

#define READ(...) read_all((const char *const[]){ __VA_ARGS__, NULL })

static void assert_found(const struct reading *reading,
                         int i,
                         int id,
                         const char *value)
{
    assert_true(i < reading->n);
    assert_int_equal(reading->found[i].row->id, id);
    if (value == NULL) {
        assert_null(reading->found[i].value);
    } else {
        assert_non_null(reading->found[i].value);
        assert_string_equal(reading->found[i].value, value);
    }
}

static void short_options_can_be_bundled(void **state)
{
    struct reading r = READ("-kj2", "-k", "-j", "-1", "-P", "3", "echo", "-k");

    (void)state;
    assert_int_equal(r.r, 0);
    assert_int_equal(r.n, 5);
    assert_found(&r, 0, OPT_KEEP, NULL);
    assert_found(&r, 1, OPT_JOBS, "2");
    assert_found(&r, 2, OPT_KEEP, NULL);
    assert_found(&r, 3, OPT_JOBS, "-1");
    assert_found(&r, 4, OPT_JOBS, "3");
    assert_int_equal(r.next, 6);
}

static void long_options_can_be_shortened(void **state)
{
    struct reading r =
        READ("--keep", "--dry", "--max=7", "--jobs", "8", "--tag", "x");

    (void)state;
    assert_int_equal(r.n, 5);
    assert_found(&r, 0, OPT_KEEP, NULL);
    assert_found(&r, 1, OPT_DRY, NULL);
    assert_found(&r, 2, OPT_JOBS, "7");
    assert_found(&r, 3, OPT_JOBS, "8");
    assert_found(&r, 4, OPT_TAG, NULL);
    assert_int_equal(r.next, 6);
}

static void a_value_may_be_empty(void **state)
{
    struct reading r = READ("--tagstring=", "--tagstring", "");

    (void)state;
    assert_int_equal(r.n, 2);
    assert_found(&r, 0, OPT_TAGSTRING, "");
    assert_found(&r, 1, OPT_TAGSTRING, "");
}

static void a_value_that_may_lack_is_in_the_same_word(void **state)
{
    struct reading r = READ("-i", "-ix", "y");

    (void)state;
    assert_int_equal(r.n, 2);
    assert_found(&r, 0, OPT_MAYBE, NULL);
    assert_found(&r, 1, OPT_MAYBE, "x");
    assert_int_equal(r.next, 2);
}

static void two_dashes_end_the_options(void **state)
{
    struct reading r = READ("-k", "--", "-k");

    (void)state;
    assert_int_equal(r.n, 1);
    assert_int_equal(r.next, 2);
}

static void one_dash_is_no_option(void **state)
{
    struct reading r = READ("-k", "-", "-k");

    (void)state;
    assert_int_equal(r.n, 1);
    assert_int_equal(r.next, 1);
}

static void mistakes_are_named(void **state)
{
    struct reading r = READ("--foo=1", "x");

    (void)state;
    assert_err(r.r, -EINVAL);
    assert_string_equal(r.error, "brood run: unknown option '--foo'");
    r = READ("-kx");
    assert_err(r.r, -EINVAL);
    assert_string_equal(r.error, "brood run: unknown option '-x'");
    r = READ("--jobs");
    assert_string_equal(r.error, "brood run: option '--jobs' needs a value");
    r = READ("-kj");
    assert_string_equal(r.error, "brood run: option '--jobs' needs a value");
    r = READ("--keep=3");
    assert_string_equal(r.error,
                        "brood run: option '--keep-order' takes no value");
    r = READ("--t");
    assert_string_equal(r.error, "brood run: option '--t' could be more than "
                                 "one: --tag, --tagstring");
}

static int names_with(const struct option_table *t,
                      const char *wanted,
                      size_t wanted_size)
{
    int n = 0;

    for (size_t i = 0; i < t->n_rows; i++) {
        const char *at = t->rows[i].names;
        const char *name;
        size_t size;

        while (option_name(&at, &name, &size)) {
            n += size == wanted_size && memcmp(name, wanted, size) == 0;
        }
    }
    return n;
}

static int rows_with_letter(const struct option_table *t, char letter)
{
    int n = 0;

    for (size_t i = 0; i < t->n_rows; i++) {
        n += strchr(t->rows[i].letters, letter) != NULL;
    }
    return n;
}

static void assert_complete(const struct option_row *row)
{
    enum {
        HELP_MAX = 52
    };

    assert_int_not_equal(row->id, 0);
    assert_non_null(row->group);
    assert_non_null(row->help);
    assert_true(row->help[0] != '\0' && strlen(row->help) <= HELP_MAX);
    assert_non_null(row->manual);
    assert_true(row->manual[0] != '\0');
    assert_true(row->names[0] != '\0' || row->letters[0] != '\0');
    assert_int_equal(row->value == OPTION_FLAG, row->placeholder == NULL);
    assert_int_equal(row->completion == COMPLETE_WORDS, row->words != NULL);
}

static void every_option_of_run_is_described_once(void **state)
{
    const struct option_table *t = &run_option_table;

    (void)state;
    for (size_t i = 0; i < t->n_rows; i++) {
        const struct option_row *row = &t->rows[i];
        const char *at = row->names;
        const char *name;
        size_t size;

        assert_complete(row);
        while (option_name(&at, &name, &size)) {
            assert_int_equal(names_with(t, name, size), 1);
        }
        for (const char *p = row->letters; *p != '\0'; p++) {
            assert_int_equal(rows_with_letter(t, *p), 1);
        }
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(t->rows[k].id, row->id);
        }
    }
}

/* Says at --tag that no more are to be read, and that --dry-run is wrong. */
static int count_option(void *user, const struct option_found *found)
{
    int *n = user;

    (*n)++;
    if (found->row->id == OPT_TAG) {
        return 1;
    }
    return found->row->id == OPT_DRY ? -ERANGE : 0;
}

/* Reads @words behind the name of a subcommand. Returns: what is returned. */
static int count_all(const char *const *words, int *ret_n, int *ret_next)
{
    char *argv[ARGS_MAX] = { NULL };
    int argc = 2;

    for (; words[argc - 2] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)words[argc - 2];
    }
    *ret_n = 0;
    return option_read_all(&table, argc, argv, count_option, ret_n, ret_next);
}

#define COUNT(...) \
    count_all((const char *const[]){ __VA_ARGS__, NULL }, &n, &next)

static void all_are_read_or_until_one_says_enough(void **state)
{
    int next;
    int n;

    (void)state;
    assert_int_equal(COUNT("-kj2", "-k", "word"), 0);
    assert_true(n == 3 && next == 4);
    assert_int_equal(COUNT("word"), 0);
    assert_true(n == 0 && next == 2);
    assert_int_equal(COUNT("-k", "--tag", "--bad"), 1);
    assert_true(n == 2 && next == 4);
    assert_int_equal(COUNT("--dry-run", "-k"), -ERANGE);
    assert_true(n == 1 && next == 3);
    assert_int_equal(COUNT("-k", "--bad"), -EINVAL);
    assert_true(n == 1 && next == 3);
}

/* Words and options as they come; words that were put off come first. */
static void options_may_stand_behind_words(void **state)
{
    static char words[][8] = {
        "a", "-k", "b", "-j", "2", "c", "--", "-k", "d"
    };
    static const char *const want[] = { "a", "b", "c", "-k", "d" };
    struct option_table mixed = table;
    char *argv[16] = { NULL };
    int argc = 2;
    int next;
    int n = 0;

    (void)state;
    mixed.mixed = 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        argv[argc++] = words[i];
    }
    assert_int_equal(
        option_read_all(&mixed, argc, argv, count_option, &n, &next), 0);
    assert_int_equal(n, 2);
    assert_int_equal(argc - next, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(argv[next + i], want[i]);
    }
}

static void help_fits_a_terminal(void **state)
{
    enum {
        COLUMNS_MAX = 80,
        LINES_MAX = 48
    };
    struct text help = { 0 };
    const char *line;
    int lines = 0;

    (void)state;
    option_help(&run_option_table, &help);
    for (line = help.data; *line != '\0'; lines++) {
        size_t size = strcspn(line, "\n");

        assert_true(size < COLUMNS_MAX);
        line += size + 1;
    }
    assert_true(lines <= LINES_MAX);
    text_clear(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_options_can_be_bundled),
        cmocka_unit_test(long_options_can_be_shortened),
        cmocka_unit_test(a_value_may_be_empty),
        cmocka_unit_test(a_value_that_may_lack_is_in_the_same_word),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(one_dash_is_no_option),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(every_option_of_run_is_described_once),
        cmocka_unit_test(all_are_read_or_until_one_says_enough),
        cmocka_unit_test(options_may_stand_behind_words),
        cmocka_unit_test(help_fits_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
