/* fork_tree DEPTH WIDTH MS: below us WIDTH processes, below each of them WIDTH
 * again, DEPTH levels. Each says its pid in a line when all below it run,
 * sleeps for that long, and waits for its own. */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "child.h"

/* Wait until all who hold the other end have closed it. */
static void wait_end(int fd)
{
    char byte;

    if (read(fd, &byte, 1) < 0) {
        _exit(99);
    }
    (void)close(fd);
}

static void stand(long depth, long width, long ms, int told)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0) {
        _exit(99);
    }
    for (long i = 0; depth > 0 && i < width; i++) {
        pid_t pid = fork();

        if (pid < 0) {
            _exit(99);
        }
        if (pid == 0) {
            (void)close(ends[0]);
            if (told >= 0) {
                (void)close(told);
            }
            stand(depth - 1, width, ms, ends[1]);
            _exit(0);
        }
    }
    (void)close(ends[1]);
    wait_end(ends[0]);
    (void)dprintf(STDOUT_FILENO, "%d\n", (int)getpid());
    if (told >= 0) {
        (void)close(told);
    }
    child_sleep_ms(ms);
    while (wait(NULL) > 0) {
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    stand(child_number(argv, 1, 1), child_number(argv, 2, 1),
          child_number(argv, 3, 1000), -1);
    return 0;
}
