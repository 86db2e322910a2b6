#ifndef BROOD_CORE_PASS_H
#define BROOD_CORE_PASS_H

/*
 * pass - descriptors that go with messages.
 *
 * ZeroMQ carries none, so there is a socket pair beside the channel. Each packet
 * on it has a number and descriptors; it is sent before the message of that
 * number, and so is there when the message has come. A packet whose message
 * could not be sent is skipped by the next.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brood/pass.h"

struct pass {
    /** Our end; -1: none. */
    int fd;
    /** The number of the last packet that was sent. */
    uint64_t n_sent;
    /** What ended it; 0: it works. */
    int error;
};

/** Zeroed memory is a closed one, but for this. */
void pass_init(struct pass *pass);
/** Make a pair. @ret_peer  the other's end; the caller closes it. Returns: 0 or
 * a negative error. */
int pass_open(struct pass *pass, int *ret_peer);
/** Take over an end. Returns: 0 or a negative error. */
int pass_join(struct pass *pass, int fd);
void pass_close(struct pass *pass);

/**
 * Send a packet.
 *
 * @ret_number  for the message.
 *
 * Returns:   0; -EINVAL there is none, or no or too many descriptors; -EBADF;
 *            -EAGAIN the other end has to take some first; -EPIPE.
 */
int pass_send(struct pass *pass,
              const int *fds,
              unsigned n_fds,
              uint64_t *ret_number);
/**
 * Take the packet of a message.
 *
 * @ret_fds   room for BROOD_PASS_MAX; the caller closes them.
 * @ret_lost  how many there was no room for in this process.
 *
 * Returns:   how many; -EPROTO there is no such packet.
 */
int pass_receive(struct pass *pass,
                 uint64_t number,
                 int *ret_fds,
                 unsigned *ret_lost);
/** Close those that nobody has taken: that are not -1. */
void pass_close_rest(const int *fds, unsigned n_fds);

#endif /* BROOD_CORE_PASS_H */
