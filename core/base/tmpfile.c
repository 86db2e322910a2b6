#include "base/tmpfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"

static const char dir_default[] = "/tmp";
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
    } else {
        (void)unlink(name);
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
    if (dir == NULL) {
        dir = getenv("TMPDIR");
    }
    if (dir == NULL || *dir == '\0') {
        dir = dir_default;
    }
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        return fd;
    }
    return errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL
               ? open_and_unlink(dir)
               : -errno;
}
