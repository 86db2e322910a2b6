/*
 * jumpy - brood with a clock that jumps: CLOCK_REALTIME is as many seconds off
 * as the file named by JUMPY says, each time it is read.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long offset_s(void)
{
    const char *name = getenv("JUMPY");
    int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    char text[32] = "";

    if (fd < 0) {
        return 0;
    }
    if (read(fd, text, sizeof(text) - 1) < 0) {
        text[0] = '\0';
    }
    (void)close(fd);
    return strtol(text, NULL, 10);
}

/* In place of the C library's, whose names for these are reserved. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int r = (int)syscall(SYS_clock_gettime, clock, ret);

    if (r == 0 && clock == CLOCK_REALTIME) {
        ret->tv_sec += offset_s();
    }
    return r;
}
