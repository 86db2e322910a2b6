#include "proto/line.h"

#include <errno.h>

enum {
    /* What a frame holds beside one message. */
    FRAME_EXTRA = 4096,
    FRAME_LEAST = 1 << 20,
    /* Frames without messages that may be under way beside those with. */
    FRAMES_EXTRA = 1024,
    /* What is received in one go: who never ends to send is not to keep the
     * others waiting. */
    TURN_FRAMES = 128,
};

/*
 * What a peer that keeps to its limits never passes; another is held up there,
 * before we have looked at what it sent.
 */
static struct ipc_bounds bounds(const struct link *link)
{
    const struct link_options *limits = link_limits(link);
    uint64_t size = limits->message_max_bytes + FRAME_EXTRA;

    return (struct ipc_bounds){
        .frame_bytes = (int64_t)(size > FRAME_LEAST ? size : FRAME_LEAST),
        .frames =
            (int)(limits->window_bytes / LINK_MESSAGE_COST) + FRAMES_EXTRA,
    };
}

static int finish(struct line *line, int r)
{
    if (r < 0) {
        line_close(line);
    }
    return r;
}

int line_listen(struct line *line,
                struct channel_context *context,
                const char *path,
                const struct link_options *options)
{
    int r;

    *line = (struct line){ .listens = true };
    r = link_new(options, &line->link);
    if (r == 0) {
        struct ipc_bounds b = bounds(line->link);

        r = ipc_listen(context, path, &b, &line->channel);
    }
    return finish(line, r);
}

int line_join(struct line *line,
              struct channel_context *context,
              const char *endpoint,
              const struct link_options *options)
{
    int r;

    *line = (struct line){ 0 };
    r = link_new(options, &line->link);
    if (r == 0) {
        r = ipc_join(context, endpoint, &line->channel);
    }
    return finish(line, r);
}

void line_close(struct line *line)
{
    line->channel = channel_close(line->channel);
    line->link = link_free(line->link);
    buf_clear(&line->pending);
}

/* Returns: 1 something was received; 0 nothing is there; or an error. */
static int receive(struct line *line,
                   void (*on_message)(void *user, const struct link_message *m),
                   void *user)
{
    struct frame *frame = NULL;
    int r = channel_receive(line->channel, &frame);

    if (r < 0) {
        return r == -EAGAIN ? 0 : r;
    }
    r = link_receive(line->link, frame_data(frame), frame_size(frame),
                     on_message, user);
    frame_unref(frame);
    return r < 0 ? r : 1;
}

/* Returns: 1 something was sent; 0 nothing may go now; -ENOMEM. */
static int send_one(struct line *line, bool flush)
{
    int r;

    if (line->listens && !link_is_open(line->link)) {
        return 0;
    }
    if (line->pending.size == 0) {
        r = link_take_frame(line->link, flush, &line->pending);
        if (r <= 0) {
            return r;
        }
    }
    r = channel_send(line->channel, &line->pending);
    if (r == -EAGAIN) {
        return 0; /* It has not joined, is gone, or takes too little. */
    }
    return r < 0 ? r : 1;
}

/* Returns: how many frames; or an error. */
static int send_all(struct line *line)
{
    int n = 0;
    int r;

    while ((r = send_one(line, true)) > 0) {
        n++;
    }
    return r < 0 ? r : n;
}

void line_send(struct line *line)
{
    if (line->error == 0) {
        (void)send_all(line);
    }
}

void line_fail(struct line *line, int error)
{
    if (line->error == 0) {
        line->error = error;
        link_fail(line->link);
    }
}

/* A send that failed may hide that something came, and a receive that there is
 * room again: the channel's descriptor tells of neither any more. */
static bool may_go_on(const struct line *line)
{
    return line->pending.size > 0 && channel_is_ready(line->channel);
}

int line_pump(struct line *line,
              void (*on_message)(void *user, const struct link_message *m),
              void *user)
{
    int received;
    int sent;
    int n = 0;

    if (line->error != 0) {
        return line->error;
    }
    do {
        received = receive(line, on_message, user);
        if (received < 0) {
            if (received != -ENOMEM) {
                line_fail(line, received);
            }
            return received;
        }
        /* An answer goes at once; while more comes, it waits for company. */
        sent = received == 0 || n == 0 ? send_all(line) : send_one(line, false);
        if (sent < 0) {
            return sent;
        }
        n += received;
    } while (n < TURN_FRAMES && (received > 0 || sent > 0 || may_go_on(line)));
    if (n < TURN_FRAMES) {
        return 0;
    }
    sent = send_all(line);
    return sent < 0 ? sent : 1;
}
