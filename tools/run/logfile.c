#include "run/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

enum {
    FILE_MODE = 0666
};

/* End the last line if it was torn. */
static void mend(struct logfile *log, uint64_t size)
{
    char last = '\n';

    if (size > 0 && pread(log->fd, &last, 1, (off_t)size - 1) == 1 &&
        last != '\n') {
        text_add_char(&log->lines, '\n');
    }
}

int logfile_open(struct logfile *log,
                 const char *name,
                 bool append,
                 uint64_t *ret_size)
{
    int flags = O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    struct stat st;

    *log = (struct logfile){ .name = name, .fd = -1 };
    *ret_size = 0;
    if (strcmp(name, "-") == 0) {
        return 0;
    }
    flags |= append ? O_RDWR : O_WRONLY | O_TRUNC;
    log->fd = open(name, flags, FILE_MODE);
    if (log->fd < 0 || fstat(log->fd, &st) < 0) {
        return -errno;
    }
    if (append && S_ISREG(st.st_mode)) {
        *ret_size = (uint64_t)st.st_size;
        mend(log, *ret_size);
    }
    return 0;
}

void logfile_flush(struct logfile *log, struct writer *writer)
{
    const struct text *lines = &log->lines;

    if (lines->size == 0) {
        return;
    }
    if (log->fd < 0) {
        writer_put(writer, WRITER_OUT, lines->data, lines->size);
    } else if (log->error == 0) {
        log->error = file_write_all(log->fd, lines->data, lines->size);
    }
    text_reset(&log->lines);
}

void logfile_close(struct logfile *log)
{
    if (log->fd >= 0) {
        (void)close(log->fd);
        log->fd = -1;
    }
    text_clear(&log->lines);
}
