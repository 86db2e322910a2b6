#include "workers/path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int add_candidate(struct buf *ret,
                         const char *dir,
                         size_t dir_size,
                         const char *program,
                         size_t program_size)
{
    int r = buf_reserve(ret, dir_size + 1 + program_size + 1);

    if (r < 0) {
        return r;
    }
    if (dir_size > 0) {
        (void)buf_add(ret, dir, dir_size);
        if (dir[dir_size - 1] != '/') {
            (void)buf_add(ret, "/", 1);
        }
    }
    (void)buf_add(ret, program, program_size + 1);
    return 0;
}

static int add_elements(struct buf *ret, const char *program, const char *path)
{
    size_t program_size = strlen(program);

    for (;;) {
        size_t dir_size = strcspn(path, ":");

        /* The kernel would refuse what is longer; the next may be shorter. */
        if (dir_size + 1 + program_size < PATH_MAX) {
            int r = add_candidate(ret, path, dir_size, program, program_size);

            if (r < 0) {
                return r;
            }
        }
        if (path[dir_size] == '\0') {
            return 0;
        }
        path += dir_size + 1;
    }
}

int path_candidates(const char *program, const char *path, struct buf *ret)
{
    int r;

    ret->size = 0;
    if (*program == '\0') {
        return -ENOENT;
    }
    if (strchr(program, '/') != NULL) {
        r = buf_add(ret, program, strlen(program) + 1);
    } else {
        r = add_elements(ret, program, path == NULL ? PATH_DEFAULT : path);
    }
    if (r == 0 && ret->size == 0) {
        r = -ENAMETOOLONG;
    }
    return r < 0 ? r : buf_add(ret, "", 1);
}
