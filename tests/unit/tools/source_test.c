#include "run/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

enum {
    PATH_SIZE = 64,
    GOT_SIZE = 256
};

/* A pipe that plays a slow file: [0] is read by the source. */
struct fixture {
    int ends[2];
    struct source source;
};

static int setup(void **state)
{
    static struct fixture f;
    char path[PATH_SIZE];

    if (pipe2(f.ends, O_CLOEXEC) < 0) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", f.ends[0]);
    *state = &f;
    return source_from_file(&f.source, path, '\n');
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    source_close(&f->source);
    (void)close(f->ends[0]);
    if (f->ends[1] >= 0) {
        (void)close(f->ends[1]);
    }
    return 0;
}

static void feed(struct fixture *f, const char *bytes)
{
    ssize_t n = write(f->ends[1], bytes, strlen(bytes));

    assert_int_equal(n, strlen(bytes));
}

static void end(struct fixture *f)
{
    (void)close(f->ends[1]);
    f->ends[1] = -1;
}

/* What the source has now: "<a><b>", and how it stopped. */
static int drain(struct source *source, char *got)
{
    struct value value;
    size_t at = 0;
    int r;

    got[0] = '\0';
    while ((r = source_next(source, &value)) == 1) {
        at += (size_t)snprintf(got + at, GOT_SIZE - at, "<%.*s>",
                               (int)value.size, value.data);
    }
    return r;
}

static void records_come_out_of_odd_chunks(void **state)
{
    struct fixture *f = *state;
    char got[GOT_SIZE];

    assert_err(drain(&f->source, got), -EAGAIN);
    feed(f, "al");
    assert_err(drain(&f->source, got), -EAGAIN);
    assert_string_equal(got, "");
    feed(f, "pha\n\n  b ");
    assert_err(drain(&f->source, got), -EAGAIN);
    assert_string_equal(got, "<alpha><>");
    feed(f, "\t\r\ngam");
    assert_err(drain(&f->source, got), -EAGAIN);
    assert_string_equal(got, "<  b \t\r>");
    end(f);
    assert_int_equal(drain(&f->source, got), 0);
    assert_string_equal(got, "<gam>");
    assert_int_equal(drain(&f->source, got), 0);
    assert_int_equal(f->source.n_taken, 4);
}

static void nothing_is_no_record(void **state)
{
    struct fixture *f = *state;
    char got[GOT_SIZE];

    end(f);
    assert_int_equal(drain(&f->source, got), 0);
    assert_string_equal(got, "");
}

static void only_a_newline_is_one_empty_record(void **state)
{
    struct fixture *f = *state;
    char got[GOT_SIZE];

    feed(f, "\n");
    end(f);
    assert_int_equal(drain(&f->source, got), 0);
    assert_string_equal(got, "<>");
}

static void blanks_are_left_out_when_asked(void **state)
{
    struct fixture *f = *state;
    char got[GOT_SIZE];

    f->source.skip_blank = true;
    feed(f, "x\n\n \t\ny\n");
    end(f);
    assert_int_equal(drain(&f->source, got), 0);
    assert_string_equal(got, "<x><y>");
}

static void nul_ends_records_when_asked(void **state)
{
    struct fixture *f = *state;
    char got[GOT_SIZE];

    f->source.delimiter = '\0';
    assert_int_equal(write(f->ends[1], "a\nb\0\0c", 6), 6);
    end(f);
    assert_int_equal(drain(&f->source, got), 0);
    assert_string_equal(got, "<a\nb><><c>");
}

static void long_records_are_whole(void **state)
{
    enum {
        SIZE = 3 * 1000 * 1000
    };
    char path[] = "/tmp/brood-source-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    char *bytes = malloc(SIZE);
    struct source source;
    struct value value;

    (void)state;
    assert_true(fd >= 0);
    assert_non_null(bytes);
    memset(bytes, 'x', SIZE);
    bytes[10] = '\n';
    assert_int_equal(write(fd, bytes, SIZE), SIZE);
    assert_ok(source_from_file(&source, path, '\n'));
    assert_int_equal(source_next(&source, &value), 1);
    assert_int_equal(value.size, 10);
    assert_int_equal(source_next(&source, &value), 1);
    assert_int_equal(value.size, SIZE - 11);
    assert_int_equal(value.data[value.size - 1], 'x');
    assert_int_equal(source_next(&source, &value), 0);
    source_close(&source);
    (void)close(fd);
    (void)unlink(path);
    free(bytes);
}

static void arguments_come_as_they_are(void **state)
{
    static const char *const args[] = { "", "a b", "--x" };
    struct source source;
    char got[GOT_SIZE];

    (void)state;
    source_from_args(&source, args, 3);
    assert_int_equal(drain(&source, got), 0);
    assert_string_equal(got, "<><a b><--x>");
    source_close(&source);
}

static void what_cannot_be_read_is_refused(void **state)
{
    struct source source = { .fd = 7 };

    (void)state;
    assert_err(source_from_file(&source, "/nowhere/x", '\n'), -ENOENT);
    assert_err(source_from_file(&source, "/tmp", '\n'), -EISDIR);
    assert_int_equal(source.fd, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_out_of_odd_chunks, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nothing_is_no_record, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_newline_is_one_empty_record,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(blanks_are_left_out_when_asked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nul_ends_records_when_asked, setup,
                                        teardown),
        cmocka_unit_test(long_records_are_whole),
        cmocka_unit_test(arguments_come_as_they_are),
        cmocka_unit_test(what_cannot_be_read_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
