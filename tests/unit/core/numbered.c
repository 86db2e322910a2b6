#include "numbered.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/tmpfile.h"
#include "support/check.h"

enum {
    FILE_START = 4096,
};

static uint8_t bytes[NUMBERED_SIZE_MAX];

/* Bytes that tell of which stream of which job they are, and where in it. */
static uint8_t byte_at(uint64_t number, int stream, uint64_t at)
{
    return (uint8_t)(number * 31 + (uint64_t)stream * 101 + at * 7 + (at >> 8));
}

static void fill(uint64_t number, int stream, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = byte_at(number, stream, i);
    }
}

/* An output in memory; the bytes are the caller's, as those of a frame. */
struct brood_output data_output(uint64_t number, int stream, size_t size)
{
    uint8_t *data = malloc(size > 0 ? size : 1);

    assert_non_null(data);
    fill(number, stream, size);
    memcpy(data, bytes, size);
    return (struct brood_output){ .data = data, .size_bytes = size, .fd = -1 };
}

static struct brood_output file_output(uint64_t number, int stream, size_t size)
{
    int fd = tmpfile_open("/tmp");

    assert_true(fd >= 0);
    fill(number, stream, size);
    assert_int_equal(pwrite(fd, bytes, size, FILE_START), size);
    return (struct brood_output){ .size_bytes = size,
                                  .fd = fd,
                                  .offset_bytes = FILE_START };
}

static void put(struct order *o, uint64_t number, struct brood_result *result)
{
    void *out = (void *)(uintptr_t)result->out.data;
    void *err = (void *)(uintptr_t)result->err.data;
    struct held *held = NULL;

    result->seq = number;
    assert_ok(order_reserve(o, number, &held));
    order_put(o, held, number, result);
    assert_int_equal(result->out.fd, -1);
    assert_int_equal(result->err.fd, -1);
    free(out);
    free(err);
}

void put_data(struct order *o, uint64_t number, size_t out, size_t err)
{
    struct brood_result result = {
        .out = data_output(number, 1, out),
        .err = data_output(number, 2, err),
    };

    put(o, number, &result);
}

void put_file(struct order *o, uint64_t number, size_t out, size_t err)
{
    struct brood_result result = {
        .out = file_output(number, 1, out),
        .err = file_output(number, 2, err),
    };

    put(o, number, &result);
}

static bool are_bytes_of(const uint8_t *got,
                         uint64_t size,
                         uint64_t number,
                         int stream,
                         uint64_t at)
{
    uint64_t i = 0;

    while (i < size && got[i] == byte_at(number, stream, at + i)) {
        i++;
    }
    return i == size;
}

void check_output(const struct brood_output *output,
                  uint64_t number,
                  int stream,
                  size_t size)
{
    uint8_t got[1000];
    uint64_t at = 0;

    assert_int_equal(output->error, 0);
    assert_int_equal(output->lost_bytes, 0);
    assert_int_equal(output->size_bytes, size);
    while (at < size) {
        int64_t n = brood_output_read(output, at, got, sizeof(got));

        assert_true(n > 0);
        assert_true(are_bytes_of(got, (uint64_t)n, number, stream, at));
        at += (uint64_t)n;
    }
    assert_int_equal(at, size);
    assert_int_equal(brood_output_read(output, size, got, 1), 0);
}

void take(struct order *o, uint64_t number, size_t out, size_t err)
{
    const struct brood_result *result = order_take(o);

    assert_non_null(result);
    assert_int_equal(result->seq, number);
    check_output(&result->out, number, 1, out);
    check_output(&result->err, number, 2, err);
}
