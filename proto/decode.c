#include "proto/decode.h"

#include <errno.h>
#include <string.h>

#include "proto/attributes.h"
#include "proto/cursor.h"
#include "proto/wire.h"

static bool is_signal(uint32_t n)
{
    return n >= 1 && n <= MESSAGE_SIGNAL_MAX;
}

static bool is_signal_or_none(int32_t n)
{
    return n >= 0 && n <= MESSAGE_SIGNAL_MAX;
}

/* 0 or a negative errno. */
static bool is_error(int32_t error)
{
    return error <= 0 && error >= -MESSAGE_ERRNO_MAX;
}

static bool is_pid(uint32_t pid)
{
    return pid <= INT32_MAX;
}

static bool is_fd_allowed(const struct reader *r, int32_t fd)
{
    return fd == -1 || (fd >= 0 && r->local);
}

/* Which types there are, and how many records each has. */
static bool is_count_right(uint16_t type, uint32_t count)
{
    switch (type) {
    case MESSAGE_CONTEXT:
    case MESSAGE_FORGET:
    case MESSAGE_TAKE_BACK:
    case MESSAGE_SIGNAL:
    case MESSAGE_CREDIT:
    case MESSAGE_HELLO:
    case MESSAGE_LINK_HELLO:
    case MESSAGE_LINK_ACK:
    case MESSAGE_LINK_BYE:
        return count == 1;
    case MESSAGE_LINK_DATA:
        return count >= 2;
    case MESSAGE_SHUTDOWN:
    case MESSAGE_BYE:
        return count == 0;
    case MESSAGE_JOBS:
    case MESSAGE_CANCEL:
    case MESSAGE_STARTED:
    case MESSAGE_OUTPUT:
    case MESSAGE_RESULTS:
    case MESSAGE_RETURNED:
    case MESSAGE_INPUT:
    case MESSAGE_PAUSE:
    case MESSAGE_KILL:
    case MESSAGE_LEAVE:
    case MESSAGE_PEEK:
    case MESSAGE_TAIL:
    case MESSAGE_TAKEN:
    case MESSAGE_ENDED:
        return true;
    default:
        return false;
    }
}

static bool do_records_fill(const uint8_t *p, size_t size, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t record;

        if (size < WIRE_SIZE) {
            return false;
        }
        record = wire_u32(p);
        size -= WIRE_SIZE;
        if (record > size) {
            return false;
        }
        p += WIRE_SIZE + record;
        size -= record;
    }
    return size == 0;
}

int message_open(const void *data,
                 size_t size,
                 bool local,
                 struct message_header *ret_header,
                 struct reader *ret_reader)
{
    const uint8_t *p = data;
    const uint8_t *body;
    struct message_header h;

    if (size < MESSAGE_HEADER_SIZE) {
        return -EBADMSG;
    }
    h.version = wire_u16(p + WIRE_VERSION_AT);
    if (wire_u32(p) != MESSAGE_MAGIC || h.version != MESSAGE_VERSION) {
        return -EPROTO;
    }
    h.type = wire_u16(p + WIRE_TYPE_AT);
    h.count = wire_u32(p + WIRE_COUNT_AT);
    h.body_size = wire_u32(p + WIRE_BODY_SIZE_AT);
    body = p + MESSAGE_HEADER_SIZE;
    if (h.body_size != size - MESSAGE_HEADER_SIZE ||
        h.body_size > MESSAGE_SIZE_MAX || !is_count_right(h.type, h.count) ||
        !do_records_fill(body, h.body_size, h.count)) {
        return -EBADMSG;
    }
    *ret_header = h;
    *ret_reader = (struct reader){
        .next = body,
        .end = body + h.body_size,
        .left = h.count,
        .local = local,
    };
    return 0;
}

