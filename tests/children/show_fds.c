/* show_fds [FD]: each open descriptor as "NUMBER WHAT", by number; to FD. */
#include <limits.h>

#include "child.h"

enum {
    FDS_MAX = 1024,
    PATH_SIZE = 32,
};

int main(int argc, char **argv)
{
    int to = (int)child_number(argv, 1, STDOUT_FILENO);

    (void)argc;
    for (int fd = 0; fd < FDS_MAX; fd++) {
        char path[PATH_SIZE];
        char what[PATH_MAX];
        ssize_t size;

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        size = readlink(path, what, sizeof(what));
        if (size >= 0) {
            (void)dprintf(to, "%d %.*s\n", fd, (int)size, what);
        }
    }
    return 0;
}
