#include "workers/tree_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    STAT_SIZE = 1024,
    PATH_SIZE = 32,
};

/* Fields of /proc/PID/stat behind the name, as proc(5) numbers them. */
enum {
    FIELD_PARENT = 4,
    FIELD_GROUP = 5,
    FIELD_SESSION = 6,
    FIELD_THREADS = 20,
    FIELD_START = 22,
};

struct cursor {
    const char *next;
    const char *end;
};

/* A number and the blank before it; a sign makes it count as 0. */
static bool read_number(struct cursor *c, uint64_t *ret)
{
    bool negative;
    uint64_t value = 0;
    const char *first;

    if (c->next == c->end || *c->next != ' ') {
        return false;
    }
    c->next++;
    negative = c->next < c->end && *c->next == '-';
    c->next += negative;
    first = c->next;
    while (c->next < c->end && *c->next >= '0' && *c->next <= '9') {
        value = value * 10 + (uint64_t)(*c->next - '0');
        c->next++;
    }
    *ret = negative ? 0 : value;
    return c->next > first;
}

static bool take_pid(uint64_t value, pid_t *ret)
{
    if (value > INT_MAX) {
        return false;
    }
    *ret = (pid_t)value;
    return true;
}

static bool take_field(struct tree_process *p, int field, uint64_t value)
{
    switch (field) {
    case FIELD_PARENT:
        return take_pid(value, &p->parent);
    case FIELD_GROUP:
        return take_pid(value, &p->group);
    case FIELD_SESSION:
        return take_pid(value, &p->session);
    case FIELD_THREADS:
        p->threads = (int)(value > INT_MAX ? INT_MAX : value);
        return true;
    case FIELD_START:
        p->start_ticks = value;
        return true;
    default:
        return true;
    }
}

static bool read_pid(const char *text, const char *end, pid_t *ret)
{
    uint64_t value = 0;
    const char *p = text;

    while (p < end && *p >= '0' && *p <= '9' && value <= INT_MAX) {
        value = value * 10 + (uint64_t)(*p - '0');
        p++;
    }
    return p > text && p < end && *p == ' ' && take_pid(value, ret);
}

int tree_process_parse(const char *text, size_t size, struct tree_process *ret)
{
    struct tree_process p = { 0 };
    const char *end = text + size;
    const char *name_end = memrchr(text, ')', size);
    struct cursor c = { name_end, end };

    /* 1 (name) S 0 ...: the name may hold anything, so the last ')' counts;
     * nothing behind it is text. */
    if (name_end == NULL || end - name_end < 3 || name_end[1] != ' ' ||
        !read_pid(text, end, &p.pid)) {
        return -EBADMSG;
    }
    p.state = name_end[2];
    c.next = name_end + 3;
    for (int field = FIELD_PARENT; field <= FIELD_START; field++) {
        uint64_t value;

        if (!read_number(&c, &value) || !take_field(&p, field, value)) {
            return -EBADMSG;
        }
    }
    *ret = p;
    return 0;
}

int tree_process_open(void)
{
    int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

int tree_process_read(int proc, const char *name, struct tree_process *ret)
{
    char path[PATH_SIZE];
    char text[STAT_SIZE];
    ssize_t size;
    int n = snprintf(path, sizeof(path), "%s/stat", name);
    int fd;

    if (n < 0 || (size_t)n >= sizeof(path)) {
        return -ESRCH;
    }
    fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -ESRCH;
    }
    size = read(fd, text, sizeof(text));
    (void)close(fd);
    if (size <= 0 || tree_process_parse(text, (size_t)size, ret) < 0) {
        return -ESRCH;
    }
    return 0;
}

bool tree_process_is_alive(const struct tree_process *p)
{
    /* A main thread that has ended before the others looks like a zombie. */
    return (p->state != 'Z' && p->state != 'X') || p->threads > 1;
}
