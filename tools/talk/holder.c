/* holder - has the channel of a script, whose commands come and go. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <brood_child.h>

#include "talk/guest.h"

enum {
    /* Messages for `brood recv` that wait: from here on the parent does. */
    INBOX_MAX = 64 << 20,
    FLUSH_MS = 900,
    GUESTS_MAX = 1000,
    OURS = 3, /* listener, script, parent */
};

struct message {
    struct message *next;
    struct text bytes;
};

struct holder {
    struct brood_parent *parent;
    int listener;
    int script;
    /** No channel: why. */
    int error;
    bool is_over;
    struct message *inbox;
    struct message **inbox_end;
    size_t inbox_bytes;
    struct guest *guests;
    unsigned n_guests;
};

static void on_message(struct brood_parent *parent,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct holder *holder = user;
    struct message *m = calloc(1, sizeof(*m));

    (void)parent;
    if (m == NULL) {
        text_no_memory();
    }
    text_add(&m->bytes, data, size);
    *holder->inbox_end = m;
    holder->inbox_end = &m->next;
    holder->inbox_bytes += size + sizeof(*m);
}

static void on_disconnect(struct brood_parent *parent, int error, void *user)
{
    struct holder *holder = user;

    (void)parent;
    (void)error;
    holder->is_over = true;
}

static void drop_first(struct holder *holder)
{
    struct message *m = holder->inbox;

    holder->inbox = m->next;
    if (holder->inbox == NULL) {
        holder->inbox_end = &holder->inbox;
    }
    holder->inbox_bytes -= m->bytes.size + sizeof(*m);
    text_clear(&m->bytes);
    free(m);
}

/* Its reader went before it had all of it: it is the first again. */
static void put_back(struct holder *holder, const struct guest *guest)
{
    struct message *m = calloc(1, sizeof(*m));

    if (m == NULL) {
        text_no_memory();
    }
    text_add(&m->bytes, guest->answer.data + sizeof(struct talk_head),
             guest->answer.size - sizeof(struct talk_head));
    m->next = holder->inbox;
    if (holder->inbox == NULL) {
        holder->inbox_end = &m->next;
    }
    holder->inbox = m;
    holder->inbox_bytes += m->bytes.size + sizeof(*m);
}

static void serve_send(struct holder *holder, struct guest *guest)
{
    int r = holder->is_over
                ? -EPIPE
                : brood_parent_send(holder->parent, text_string(&guest->body),
                                    guest->body.size);

    if (r != -EAGAIN) {
        guest_answer(guest, r < 0 ? r : 0, NULL);
    }
}

static void serve_recv(struct holder *holder, struct guest *guest)
{
    if (holder->inbox != NULL) {
        guest_answer(guest, 0, &holder->inbox->bytes);
        drop_first(holder);
    } else if (holder->is_over) {
        guest_answer(guest, -EPIPE, NULL);
    }
}

static void on_reply(int status, const void *data, size_t size, void *user)
{
    struct guest *guest = user;
    struct text text = { 0 };

    if (guest->is_calling) {
        guest->is_calling = false;
        text_add(&text, data, size);
        guest_answer(guest, status, &text);
        text_clear(&text);
    }
}

static void serve_call(struct holder *holder, struct guest *guest)
{
    struct brood_call call = { .data = text_string(&guest->body),
                               .size_bytes = guest->body.size,
                               .on_reply = on_reply,
                               .user = guest };
    int r = holder->is_over ? -EPIPE : 0;

    if (guest->is_calling) {
        return;
    }
    if (r == 0) {
        r = brood_parent_call(holder->parent, &call, &guest->call);
    }
    if (r >= 0) {
        guest->is_calling = true;
    } else if (r != -EAGAIN) {
        guest_answer(guest, r, NULL);
    }
}

static void serve(struct holder *holder, struct guest *guest)
{
    guest_go_on(guest);
    if (guest->state != GUEST_WAITS) {
        return;
    }
    if (holder->error < 0) {
        guest_answer(guest, holder->error, NULL);
    } else if (guest->head.kind == TALK_SEND) {
        serve_send(holder, guest);
    } else if (guest->head.kind == TALK_CALL) {
        serve_call(holder, guest);
    } else {
        serve_recv(holder, guest);
    }
}

static void serve_all(struct holder *holder)
{
    struct guest **at = &holder->guests;

    while (*at != NULL) {
        struct guest *guest = *at;

        serve(holder, guest);
        if (guest->state != GUEST_IS_GONE) {
            at = &guest->next;
            continue;
        }
        if (guest->has_message) {
            put_back(holder, guest);
        }
        if (guest->is_calling) {
            guest->is_calling = false;
            (void)brood_parent_call_cancel(holder->parent, guest->call);
        }
        *at = guest_free(guest);
        holder->n_guests--;
    }
}

static bool is_ours(int fd)
{
    struct ucred peer = { 0 };
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.uid == geteuid();
}

/* Those that came first are served first. */
static void let_in(struct holder *holder)
{
    struct guest **end = &holder->guests;
    int fd;

    while (*end != NULL) {
        end = &(*end)->next;
    }
    while (holder->n_guests < GUESTS_MAX &&
           (fd = accept4(holder->listener, NULL, NULL,
                         SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (!is_ours(fd)) {
            (void)close(fd);
            continue;
        }
        *end = guest_new(fd);
        end = &(*end)->next;
        holder->n_guests++;
    }
}

static bool polls_parent(const struct holder *holder)
{
    return !holder->is_over && holder->error == 0 &&
           holder->inbox_bytes < INBOX_MAX;
}

static short events_for(const struct guest *guest)
{
    switch (guest->state) {
    case GUEST_HEARS:
        return POLLOUT;
    case GUEST_WAITS:
        return POLLRDHUP;
    default:
        return POLLIN;
    }
}

/* Returns: whether the script has ended. */
static bool wait_for_more(const struct holder *holder)
{
    struct pollfd fds[OURS + GUESTS_MAX] = {
        { .fd = holder->listener, .events = POLLIN },
        { .fd = holder->script, .events = POLLIN },
        { .fd = -1, .events = POLLIN },
    };
    nfds_t n = OURS;

    if (holder->n_guests == GUESTS_MAX) {
        fds[0].fd = -1;
    }
    if (polls_parent(holder)) {
        fds[2].fd = brood_parent_fd(holder->parent);
    }
    for (const struct guest *g = holder->guests; g != NULL; g = g->next) {
        fds[n].fd = g->fd;
        fds[n].events = events_for(g);
        n++;
    }
    (void)poll(fds, n, -1);
    return fds[1].revents != 0;
}

static void join(struct holder *holder)
{
    const struct brood_parent_options options = {
        .on_message = on_message,
        .on_disconnect = on_disconnect,
        .flush_ms = FLUSH_MS,
        .user = holder,
    };

    holder->error = brood_parent_open(&options, &holder->parent);
}

void talk_hold(int listener, int script)
{
    struct holder holder = { .listener = listener, .script = script };
    bool script_is_over = false;

    holder.inbox_end = &holder.inbox;
    join(&holder);
    while (!script_is_over) {
        script_is_over = wait_for_more(&holder);
        /* What was asked before the script's end is done. */
        let_in(&holder);
        serve_all(&holder);
        if (polls_parent(&holder)) {
            (void)brood_parent_poll(holder.parent, 0);
            serve_all(&holder);
        }
    }
    holder.parent = brood_parent_close(holder.parent);
}
