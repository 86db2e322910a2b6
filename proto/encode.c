#include "proto/encode.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/attributes.h"
#include "proto/record.h"
#include "proto/wire.h"

/*
 * Each record is measured first, then room is made for it once, then it is
 * written through a bare pointer. record_close() asserts that the measure was
 * right.
 */

uint8_t *record_put_bytes(uint8_t *p, const void *data, size_t size)
{
    p = wire_put_u32(p, (uint32_t)size);
    if (size > 0) {
        memcpy(p, data, size);
    }
    return p + size;
}

uint8_t *record_put_text(uint8_t *p, const char *text, size_t size)
{
    p = wire_put_u32(p, (uint32_t)size);
    memcpy(p, text, size + 1);
    return p + size + 1;
}

static uint8_t *put_texts(uint8_t *p, const struct message_texts *t)
{
    p = wire_put_u32(p, t->count);
    return record_put_bytes(p, t->data, t->size);
}

uint64_t record_text_room(size_t size)
{
    return (uint64_t)WIRE_SIZE + size + 1;
}

/* Make room behind the end for a record of @size and put its size there. */
static int record_open(struct buf *b,
                       uint64_t size,
                       size_t body_size,
                       uint8_t **ret)
{
    int r;

    if (size > MESSAGE_SIZE_MAX ||
        body_size + WIRE_SIZE + size > MESSAGE_SIZE_MAX) {
        return -E2BIG;
    }
    r = buf_reserve(b, WIRE_SIZE + (size_t)size);
    if (r < 0) {
        return r;
    }
    *ret = wire_put_u32(b->data + b->size, (uint32_t)size);
    return 0;
}

static void record_close(struct buf *b, const uint8_t *end)
{
    const uint8_t *start = b->data + b->size;

    assert(wire_u32(start) == (size_t)(end - start) - WIRE_SIZE);
    b->size += (size_t)(end - start);
}

static size_t message_body_size(const struct buf *b)
{
    assert(b->size >= MESSAGE_HEADER_SIZE);
    return b->size - MESSAGE_HEADER_SIZE;
}

int record_begin(struct buf *b, uint64_t size, uint8_t **ret)
{
    return record_open(b, size, message_body_size(b), ret);
}

static void message_count_record(struct buf *b)
{
    (void)wire_put_u32(b->data + WIRE_COUNT_AT, message_count(b) + 1);
}

int record_end(struct buf *b, const uint8_t *end)
{
    record_close(b, end);
    message_count_record(b);
    return 0;
}

int message_begin(struct buf *b, enum message_type type)
{
    uint8_t *p;
    int r;

    assert(b->size == 0);
    r = buf_reserve(b, MESSAGE_HEADER_SIZE);
    if (r < 0) {
        return r;
    }
    p = wire_put_u32(b->data, MESSAGE_MAGIC);
    p = wire_put_u16(p, MESSAGE_VERSION);
    p = wire_put_u16(p, (uint16_t)type);
    p = wire_put_u32(p, 0);
    p = wire_put_u32(p, 0);
    b->size = (size_t)(p - b->data);
    return 0;
}

void message_end(struct buf *b)
{
    (void)wire_put_u32(b->data + WIRE_BODY_SIZE_AT,
                       (uint32_t)message_body_size(b));
}

uint32_t message_count(const struct buf *b)
{
    assert(b->size >= MESSAGE_HEADER_SIZE);
    return wire_u32(b->data + WIRE_COUNT_AT);
}

/* The texts of a job, measured once. */
struct job_sizes {
    size_t shell_path;
    size_t dir;
    size_t input_path;
    size_t slot_mark;
};

