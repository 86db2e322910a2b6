#include "workers/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "workers/job.h"
#include "workers/launch.h"
#include "workers/state.h"
#include "workers/sys.h"

enum {
    /* Reads from one stream before others have their turn. */
    READS_MAX = 16,
    /* Streamed bytes on their way to core before children have to wait. */
    STREAM_WINDOW_BYTES = 1 << 20,
};

/* How long a child has to live for its streams to be watched. */
#define FRESH_NS (5 * CLOCK_NS_PER_MS)

/* Returns: 0 or a negative error; one that is watched already is none. */
static int watch_stream(struct worker *w, struct child *c, struct stream *s)
{
    int r = s->fd < 0 ? 0 : launch_watch_stream(w, c, s);

    return r == -EEXIST ? 0 : r;
}

int streams_watch(struct worker *w, struct child *c)
{
    int r = watch_stream(w, c, &c->out);

    return r < 0 ? r : watch_stream(w, c, &c->err);
}

static ssize_t stream_piece(struct worker *w, struct child *c, struct stream *s)
{
    struct message_output m = {
        .key = c->job->m.key,
        .stream = s == &c->out ? 1 : 2,
        .data.data = w->scratch,
    };
    ssize_t n = read(s->fd, w->scratch, sizeof(w->scratch));

    if (n < 0) {
        return -errno;
    }
    if (n > 0) {
        m.data.size = (size_t)n;
        if (outbox_output(&w->outbox, &m) < 0) {
            s->capture.lost += (uint64_t)n;
            s->capture.error = -ENOMEM;
        } else {
            w->streamed_bytes += (uint64_t)n;
            s->capture.size += (uint64_t)n;
        }
    }
    return n;
}

bool stream_must_wait(const struct worker *w, const struct stream *s)
{
    return s->held || (s->policy == MESSAGE_POLICY_STREAM &&
                       w->streamed_bytes >= STREAM_WINDOW_BYTES);
}

/* It will not be read any more. */
void stream_forget(struct worker *w, struct stream *s)
{
    sys_close(&s->fd);
    if (s->paused) {
        s->paused = false;
        w->n_paused--;
    }
}

/* It is at its end. */
void stream_close(struct worker *w, struct child *c, struct stream *s)
{
    if (s->fd < 0) {
        return;
    }
    stream_forget(w, s);
    if (s->policy == MESSAGE_POLICY_STREAM && child_has_events(c)) {
        /* What cannot be told for lack of memory is told by the result. */
        (void)outbox_output(&w->outbox, &(struct message_output){
                                            .key = c->job->m.key,
                                            .stream = s == &c->out ? 1 : 2,
                                        });
    }
}

/*
 * Read from a stream that is readable, or has nobody any more that writes to
 * it: then to its end, since that never blocks.
 *
 * Returns: 1 there may be more; 0 it is at its end, and closed.
 */
int stream_read(struct worker *w,
                struct child *c,
                struct stream *s,
                bool hung_up)
{
    int reads = hung_up ? READS_MAX : 1;
    ssize_t n = 1;

    while (n > 0 && reads-- > 0) {
        if (stream_must_wait(w, s)) {
            return 1;
        }
        if (s->policy == MESSAGE_POLICY_STREAM) {
            n = stream_piece(w, c, s);
        } else {
            n = capture_read(&s->capture, s->fd, w->scratch,
                             sizeof(w->scratch));
        }
        if (n == -EINTR || n == -EAGAIN) {
            return 1;
        }
    }
    if (n > 0) {
        return 1;
    }
    if (n < 0 && s->capture.error == 0) {
        s->capture.error = (int)n;
    }
    stream_close(w, c, s);
    return 0;
}

/* Take what is in the pipes of a child that was never watched. Pipes that
 * others hold open are watched from here on. */
void streams_empty(struct worker *w, struct child *c)
{
    struct pollfd p[] = { { .fd = c->out.fd, .events = POLLIN },
                          { .fd = c->err.fd, .events = POLLIN } };
    struct stream *streams[] = { &c->out, &c->err };

    if (poll(p, 2, 0) < 0) {
        return; /* It stays among the fresh, to be watched. */
    }
    list_remove(&c->fresh);
    for (int i = 0; i < 2; i++) {
        struct stream *s = streams[i];

        if (s->fd < 0) {
            continue;
        }
        if ((p[i].revents & POLLIN) != 0) {
            (void)stream_read(w, c, s, (p[i].revents & POLLHUP) != 0);
        } else if ((p[i].revents & POLLHUP) != 0) {
            stream_close(w, c, s); /* nothing in it, nobody to write */
        }
        if (s->fd >= 0 && launch_watch_stream(w, c, s) < 0) {
            list_append(&w->fresh, &c->fresh);
            return;
        }
    }
}

void stream_pause(struct worker *w, struct stream *s)
{
    if (epoll_ctl(w->epoll, EPOLL_CTL_DEL, s->fd, NULL) == 0) {
        s->paused = true;
        w->n_paused++;
    }
}

int64_t streams_fresh_due_ns(const struct worker *w)
{
    struct list *first = list_first(&w->fresh);

    return first == NULL
               ? INT64_MAX
               : LIST_ENTRY(first, struct child, fresh)->start_ns + FRESH_NS;
}

void streams_watch_fresh(struct worker *w, int64_t now_ns)
{
    while (streams_fresh_due_ns(w) <= now_ns) {
        struct child *c =
            LIST_ENTRY(list_first(&w->fresh), struct child, fresh);

        if (streams_watch(w, c) < 0) {
            return; /* No memory for it now; it stays the next. */
        }
        list_remove(&c->fresh);
    }
}

void streams_resume(struct worker *w, struct child *c)
{
    struct stream *streams[] = { &c->out, &c->err };

    for (int i = 0; i < 2; i++) {
        struct stream *s = streams[i];

        if (!s->paused || s->held) {
            continue;
        }
        if (launch_watch_stream(w, c, s) < 0) {
            launch_watch_later(w);
            continue;
        }
        s->paused = false;
        w->n_paused--;
    }
}

void stream_hold(struct worker *w, struct child *c, struct stream *s, bool hold)
{
    s->held = hold;
    if (s->fd < 0) {
        return;
    }
    if (!hold) {
        streams_resume(w, c);
    } else if (!s->paused) {
        stream_pause(w, s);
    }
}
