#include "log/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "file.h"

enum {
    FLUSH_BYTES = 64 * 1024,
};

void log_fail(struct log *log)
{
    if (log->status != LOG_STATUS_RECORD) {
        (void)fprintf(stderr, "brood log: %s\n",
                      text_string(&log->reader.error));
        log->status = LOG_STATUS_RECORD;
    }
}

void log_check(struct log *log, sqlite3_stmt *row, int step)
{
    if (step != SQLITE_DONE) {
        if (row != NULL) {
            store_reader_fail(&log->reader);
        }
        log_fail(log);
    }
}

void log_flush(struct log *log, bool all)
{
    int r;

    if (!all && log->out.size < FLUSH_BYTES) {
        return;
    }
    r = file_write_all(STDOUT_FILENO, log->out.data, log->out.size);
    if (r < 0) {
        (void)fprintf(stderr, "brood log: cannot write: %s\n",
                      brood_strerror(r));
        log->status = LOG_STATUS_RECORD;
    }
    text_reset(&log->out);
}

int log_main(int argc, char **argv)
{
    struct log log = { 0 };
    uint64_t n;
    int r;

    r = log_options_read(argc, argv, &log.options);
    if (r != 0) {
        return r < 0 ? LOG_STATUS_USAGE : 0;
    }
    if (store_reader_open(&log.reader, log.options.file) < 0) {
        log_fail(&log);
    } else {
        n = log.options.summary      ? log_show_summary(&log)
            : log.options.history    ? log_show_history(&log)
            : log.options.wants_jobs ? log_show_jobs(&log)
                                     : log_show_runs(&log);
        log_flush(&log, true);
        if (log.status == 0 && n == 0) {
            log.status = LOG_STATUS_NONE;
        }
    }
    store_reader_close(&log.reader);
    text_clear(&log.out);
    return log.status;
}
