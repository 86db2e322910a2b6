/* meet - find the holder, or start it. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "talk/talk.h"

enum {
    /* For one that has bound its socket to listen. */
    TRIES = 5000,
    TRY_NS = 1000000,
    BACKLOG = 64,
    NAME_SIZE = 64,
    FIRST_FD = 3,
};

static const char prefix[] = "brood-talk:";
static const char variable[] = "BROOD_CHANNEL";

/*
 * A name in the abstract namespace, which leaves no file behind: that of the
 * channel's socket, which is in a directory with a random name. Anybody may
 * bind it, so both ends look who the other is.
 */
static socklen_t address_of(const char *endpoint, struct sockaddr_un *ret)
{
    size_t room = sizeof(ret->sun_path) - 1 - sizeof(prefix);
    size_t size = strlen(endpoint);
    const char *tail = size > room ? endpoint + size - room : endpoint;
    int n;

    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    n = snprintf(ret->sun_path + 1, sizeof(ret->sun_path) - 1, "%s%s", prefix,
                 tail);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static bool has_channel(pid_t pid, const char *endpoint)
{
    char name[NAME_SIZE];
    char *entry = NULL;
    size_t room = 0;
    bool found = false;
    FILE *file;

    (void)snprintf(name, sizeof(name), "/proc/%d/environ", (int)pid);
    file = fopen(name, "re");
    if (file == NULL) {
        return false;
    }
    while (!found && getdelim(&entry, &room, '\0', file) > 0) {
        size_t size = sizeof(variable) - 1;

        found = strncmp(entry, variable, size) == 0 && entry[size] == '=' &&
                strcmp(entry + size + 1, endpoint) == 0;
    }
    free(entry);
    (void)fclose(file);
    return found;
}

static pid_t parent_of(pid_t pid)
{
    char name[NAME_SIZE];
    char *line = NULL;
    size_t room = 0;
    int parent = 0;
    FILE *file;

    (void)snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
    file = fopen(name, "re");
    if (file == NULL) {
        return 0;
    }
    while (getline(&line, &room, file) > 0) {
        if (strncmp(line, "PPid:", 5) == 0) {
            parent = (int)strtol(line + 5, NULL, 10);
            break;
        }
    }
    free(line);
    (void)fclose(file);
    return parent;
}

/* The program that was forked: the first of our ancestors with the channel. */
static pid_t find_script(const char *endpoint)
{
    pid_t pid = getpid();
    pid_t parent = getppid();

    while (parent > 1 && has_channel(parent, endpoint)) {
        pid = parent;
        parent = parent_of(pid);
    }
    return pid;
}

/* Whatever else is open is the script's: who reads its output waits for its
 * end. */
static void close_others(int listener, int script)
{
    const char *text = getenv("BROOD_LIFELINE");
    int lifeline = text == NULL ? -1 : (int)strtol(text, NULL, 10);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    for (int fd = 0; fd < FIRST_FD && null >= 0; fd++) {
        (void)dup2(null, fd);
    }
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        int fd = (int)strtol(entry->d_name, NULL, 10);

        if (fd >= FIRST_FD && fd != dirfd(dir) && fd != lifeline &&
            fd != listener && fd != script) {
            (void)close(fd);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static int start_holder(const char *endpoint, int listener)
{
    int script = (int)syscall(SYS_pidfd_open, find_script(endpoint), 0);
    pid_t pid;

    if (script < 0) {
        return -errno;
    }
    pid = fork();
    if (pid == 0) {
        (void)setsid();
        (void)prctl(PR_SET_NAME, "brood-talk");
        (void)!chdir("/");
        close_others(listener, script);
        talk_hold(listener, script);
        _exit(EXIT_SUCCESS);
    }
    (void)close(script);
    return pid < 0 ? -errno : 0;
}

/* Returns: 0 there is a holder now; 1 another process is about to be it. */
static int become_holder(const char *endpoint,
                         const struct sockaddr_un *address,
                         socklen_t size)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r = 0;

    if (fd < 0) {
        return -errno;
    }
    if (bind(fd, (const struct sockaddr *)address, size) < 0) {
        r = errno == EADDRINUSE ? 1 : -errno;
    } else if (listen(fd, BACKLOG) < 0) {
        r = -errno;
    } else {
        r = start_holder(endpoint, fd);
    }
    (void)close(fd);
    return r;
}

static int try_connect(const struct sockaddr_un *address,
                       socklen_t size,
                       int *ret_fd)
{
    struct ucred peer = { 0 };
    socklen_t peer_size = sizeof(peer);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = 0;

    if (fd < 0) {
        return -errno;
    }
    if (connect(fd, (const struct sockaddr *)address, size) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0) {
        r = -errno;
    } else if (peer.uid != geteuid()) {
        r = -EACCES;
    }
    if (r < 0) {
        (void)close(fd);
    } else {
        *ret_fd = fd;
    }
    return r;
}

int talk_connect(int *ret_fd)
{
    const struct timespec pause = { .tv_nsec = TRY_NS };
    const char *endpoint = getenv(variable);
    struct sockaddr_un address;
    socklen_t size;
    int r = -ECONNREFUSED;

    if (endpoint == NULL || endpoint[0] == '\0') {
        return -ENOTCONN;
    }
    size = address_of(endpoint, &address);
    for (int i = 0; i < TRIES; i++) {
        r = try_connect(&address, size, ret_fd);
        if (r != -ECONNREFUSED) {
            return r;
        }
        r = become_holder(endpoint, &address, size);
        if (r < 0) {
            return r;
        }
        if (r == 1) {
            (void)nanosleep(&pause, NULL);
        }
    }
    return r;
}
