#include <brood.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tmpfile.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    SIZE = 300000,
    FILE_START = 12345,
};

static char bytes[SIZE];

struct fixture {
    struct brood_output in_memory;
    struct brood_output in_file;
    int fds_before;
};

static int setup(void **state)
{
    static struct fixture f;
    int fd;

    f.fds_before = count_fds();
    for (size_t i = 0; i < SIZE; i++) {
        bytes[i] = (char)(i * 13 + (i >> 8));
    }
    fd = tmpfile_open("/tmp");
    assert_true(fd >= 0);
    /* What is around the output is not a part of it. */
    assert_int_equal(ftruncate(fd, FILE_START + SIZE + FILE_START), 0);
    assert_int_equal(pwrite(fd, bytes, SIZE, FILE_START), SIZE);
    f.in_memory =
        (struct brood_output){ .data = bytes, .size_bytes = SIZE, .fd = -1 };
    f.in_file = (struct brood_output){ .size_bytes = SIZE,
                                       .fd = fd,
                                       .offset_bytes = FILE_START };
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    (void)close(f->in_file.fd);
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

static void check_reads(const struct brood_output *output)
{
    static char got[SIZE + 10];
    uint64_t at = 0;
    int64_t n;

    assert_int_equal(brood_output_read(output, 0, got, 10), 10);
    assert_memory_equal(got, bytes, 10);
    assert_int_equal(brood_output_read(output, 1000, got, 1), 1);
    assert_int_equal(got[0], bytes[1000]);
    assert_int_equal(brood_output_read(output, SIZE - 3, got, 10), 3);
    assert_memory_equal(got, bytes + SIZE - 3, 3);
    assert_int_equal(brood_output_read(output, SIZE, got, 10), 0);
    assert_int_equal(brood_output_read(output, SIZE + 1, got, 10), 0);
    assert_int_equal(brood_output_read(output, UINT64_MAX, got, 10), 0);
    while ((n = brood_output_read(output, at, got + at, sizeof(got) - at)) >
           0) {
        at += (uint64_t)n;
    }
    assert_int_equal(n, 0);
    assert_int_equal(at, SIZE);
    assert_memory_equal(got, bytes, SIZE);
}

static void memory_is_read_at_any_offset(void **state)
{
    check_reads(&((struct fixture *)*state)->in_memory);
}

static void a_file_is_read_at_any_offset(void **state)
{
    check_reads(&((struct fixture *)*state)->in_file);
}

static void a_file_that_is_too_short_is_an_error(void **state)
{
    struct fixture *f = *state;
    char byte;

    assert_int_equal(ftruncate(f->in_file.fd, FILE_START + 5), 0);
    assert_int_equal(brood_output_read(&f->in_file, 4, &byte, 1), 1);
    assert_int_equal(brood_output_read(&f->in_file, 5, &byte, 1), -EIO);
    f->in_file.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(brood_output_read(&f->in_file, 0, &byte, 1), -EBADF);
    f->fds_before++; /* the one that teardown() does not know of */
}

static void an_empty_output_is_read_and_written_as_nothing(void **state)
{
    const struct brood_output with_data = { .data = "", .fd = -1 };
    const struct brood_output without = { .fd = -1 };
    char byte;

    (void)state;
    assert_int_equal(brood_output_read(&with_data, 0, &byte, 1), 0);
    assert_int_equal(brood_output_read(&without, 0, &byte, 1), 0);
    assert_ok(brood_output_write(&with_data, -1));
    assert_ok(brood_output_write(&without, -1));
}

/* The other end of a pipe: all that comes, in a thread. */
struct sink {
    pthread_t thread;
    int fd;
    size_t size;
    char data[2 * SIZE];
};

static void *drink(void *arg)
{
    struct sink *s = arg;
    ssize_t n;

    while ((n = read(s->fd, s->data + s->size, sizeof(s->data) - s->size)) >
           0) {
        s->size += (size_t)n;
    }
    return NULL;
}

static void check_pipe(const struct brood_output *output, int flags)
{
    static struct sink s;
    int pair[2];

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_int_equal(fcntl(pair[1], F_SETFL, flags), 0);
    /* Smaller than the output: the writer has to wait. */
    assert_true(fcntl(pair[1], F_SETPIPE_SZ, 4096) > 0);
    s.size = 0;
    s.fd = pair[0];
    assert_int_equal(pthread_create(&s.thread, NULL, drink, &s), 0);
    assert_ok(brood_output_write(output, pair[1]));
    (void)close(pair[1]);
    (void)pthread_join(s.thread, NULL);
    (void)close(pair[0]);
    assert_int_equal(s.size, SIZE);
    assert_memory_equal(s.data, bytes, SIZE);
}

static void memory_goes_through_a_pipe(void **state)
{
    struct fixture *f = *state;

    check_pipe(&f->in_memory, 0);
    check_pipe(&f->in_memory, O_NONBLOCK);
}

static void a_file_goes_through_a_pipe(void **state)
{
    struct fixture *f = *state;

    check_pipe(&f->in_file, 0);
    check_pipe(&f->in_file, O_NONBLOCK);
}

static void check_file(const struct brood_output *output, int flags)
{
    static char got[SIZE + 8];
    int fd = tmpfile_open("/tmp");

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "before", 6), 6);
    assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
    assert_ok(brood_output_write(output, fd));
    assert_int_equal(pread(fd, got, sizeof(got), 0), SIZE + 6);
    assert_memory_equal(got, "before", 6);
    assert_memory_equal(got + 6, bytes, SIZE);
    (void)close(fd);
}

