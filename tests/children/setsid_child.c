/* setsid_child MS [leave]: start a process in a session of its own, without
 * our streams, that sleeps for that long; say its pid. Wait for it, or, with
 * a second argument, exit at once. */
#include <fcntl.h>
#include <sys/wait.h>

#include "child.h"

static int sleep_apart(int told, long ms)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (setsid() < 0 || null < 0) {
        return 99;
    }
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        (void)dup2(null, fd);
    }
    (void)close(told); /* It is done. */
    child_sleep_ms(ms);
    return 0;
}

int main(int argc, char **argv)
{
    long ms = child_number(argv, 1, 1000);
    int ends[2];
    char byte;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        return 99;
    }
    pid = fork();
    if (pid < 0) {
        return 99;
    }
    if (pid == 0) {
        (void)close(ends[0]);
        return sleep_apart(ends[1], ms);
    }
    (void)close(ends[1]);
    if (read(ends[0], &byte, 1) < 0) {
        return 99;
    }
    (void)printf("%d\n", (int)pid);
    (void)fflush(stdout);
    if (argc < 3) {
        (void)waitpid(pid, NULL, 0);
    }
    return 0;
}
