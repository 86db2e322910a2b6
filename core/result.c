#include "brood/result.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

enum {
    COPY_SIZE = 64 * 1024,
};

int brood_result_ok(const struct brood_result *result)
{
    return result->outcome == BROOD_EXITED && result->exit_status == 0;
}

int64_t brood_output_read(const struct brood_output *output,
                          uint64_t offset_bytes,
                          void *buffer,
                          size_t size_bytes)
{
    uint64_t left;
    ssize_t n;

    if (offset_bytes >= output->size_bytes) {
        return 0;
    }
    left = output->size_bytes - offset_bytes;
    if (size_bytes > left) {
        size_bytes = (size_t)left;
    }
    if (output->data != NULL) {
        memcpy(buffer, (const char *)output->data + offset_bytes, size_bytes);
        return (int64_t)size_bytes;
    }
    do {
        n = pread(output->fd, buffer, size_bytes,
                  (off_t)(output->offset_bytes + offset_bytes));
    } while (n < 0 && errno == EINTR);
    /* The file is ours and holds size_bytes: an early end is a fault. */
    return n < 0 ? -errno : n == 0 ? -EIO : n;
}

static int wait_writable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    return poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0) {
            int r = errno == EAGAIN  ? wait_writable(fd)
                    : errno == EINTR ? 0
                                     : -errno;

            if (r < 0) {
                return r;
            }
            continue;
        }
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static int copy_block(const struct brood_output *output, uint64_t at, int fd)
{
    char block[COPY_SIZE];
    int64_t n = brood_output_read(output, at, block, sizeof(block));
    int r;

    if (n <= 0) {
        return n < 0 ? (int)n : -EIO;
    }
    r = write_all(fd, block, (size_t)n);
    return r < 0 ? r : (int)n;
}

int brood_output_write(const struct brood_output *output, int fd)
{
    uint64_t at = 0;

    if (output->data != NULL) {
        return write_all(fd, output->data, (size_t)output->size_bytes);
    }
    while (at < output->size_bytes) {
        off_t from = (off_t)(output->offset_bytes + at);
        ssize_t n =
            sendfile(fd, output->fd, &from, (size_t)(output->size_bytes - at));

        if (n <= 0) {
            int r;

            if (n < 0 && errno == EINTR) {
                continue;
            }
            if (n < 0 && errno != EINVAL && errno != ENOSYS &&
                errno != EAGAIN) {
                return -errno;
            }
            /* Not every descriptor takes a file whole (O_APPEND, ttys). */
            r = copy_block(output, at, fd);
            if (r < 0) {
                return r;
            }
            n = r;
        }
        at += (uint64_t)n;
    }
    return 0;
}

const char *brood_outcome_name(enum brood_outcome outcome)
{
    static const char *const names[] = {
        [BROOD_EXITED] = "exited",
        [BROOD_SIGNALLED] = "signalled",
        [BROOD_TIMED_OUT] = "timed out",
        [BROOD_CANCELLED] = "cancelled",
        [BROOD_SPAWN_FAILED] = "spawn failed",
        [BROOD_SKIPPED] = "skipped",
        [BROOD_LOST] = "lost",
    };

    return (unsigned)outcome < sizeof(names) / sizeof(names[0])
               ? names[outcome]
               : "unknown outcome";
}

const char *brood_step_name(enum brood_step step)
{
    static const char *const names[] = {
        [BROOD_STEP_NONE] = "start",
        [BROOD_STEP_PREPARE] = "prepare the start",
        [BROOD_STEP_FORK] = "make a process",
        [BROOD_STEP_SETUP] = "set up the process",
        [BROOD_STEP_STREAMS] = "connect the standard streams",
        [BROOD_STEP_CHDIR] = "enter the directory",
        [BROOD_STEP_EXEC] = "start",
    };

    return (unsigned)step < sizeof(names) / sizeof(names[0]) ? names[step]
                                                             : "start";
}