static uint64_t job_measure(const struct message_job *m, struct job_sizes *s)
{
    s->shell_path = strlen(m->shell_path);
    s->dir = strlen(m->dir);
    s->input_path = strlen(m->input_path);
    s->slot_mark = strlen(m->slot_mark);
    return (uint64_t)WIRE_JOB + (uint64_t)m->n_stop * WIRE_STOP_STEP +
           record_text_room(s->shell_path) + record_text_room(s->dir) +
           record_text_room(s->input_path) + record_text_room(s->slot_mark) +
           WIRE_TEXTS + m->args.size + WIRE_TEXTS + m->env.size + WIRE_SIZE +
           m->input_data.size + attributes_room(m);
}

static uint8_t *put_job_fixed(uint8_t *p, const struct message_job *m)
{
    bool has_fd = m->input == MESSAGE_INPUT_FD;

    p = wire_put_u64(p, m->key);
    p = wire_put_u32(p, m->context);
    p = wire_put_u32(p, m->flags);
    *p++ = m->input;
    *p++ = m->out;
    *p++ = m->err;
    *p++ = m->n_stop;
    p = wire_put_i64(p, m->timeout_ms);
    p = wire_put_i64(p, m->drain_ms);
    p = wire_put_i32(p, has_fd ? m->input_fd : -1);
    p = wire_put_i32(p, m->nice);
    return wire_put_u32(p, m->death_signal);
}

static int put_job(struct buf *b, const struct message_job *m, size_t body_size)
{
    struct job_sizes s;
    uint8_t *p;
    int r;

    assert(m->n_stop <= MESSAGE_STOP_STEPS_MAX);
    r = record_open(b, job_measure(m, &s), body_size, &p);
    if (r < 0) {
        return r;
    }
    p = put_job_fixed(p, m);
    for (size_t i = 0; i < m->n_stop; i++) {
        p = wire_put_u32(p, m->stop[i].signal);
        p = wire_put_u32(p, m->stop[i].wait_ms);
    }
    p = record_put_text(p, m->shell_path, s.shell_path);
    p = record_put_text(p, m->dir, s.dir);
    p = record_put_text(p, m->input_path, s.input_path);
    p = record_put_text(p, m->slot_mark, s.slot_mark);
    p = put_texts(p, &m->args);
    p = put_texts(p, &m->env);
    p = record_put_bytes(p, m->input_data.data, m->input_data.size);
    p = attributes_put(p, m);
    record_close(b, p);
    return 0;
}

int encode_record(struct buf *b, const void *record, size_t size)
{
    int r;

    assert(size >= WIRE_SIZE && wire_u32(record) == size - WIRE_SIZE);
    if (message_body_size(b) + size > MESSAGE_SIZE_MAX) {
        return -E2BIG;
    }
    r = buf_add(b, record, size);
    if (r < 0) {
        return r;
    }
    message_count_record(b);
    return 0;
}

int encode_job_record(struct buf *b, const struct message_job *job)
{
    return put_job(b, job, 0);
}

void encode_job_set_key(void *record, uint64_t key)
{
    (void)wire_put_u64((uint8_t *)record + WIRE_KEY_AT, key);
}

void encode_job_set_input_fd(void *record, int fd)
{
    (void)wire_put_i32((uint8_t *)record + WIRE_INPUT_FD_AT, fd);
}

int encode_job(struct buf *b, const struct message_job *m)
{
    int r = put_job(b, m, message_body_size(b));

    if (r < 0) {
        return r;
    }
    message_count_record(b);
    return 0;
}

int encode_context(struct buf *b, const struct message_context *m)
{
    size_t dir_size = strlen(m->dir);
    uint8_t *p;
    int r;

    r = record_begin(
        b, WIRE_CONTEXT + record_text_room(dir_size) + WIRE_TEXTS + m->env.size,
        &p);
    if (r < 0) {
        return r;
    }
    p = wire_put_u32(p, m->id);
    p = record_put_text(p, m->dir, dir_size);
    p = put_texts(p, &m->env);
    return record_end(b, p);
}

static int encode_u32(struct buf *b, uint32_t v)
{
    uint8_t *p;
    int r = record_begin(b, 4, &p);

    return r < 0 ? r : record_end(b, wire_put_u32(p, v));
}

