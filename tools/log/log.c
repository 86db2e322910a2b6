#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

enum {
    FLUSH_BYTES = 64 * 1024,
    MAGIC_SIZE = 16,
    BUSY_MS = 5000,
};

static const int64_t application_id = 0x62726f64; /* "brod" */

void log_fail(struct log *log)
{
    if (log->status != LOG_STATUS_RECORD) {
        (void)fprintf(stderr, "brood log: cannot read '%s': %s\n",
                      text_string(&log->path), sqlite3_errmsg(log->db));
        log->status = LOG_STATUS_RECORD;
    }
}

void log_flush(struct log *log, bool all)
{
    const char *p = log->out.data;
    size_t left = log->out.size;

    if (!all && left < FLUSH_BYTES) {
        return;
    }
    while (left > 0) {
        ssize_t n = write(STDOUT_FILENO, p, left);

        if (n < 0 && errno != EINTR) {
            (void)fprintf(stderr, "brood log: cannot write: %s\n",
                          brood_strerror(-errno));
            log->status = LOG_STATUS_RECORD;
            break;
        }
        if (n > 0) {
            p += n;
            left -= (size_t)n;
        }
    }
    text_reset(&log->out);
}

/* Whether a file is a database; a job file is not. */
static bool is_database(const char *path)
{
    char magic[MAGIC_SIZE] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = fd >= 0 && read(fd, magic, sizeof(magic)) == MAGIC_SIZE &&
              memcmp(magic, "SQLite format 3", MAGIC_SIZE) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return is;
}

/* In a directory that cannot be written, a record can only be read as one that
 * does not change. */
static int open_as(struct log *log, const char *how)
{
    struct text uri = { 0 };
    int r;

    text_add_string(&uri, "file:");
    for (const char *p = text_string(&log->path); *p != '\0'; p++) {
        if (strchr("%?#", *p) != NULL) {
            text_add_format(&uri, "%%%02x", (unsigned char)*p);
        } else {
            text_add_char(&uri, *p);
        }
    }
    text_add_format(&uri, "?%s", how);
    (void)sqlite3_close(log->db);
    log->db = NULL;
    r = sqlite3_open_v2(text_string(&uri), &log->db,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    if (r == SQLITE_OK) {
        (void)sqlite3_busy_timeout(log->db, BUSY_MS);
        r = sqlite3_exec(log->db, "SELECT count(*) FROM sqlite_schema", NULL,
                         NULL, NULL);
    }
    text_clear(&uri);
    return r;
}

static int is_record(void *user, int n, char **values, char **names)
{
    int64_t *ret_id = user;

    (void)n;
    (void)names;
    (void)sscanf(values[0], "%" SCNd64, ret_id);
    return 0;
}

static int open_record(struct log *log)
{
    int64_t id = 0;
    int r;

    text_add_string(&log->path, log->options.file);
    if (!is_database(log->options.file)) {
        text_add_string(&log->path, ".brood");
    }
    if (access(text_string(&log->path), F_OK) < 0) {
        (void)fprintf(stderr, "brood log: there is no record '%s'\n",
                      text_string(&log->path));
        log->status = LOG_STATUS_RECORD;
        return -1;
    }
    r = open_as(log, "mode=ro");
    if ((r & 0xff) == SQLITE_CANTOPEN || (r & 0xff) == SQLITE_READONLY) {
        r = open_as(log, "immutable=1");
    }
    if (r != SQLITE_OK) {
        log_fail(log);
        return -1;
    }
    (void)sqlite3_exec(log->db, "PRAGMA application_id", is_record, &id, NULL);
    if (id != application_id) {
        (void)fprintf(stderr, "brood log: '%s' is no record of brood\n",
                      text_string(&log->path));
        log->status = LOG_STATUS_RECORD;
        return -1;
    }
    return 0;
}

int log_main(int argc, char **argv)
{
    struct log log = { 0 };
    uint64_t n;

    if (log_options_read(argc, argv, &log.options) < 0) {
        return LOG_STATUS_USAGE;
    }
    if (log.options.is_answered) {
        return 0;
    }
    if (open_record(&log) == 0) {
        n = log.options.wants_jobs || log.options.output ? log_show_jobs(&log)
                                                         : log_show_runs(&log);
        log_flush(&log, true);
        if (log.status == 0 && n == 0) {
            log.status = LOG_STATUS_NONE;
        }
    }
    (void)sqlite3_close(log.db);
    text_clear(&log.path);
    text_clear(&log.out);
    return log.status;
}
