#include "test/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

enum {
    PATH_SIZE = 64,
    /* argv: brood test-hold FILE NUMBER COMMAND */
    AT_FILE = 2,
    AT_NUMBER,
    AT_COMMAND,
};

static const char subcommand[] = "test-hold";

bool hold_is_in(pid_t pid)
{
    char path[PATH_SIZE];
    struct text words = { 0 };
    const char *first;
    bool is = false;

    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    if (file_read(path, &words) == 0) {
        first = text_string(&words);
        is = words.size > strlen(first) + sizeof(subcommand) &&
             strcmp(first + strlen(first) + 1, subcommand) == 0;
    }
    text_clear(&words);
    return is;
}

static int lock(int fd, int how, size_t number, short kind)
{
    struct flock lock = {
        .l_type = kind,
        .l_whence = SEEK_SET,
        .l_start = (off_t)number,
        .l_len = 1,
    };
    int r;

    do {
        r = fcntl(fd, how, &lock);
    } while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : 0;
}

/* Locks of open files (F_OFD_...): those of processes would not do between
 * threads, and go when any descriptor of the file is closed. */
int hold_lock(int fd, size_t number, bool is_taken)
{
    return lock(fd, F_OFD_SETLK, number, is_taken ? F_WRLCK : F_UNLCK);
}

int hold_take_error(int fd, size_t number)
{
    static const unsigned char none = 0;
    unsigned char error = 0;

    if (pread(fd, &error, 1, (off_t)number) == 1 && error != 0) {
        (void)!pwrite(fd, &none, 1, (off_t)number);
    }
    return error;
}

static void tell(int fd, size_t number, const char *command, int error)
{
    unsigned char byte = (unsigned char)error;

    if (error > UCHAR_MAX || pwrite(fd, &byte, 1, (off_t)number) != 1) {
        (void)fprintf(stderr, "brood test: cannot execute '%s': %s\n", command,
                      strerror(error));
    }
}

int hold_main(int argc, char **argv)
{
    size_t number;
    int fd;

    if (argc <= AT_COMMAND) {
        (void)fprintf(stderr, "brood test-hold: is for brood test\n");
        return HOLD_FAILED;
    }
    number = strtoul(argv[AT_NUMBER], NULL, 10);
    fd = open(argv[AT_FILE], O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        (void)lock(fd, F_OFD_SETLKW, number, F_RDLCK);
    }
    (void)execvp(argv[AT_COMMAND], argv + AT_COMMAND);
    tell(fd, number, argv[AT_COMMAND], errno);
    /* It was to be another program: nothing of this one is to be done. */
    _exit(HOLD_FAILED);
}
