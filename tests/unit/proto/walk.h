#ifndef BROOD_TESTS_WALK_H
#define BROOD_TESTS_WALK_H

/*
 * walk - decode a whole message, read every byte that its views lead to, and
 * abort when one of the promises of decode.h is broken.
 */

#include <stdlib.h>
#include <string.h>

#include "proto/decode.h"

struct walk {
    struct reader reader;
    uint16_t type;
    /** Grows with each byte, so that no read is left out as useless. */
    volatile unsigned sum;
};

static inline void walk_must(bool promise)
{
    if (!promise) {
        abort();
    }
}

static inline void walk_bytes(struct walk *w, struct message_bytes b)
{
    const unsigned char *p = b.data;

    for (size_t i = 0; i < b.size; i++) {
        w->sum += p[i];
    }
}

static inline void walk_text(struct walk *w, const char *text)
{
    walk_bytes(w, (struct message_bytes){ text, strlen(text) });
}

static inline void walk_texts(struct walk *w, const struct message_texts *t)
{
    const char *text = NULL;
    uint32_t n = 0;

    while ((text = texts_next(t, text)) != NULL) {
        walk_must(text >= t->data && text < t->data + t->size);
        walk_text(w, text);
        n++;
    }
    walk_must(n == t->count);
}

static inline void walk_must_be_signal(uint32_t n, uint32_t least)
{
    walk_must(n >= least && n <= 64);
}

static inline int walk_context(struct walk *w)
{
    struct message_context m;
    int r = decode_context(&w->reader, &m);

    if (r == 0) {
        walk_text(w, m.dir);
        walk_texts(w, &m.env);
    }
    return r;
}

static inline void walk_job_limits(const struct message_job *m)
{
    walk_must(m->n_stop <= MESSAGE_STOP_STEPS_MAX);
    for (size_t i = 0; i < m->n_stop; i++) {
        walk_must_be_signal(m->stop[i].signal, 1);
    }
    walk_must_be_signal(m->death_signal, 0);
    walk_must(m->timeout_ms >= 0 && m->drain_ms >= 0);
}

static inline int walk_job(struct walk *w)
{
    struct message_job m;
    int r = decode_job(&w->reader, &m);

    if (r < 0) {
        return r;
    }
    walk_job_limits(&m);
    walk_must(m.input < MESSAGE_INPUT_COUNT);
    walk_must(m.out < MESSAGE_POLICY_MERGE && m.err < MESSAGE_POLICY_COUNT);
    walk_must((m.input_fd >= 0) == (m.input == MESSAGE_INPUT_FD));
    walk_must(m.input_fd == -1 || w->reader.local);
    walk_must((m.flags & MESSAGE_JOB_SHELL) != 0 ? m.args.count == 1
                                                 : m.args.count >= 1);
    walk_text(w, m.shell_path);
    walk_text(w, m.dir);
    walk_text(w, m.input_path);
    walk_text(w, m.slot_mark);
    walk_texts(w, &m.args);
    walk_texts(w, &m.env);
    walk_bytes(w, m.input_data);
    return 0;
}

static inline int walk_output(struct walk *w)
{
    struct message_output m;
    int r = decode_output(&w->reader, &m);

    if (r == 0) {
        walk_must(m.stream == 1 || m.stream == 2);
        walk_bytes(w, m.data);
    }
    return r;
}

static inline void walk_captured(struct walk *w,
                                 const struct message_captured *c)
{
    walk_must(c->fd == -1 || (c->fd >= 0 && w->reader.local));
    walk_must(c->error <= 0 && c->error >= -4095);
    walk_bytes(w, c->data);
}

static inline int walk_result(struct walk *w)
{
    struct message_result m;
    int r = decode_result(&w->reader, &m);

    if (r < 0) {
        return r;
    }
    walk_must(m.outcome < MESSAGE_OUTCOME_COUNT);
    walk_must(m.step < MESSAGE_STEP_COUNT);
    walk_must(m.exit_status >= -1 && m.exit_status <= 255);
    walk_must_be_signal((uint32_t)m.signal, 0);
    walk_must_be_signal((uint32_t)m.stop_signal, 0);
    walk_must(m.error <= 0 && m.error >= -4095 && m.pid <= INT32_MAX);
    walk_must(m.start_ns >= 0 && m.duration_ns >= 0);
    walk_must(m.user_ns >= 0 && m.system_ns >= 0);
    walk_captured(w, &m.out);
    walk_captured(w, &m.err);
    return 0;
}

static inline int walk_signal(struct walk *w)
{
    struct message_signal m;
    int r = decode_signal(&w->reader, &m);

    if (r == 0) {
        walk_must_be_signal(m.signal, 1);
    }
    return r;
}

static inline int walk_record(struct walk *w)
{
    union {
        struct message_forget forget;
        struct message_take_back take_back;
        struct message_cancel cancel;
        struct message_credit credit;
        struct message_hello hello;
        struct message_started started;
        struct message_returned returned;
    } m;

    switch (w->type) {
    case MESSAGE_CONTEXT:
        return walk_context(w);
    case MESSAGE_FORGET:
        return decode_forget(&w->reader, &m.forget);
    case MESSAGE_JOBS:
        return walk_job(w);
    case MESSAGE_TAKE_BACK:
        return decode_take_back(&w->reader, &m.take_back);
    case MESSAGE_CANCEL:
        return decode_cancel(&w->reader, &m.cancel);
    case MESSAGE_SIGNAL:
        return walk_signal(w);
    case MESSAGE_CREDIT:
        return decode_credit(&w->reader, &m.credit);
    case MESSAGE_HELLO:
        return decode_hello(&w->reader, &m.hello);
    case MESSAGE_STARTED:
        return decode_started(&w->reader, &m.started);
    case MESSAGE_OUTPUT:
        return walk_output(w);
    case MESSAGE_RESULTS:
        return walk_result(w);
    case MESSAGE_RETURNED:
        return decode_returned(&w->reader, &m.returned);
    default:
        /* SHUTDOWN and BYE have no record. */
        abort();
    }
}

/** Returns: 0, or the error of the first call that failed. */
static inline int walk_message(const void *data, size_t size, bool local)
{
    struct walk w = { 0 };
    struct message_header h;
    int r = message_open(data, size, local, &h, &w.reader);

    w.type = r == 0 ? h.type : 0;
    while (r == 0 && w.reader.left > 0) {
        r = walk_record(&w);
    }
    if (r == 0) {
        walk_must(w.reader.next == w.reader.end);
    }
    return r;
}

#endif /* BROOD_TESTS_WALK_H */
