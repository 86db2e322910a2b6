#include "port.h"

#include <errno.h>

void port_init(struct port *port)
{
    *port = (struct port){ 0 };
    calls_init(&port->calls);
    pass_init(&port->pass);
}

/* Returns: 0, or why nothing may be queued now. */
static int may_send(struct port *port)
{
    if (port->is_over) {
        return -EPIPE;
    }
    if (link_is_crowded(port->line.link)) {
        port->is_full = true;
        return -EAGAIN;
    }
    return 0;
}

static int sent(struct port *port, int r)
{
    port->is_full = port->is_full || r == 1;
    return r;
}

int port_send(struct port *port, const void *data, size_t size)
{
    const struct link_message m = { .kind = LINK_MESSAGE,
                                    .data = data,
                                    .size = size };
    int r = may_send(port);

    return r < 0 ? r : sent(port, link_send(port->line.link, &m));
}

int port_send_fds(struct port *port,
                  const void *data,
                  size_t size,
                  const int *fds,
                  unsigned n_fds)
{
    struct link_message m = { .kind = LINK_DESCRIPTORS,
                              .data = data,
                              .size = size };
    int r = may_send(port);

    if (r < 0) {
        return r;
    }
    r = pass_send(&port->pass, fds, n_fds, &m.id);
    if (r < 0) {
        port->is_full = port->is_full || r == -EAGAIN;
        return r;
    }
    return sent(port, link_send(port->line.link, &m));
}

int port_call(struct port *port,
              const struct brood_call *call,
              uint64_t *ret_id)
{
    int r = may_send(port);

    return r < 0 ? r
                 : sent(port, calls_send(&port->calls, port->line.link, call,
                                         ret_id));
}

int port_call_cancel(struct port *port, uint64_t id)
{
    return port->is_over
               ? -ESRCH
               : sent(port, calls_cancel(&port->calls, port->line.link, id));
}

int port_reply(struct port *port,
               uint64_t id,
               int status,
               const void *data,
               size_t size)
{
    int r = may_send(port);

    return r < 0 ? r
                 : sent(port,
                        calls_reply(port->line.link, id, status, data, size));
}

int port_disconnect(struct port *port)
{
    int r;

    if (port->is_over || port->said_bye) {
        return -ENOTCONN;
    }
    r = link_bye(port->line.link);
    port->said_bye = r == 0;
    return r;
}

int port_pump(struct port *port,
              void (*on_message)(void *user, const struct link_message *m),
              void *user)
{
    int r = line_pump(&port->line, on_message, user);

    if (port->pass.error < 0) {
        line_fail(&port->line, port->pass.error);
        return port->pass.error;
    }
    return r;
}

bool port_take_room(struct port *port)
{
    if (!port->is_full || port->is_over || !link_is_low(port->line.link)) {
        return false;
    }
    port->is_full = false;
    return true;
}

bool port_take_fds(struct port *port,
                   const struct link_message *m,
                   int *fds,
                   struct brood_passed *ret)
{
    int n;

    *ret = (struct brood_passed){ .data = m->data,
                                  .size_bytes = m->size,
                                  .fds = fds };
    n = pass_receive(&port->pass, m->id, fds, &ret->n_lost);
    if (n < 0) {
        port->pass.error = n;
        return false;
    }
    ret->n_fds = (unsigned)n;
    return true;
}
