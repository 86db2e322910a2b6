#ifndef BROOD_CORE_PORT_H
#define BROOD_CORE_PORT_H

/*
 * port - one end of a conversation between a program and its forked child: the
 * line, the calls that are open, and the descriptors that go beside it. Both
 * ends are the same; who owns one has its callbacks.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calls.h"
#include "pass.h"
#include "proto/line.h"

struct port {
    struct line line;
    struct calls calls;
    struct pass pass;
    /** A send said 1 or -EAGAIN: the owner waits to hear of room. */
    bool is_full;
    /** The owner has been told; nothing can be sent. */
    bool is_over;
    bool said_bye;
};

/** Make one whose line is not open yet. */
void port_init(struct port *port);

/** Each as the public function of that name. */
int port_send(struct port *port, const void *data, size_t size);
int port_send_fds(struct port *port,
                  const void *data,
                  size_t size,
                  const int *fds,
                  unsigned n_fds);
int port_call(struct port *port,
              const struct brood_call *call,
              uint64_t *ret_id);
int port_call_cancel(struct port *port, uint64_t id);
int port_reply(struct port *port,
               uint64_t id,
               int status,
               const void *data,
               size_t size);
int port_disconnect(struct port *port);

/**
 * Receive and send what there is, and keep to what line_pump() says.
 *
 * Returns:   as line_pump(); -EPROTO too when descriptors are missing.
 */
int port_pump(struct port *port,
              void (*on_message)(void *user, const struct link_message *m),
              void *user);
/** There is room again, of which the owner wants to hear: once. */
bool port_take_room(struct port *port);

/**
 * Take the descriptors of a message.
 *
 * @fds  room for them; what is left of them is for pass_close_rest().
 * @ret  what the owner's callback gets.
 *
 * Returns:   false: they are not there, and the conversation will end.
 */
bool port_take_fds(struct port *port,
                   const struct link_message *m,
                   int *fds,
                   struct brood_passed *ret);

#endif /* BROOD_CORE_PORT_H */
