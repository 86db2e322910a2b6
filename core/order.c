#include "order.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"
#include "base/tmpfile.h"

enum {
    RING_FIRST = 64,
    MEMORY_MAX = 4 << 20,
    /* Held files beyond these are copied into the one spill file. */
    FILES_MAX = 32,
    COPY_SIZE = 64 * 1024,
    /* Smaller holes are not worth a system call. */
    HOLE_MIN = 1 << 20,
};

struct held {
    struct brood_result result;
    /** The bytes of outputs that are in memory. */
    uint8_t *bytes;
    size_t memory_bytes;
};

void order_init(struct order *o, const char *tmp_dir)
{
    *o = (struct order){ .next = 1, .spill = -1, .tmp_dir = tmp_dir };
}

static bool is_file(const struct brood_output *output)
{
    return output->data == NULL && output->size_bytes > 0;
}

static void output_release(struct order *o, struct brood_output *output)
{
    if (!is_file(output)) {
        return;
    }
    if (output->fd != o->spill) {
        (void)close(output->fd);
        o->n_files--;
    } else if (output->size_bytes >= HOLE_MIN) {
        /* Give the disk space back; if the file system cannot, it is given
         * back at the end. */
        (void)fallocate(o->spill, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)output->offset_bytes, (off_t)output->size_bytes);
    }
}

static void held_free(struct order *o, struct held *held)
{
    if (held == NULL) {
        return;
    }
    output_release(o, &held->result.out);
    output_release(o, &held->result.err);
    o->memory_bytes -= held->memory_bytes;
    free(held->bytes);
    free(held);
}

void order_clear(struct order *o)
{
    held_free(o, o->current);
    for (size_t i = 0; i < o->ring_size; i++) {
        held_free(o, o->ring[i]);
    }
    free((void *)o->ring);
    if (o->spill >= 0) {
        (void)close(o->spill);
    }
    order_init(o, o->tmp_dir);
}

static int ring_grow(struct order *o, uint64_t number)
{
    size_t size = o->ring_size == 0 ? RING_FIRST : o->ring_size;
    struct held **ring;

    while (number - o->next >= size) {
        size *= 2;
    }
    if (size == o->ring_size) {
        return 0;
    }
    ring = brood_calloc(size, sizeof(struct held *));
    if (ring == NULL) {
        return -ENOMEM;
    }
    for (uint64_t i = 0; i < o->ring_size; i++) {
        uint64_t n = o->next + i;

        ring[n & (size - 1)] = o->ring[n & (o->ring_size - 1)];
    }
    free((void *)o->ring);
    o->ring = ring;
    o->ring_size = size;
    return 0;
}

static int spill_write(struct order *o, const void *data, size_t size)
{
    const uint8_t *p = data;
    size_t done = 0;

    while (done < size) {
        ssize_t n = -1;

        errno = ENOSPC;
        if (!BROOD_FAULT("spill.write")) {
            n = pwrite(o->spill, p + done, size - done,
                       (off_t)(o->spill_end + done));
        }
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : -EIO;
        }
        done += (size_t)n;
    }
    o->spill_end += size;
    return 0;
}

/* Move an output, wherever it is, to the end of the spill file. */
static int spill_output(struct order *o, struct brood_output *output)
{
    uint64_t start = o->spill_end;
    uint64_t done = 0;
    uint8_t block[COPY_SIZE];

    while (done < output->size_bytes) {
        int64_t n = brood_output_read(output, done, block, sizeof(block));
        int r = n > 0 ? spill_write(o, block, (size_t)n) : -EIO;

        if (r < 0) {
            o->spill_end = start;
            return r;
        }
        done += (uint64_t)n;
    }
    output->data = NULL;
    output->fd = o->spill;
    output->offset_bytes = start;
    return 0;
}

