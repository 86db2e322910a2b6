#include "run/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

/* Our standard output is a file for as long as a test runs. */
struct fixture {
    struct writer writer;
    struct emit emit;
    struct emit_job jobs[3];
    int saved;
    int file;
    char *got;
};

static int setup(void **state)
{
    static struct fixture f;
    char path[] = "/tmp/brood-emit-XXXXXX";

    f = (struct fixture){ 0 };
    f.file = mkostemp(path, O_CLOEXEC);
    (void)unlink(path);
    f.saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    if (f.file < 0 || dup2(f.file, STDOUT_FILENO) < 0) {
        return -1;
    }
    writer_init(&f.writer);
    emit_init(&f.emit, &f.writer, false, "/tmp");
    text_add_string(&f.jobs[0].tag, "A");
    text_add_string(&f.jobs[1].tag, "B");
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        emit_job_reset(&f->emit, &f->jobs[i]);
        text_clear(&f->jobs[i].tag);
    }
    assert_int_equal(f->emit.store.memory_bytes, 0);
    assert_int_equal(f->emit.store.spill.used, 0);
    emit_clear(&f->emit);
    writer_clear(&f->writer);
    (void)dup2(f->saved, STDOUT_FILENO);
    (void)close(f->saved);
    (void)close(f->file);
    free(f->got);
    return 0;
}

/* All that has been written since the start. */
static const char *written(struct fixture *f)
{
    off_t size;

    writer_flush(&f->writer);
    size = lseek(f->file, 0, SEEK_END);
    free(f->got);
    f->got = calloc(1, (size_t)size + 1);
    assert_non_null(f->got);
    assert_int_equal(pread(f->file, f->got, (size_t)size, 0), size);
    return f->got;
}

static void piece(struct fixture *f, int job, const char *text)
{
    emit_piece(&f->emit, &f->jobs[job], WRITER_OUT, text, strlen(text));
}

static void half_lines_are_held(void **state)
{
    struct fixture *f = *state;

    emit_turn(&f->emit, &f->jobs[0]);
    emit_turn(&f->emit, &f->jobs[1]);
    piece(f, 0, "a1");
    piece(f, 1, "b1\nb2");
    piece(f, 0, "a2\na3\na4");
    assert_string_equal(written(f), "b1\na1a2\na3\n");
    emit_end(&f->emit, &f->jobs[1]);
    emit_end(&f->emit, &f->jobs[0]);
    assert_string_equal(written(f), "b1\na1a2\na3\nb2a4");
}

static void a_job_waits_for_its_turn(void **state)
{
    struct fixture *f = *state;

    emit_turn(&f->emit, &f->jobs[0]);
    piece(f, 1, "b1\nb");
    piece(f, 1, "2\nb3");
    piece(f, 0, "a1\n");
    assert_string_equal(written(f), "a1\n");
    emit_end(&f->emit, &f->jobs[0]);
    emit_turn(&f->emit, &f->jobs[1]);
    assert_string_equal(written(f), "a1\nb1\nb2\n");
    piece(f, 1, "\n");
    assert_string_equal(written(f), "a1\nb1\nb2\nb3\n");
    emit_end(&f->emit, &f->jobs[1]);
    assert_int_equal(f->jobs[1].streams[0].received, 9);
}

static void lines_are_tagged_and_nothing_added(void **state)
{
    struct fixture *f = *state;

    f->emit.tagged = true;
    emit_turn(&f->emit, &f->jobs[0]);
    piece(f, 0, "x\n\ny");
    piece(f, 1, "z");
    emit_end(&f->emit, &f->jobs[0]);
    emit_end(&f->emit, &f->jobs[1]);
    assert_string_equal(written(f), "A\tx\nA\t\nA\tyB\tz");
}

