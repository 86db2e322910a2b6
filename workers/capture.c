#include "workers/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"
#include "base/tmpfile.h"

/*
 * From the pipe to the file bytes go through the scratch, by read and write.
 * splice(2) was measured: it saves a third for a child that writes 64 KiB at
 * once, and costs more for the usual one, which writes 4 KiB or less.
 */

enum {
    MEMORY_FIRST = 256,
};

void capture_init(struct capture *c, const struct capture_limits *limits)
{
    *c = (struct capture){ .limits = limits, .fd = -1 };
}

static void close_file(struct capture *c)
{
    if (c->fd >= 0) {
        (void)close(c->fd);
        c->fd = -1;
    }
}

static void free_memory(struct capture *c)
{
    free(c->data);
    c->data = NULL;
    c->room = 0;
}

void capture_free(struct capture *c)
{
    close_file(c);
    free_memory(c);
    capture_init(c, c->limits);
}

/* Returns: 0, or a negative errno; *ret_done bytes were written anyway. */
static int write_all(int fd, const uint8_t *data, size_t size, size_t *ret_done)
{
    *ret_done = 0;
    while (*ret_done < size) {
        ssize_t n;

        if (BROOD_FAULT("write")) {
            return -ENOSPC;
        }
        n = write(fd, data + *ret_done, size - *ret_done);
        if (n > 0) {
            *ret_done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            return n == 0 ? -ENOSPC : -errno;
        }
    }
    return 0;
}

static void lose(struct capture *c, size_t size, int error)
{
    c->lost += size;
    if (c->error == 0) {
        c->error = error;
    }
}

/* Returns: 0 or -ENOMEM. @need is within the bound. */
static int reserve(struct capture *c, size_t need)
{
    size_t room = c->room < MEMORY_FIRST ? MEMORY_FIRST : c->room;
    uint8_t *data;

    if (need <= c->room) {
        return 0;
    }
    while (room < need) {
        room = room > c->limits->memory_bytes / 2 ? need : room * 2;
    }
    if (room > c->limits->memory_bytes) {
        room = c->limits->memory_bytes;
    }
    data = brood_realloc(c->data, room);
    if (data == NULL) {
        return -ENOMEM;
    }
    c->data = data;
    c->room = room;
    return 0;
}

/* Returns: 0, or why not even one byte was kept. */
static int add_to_memory(struct capture *c, const uint8_t *data, size_t size)
{
    size_t used = (size_t)c->size;
    int r = reserve(c, used + size);

    if (r == 0 && size > 0) {
        memcpy(c->data + used, data, size);
        c->size += size;
    }
    return r;
}

static void add_to_file(struct capture *c, const uint8_t *data, size_t size)
{
    size_t done;
    int r = write_all(c->fd, data, size, &done);

    c->size += done;
    if (r < 0) {
        lose(c, size - done, r);
    }
}

/* Move what is in memory to a file. On error all stays in memory. */
static int move_to_file(struct capture *c)
{
    size_t done;
    int fd = tmpfile_open(c->limits->tmp_dir);
    int r;

    if (fd < 0) {
        return fd;
    }
    r = write_all(fd, c->data, (size_t)c->size, &done);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    c->fd = fd;
    if (c->room > c->limits->keep_bytes) {
        free_memory(c);
    }
    return 0;
}

/* The file cannot be had: keep in memory what may be there. */
static void add_what_fits(struct capture *c,
                          const uint8_t *data,
                          size_t size,
                          int error)
{
    size_t fits = c->limits->memory_bytes - (size_t)c->size;

    if (fits > size) {
        fits = size;
    }
    if (add_to_memory(c, data, fits) < 0) {
        fits = 0;
    }
    lose(c, size - fits, error);
}

static void add(struct capture *c, const uint8_t *data, size_t size)
{
    int r = 0;

    if (c->error < 0) {
        lose(c, size, c->error);
        return;
    }
    if (c->fd < 0) {
        if (size <= c->limits->memory_bytes - (size_t)c->size) {
            if (add_to_memory(c, data, size) == 0) {
                return;
            }
        }
        r = move_to_file(c);
    }
    if (r < 0) {
        add_what_fits(c, data, size, r);
    } else {
        add_to_file(c, data, size);
    }
}

void capture_add(struct capture *c, const void *data, size_t size)
{
    if (size > 0) {
        add(c, data, size);
    }
}

ssize_t capture_read(struct capture *c,
                     int fd,
                     void *scratch,
                     size_t scratch_size)
{
    ssize_t n;

    if (BROOD_FAULT("read")) {
        return -EIO;
    }
    do {
        n = read(fd, scratch, scratch_size);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    capture_add(c, scratch, (size_t)n);
    return n;
}

void capture_take(struct capture *c, struct message_captured *ret)
{
    *ret = (struct message_captured){
        .fd = c->fd,
        .error = c->error,
        .size = c->size,
        .lost = c->lost,
    };
    if (c->fd < 0) {
        ret->data.data = c->data;
        ret->data.size = (size_t)c->size;
    }
    c->fd = -1;
}

size_t capture_tail(const struct capture *c, void *ret, size_t size)
{
    size_t n = c->size < size ? (size_t)c->size : size;
    ssize_t got;

    if (c->fd < 0) {
        if (n > 0) {
            memcpy(ret, c->data + (c->size - n), n);
        }
        return n;
    }
    do {
        got = pread(c->fd, ret, n, (off_t)(c->size - n));
    } while (got < 0 && errno == EINTR);
    return got < 0 ? 0 : (size_t)got;
}

void capture_reset(struct capture *c)
{
    close_file(c);
    if (c->room > c->limits->keep_bytes) {
        free_memory(c);
    }
    c->size = 0;
    c->lost = 0;
    c->error = 0;
}
