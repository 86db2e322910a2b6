#include "brood/error.h"

#include <stdlib.h>

/* In the words of POSIX, in lower case: they come behind "brood: cannot ...:".
 * strerror() would follow the host's locale and need a buffer a thread. */
#include <errno.h>

static const struct {
    int error;
    const char *text;
} errors[] = {
    { 0, "success" },
    { E2BIG, "argument list too long" },
    { EACCES, "permission denied" },
    { EADDRINUSE, "address already in use" },
    { EAGAIN, "resource temporarily unavailable" },
    { EBADF, "bad file descriptor" },
    { EBADMSG, "bad message" },
    { EBUSY, "device or resource busy" },
    { ECANCELED, "operation cancelled" },
    { ECHILD, "child failed, or no such child" },
    { ECONNRESET, "connection ended by the other side" },
    { EDEADLK, "call would wait for itself" },
    { EDQUOT, "disk quota exceeded" },
    { EEXIST, "file exists" },
    { EFBIG, "file too large" },
    { EINTR, "interrupted" },
    { EINVAL, "invalid argument" },
    { EIO, "input/output error" },
    { EISDIR, "is a directory" },
    { ELIBBAD, "accessing a corrupted shared library" },
    { ELOOP, "too many symbolic links" },
    { EMFILE, "too many open files in this process" },
    { EMSGSIZE, "message too long" },
    { ENAMETOOLONG, "file name too long" },
    { ENOBUFS, "too much output" },
    { ENFILE, "too many open files in the system" },
    { ENODEV, "no such device" },
    { ENOENT, "no such file or directory" },
    { ENOEXEC, "not an executable format" },
    { ENOMEM, "out of memory" },
    { ENOSPC, "no space left on device" },
    { ENOSYS, "not available in this system" },
    { ENOTCONN, "not connected" },
    { ENOTDIR, "not a directory" },
    { EPERM, "operation not permitted" },
    { EPIPE, "broken pipe" },
    { EPROTO, "protocol error" },
    { EROFS, "read-only file system" },
    { ESRCH, "no such process or job" },
    { ESTALE, "stale file handle" },
    { ETIMEDOUT, "timed out" },
    { ETXTBSY, "text file busy" },
};

const char *brood_strerror(int error)
{
    /* Of all ints, only INT_MIN has no positive; nor has it a name. */
    int negative = error > 0 ? -error : error;

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (-errors[i].error == negative) {
            return errors[i].text;
        }
    }
    return "unknown error";
}

const char *brood_version(void)
{
    return BROOD_VERSION;
}
