#include "support/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "children/pattern.h"
#include "workers/capture.h"

enum {
    BOUND = 1000,
    KEEP = 300,
    SCRATCH = 512,
    BIG = 100000,
};

static char dir[] = "/tmp/brood-capture-XXXXXX";
static struct capture_limits limits = { BOUND, KEEP, dir };
static unsigned char scratch[SCRATCH];

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int count_files(void)
{
    DIR *d = opendir(dir);
    int n = 0;

    if (d == NULL) {
        return -1;
    }
    while (readdir(d) != NULL) {
        n++;
    }
    (void)closedir(d);
    return n - 2;
}

static int count_fds(void)
{
    int n = 0;

    for (int fd = 0; fd < 1024; fd++) {
        n += fcntl(fd, F_GETFD) >= 0;
    }
    return n;
}

static int fds_before;

static int setup(void **state)
{
    (void)state;
    fds_before = count_fds();
    return 0;
}

/* Each test leaves no descriptor and no file behind. */
static int teardown(void **state)
{
    (void)state;
    brood_fault_arm("", 0);
    return fds_before == count_fds() && count_files() == 0 ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

/* Add the pattern from what the capture has seen on. */
static void feed(struct capture *c, size_t size)
{
    unsigned char bytes[256];

    while (size > 0) {
        size_t n = size < sizeof(bytes) ? size : sizeof(bytes);

        pattern_fill(bytes, n, c->size + c->lost);
        capture_add(c, bytes, n);
        size -= n;
    }
}

static void assert_file(int fd, uint64_t size)
{
    unsigned char bytes[4096];
    uint64_t at = 0;
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, size);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    while (at < size) {
        ssize_t n = pread(fd, bytes, sizeof(bytes), (off_t)at);

        assert_true(n > 0);
        assert_int_equal(pattern_check(bytes, (size_t)n, at), n);
        at += (uint64_t)n;
    }
}

static void assert_memory(const struct message_captured *m, uint64_t size)
{
    assert_int_equal(m->fd, -1);
    assert_int_equal(m->size, size);
    assert_int_equal(m->data.size, size);
    assert_int_equal(pattern_check(m->data.data, (size_t)size, 0), size);
}

static void nothing_is_captured_from_nothing(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    capture_take(&c, &m);
    assert_memory(&m, 0);
    assert_int_equal(m.lost, 0);
    assert_int_equal(m.error, 0);
    assert_null(c.data);
    capture_free(&c);
}

static void up_to_the_bound_bytes_stay_in_memory(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, BOUND);
    assert_true(c.room <= BOUND);
    capture_take(&c, &m);
    assert_memory(&m, BOUND);
    capture_free(&c);
}

static void one_byte_more_and_all_are_in_a_file(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, BOUND);
    assert_int_equal(c.fd, -1);
    feed(&c, 1);
    assert_true(c.fd >= 0);
    assert_null(c.data);
    feed(&c, BIG);
    capture_take(&c, &m);
    assert_int_equal(c.fd, -1);
    assert_int_equal(m.size, BOUND + 1 + BIG);
    assert_int_equal(m.data.size, 0);
    assert_int_equal(m.lost, 0);
    assert_file(m.fd, m.size);
    (void)close(m.fd);
    capture_free(&c);
}

static void a_bound_of_nothing_puts_all_in_the_file(void **state)
{
    const struct capture_limits none = { 0, 0, dir };
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &none);
    feed(&c, 1);
    assert_null(c.data);
    capture_take(&c, &m);
    assert_file(m.fd, 1);
    (void)close(m.fd);
    capture_free(&c);
}

static void a_reset_keeps_a_small_buffer_and_frees_a_large_one(void **state)
{
    struct capture c;
    void *data;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, 10);
    data = c.data;
    capture_reset(&c);
    assert_ptr_equal(c.data, data);
    brood_fault_arm("mem", 1);
    feed(&c, 20);
    assert_ptr_equal(c.data, data);
    brood_fault_arm("mem", 0);
    feed(&c, BOUND - 20);
    capture_reset(&c);
    assert_null(c.data);
    assert_int_equal(c.room, 0);
    assert_int_equal(c.size, 0);
    capture_free(&c);
}

static void a_reset_closes_a_file_that_was_not_taken(void **state)
{
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, BOUND + 1);
    capture_reset(&c);
    assert_int_equal(c.fd, -1);
    feed(&c, BOUND + 1);
    capture_free(&c);
    capture_free(&c);
}

/* In a file of which a small buffer was kept, memory is no part of it. */
static void the_next_job_starts_with_nothing(void **state)
{
    const struct capture_limits keep_all = { BOUND, BOUND, dir };
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &keep_all);
    feed(&c, BOUND + 1);
    assert_non_null(c.data);
    capture_take(&c, &m);
    assert_null(m.data.data);
    (void)close(m.fd);
    capture_reset(&c);
    feed(&c, 7);
    capture_take(&c, &m);
    assert_memory(&m, 7);
    capture_free(&c);
}

