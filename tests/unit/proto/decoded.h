#ifndef BROOD_TESTS_DECODED_H
#define BROOD_TESTS_DECODED_H

/* decoded - compare what was decoded with what was encoded. */

#include "support/check.h"

#include <stdlib.h>

#include "proto/wire.h"
#include "unit/proto/samples.h"
#include "unit/proto/walk.h"

/* Decode a copy that ends where its memory ends: a sanitizer sees more. */
static inline int walk_copy(const void *data, size_t size, bool local)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    int r;

    assert_non_null(copy);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    r = walk_message(copy, size, local);
    free(copy);
    return r;
}

static inline void open_message(const struct buf *b,
                                bool local,
                                uint16_t type,
                                struct reader *ret_reader)
{
    struct message_header h;

    assert_ok(message_open(b->data, b->size, local, &h, ret_reader));
    assert_int_equal(h.version, MESSAGE_VERSION);
    assert_int_equal(h.type, type);
    assert_int_equal(h.body_size, b->size - MESSAGE_HEADER_SIZE);
    assert_int_equal(h.count, ret_reader->left);
}

static inline void check_bytes(const void *got,
                               size_t got_size,
                               const void *want,
                               size_t want_size)
{
    assert_int_equal(got_size, want_size);
    if (want_size > 0) {
        assert_memory_equal(got, want, want_size);
    }
}

static inline void check_texts(const struct message_texts *got,
                               const struct message_texts *want)
{
    assert_int_equal(got->count, want->count);
    check_bytes(got->data, got->size, want->data, want->size);
}

static inline void check_attributes(const struct message_attributes *got,
                                    const struct message_attributes *want)
{
    assert_int_equal(got->set, want->set);
    assert_int_equal(got->uid, want->uid);
    assert_int_equal(got->gid, want->gid);
    assert_int_equal(got->umask, want->umask);
    assert_string_equal(got->argv0, want->argv0);
    assert_string_equal(got->out_path, want->out_path);
    assert_string_equal(got->err_path, want->err_path);
    check_bytes(got->groups.data, got->groups.size, want->groups.data,
                want->groups.size);
    check_bytes(got->rlimits.data, got->rlimits.size, want->rlimits.data,
                want->rlimits.size);
    check_bytes(got->fds.data, got->fds.size, want->fds.data, want->fds.size);
}

static inline void check_job(const struct message_job *got,
                             const struct message_job *want)
{
    assert_true(got->key == want->key);
    assert_int_equal(got->context, want->context);
    assert_int_equal(got->flags, want->flags);
    assert_int_equal(got->input, want->input);
    assert_int_equal(got->out, want->out);
    assert_int_equal(got->err, want->err);
    assert_int_equal(got->n_stop, want->n_stop);
    assert_memory_equal(got->stop, want->stop, sizeof(got->stop));
    assert_true(got->timeout_ms == want->timeout_ms);
    assert_true(got->drain_ms == want->drain_ms);
    assert_int_equal(got->input_fd, want->input_fd);
    assert_int_equal(got->nice, want->nice);
    assert_int_equal(got->death_signal, want->death_signal);
    assert_string_equal(got->shell_path, want->shell_path);
    assert_string_equal(got->dir, want->dir);
    assert_string_equal(got->input_path, want->input_path);
    assert_string_equal(got->slot_mark, want->slot_mark);
    check_texts(&got->args, &want->args);
    check_texts(&got->env, &want->env);
    check_bytes(got->input_data.data, got->input_data.size,
                want->input_data.data, want->input_data.size);
    if ((want->flags & MESSAGE_JOB_ATTRIBUTES) != 0) {
        check_attributes(&got->more, &want->more);
    }
}

static inline void check_captured(const struct message_captured *got,
                                  const struct message_captured *want)
{
    check_bytes(got->data.data, got->data.size, want->data.data,
                want->data.size);
    assert_int_equal(got->fd, want->fd);
    assert_int_equal(got->error, want->error);
    assert_true(got->size == want->size);
    assert_true(got->lost == want->lost);
}

static inline void check_result(const struct message_result *got,
                                const struct message_result *want)
{
    assert_true(got->key == want->key);
    assert_int_equal(got->outcome, want->outcome);
    assert_int_equal(got->flags, want->flags);
    assert_int_equal(got->step, want->step);
    assert_int_equal(got->exit_status, want->exit_status);
    assert_int_equal(got->signal, want->signal);
    assert_int_equal(got->error, want->error);
    assert_int_equal(got->stop_signal, want->stop_signal);
    assert_int_equal(got->pid, want->pid);
    assert_int_equal(got->slot, want->slot);
    assert_true(got->start_ns == want->start_ns);
    assert_true(got->duration_ns == want->duration_ns);
    assert_true(got->user_ns == want->user_ns);
    assert_true(got->system_ns == want->system_ns);
    assert_true(got->max_rss_bytes == want->max_rss_bytes);
    check_captured(&got->out, &want->out);
    check_captured(&got->err, &want->err);
}

/* What a decoder says of a message of @type with one record of these bytes. */
static inline int record_of(enum message_type type,
                            const void *bytes,
                            uint8_t size)
{
    const uint8_t record_size[] = { size, 0, 0, 0 };
    struct buf b = { 0 };
    int r;

    assert_ok(message_begin(&b, type));
    assert_ok(buf_add(&b, record_size, sizeof(record_size)));
    assert_ok(buf_add(&b, bytes, size));
    (void)wire_put_u32(b.data + WIRE_COUNT_AT, 1);
    message_end(&b);
    r = walk_copy(b.data, b.size, false);
    buf_clear(&b);
    return r;
}

#endif /* BROOD_TESTS_DECODED_H */
