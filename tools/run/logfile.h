#ifndef BROOD_TOOLS_RUN_LOGFILE_H
#define BROOD_TOOLS_RUN_LOGFILE_H

/*
 * logfile - a file that gets whole lines.
 *
 * Lines are collected and written by one write(2) together, so that a reader
 * of the file never sees half a line. "-" is standard output.
 */

#include <stdbool.h>

#include "run/writer.h"
#include "text.h"

struct logfile {
    /** For messages; NULL: no such file is wanted. */
    const char *name;
    int fd;
    /** Lines that have not been written. */
    struct text lines;
    /** 0, or the negative errno of the first failure. */
    int error;
};

/**
 * Open or make a file, with nothing in it, or to append to it. A last line
 * that was torn is ended first.
 *
 * @ret_size  the bytes that it holds.
 *
 * Returns:   0 or a negative errno.
 */
int logfile_open(struct logfile *log,
                 const char *name,
                 bool append,
                 uint64_t *ret_size);

/** Write the lines; what is for standard output goes to @writer. */
void logfile_flush(struct logfile *log, struct writer *writer);

void logfile_close(struct logfile *log);

#endif /* BROOD_TOOLS_RUN_LOGFILE_H */