static void output_goes_to_a_file_and_to_its_end(void **state)
{
    struct fixture *f = *state;

    check_file(&f->in_memory, 0);
    check_file(&f->in_memory, O_APPEND);
    check_file(&f->in_file, 0);
    check_file(&f->in_file, O_APPEND);
}

static void a_reader_that_is_gone_is_told(void **state)
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct fixture *f = *state;
    struct sigaction before;
    int pair[2];

    assert_int_equal(sigaction(SIGPIPE, &ignore, &before), 0);
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    (void)close(pair[0]);
    assert_err(brood_output_write(&f->in_memory, pair[1]), -EPIPE);
    assert_err(brood_output_write(&f->in_file, pair[1]), -EPIPE);
    (void)close(pair[1]);
    (void)sigaction(SIGPIPE, &before, NULL);
}

static void a_full_device_and_a_bad_descriptor_are_told(void **state)
{
    struct fixture *f = *state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    if (full >= 0) {
        assert_err(brood_output_write(&f->in_memory, full), -ENOSPC);
        assert_err(brood_output_write(&f->in_file, full), -ENOSPC);
        (void)close(full);
    }
    assert_err(brood_output_write(&f->in_memory, -1), -EBADF);
    assert_err(brood_output_write(&f->in_file, -1), -EBADF);
}

static void only_an_exit_with_zero_is_ok(void **state)
{
    (void)state;
    assert_true(
        brood_result_ok(&(struct brood_result){ .outcome = BROOD_EXITED }));
    assert_false(brood_result_ok(
        &(struct brood_result){ .outcome = BROOD_EXITED, .exit_status = 1 }));
    for (int o = BROOD_SIGNALLED; o <= BROOD_LOST; o++) {
        assert_false(brood_result_ok(
            &(struct brood_result){ .outcome = (enum brood_outcome)o }));
    }
}

static void outcomes_and_steps_have_names(void **state)
{
    static const char *const outcomes[] = {
        "exited",       "signalled", "timed out", "cancelled",
        "spawn failed", "skipped",   "lost",
    };

    (void)state;
    for (int o = BROOD_EXITED; o <= BROOD_LOST; o++) {
        assert_string_equal(brood_outcome_name((enum brood_outcome)o),
                            outcomes[o]);
    }
    for (int s = BROOD_STEP_NONE; s <= BROOD_STEP_EXEC; s++) {
        assert_true(strlen(brood_step_name((enum brood_step)s)) > 0);
    }
    assert_non_null(brood_outcome_name((enum brood_outcome)1000));
    assert_non_null(brood_outcome_name((enum brood_outcome) - 1));
    assert_non_null(brood_step_name((enum brood_step)1000));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_read_at_any_offset),
        TEST(a_file_is_read_at_any_offset),
        TEST(a_file_that_is_too_short_is_an_error),
        TEST(an_empty_output_is_read_and_written_as_nothing),
        TEST(memory_goes_through_a_pipe),
        TEST(a_file_goes_through_a_pipe),
        TEST(output_goes_to_a_file_and_to_its_end),
        TEST(a_reader_that_is_gone_is_told),
        TEST(a_full_device_and_a_bad_descriptor_are_told),
        cmocka_unit_test(only_an_exit_with_zero_is_ok),
        cmocka_unit_test(outcomes_and_steps_have_names),
    };

    return cmocka_run_group_tests_name("core.result", tests, NULL, NULL);
}