static int encode_u64(struct buf *b, uint64_t v)
{
    uint8_t *p;
    int r = record_begin(b, 8, &p);

    return r < 0 ? r : record_end(b, wire_put_u64(p, v));
}

int encode_forget(struct buf *b, const struct message_forget *m)
{
    return encode_u32(b, m->id);
}

int encode_take_back(struct buf *b, const struct message_take_back *m)
{
    return encode_u32(b, m->count);
}

int encode_cancel(struct buf *b, const struct message_cancel *m)
{
    return encode_u64(b, m->key);
}

int encode_signal(struct buf *b, const struct message_signal *m)
{
    return encode_u32(b, m->signal);
}

int encode_credit(struct buf *b, const struct message_credit *m)
{
    return encode_u64(b, m->bytes);
}

int encode_hello(struct buf *b, const struct message_hello *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_HELLO, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u32(p, m->slots);
    p = wire_put_u32(p, m->pid);
    return record_end(b, p);
}

int encode_started(struct buf *b, const struct message_started *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_STARTED, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = wire_put_u32(p, m->pid);
    p = wire_put_u32(p, m->slot);
    p = wire_put_i64(p, m->start_ns);
    return record_end(b, p);
}

/* Three single bytes and one that fills up. */
uint8_t *record_put_three(uint8_t *p, uint8_t a, uint8_t b, uint8_t c)
{
    p[0] = a;
    p[1] = b;
    p[2] = c;
    p[3] = 0;
    return p + 4;
}

int encode_output(struct buf *b, const struct message_output *m)
{
    uint8_t *p;
    int r;

    r = record_begin(b, (uint64_t)WIRE_OUTPUT + WIRE_SIZE + m->data.size, &p);
    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = record_put_three(p, m->stream, 0, 0);
    p = record_put_bytes(p, m->data.data, m->data.size);
    return record_end(b, p);
}

static uint8_t *put_captured(uint8_t *p, const struct message_captured *c)
{
    p = wire_put_i32(p, c->fd);
    p = wire_put_i32(p, c->error);
    p = wire_put_u64(p, c->size);
    return wire_put_u64(p, c->lost);
}

static uint8_t *put_result_fixed(uint8_t *p, const struct message_result *m)
{
    p = wire_put_u64(p, m->key);
    p = record_put_three(p, m->outcome, m->flags, m->step);
    p = wire_put_i32(p, m->exit_status);
    p = wire_put_i32(p, m->signal);
    p = wire_put_i32(p, m->error);
    p = wire_put_i32(p, m->stop_signal);
    p = wire_put_u32(p, m->pid);
    p = wire_put_u32(p, m->slot);
    p = wire_put_i64(p, m->start_ns);
    p = wire_put_i64(p, m->duration_ns);
    p = wire_put_i64(p, m->user_ns);
    p = wire_put_i64(p, m->system_ns);
    p = wire_put_u64(p, m->max_rss_bytes);
    p = put_captured(p, &m->out);
    return put_captured(p, &m->err);
}

int encode_result(struct buf *b, const struct message_result *m)
{
    uint8_t *p;
    int r;

    r = record_begin(b,
                     (uint64_t)WIRE_RESULT + WIRE_SIZE + m->out.data.size +
                         WIRE_SIZE + m->err.data.size,
                     &p);
    if (r < 0) {
        return r;
    }
    p = put_result_fixed(p, m);
    p = record_put_bytes(p, m->out.data.data, m->out.data.size);
    p = record_put_bytes(p, m->err.data.data, m->err.data.size);
    return record_end(b, p);
}

int encode_returned(struct buf *b, const struct message_returned *m)
{
    uint8_t *p;
    int r = record_begin(b, WIRE_RETURNED, &p);

    if (r < 0) {
        return r;
    }
    p = wire_put_u64(p, m->key);
    p = wire_put_i32(p, m->reason);
    return record_end(b, p);
}
