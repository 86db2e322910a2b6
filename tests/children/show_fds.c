/* show_fds: each open descriptor as "NUMBER WHAT", by number. */
#include <limits.h>

#include "child.h"

enum {
    FDS_MAX = 1024,
    PATH_SIZE = 32,
};

int main(void)
{
    for (int fd = 0; fd < FDS_MAX; fd++) {
        char path[PATH_SIZE];
        char what[PATH_MAX];
        ssize_t size;

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        size = readlink(path, what, sizeof(what));
        if (size >= 0) {
            (void)printf("%d %.*s\n", fd, (int)size, what);
        }
    }
    return 0;
}
