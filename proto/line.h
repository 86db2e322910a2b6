#ifndef BROOD_PROTO_LINE_H
#define BROOD_PROTO_LINE_H

/* line - a link over a channel to another process: moves its frames. */

#include <stdbool.h>

#include "proto/ipc.h"
#include "proto/link.h"

struct line {
    struct link *link;
    struct channel *channel;
    /** The end that listens is silent until it has heard from the other. */
    bool listens;
    /** What ended it; 0: it works. */
    int error;
    /** A frame that the socket did not take. */
    struct buf pending;
};

/** Each makes one end. Returns: 0 or a negative error. */
int line_listen(struct line *line,
                struct channel_context *context,
                const char *path,
                const struct link_options *options);
int line_join(struct line *line,
              struct channel_context *context,
              const char *endpoint,
              const struct link_options *options);
/** Close it; zeroed memory is allowed. */
void line_close(struct line *line);

/**
 * Receive what is there, and send all that may go.
 *
 * @on_message  may use the link, but not close the line.
 *
 * Returns:   0; 1: a turn is over, and more may be there; -ENOMEM: call it
 *            again; or what ended the line.
 */
int line_pump(struct line *line,
              void (*on_message)(void *user, const struct link_message *m),
              void *user);

/** End it: what has come is wrong for a reason that the link does not know. */
void line_fail(struct line *line, int error);

/**
 * Send what may go, from on_message: what was said must not wait for the end of
 * the frame that is being handed over. line_pump() tries again what fails.
 */
void line_send(struct line *line);

#endif /* BROOD_PROTO_LINE_H */