static void a_whole_output_is_tagged(void **state)
{
    struct fixture *f = *state;
    const struct brood_result result = {
        .out = { .data = "p\nq", .size_bytes = 3 },
        .err = { .data = "", .size_bytes = 0 },
    };

    assert_ok(emit_whole(&f->emit, &f->jobs[0], &result));
    f->emit.tagged = true;
    assert_ok(emit_whole(&f->emit, &f->jobs[1], &result));
    assert_string_equal(written(f), "p\nqB\tp\nB\tq");
}

static void an_output_in_a_file_is_copied(void **state)
{
    enum {
        SIZE = 200 * 1000
    };
    struct fixture *f = *state;
    char path[] = "/tmp/brood-emit-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    const struct brood_result result = {
        .out = { .fd = fd, .offset_bytes = 3, .size_bytes = SIZE },
    };
    char *bytes = malloc(SIZE + 3);
    const char *got;

    assert_non_null(bytes);
    (void)unlink(path);
    memset(bytes, 'x', SIZE + 3);
    memset(bytes, '-', 3);
    assert_int_equal(write(fd, bytes, SIZE + 3), SIZE + 3);
    assert_ok(emit_whole(&f->emit, &f->jobs[0], &result));
    got = written(f);
    assert_int_equal(strlen(got), SIZE);
    assert_memory_equal(got, bytes + 3, SIZE);
    f->emit.tagged = true;
    assert_ok(emit_whole(&f->emit, &f->jobs[0], &result));
    assert_int_equal(strlen(written(f)), 2 * SIZE + 2);
    free(bytes);
    (void)close(fd);
}

static void much_that_is_held_goes_to_a_file(void **state)
{
    enum {
        LINES = 3000,
        LINE_SIZE = 20
    };
    struct fixture *f = *state;
    char line[LINE_SIZE + 1];
    const char *got;

    f->emit.store.memory_max_bytes = 1000;
    for (int i = 0; i < LINES; i++) {
        (void)snprintf(line, sizeof(line), "%019d\n", i);
        piece(f, i % 2, line);
    }
    piece(f, 0, "end");
    assert_true(f->emit.store.spill.used > ((size_t)LINES - 500) * LINE_SIZE);
    assert_true(f->emit.store.memory_bytes < 10000);
    emit_end(&f->emit, &f->jobs[0]);
    emit_end(&f->emit, &f->jobs[1]);
    got = written(f);
    assert_int_equal(strlen(got), LINES * LINE_SIZE + 3);
    for (int i = 0; i < LINES; i++) {
        int number = i < LINES / 2 ? 2 * i : 2 * (i - LINES / 2) + 1;

        (void)snprintf(line, sizeof(line), "%019d\n", number);
        assert_memory_equal(got, line, LINE_SIZE);
        got += LINE_SIZE;
        got += i == LINES / 2 - 1 ? 3 : 0;
    }
}

static void bytes_that_cannot_be_kept_are_an_error(void **state)
{
    enum {
        SIZE = 5000
    };
    struct fixture *f = *state;
    char bytes[SIZE];

    memset(bytes, 'x', sizeof(bytes));
    f->emit.store.memory_max_bytes = 0;
    f->emit.store.spill.dir = "/nowhere";
    emit_piece(&f->emit, &f->jobs[0], WRITER_OUT, bytes, sizeof(bytes));
    emit_piece(&f->emit, &f->jobs[0], WRITER_OUT, bytes, sizeof(bytes));
    emit_end(&f->emit, &f->jobs[0]);
    assert_err(emit_job_error(&f->jobs[0]), -ENOENT);
    assert_int_equal(f->jobs[0].streams[0].held.lost, 2 * SIZE);
    assert_string_equal(written(f), "");
    f->jobs[0].streams[0].held.error = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(half_lines_are_held, setup, teardown),
        cmocka_unit_test_setup_teardown(a_job_waits_for_its_turn, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(lines_are_tagged_and_nothing_added,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_whole_output_is_tagged, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_output_in_a_file_is_copied, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(much_that_is_held_goes_to_a_file, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bytes_that_cannot_be_kept_are_an_error,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
