#ifndef BROOD_TESTS_WALK_H
#define BROOD_TESTS_WALK_H

/*
 * walk - decode a whole message, read every byte that its views lead to, and
 * abort when one of the promises of decode.h is broken.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/attributes.h"
#include "proto/decode.h"
#include "proto/steer.h"

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

static inline void walk_attributes(struct walk *w,
                                   const struct message_attributes *a)
{
    walk_must((a->set & ~(uint32_t)MESSAGE_SET_ALL) == 0);
    walk_must(a->umask <= 0777);
    walk_text(w, a->argv0);
    walk_text(w, a->out_path);
    walk_text(w, a->err_path);
    walk_bytes(w, a->groups);
    walk_bytes(w, a->rlimits);
    walk_bytes(w, a->fds);
    walk_must(attributes_group_count(a) <= MESSAGE_GROUPS_MAX);
    walk_must(attributes_rlimit_count(a) <= MESSAGE_RLIMITS_MAX);
    walk_must(attributes_fd_count(a) <= MESSAGE_FDS_MAX);
    for (unsigned i = 0; i < attributes_rlimit_count(a); i++) {
        walk_must(attributes_rlimit(a, i).resource < 64);
    }
    for (unsigned i = 0; i < attributes_fd_count(a); i++) {
        struct message_fd fd = attributes_fd(a, i);

        walk_must(w->reader.local);
        walk_must(fd.fd >= 0 && fd.child >= 0 && fd.child <= 1023);
    }
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
    walk_must(m.out < MESSAGE_POLICY_COUNT && m.out != MESSAGE_POLICY_MERGE &&
              m.err < MESSAGE_POLICY_COUNT);
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
    walk_attributes(w, &m.more);
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

static inline int walk_piece(struct walk *w)
{
    struct message_piece m;
    int r = decode_piece(&w->reader, &m);

    if (r == 0) {
        walk_must(m.last <= 1);
        walk_bytes(w, m.data);
    }
    return r;
}

static inline int walk_pause(struct walk *w)
{
    struct message_pause m;
    int r = decode_pause(&w->reader, &m);

    if (r == 0) {
        walk_must((m.stream == 1 || m.stream == 2) && m.paused <= 1);
    }
    return r;
}

static inline int walk_kill(struct walk *w)
{
    struct message_kill m;
    int r = decode_kill(&w->reader, &m);

    if (r == 0) {
        walk_must_be_signal(m.signal, 1);
        walk_must(m.alone <= 1);
    }
    return r;
}

static inline int walk_peek(struct walk *w)
{
    struct message_peek m;
    int r = decode_peek(&w->reader, &m);

    if (r == 0) {
        walk_must(m.stream == 1 || m.stream == 2);
    }
    return r;
}

static inline int walk_taken(struct walk *w)
{
    struct message_taken m;
    int r = decode_taken(&w->reader, &m);

    if (r == 0) {
        walk_must(m.error <= 0 && m.error >= -4095);
    }
    return r;
}

static inline int walk_ended(struct walk *w)
{
    struct message_ended m;
    int r = decode_ended(&w->reader, &m);

    if (r == 0) {
        walk_must(m.exit_status >= -1 && m.exit_status <= 255);
        walk_must_be_signal((uint32_t)m.signal, 0);
        walk_must((m.flags & ~MESSAGE_RESULT_FLAGS) == 0);
    }
    return r;
}

/* What is said of one child. */
static inline int walk_steer(struct walk *w)
{
    struct message_leave leave;

    switch (w->type) {
    case MESSAGE_INPUT:
        return walk_piece(w);
    case MESSAGE_PAUSE:
        return walk_pause(w);
    case MESSAGE_KILL:
        return walk_kill(w);
    case MESSAGE_LEAVE:
        return decode_leave(&w->reader, &leave);
    case MESSAGE_PEEK:
        return walk_peek(w);
    case MESSAGE_TAKEN:
        return walk_taken(w);
    case MESSAGE_ENDED:
        return walk_ended(w);
    default:
        /* SHUTDOWN and BYE have no record. */
        abort();
    }
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
    case MESSAGE_TAIL:
        return walk_output(w);
    case MESSAGE_RESULTS:
        return walk_result(w);
    case MESSAGE_RETURNED:
        return decode_returned(&w->reader, &m.returned);
    case MESSAGE_LINK_HELLO:
    case MESSAGE_LINK_DATA:
    case MESSAGE_LINK_ACK:
    case MESSAGE_LINK_BYE:
        return -EBADMSG; /* link.c reads these */
    default:
        return walk_steer(w);
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
