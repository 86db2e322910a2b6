#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/tmpfile.h"

static int make_dir(void **state)
{
    char *dir = strdup("/tmp/tmpfile-test-XXXXXX");

    assert_non_null(dir);
    assert_non_null(mkdtemp(dir));
    *state = dir;
    return 0;
}

/* Fails when something was left in it. */
static int remove_dir(void **state)
{
    int r = rmdir(*state);

    free(*state);
    return r;
}

static void file_holds_what_is_written(void **state)
{
    char text[4] = { 0 };
    int fd = tmpfile_open(*state);

    assert_ok(fd);
    assert_int_equal(write(fd, "kept", 4), 4);
    assert_int_equal(pread(fd, text, 4, 0), 4);
    assert_memory_equal(text, "kept", 4);
    assert_int_equal(close(fd), 0);
}

static void file_is_private_nameless_and_close_on_exec(void **state)
{
    struct stat st;
    int fd = tmpfile_open(*state);

    assert_ok(fd);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, S_IRUSR | S_IWUSR);
    assert_int_equal(st.st_nlink, 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(close(fd), 0);
}

static void directory_that_is_none_is_told(void **state)
{
    (void)state;
    assert_err(tmpfile_open("/nowhere/at/all"), -ENOENT);
    assert_err(tmpfile_open("/dev/null"), -ENOTDIR);
}

static void fault_site_fails_as_a_full_disk(void **state)
{
    brood_fault_arm("tmpfile", 1);
    assert_err(tmpfile_open(*state), -ENOSPC);
    brood_fault_arm("tmpfile", 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_holds_what_is_written),
        cmocka_unit_test(file_is_private_nameless_and_close_on_exec),
        cmocka_unit_test(directory_that_is_none_is_told),
        cmocka_unit_test(fault_site_fails_as_a_full_disk),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