int decode_context(struct reader *r, struct message_context *ret)
{
    struct message_context m;
    struct cursor c;

    if (!cursor_open(r, WIRE_CONTEXT, &c)) {
        return -EBADMSG;
    }
    m.id = fixed_u32(&c);
    m.dir = cursor_text(&c);
    m.env = cursor_texts(&c);
    if (c.bad) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

static int decode_u32(struct reader *r, uint32_t *ret)
{
    struct cursor c;

    if (!cursor_open(r, sizeof(*ret), &c)) {
        return -EBADMSG;
    }
    *ret = fixed_u32(&c);
    cursor_close(r, &c);
    return 0;
}

static int decode_u64(struct reader *r, uint64_t *ret)
{
    struct cursor c;

    if (!cursor_open(r, sizeof(*ret), &c)) {
        return -EBADMSG;
    }
    *ret = fixed_u64(&c);
    cursor_close(r, &c);
    return 0;
}

int decode_forget(struct reader *r, struct message_forget *ret)
{
    return decode_u32(r, &ret->id);
}

int decode_take_back(struct reader *r, struct message_take_back *ret)
{
    return decode_u32(r, &ret->count);
}

int decode_cancel(struct reader *r, struct message_cancel *ret)
{
    return decode_u64(r, &ret->key);
}

int decode_signal(struct reader *r, struct message_signal *ret)
{
    struct cursor c;
    uint32_t n;

    if (!cursor_open(r, WIRE_SIGNAL, &c)) {
        return -EBADMSG;
    }
    n = fixed_u32(&c);
    if (!is_signal(n)) {
        return -EBADMSG;
    }
    ret->signal = n;
    cursor_close(r, &c);
    return 0;
}

int decode_credit(struct reader *r, struct message_credit *ret)
{
    return decode_u64(r, &ret->bytes);
}

int decode_hello(struct reader *r, struct message_hello *ret)
{
    struct message_hello m;
    struct cursor c;

    if (!cursor_open(r, WIRE_HELLO, &c)) {
        return -EBADMSG;
    }
    m.slots = fixed_u32(&c);
    m.pid = fixed_u32(&c);
    if (!is_pid(m.pid)) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_started(struct reader *r, struct message_started *ret)
{
    struct message_started m;
    struct cursor c;

    if (!cursor_open(r, WIRE_STARTED, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.pid = fixed_u32(&c);
    m.slot = fixed_u32(&c);
    m.start_ns = fixed_i64(&c);
    if (!is_pid(m.pid) || m.start_ns < 0) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_output(struct reader *r, struct message_output *ret)
{
    struct message_output m;
    struct cursor c;

    if (!cursor_open(r, WIRE_OUTPUT, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.stream = fixed_u8(&c);
    c.p += 3;
    m.data = cursor_bytes(&c);
    if (c.bad || (m.stream != 1 && m.stream != 2)) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

int decode_returned(struct reader *r, struct message_returned *ret)
{
    struct message_returned m;
    struct cursor c;

    if (!cursor_open(r, WIRE_RETURNED, &c)) {
        return -EBADMSG;
    }
    m.key = fixed_u64(&c);
    m.reason = fixed_i32(&c);
    if (!is_error(m.reason)) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

static void read_job_fixed(struct cursor *c, struct message_job *m)
{
    m->key = fixed_u64(c);
    m->context = fixed_u32(c);
    m->flags = fixed_u32(c);
    m->input = fixed_u8(c);
    m->out = fixed_u8(c);
    m->err = fixed_u8(c);
    m->n_stop = fixed_u8(c);
    m->timeout_ms = fixed_i64(c);
    m->drain_ms = fixed_i64(c);
    m->input_fd = fixed_i32(c);
    m->nice = fixed_i32(c);
    m->death_signal = fixed_u32(c);
}

static bool is_job_fixed_right(const struct reader *r,
                               const struct message_job *m)
{
    bool has_fd = m->input == MESSAGE_INPUT_FD;

    return (m->flags & ~(uint32_t)MESSAGE_JOB_FLAGS) == 0 &&
           m->input < MESSAGE_INPUT_COUNT && m->out < MESSAGE_POLICY_COUNT &&
           m->out != MESSAGE_POLICY_MERGE && m->err < MESSAGE_POLICY_COUNT &&
           m->n_stop <= MESSAGE_STOP_STEPS_MAX && m->timeout_ms >= 0 &&
           m->drain_ms >= 0 && is_fd_allowed(r, m->input_fd) &&
           has_fd == (m->input_fd >= 0) &&
           m->death_signal <= MESSAGE_SIGNAL_MAX;
}

static void read_job_stop(struct cursor *c, struct message_job *m)
{
    for (size_t i = 0; i < m->n_stop; i++) {
        m->stop[i].signal = cursor_u32(c);
        m->stop[i].wait_ms = cursor_u32(c);
        c->bad = c->bad || !is_signal(m->stop[i].signal);
    }
}

static bool is_arg_count_right(const struct message_job *m)
{
    if ((m->flags & MESSAGE_JOB_SHELL) != 0) {
        return m->args.count == 1;
    }
    return m->args.count >= 1;
}

int decode_job(struct reader *r, struct message_job *ret)
{
    struct message_job m = { 0 };
    struct cursor c;

    if (!cursor_open(r, WIRE_JOB, &c)) {
        return -EBADMSG;
    }
    read_job_fixed(&c, &m);
    if (!is_job_fixed_right(r, &m)) {
        return -EBADMSG;
    }
    read_job_stop(&c, &m);
    m.shell_path = cursor_text(&c);
    m.dir = cursor_text(&c);
    m.input_path = cursor_text(&c);
    m.slot_mark = cursor_text(&c);
    m.args = cursor_texts(&c);
    m.env = cursor_texts(&c);
    m.input_data = cursor_bytes(&c);
    attributes_read(&c, r->local, &m);
    if (c.bad || !is_arg_count_right(&m)) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

static void read_captured_fixed(struct cursor *c, struct message_captured *m)
{
    m->fd = fixed_i32(c);
    m->error = fixed_i32(c);
    m->size = fixed_u64(c);
    m->lost = fixed_u64(c);
}

static void read_result_fixed(struct cursor *c, struct message_result *m)
{
    m->key = fixed_u64(c);
    m->outcome = fixed_u8(c);
    m->flags = fixed_u8(c);
    m->step = fixed_u8(c);
    c->p++;
    m->exit_status = fixed_i32(c);
    m->signal = fixed_i32(c);
    m->error = fixed_i32(c);
    m->stop_signal = fixed_i32(c);
    m->pid = fixed_u32(c);
    m->slot = fixed_u32(c);
    m->start_ns = fixed_i64(c);
    m->duration_ns = fixed_i64(c);
    m->user_ns = fixed_i64(c);
    m->system_ns = fixed_i64(c);
    m->max_rss_bytes = fixed_u64(c);
    read_captured_fixed(c, &m->out);
    read_captured_fixed(c, &m->err);
}

static bool is_captured_right(const struct reader *r,
                              const struct message_captured *m)
{
    return is_fd_allowed(r, m->fd) && is_error(m->error);
}

static bool is_result_right(const struct reader *r,
                            const struct message_result *m)
{
    return m->outcome < MESSAGE_OUTCOME_COUNT &&
           (m->flags & ~MESSAGE_RESULT_FLAGS) == 0 &&
           m->step < MESSAGE_STEP_COUNT && m->exit_status >= -1 &&
           m->exit_status <= MESSAGE_EXIT_STATUS_MAX &&
           is_signal_or_none(m->signal) && is_error(m->error) &&
           is_signal_or_none(m->stop_signal) && is_pid(m->pid) &&
           m->start_ns >= 0 && m->duration_ns >= 0 && m->user_ns >= 0 &&
           m->system_ns >= 0 && is_captured_right(r, &m->out) &&
           is_captured_right(r, &m->err);
}

int decode_result(struct reader *r, struct message_result *ret)
{
    struct message_result m;
    struct cursor c;

    if (!cursor_open(r, WIRE_RESULT, &c)) {
        return -EBADMSG;
    }
    read_result_fixed(&c, &m);
    m.out.data = cursor_bytes(&c);
    m.err.data = cursor_bytes(&c);
    if (c.bad || !is_result_right(r, &m)) {
        return -EBADMSG;
    }
    *ret = m;
    cursor_close(r, &c);
    return 0;
}

const char *texts_next(const struct message_texts *texts, const char *text)
{
    const char *next = text == NULL ? texts->data : text + strlen(text) + 1;

    return texts->size == 0 || next == texts->data + texts->size ? NULL : next;
}
