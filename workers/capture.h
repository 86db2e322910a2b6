#ifndef BROOD_WORKERS_CAPTURE_H
#define BROOD_WORKERS_CAPTURE_H

/*
 * capture - the bytes of one output stream of a child.
 *
 * They are kept in memory up to a bound; one byte more and all of them are in
 * an unlinked file. What is kept is always a prefix of what was written: after
 * the first byte that could not be kept (the disk is full, no memory) nothing
 * more is kept, but everything is still read and counted as lost, so that the
 * child is never blocked by our trouble.
 *
 * A capture serves one job after the other: init, then for each job read until
 * the end, take, reset; free at last. An idle one costs its struct and no more
 * than keep_bytes.
 *
 * Threads: one at a time for each capture.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/message.h"

/** What all captures of a worker share. Must outlive them. */
struct capture_limits {
    /** The most that one capture keeps in memory; 0: all goes to the file. */
    size_t memory_bytes;
    /** Memory up to this size is kept by capture_reset() for the next job. */
    size_t keep_bytes;
    /** Where files are made. */
    const char *tmp_dir;
};

struct capture {
    const struct capture_limits *limits;
    /** Bytes in memory; unused when fd is not -1. */
    uint8_t *data;
    size_t room;
    /** Kept bytes, wherever they are. */
    uint64_t size;
    /** Bytes that were read and could not be kept. */
    uint64_t lost;
    /** The file, or -1. */
    int fd;
    /** 0, or the negative errno of the first failure that lost bytes. */
    int error;
};

/** Prepare an empty capture. Nothing is allocated. */
void capture_init(struct capture *c, const struct capture_limits *limits);

/** Give everything back; the capture is empty and usable again. */
void capture_free(struct capture *c);

/**
 * Read once from a descriptor and keep what came.
 *
 * @fd       a pipe, best non-blocking; any readable descriptor will do.
 * @scratch  memory of the worker for bytes on their way.
 *
 * Returns:   the number of bytes that came (kept or lost); 0 at the end of the
 *            file; -EAGAIN nothing is there; another negative errno of read(2).
 *            Failing to keep bytes is no error here: see capture_take().
 */
ssize_t capture_read(struct capture *c,
                     int fd,
                     void *scratch,
                     size_t scratch_size);

/** Keep bytes that the caller has read. */
void capture_add(struct capture *c, const void *data, size_t size);

/**
 * Show what was captured.
 *
 * Ownership: ret->data leads into the capture and is valid until the next
 *            reset or free; ret->fd moves out, and its file begins with the
 *            first byte. Its read offset is anywhere: use pread(2).
 */
void capture_take(struct capture *c, struct message_captured *ret);

/**
 * Copy the end of what has been captured so far.
 *
 * Returns: how many bytes, at most @size; 0 also when they cannot be read.
 */
size_t capture_tail(const struct capture *c, void *ret, size_t size);

/** Forget what was captured; close the file unless it was taken. */
void capture_reset(struct capture *c);

#endif /* BROOD_WORKERS_CAPTURE_H */
