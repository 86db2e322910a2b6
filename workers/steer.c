/*
 * steer - what core says of one running child, carried out.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/mem.h"
#include "proto/steer.h"
#include "workers/job.h"
#include "workers/state.h"
#include "workers/sys.h"

enum {
    /* More of an output's end is not told. */
    TAIL_MAX = 64 * 1024,
};

/* A child that has been started and has no result yet; or NULL. */
static struct child *find(struct worker *w, uint64_t key)
{
    for (struct list *l = w->running.next; l != &w->running; l = l->next) {
        struct child *c = LIST_ENTRY(l, struct child, link);

        if (c->job->m.key == key) {
            return c;
        }
    }
    return NULL;
}

int steer_input(struct worker *w, struct reader *reader)
{
    int r = 0;

    while (r == 0 && reader->left > 0) {
        struct reader before = *reader;
        struct message_piece m;
        struct child *c;

        r = decode_piece(reader, &m);
        c = r == 0 ? find(w, m.key) : NULL;
        if (c != NULL) {
            r = feed_piece(w, c, &m);
        }
        if (r == -ENOMEM) {
            /* The frame is carried out again, from here. */
            *reader = before;
        }
    }
    return r;
}

int steer_pause(struct worker *w, struct reader *reader)
{
    int r = 0;

    while (r == 0 && reader->left > 0) {
        struct message_pause m;
        struct child *c;

        r = decode_pause(reader, &m);
        c = r == 0 ? find(w, m.key) : NULL;
        if (c != NULL) {
            stream_hold(w, c, m.stream == 1 ? &c->out : &c->err, m.paused != 0);
        }
    }
    return r;
}

static bool is_ending(int sig)
{
    return sig == SIGTERM || sig == SIGINT || sig == SIGHUP || sig == SIGQUIT ||
           sig == SIGABRT;
}

int steer_kill(struct worker *w, struct reader *reader)
{
    int r = 0;

    while (r == 0 && reader->left > 0) {
        struct message_kill m;
        struct child *c;

        r = decode_kill(reader, &m);
        c = r == 0 ? find(w, m.key) : NULL;
        if (c == NULL || c->reaped) {
            continue;
        }
        child_signal(c, (int)m.signal, m.alone != 0);
        if (is_ending((int)m.signal)) {
            /* A stopped child sees no other signal. */
            child_signal(c, SIGCONT, m.alone != 0);
        }
    }
    return r;
}

int steer_leave(struct worker *w, struct reader *reader)
{
    int r = 0;

    while (r == 0 && reader->left > 0) {
        struct message_leave m;
        struct child *c;

        r = decode_leave(reader, &m);
        c = r == 0 ? find(w, m.key) : NULL;
        if (c != NULL) {
            r = child_leave(w, c);
        }
    }
    return r;
}

static int tell_tail(struct worker *w,
                     const struct child *c,
                     const struct message_peek *m)
{
    size_t size = m->size < TAIL_MAX ? m->size : TAIL_MAX;
    void *bytes = brood_malloc(size + 1);
    int r;

    if (bytes == NULL) {
        return 0; /* It was only a look. */
    }
    size = capture_tail(m->stream == 1 ? &c->out.capture : &c->err.capture,
                        bytes, size);
    r = outbox_tail(&w->outbox, &(struct message_output){
                                    .key = m->key,
                                    .stream = m->stream,
                                    .data = { .data = bytes, .size = size },
                                });
    free(bytes);
    return r == -ENOMEM ? 0 : r;
}

int steer_peek(struct worker *w, struct reader *reader)
{
    int r = 0;

    while (r == 0 && reader->left > 0) {
        struct message_peek m;
        const struct child *c;

        r = decode_peek(reader, &m);
        c = r == 0 ? find(w, m.key) : NULL;
        if (c != NULL) {
            r = tell_tail(w, c, &m);
        }
    }
    return r;
}
