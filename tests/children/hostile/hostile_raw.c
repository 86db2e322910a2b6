/*
 * hostile_raw - a forked child that knows nothing of ZeroMQ, or too much.
 *
 * usage: hostile_raw half | garbage | silence
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../child.h"

static void must(bool good, const char *what)
{
    if (!good) {
        perror(what);
        exit(EXIT_FAILURE);
    }
}

/* A socket of our own, without libzmq. */
static int join(const char *endpoint)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                   endpoint + strlen("ipc://"));
    must(fd >= 0 && connect(fd, (const struct sockaddr *)&address,
                            sizeof(address)) == 0,
         "connect");
    return fd;
}

/* Greets as libzmq does, begins a frame, and ends in the middle of it. */
static void do_half(int fd)
{
    static const uint8_t greeting[64] = "\377\0\0\0\0\0\0\0\1\177\3\0NULL";
    static const uint8_t ready[] = "\4\32\5READY\13Socket-Type\0\0\0\4PAIR";
    static const uint8_t beginning[] = { 2, 0, 0, 0, 0, 0, 1, 0, 0, 'B' };
    uint8_t theirs[sizeof(greeting)];

    child_write(fd, greeting, sizeof(greeting));
    must(recv(fd, theirs, sizeof(theirs), MSG_WAITALL) == sizeof(theirs),
         "greeting");
    child_write(fd, ready, sizeof(ready) - 1);
    must(recv(fd, theirs, 1, 0) == 1, "ready");
    child_write(fd, beginning, sizeof(beginning));
    (void)close(fd);
}

static void do_garbage(int fd)
{
    char bytes[1000];

    memset(bytes, 'x', sizeof(bytes));
    child_write(fd, bytes, sizeof(bytes));
}

int main(int argc, char **argv)
{
    const char *endpoint = getenv("BROOD_CHANNEL");
    const char *lifeline = getenv("BROOD_LIFELINE");
    struct pollfd end_of_parent = { .events = POLLIN };
    int fd;

    (void)alarm(CHILD_LIFE_S);
    if (argc != 2 || endpoint == NULL || lifeline == NULL) {
        return EXIT_FAILURE;
    }
    fd = join(endpoint);
    if (strcmp(argv[1], "half") == 0) {
        do_half(fd);
    } else if (strcmp(argv[1], "garbage") == 0) {
        do_garbage(fd);
    }
    end_of_parent.fd = (int)strtol(lifeline, NULL, 10);
    (void)poll(&end_of_parent, 1, -1);
    _exit(EXIT_SUCCESS);
}