static void reading_takes_what_is_there_and_then_the_end(void **state)
{
    struct message_captured m;
    unsigned char bytes[700];
    struct capture c;
    int ends[2];

    (void)state;
    capture_init(&c, &limits);
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_err((int)capture_read(&c, ends[0], scratch, SCRATCH), -EAGAIN);
    pattern_fill(bytes, sizeof(bytes), 0);
    assert_int_equal(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
    assert_int_equal(capture_read(&c, ends[0], scratch, SCRATCH), SCRATCH);
    assert_int_equal(capture_read(&c, ends[0], scratch, SCRATCH),
                     sizeof(bytes) - SCRATCH);
    (void)close(ends[1]);
    assert_int_equal(capture_read(&c, ends[0], scratch, SCRATCH), 0);
    capture_take(&c, &m);
    assert_memory(&m, sizeof(bytes));
    (void)close(ends[0]);
    capture_free(&c);
}

static void a_failing_read_is_told_and_loses_nothing(void **state)
{
    struct capture c;
    int ends[2];

    (void)state;
    capture_init(&c, &limits);
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(write(ends[1], "!", 1), 1);
    brood_fault_arm("read", 1);
    assert_err((int)capture_read(&c, ends[0], scratch, SCRATCH), -EIO);
    assert_int_equal(capture_read(&c, ends[0], scratch, SCRATCH), 1);
    assert_int_equal(c.size, 1);
    assert_err((int)capture_read(&c, -1, scratch, SCRATCH), -EBADF);
    (void)close(ends[0]);
    (void)close(ends[1]);
    capture_free(&c);
}

static void without_a_file_memory_is_filled_and_the_rest_is_lost(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, BOUND - 10);
    brood_fault_arm("tmpfile", 1);
    feed(&c, 100);
    /* It is not tried again: what is kept has no gap. */
    feed(&c, 50);
    capture_take(&c, &m);
    assert_memory(&m, BOUND);
    assert_int_equal(m.lost, 140);
    assert_int_equal(m.error, -ENOSPC);
    capture_reset(&c);
    assert_int_equal(c.error, 0);
    assert_int_equal(c.lost, 0);
    capture_free(&c);
}

static void when_the_file_cannot_take_what_memory_has_memory_stays(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, BOUND);
    brood_fault_arm("write", 1);
    feed(&c, 1);
    capture_take(&c, &m);
    assert_memory(&m, BOUND);
    assert_int_equal(m.lost, 1);
    assert_int_equal(m.error, -ENOSPC);
    capture_free(&c);
}

static void a_full_disk_loses_the_rest_and_no_more(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    feed(&c, BOUND + 100);
    brood_fault_arm("write", 1);
    feed(&c, 100);
    feed(&c, 100);
    capture_take(&c, &m);
    assert_int_equal(m.size, BOUND + 100);
    assert_int_equal(m.lost, 200);
    assert_int_equal(m.error, -ENOSPC);
    assert_file(m.fd, m.size);
    (void)close(m.fd);
    capture_free(&c);
}

/* The limit on a file's size makes the kernel take a part of a write. */
static void what_fits_of_the_last_write_is_kept(void **state)
{
    struct message_captured m;
    struct rlimit old;
    struct rlimit small;
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction before;
    struct capture c;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
    small = (struct rlimit){ BOUND + 33, old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    capture_init(&c, &limits);
    feed(&c, BOUND + 100);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(sigaction(SIGXFSZ, &before, NULL), 0);
    capture_take(&c, &m);
    assert_int_equal(m.size, BOUND + 33);
    assert_int_equal(m.lost, 67);
    assert_int_equal(m.error, -EFBIG);
    assert_file(m.fd, m.size);
    (void)close(m.fd);
    capture_free(&c);
}

static void without_memory_bytes_go_to_the_file(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    brood_fault_arm("mem", 1);
    feed(&c, 10);
    capture_take(&c, &m);
    assert_int_equal(m.error, 0);
    assert_file(m.fd, 10);
    (void)close(m.fd);
    capture_free(&c);
}

static void a_file_system_without_nameless_files_will_do(void **state)
{
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &limits);
    brood_fault_arm("nameless", 1);
    feed(&c, BOUND + 1);
    assert_int_equal(count_files(), 0);
    capture_take(&c, &m);
    assert_file(m.fd, BOUND + 1);
    (void)close(m.fd);
    capture_free(&c);
}

static void a_directory_that_is_not_there_is_an_error(void **state)
{
    const struct capture_limits nowhere = { 0, 0, "/nonexistent/dir" };
    struct message_captured m;
    struct capture c;

    (void)state;
    capture_init(&c, &nowhere);
    feed(&c, 10);
    capture_take(&c, &m);
    assert_memory(&m, 0);
    assert_int_equal(m.lost, 10);
    assert_int_equal(m.error, -ENOENT);
    capture_free(&c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_captured_from_nothing),
        TEST(up_to_the_bound_bytes_stay_in_memory),
        TEST(one_byte_more_and_all_are_in_a_file),
        TEST(a_bound_of_nothing_puts_all_in_the_file),
        TEST(a_reset_keeps_a_small_buffer_and_frees_a_large_one),
        TEST(a_reset_closes_a_file_that_was_not_taken),
        TEST(the_next_job_starts_with_nothing),
        TEST(reading_takes_what_is_there_and_then_the_end),
        TEST(a_failing_read_is_told_and_loses_nothing),
        TEST(without_a_file_memory_is_filled_and_the_rest_is_lost),
        TEST(when_the_file_cannot_take_what_memory_has_memory_stays),
        TEST(a_full_disk_loses_the_rest_and_no_more),
        TEST(what_fits_of_the_last_write_is_kept),
        TEST(without_memory_bytes_go_to_the_file),
        TEST(a_file_system_without_nameless_files_will_do),
        TEST(a_directory_that_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
