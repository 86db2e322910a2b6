#include "run/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void spill_init(struct spill *spill, const char *dir)
{
    *spill = (struct spill){ .dir = dir, .fd = -1 };
}

void spill_clear(struct spill *spill)
{
    if (spill->fd >= 0) {
        (void)close(spill->fd);
    }
    spill_init(spill, spill->dir);
}

static int open_file(struct spill *spill)
{
    const char *dir = spill->dir;
    char path[PATH_MAX];
    int fd;

    if (dir == NULL) {
        dir = getenv("TMPDIR");
        dir = dir == NULL || dir[0] == '\0' ? "/tmp" : dir;
    }
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        /* A file system that makes no files without a name. */
        if (snprintf(path, sizeof(path), "%s/brood-XXXXXX", dir) >=
            (int)sizeof(path)) {
            return -ENAMETOOLONG;
        }
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0) {
            (void)unlink(path);
        }
    }
    if (fd < 0) {
        return -errno;
    }
    spill->fd = fd;
    return 0;
}

int spill_put(struct spill *spill,
              const void *data,
              size_t size,
              uint64_t *ret_at)
{
    const char *from = data;
    size_t done = 0;
    int r = spill->fd < 0 ? open_file(spill) : 0;

    if (r < 0) {
        return r;
    }
    while (done < size) {
        ssize_t n = pwrite(spill->fd, from + done, size - done,
                           (off_t)(spill->end + done));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : -ENOSPC;
        }
        done += (size_t)n;
    }
    *ret_at = spill->end;
    spill->end += size;
    spill->used += size;
    return 0;
}

int spill_get(const struct spill *spill, uint64_t at, void *data, size_t size)
{
    char *to = data;
    size_t done = 0;

    while (done < size) {
        ssize_t n =
            pread(spill->fd, to + done, size - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : -EIO;
        }
        done += (size_t)n;
    }
    return 0;
}

void spill_free(struct spill *spill, uint64_t at, uint64_t size)
{
    spill->used -= size;
    if (spill->used == 0) {
        (void)!ftruncate(spill->fd, 0);
        spill->end = 0;
    } else {
        (void)fallocate(spill->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)at, (off_t)size);
    }
}
