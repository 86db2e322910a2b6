#include "workers/feed.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "proto/message.h"
#include "workers/job.h"
#include "workers/launch.h"
#include "workers/state.h"
#include "workers/sys.h"

/* Returns: 0 all is written; or a negative errno. */
static int write_some(struct feed *feed, const char *data, size_t size)
{
    while (feed->at < size) {
        ssize_t n = write(feed->fd, data + feed->at, size - feed->at);

        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -errno;
        }
        feed->at += (size_t)n;
    }
    return 0;
}

int feed_bytes(struct feed *feed, const struct message_bytes *bytes)
{
    return write_some(feed, bytes->data, bytes->size);
}

void feed_end(struct feed *feed)
{
    sys_close(&feed->fd);
    buf_clear(&feed->buf);
    feed->at = 0;
    feed->watched = false;
}

/* Tell core, for which there is room. */
static void tell(struct worker *w,
                 const struct child *c,
                 size_t bytes,
                 int error)
{
    (void)outbox_taken(&w->outbox, &(struct message_taken){
                                       .key = c->job->m.key,
                                       .bytes = bytes,
                                       .error = error,
                                   });
}

static void watch(struct worker *w, struct child *c, bool wanted)
{
    struct feed *feed = &c->feed;

    if (wanted == feed->watched) {
        return;
    }
    if (!wanted) {
        (void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, feed->fd, NULL);
        feed->watched = false;
    } else {
        feed->watched = launch_watch_input(w, c) == 0;
        if (!feed->watched) {
            launch_watch_later(w);
        }
    }
}

void feed_resume(struct worker *w, struct child *c)
{
    if (c->feed.fd >= 0 && c->feed.buf.size > 0) {
        watch(w, c, true);
    }
}

/* Write what waits of a streamed input. */
static void go_on(struct worker *w, struct child *c)
{
    struct feed *feed = &c->feed;
    size_t before = feed->at;
    int r = write_some(feed, (const char *)feed->buf.data, feed->buf.size);
    size_t bytes = feed->at - before;

    if (r == -EAGAIN) {
        watch(w, c, true);
        if (bytes > 0) {
            tell(w, c, bytes, 0);
        }
        return;
    }
    watch(w, c, false);
    if (r < 0 || feed->last) {
        feed_end(feed);
    } else {
        feed->buf.size = 0;
        feed->at = 0;
    }
    if (bytes > 0 || r < 0) {
        tell(w, c, bytes, r);
    }
}

int feed_piece(struct worker *w,
               struct child *c,
               const struct message_piece *piece)
{
    struct feed *feed = &c->feed;
    int r;

    if (feed->fd < 0 || feed->last) {
        return 0;
    }
    r = outbox_reserve_taken(&w->outbox);
    if (r == 0) {
        r = buf_add(&feed->buf, piece->data.data, piece->data.size);
    }
    if (r < 0) {
        return r;
    }
    feed->last = piece->last != 0;
    go_on(w, c);
    return 0;
}

void feed_on_room(struct worker *w, struct child *c)
{
    if (c->job->m.input == MESSAGE_INPUT_STREAM) {
        if (outbox_reserve_taken(&w->outbox) == 0) {
            go_on(w, c);
        }
        return;
    }
    if (feed_bytes(&c->feed, &c->job->m.input_data) != -EAGAIN) {
        /* All written, or the child reads no more: both are its own affair. */
        feed_end(&c->feed);
    }
}
