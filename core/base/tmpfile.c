#include "base/tmpfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"

static const char name_template[] = "%s/brood-XXXXXX";

/* For file systems without O_TMPFILE (NFS, overlays): a name, for a moment. */
static int open_and_unlink(const char *dir)
{
    int size = snprintf(NULL, 0, name_template, dir);
    char *name = size < 0 ? NULL : brood_malloc((size_t)size + 1);
    int fd;

    if (name == NULL) {
        return -ENOMEM;
    }
    (void)snprintf(name, (size_t)size + 1, name_template, dir);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0) {
        fd = -errno;
    } else if (unlink(name) < 0) {
        int r = -errno;

        (void)close(fd);
        fd = r;
    }
    free(name);
    return fd;
}

int tmpfile_open(const char *dir)
{
    int fd;

    if (BROOD_FAULT("tmpfile")) {
        return -ENOSPC;
    }
    fd = open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        return fd;
    }
    switch (errno) {
    case EOPNOTSUPP:
    case EISDIR:
    case EINVAL:
    case ENOENT:
        return open_and_unlink(dir);
    default:
        return -errno;
    }
}
