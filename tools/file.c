#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

enum {
    PIECE_SIZE = 64 * 1024,
    /* Directories that a walk has open at once. */
    DEPTH = 16,
    /* Walks through directories that are closed. */
    CLOSED_MAX = 8,
};

#define NS_PER_MS INT64_C(1000000)

int file_read(const char *path, struct text *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    int r;

    while (fd >= 0 &&
           (n = read(fd, text_reserve(out, PIECE_SIZE), PIECE_SIZE)) > 0) {
        out->size += (size_t)n;
    }
    r = n < 0 ? -errno : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

int file_read_start(const char *path, char *ret, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);
    int r = n < 0 ? -errno : (int)n;

    if (fd >= 0) {
        (void)close(fd);
    }
    ret[r > 0 ? r : 0] = '\0';
    return r;
}

int file_write_all(int fd, const void *data, size_t size)
{
    const char *p = data;

    while (size > 0) {
        ssize_t n = write(fd, p, size);

        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

int file_write(const char *path, mode_t mode, const struct text *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int r = fd < 0 ? -errno : file_write_all(fd, text->data, text->size);

    if (fd >= 0 && close(fd) < 0 && r == 0) {
        r = -errno;
    }
    return r;
}

bool file_is_in(const char *dir, const char *name, int mode)
{
    struct text path = { 0 };
    bool is_there;

    text_add_format(&path, "%s/%s", dir, name);
    is_there = access(text_string(&path), mode) == 0;
    text_clear(&path);
    return is_there;
}

bool file_find_program(const char *name, struct text *ret)
{
    const char *path = getenv("PATH");

    while (path != NULL && *path != '\0') {
        size_t size = strcspn(path, ":");

        text_reset(ret);
        text_add(ret, path, size);
        text_add_format(ret, "/%s", name);
        if (access(text_string(ret), X_OK) == 0) {
            return true;
        }
        path += size + (path[size] == ':');
    }
    return false;
}

void file_add_literal(struct text *out, const char *path)
{
    for (const char *p = path; *p != '\0'; p++) {
        if (strchr("*?[\\", *p) != NULL) {
            text_add_char(out, '\\');
        }
        text_add_char(out, *p);
    }
}

/* nftw() hands nothing on. */
static int64_t remove_until_ns;

static int remove_one(const char *path,
                      const struct stat *st,
                      int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    if (clock_now_ns() > remove_until_ns) {
        return 1;
    }
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

/* Let directories be read and changed that somebody has closed. */
static int open_one(const char *path,
                    const struct stat *st,
                    int kind,
                    struct FTW *where)
{
    (void)where;
    if ((kind == FTW_D || kind == FTW_DNR) &&
        (st->st_mode & S_IRWXU) != S_IRWXU) {
        (void)chmod(path, S_IRWXU);
    }
    return 0;
}

bool file_remove_tree(const char *path, int64_t max_ms)
{
    bool is_gone = rmdir(path) == 0 || errno == ENOENT;

    remove_until_ns =
        max_ms == 0 ? INT64_MAX : clock_now_ns() + max_ms * NS_PER_MS;
    if (!is_gone) {
        is_gone = nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) == 0;
    }
    /* One that cannot be read is opened in one walk, what it has in the next.
     */
    for (int i = 0;
         !is_gone && clock_now_ns() < remove_until_ns && i < CLOSED_MAX; i++) {
        (void)nftw(path, open_one, DEPTH, FTW_PHYS);
        is_gone = nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) == 0;
    }
    return is_gone;
}
