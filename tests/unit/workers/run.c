#include "unit/workers/run.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

static void read_all(int fd, struct buf *ret)
{
    struct stat st;
    size_t size;

    assert_int_equal(fstat(fd, &st), 0);
    size = (size_t)st.st_size;
    assert_ok(buf_reserve(ret, size + 1));
    while (ret->size < size) {
        ssize_t n = pread(fd, ret->data + ret->size, size - ret->size,
                          (off_t)ret->size);

        assert_true(n > 0);
        ret->size += (size_t)n;
    }
    ret->data[size] = '\0';
}

int run_program(const char *path,
                char *const *argv,
                char *const *envp,
                const char *dir,
                struct run *ret)
{
    posix_spawn_file_actions_t actions;
    int out = memfd_create("out", MFD_CLOEXEC);
    pid_t pid;
    int r;

    *ret = (struct run){ 0 };
    assert_ok(out);
    assert_int_equal(fcntl(out, F_SETFL, O_APPEND), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out, 1), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out, 2), 0);
    if (dir != NULL) {
        assert_int_equal(posix_spawn_file_actions_addchdir_np(&actions, dir),
                         0);
    }
    r = posix_spawn(&pid, path, &actions, NULL, argv, envp);
    if (r == 0) {
        assert_int_equal(waitpid(pid, &ret->status, 0), pid);
        read_all(out, &ret->out);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(out);
    return -r;
}

void run_clear(struct run *run)
{
    buf_clear(&run->out);
}
