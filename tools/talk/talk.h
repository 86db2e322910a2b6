#ifndef BROOD_TOOLS_TALK_TALK_H
#define BROOD_TOOLS_TALK_TALK_H

/*
 * talk - `brood send`, `recv` and `submit`: a script's end of its channel.
 *
 * A channel has one end, and each command of a script is a process of its own.
 * So the first one leaves a holder behind, which joins the parent, and all talk
 * to it:
 *
 *     parent <- channel -> holder <- socket -> brood send, recv, submit
 *
 * The holder ends with the script.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "option.h"
#include "text.h"

/** The subcommands; argv[1] is their name. Return: the exit status. */
int send_main(int argc, char **argv);
int recv_main(int argc, char **argv);
int submit_main(int argc, char **argv);

extern const struct option_table send_option_table;
extern const struct option_table recv_option_table;
extern const struct option_table submit_option_table;

/** Exit statuses. */
enum {
    TALK_STATUS_OVER = 1,
    TALK_STATUS_REFUSED = 2,
    TALK_STATUS_TIMEOUT = 124,
    TALK_STATUS_OURS = 255,
};

/** What is asked of the holder. */
enum talk_kind {
    /** Send the bytes that follow. */
    TALK_SEND = 1,
    /** Wait for a message. */
    TALK_RECV,
    /** Send the bytes that follow as a request, and wait for its reply. */
    TALK_CALL,
};

/** In front of what goes over the socket, either way. */
struct talk_head {
    /** talk_kind of a request. */
    uint32_t kind;
    /** Of an answer: 0 or a negative error; -EPIPE the parent has
     * disconnected. */
    int32_t status;
    /** How many bytes follow. */
    uint64_t size;
};

/** Exit statuses by what was asked; say why on stderr. */
int talk_fail(const char *command, int error);

/* meet.c */

/**
 * Connect to the holder; start it if there is none.
 *
 * Returns:   0; -ENOTCONN there is no channel; -EACCES the socket is somebody
 *            else's; another negative error.
 */
int talk_connect(int *ret_fd);

/* ask.c */

/**
 * Ask the holder, and wait for its answer.
 *
 * @data        may be NULL.
 * @timeout_ms  negative: for ever.
 * @ret         the answer's bytes; may be NULL.
 *
 * Returns:   the answer's status; -ETIMEDOUT; -ECONNRESET the holder is gone.
 */
int talk_ask(int fd,
             enum talk_kind kind,
             const struct text *data,
             int64_t timeout_ms,
             struct text *ret);

/* holder.c */

/** Be the holder, until the process of @script has ended. @listener  of the
 * holder's socket. */
void talk_hold(int listener, int script);

#endif /* BROOD_TOOLS_TALK_TALK_H */
