#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "proto/ipc.h"

enum {
    /* sun_path holds 108 bytes; "ipc://" and a name must go in too. */
    DIR_MAX = 80,
    PATH_SIZE = 108,
};

static int make_dir(const char *parent, char **ret)
{
    char path[DIR_MAX];
    int n = snprintf(path, sizeof(path), "%s/brood-XXXXXX", parent);

    if (n < 0 || (size_t)n >= sizeof(path)) {
        return -ENAMETOOLONG;
    }
    if (mkdtemp(path) == NULL) {
        return -errno;
    }
    *ret = brood_strdup(path);
    if (*ret == NULL) {
        (void)rmdir(path);
        return -ENOMEM;
    }
    return 0;
}

static int find_dir(const char *tmp_dir, char **ret)
{
    const char *run = getenv("XDG_RUNTIME_DIR");

    if (run != NULL && run[0] == '/' && make_dir(run, ret) == 0) {
        return 0;
    }
    return make_dir(tmp_dir, ret);
}

int lines_open(struct lines *lines, const char *tmp_dir)
{
    int r;

    if (lines->context != NULL) {
        return 0;
    }
    r = find_dir(tmp_dir, &lines->dir);
    if (r < 0) {
        return r;
    }
    if (pipe2(lines->lifeline, O_CLOEXEC) < 0) {
        r = -errno;
        goto fail;
    }
    r = ipc_context_new(&lines->context);
    if (r == 0) {
        return 0;
    }
    (void)close(lines->lifeline[0]);
    (void)close(lines->lifeline[1]);
fail:
    (void)rmdir(lines->dir);
    free(lines->dir);
    lines->dir = NULL;
    return r;
}

char *lines_path(struct lines *lines)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%s/%" PRIu64, lines->dir,
                   ++lines->last);
    return brood_strdup(path);
}

void lines_close(struct lines *lines)
{
    if (lines->context == NULL) {
        return;
    }
    lines->context = channel_context_free(lines->context);
    (void)close(lines->lifeline[0]);
    (void)close(lines->lifeline[1]);
    (void)rmdir(lines->dir);
    free(lines->dir);
    lines->dir = NULL;
}
