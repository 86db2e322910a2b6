#include "run/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_SIZE = 64 * 1024
};

void source_from_args(struct source *source,
                      const char *const *args,
                      size_t n_args)
{
    *source = (struct source){
        .name = "the command line", .args = args, .n_args = n_args, .fd = -1
    };
}

int source_from_file(struct source *source, const char *path, char delimiter)
{
    struct source made = { .name = path, .fd = -1, .delimiter = delimiter };
    struct stat st;
    int r;

    if (strcmp(path, "-") == 0) {
        made.name = "standard input";
        made.fd = STDIN_FILENO;
    } else {
        made.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (made.fd < 0) {
            return -errno;
        }
        made.own_fd = true;
    }
    r = fstat(made.fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : 0;
    if (r < 0) {
        source_close(&made);
        return r;
    }
    made.may_wait = !S_ISREG(st.st_mode);
    *source = made;
    return 0;
}

void source_close(struct source *source)
{
    if (source->own_fd) {
        (void)close(source->fd);
    }
    source->fd = -1;
    source->own_fd = false;
    text_clear(&source->buffer);
}

static int fill(struct source *source)
{
    struct pollfd poll_fd = { .fd = source->fd, .events = POLLIN };
    ssize_t n;

    if (source->may_wait && poll(&poll_fd, 1, 0) <= 0) {
        return -EAGAIN;
    }
    if (source->at > 0) {
        text_drop(&source->buffer, source->at);
        source->searched -= source->at;
        source->at = 0;
    }
    do {
        n = read(source->fd, text_reserve(&source->buffer, READ_SIZE),
                 READ_SIZE);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    }
    source->buffer.size += (size_t)n;
    source->at_end = n == 0;
    return 0;
}

/* The next record as it is in the file. */
static int next_record(struct source *source, struct value *ret)
{
    for (;;) {
        const char *start = source->buffer.data + source->at;
        size_t searched = source->searched - source->at;
        size_t left = source->buffer.size - source->at;
        const char *end = NULL;
        int r;

        if (left > searched) {
            end = memchr(start + searched, source->delimiter, left - searched);
        }
        if (end == NULL) {
            source->searched = source->buffer.size;
        }
        if (end == NULL && !source->at_end) {
            r = fill(source);
            if (r < 0) {
                return r;
            }
            continue;
        }
        if (end == NULL && left == 0) {
            return 0;
        }
        ret->data = start;
        ret->size = end == NULL ? left : (size_t)(end - start);
        source->at += end == NULL ? left : ret->size + 1;
        source->searched = source->at;
        return 1;
    }
}

static int next_any(struct source *source, struct value *ret)
{
    if (source->args == NULL) {
        return next_record(source, ret);
    }
    if (source->n_taken == source->n_args) {
        return 0;
    }
    ret->data = source->args[source->n_taken];
    ret->size = strlen(ret->data);
    return 1;
}

static bool is_blank(const struct value *value)
{
    for (size_t i = 0; i < value->size; i++) {
        if (value->data[i] != ' ' && value->data[i] != '\t') {
            return false;
        }
    }
    return true;
}

int source_next(struct source *source, struct value *ret)
{
    int r;

    do {
        r = next_any(source, ret);
        if (r == 1) {
            source->n_taken++;
        }
    } while (r == 1 && source->skip_blank && is_blank(ret));
    return r;
}