/* True if the output went to the spill file. */
static bool spill(struct order *o, struct brood_output *output)
{
    int from = is_file(output) ? output->fd : -1;

    if (output->size_bytes == 0) {
        return false;
    }
    if (o->spill < 0) {
        o->spill = tmpfile_open(o->tmp_dir);
        if (o->spill < 0) {
            o->spill = -1;
            return false;
        }
    }
    if (spill_output(o, output) < 0) {
        return false;
    }
    if (from >= 0) {
        (void)close(from);
    }
    return true;
}

/* True if the output is where it can wait. */
static bool settle(struct order *o, struct held *held, struct brood_output *out)
{
    uint8_t *copy;

    if (out->size_bytes == 0) {
        return true;
    }
    if (is_file(out)) {
        if (o->n_files >= FILES_MAX && spill(o, out)) {
            return true;
        }
        o->n_files++;
        return true;
    }
    if (o->memory_bytes + out->size_bytes > MEMORY_MAX && spill(o, out)) {
        return true;
    }
    copy = brood_realloc(held->bytes, held->memory_bytes + out->size_bytes);
    if (copy == NULL) {
        return spill(o, out);
    }
    memcpy(copy + held->memory_bytes, out->data, out->size_bytes);
    held->bytes = copy;
    held->memory_bytes += out->size_bytes;
    o->memory_bytes += out->size_bytes;
    return true;
}

static void settle_or_lose(struct order *o,
                           struct held *held,
                           struct brood_output *out)
{
    if (!settle(o, held, out)) {
        out->lost_bytes += out->size_bytes;
        out->size_bytes = 0;
        out->error = -ENOMEM;
    }
}

/* A file that is held can be the spill file itself: it takes no descriptor. */
static void pack(struct order *o, struct brood_output *output)
{
    if (!is_file(output) || output->fd == o->spill) {
        return;
    }
    if (o->spill < 0) {
        o->spill = output->fd;
        o->spill_end = output->offset_bytes + output->size_bytes;
        o->n_files--;
    } else if (spill(o, output)) {
        o->n_files--;
    }
}

void order_pack(struct order *o)
{
    for (size_t i = 0; i < o->ring_size && o->n_files > 0; i++) {
        if (o->ring[i] != NULL) {
            pack(o, &o->ring[i]->result.out);
            pack(o, &o->ring[i]->result.err);
        }
    }
}

int order_reserve(struct order *o, uint64_t number, struct held **ret)
{
    struct held *held;
    int r = ring_grow(o, number);

    if (r < 0) {
        return r;
    }
    held = brood_calloc(1, sizeof(*held));
    if (held == NULL) {
        return -ENOMEM;
    }
    *ret = held;
    return 0;
}

void order_put(struct order *o,
               struct held *held,
               uint64_t number,
               struct brood_result *result)
{
    struct held **place = &o->ring[number & (o->ring_size - 1)];
    struct brood_output *out = &result->out;
    struct brood_output *err = &result->err;
    size_t out_size;

    assert(number >= o->next && number - o->next < o->ring_size);
    assert(*place == NULL);
    settle_or_lose(o, held, out);
    out_size = held->memory_bytes;
    settle_or_lose(o, held, err);
    held->result = *result;
    out = &held->result.out;
    err = &held->result.err;
    if (out_size > 0) {
        out->data = held->bytes;
    }
    if (held->memory_bytes > out_size) {
        err->data = held->bytes + out_size;
    }
    *place = held;
    o->n_held++;
    result->out.fd = -1;
    result->err.fd = -1;
}

const struct brood_result *order_take(struct order *o)
{
    struct held **place;

    order_done(o);
    if (o->n_held == 0) {
        return NULL;
    }
    place = &o->ring[o->next & (o->ring_size - 1)];
    if (*place == NULL) {
        return NULL;
    }
    o->current = *place;
    *place = NULL;
    o->next++;
    o->n_held--;
    return &o->current->result;
}

void order_done(struct order *o)
{
    held_free(o, o->current);
    o->current = NULL;
}
