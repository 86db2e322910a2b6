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
    { EALREADY, "already under way" },
    { EBADF, "bad file descriptor" },
    { EBADMSG, "bad message" },
    { EBUSY, "device or resource busy" },
    { ECANCELED, "operation cancelled" },
    { ECHILD, "child failed, or no such child" },
    { ECONNREFUSED, "connection refused" },
    { ECONNRESET, "connection ended by the other side" },
    { EDEADLK, "call would wait for itself" },
    { EDOM, "argument out of domain" },
    { EDQUOT, "disk quota exceeded" },
    { EEXIST, "file exists" },
    { EFAULT, "bad address" },
    { EFBIG, "file too large" },
    { EHOSTUNREACH, "host is unreachable" },
    { EILSEQ, "invalid byte sequence" },
    { EINTR, "interrupted" },
    { EINVAL, "invalid argument" },
    { EIO, "input/output error" },
    { EISDIR, "is a directory" },
    { ELIBBAD, "accessing a corrupted shared library" },
    { ELOOP, "too many symbolic links" },
    { EMFILE, "too many open files in this process" },
    { EMLINK, "too many links" },
    { EMSGSIZE, "message too long" },
    { ENAMETOOLONG, "file name too long" },
    { ENETUNREACH, "network is unreachable" },
    { ENFILE, "too many open files in the system" },
    { ENOBUFS, "too much output" },
    { ENODATA, "no data available" },
    { ENODEV, "no such device" },
    { ENOENT, "no such file or directory" },
    { ENOEXEC, "not an executable format" },
    { ENOLCK, "no locks available" },
    { ENOMEM, "out of memory" },
    { ENOSPC, "no space left on device" },
    { ENOSYS, "not available in this system" },
    { ENOTCONN, "not connected" },
    { ENOTDIR, "not a directory" },
    { ENOTEMPTY, "directory not empty" },
    { ENOTSUP, "not supported" },
    { ENOTTY, "not a terminal" },
    { ENXIO, "no such device or address" },
    { EOVERFLOW, "value too large" },
    { EPERM, "operation not permitted" },
    { EPIPE, "broken pipe" },
    { EPROTO, "protocol error" },
    { ERANGE, "result out of range" },
    { EROFS, "read-only file system" },
    { ESPIPE, "illegal seek" },
    { ESRCH, "no such process or job" },
    { ESTALE, "stale file handle" },
    { ETIMEDOUT, "timed out" },
    { ETXTBSY, "text file busy" },
    { EXDEV, "link across file systems" },
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
