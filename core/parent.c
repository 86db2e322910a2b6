#include "parent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    FLUSH_DEFAULT_MS = 5000,
    LINGER_MS = 1000,
    FLUSH_WAIT_MS = 10,
    EVENTS_MAX = 4,
    /* Replies that may wait for each other. */
    REPLIES_MAX = 512,
};

/* A reply does not wait while the next request is worked on, unless that is
 * over in a moment; the parent must have a picture of where we are. */
static void send_in_time(struct brood_parent *p)
{
    int64_t now_ns = clock_tick_ns();

    if (p->n_replies++ == 0) {
        p->replies_ns = now_ns;
    }
    if (p->n_replies >= REPLIES_MAX || now_ns != p->replies_ns) {
        p->n_replies = 0;
        line_send(&p->port.line);
    }
}

static void tell_fds(struct brood_parent *p, const struct link_message *m)
{
    int fds[BROOD_PASS_MAX];
    struct brood_passed passed;

    if (!port_take_fds(&p->port, m, fds, &passed)) {
        return;
    }
    if (p->options.on_fds != NULL) {
        p->options.on_fds(p, &passed, p->options.user);
    } else if (p->options.on_message != NULL) {
        p->options.on_message(p, m->data, m->size, p->options.user);
    }
    pass_close_rest(fds, passed.n_fds);
}

static void on_message(void *user, const struct link_message *m)
{
    struct brood_parent *p = user;

    if (p->port.pass.error < 0) {
        return;
    }
    p->n_called++;
    switch (m->kind) {
    case LINK_REQUEST:
        if (p->options.on_request != NULL) {
            p->options.on_request(p, m->id, m->data, m->size, p->options.user);
            send_in_time(p);
        } else {
            (void)calls_reply(p->port.line.link, m->id, -ENOSYS, NULL, 0);
        }
        break;
    case LINK_REPLY:
        calls_on_reply(&p->port.calls, m);
        break;
    case LINK_DESCRIPTORS:
        tell_fds(p, m);
        break;
    case LINK_CANCEL:
        if (p->options.on_cancel != NULL) {
            p->options.on_cancel(p, m->id, p->options.user);
        }
        break;
    default:
        if (p->options.on_message != NULL) {
            p->options.on_message(p, m->data, m->size, p->options.user);
        }
        break;
    }
}

static void end(struct brood_parent *p, int error)
{
    p->port.is_over = true;
    p->is_dead = error < 0;
    p->n_called += calls_end(&p->port.calls, -EPIPE);
    if (p->options.on_disconnect != NULL) {
        p->n_called++;
        p->options.on_disconnect(p, error, p->options.user);
    }
}

/* The parent holds the other end open as long as it lives. */
static bool parent_is_gone(const struct brood_parent *p)
{
    char byte;

    return p->lifeline >= 0 && read(p->lifeline, &byte, 1) == 0;
}

/* What it could not remove any more: the directory of its channels, once no
 * endpoint is left in it. */
static void remove_dir(struct brood_parent *p)
{
    static const char scheme[] = "ipc://";
    char *end_of_dir = strrchr(p->endpoint, '/');

    if (strncmp(p->endpoint, scheme, sizeof(scheme) - 1) == 0 &&
        end_of_dir > p->endpoint + sizeof(scheme) - 1) {
        *end_of_dir = '\0';
        (void)rmdir(p->endpoint + sizeof(scheme) - 1);
    }
}

static int pump(struct brood_parent *p, bool gone)
{
    int r;

    if (gone) {
        remove_dir(p);
    }
    p->n_called += calls_expire(&p->port.calls, p->port.line.link);
    do {
        r = port_pump(&p->port, on_message, p);
    } while (r > 0);
    p->due = r == -ENOMEM;
    if (r == -ENOMEM) {
        return r;
    }
    if (p->port.is_over) {
        p->is_dead = p->is_dead || r < 0 || gone;
        return 0;
    }
    if (r < 0) {
        end(p, r);
    } else if (link_is_over(p->port.line.link)) {
        end(p, 0);
    } else if (gone) {
        end(p, -ECONNRESET);
    } else if (port_take_room(&p->port) && p->options.on_writable != NULL) {
        p->n_called++;
        p->options.on_writable(p, p->options.user);
    }
    return 0;
}

static int add(int epoll, int fd, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.fd = fd };

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* A descriptor that a variable names; -1: none. */
static int fd_of(const char *name)
{
    const char *text = getenv(name);
    char *end_of_number;
    long n;

    if (text == NULL) {
        return -1;
    }
    errno = 0;
    n = strtol(text, &end_of_number, 10);
    return errno != 0 || *end_of_number != '\0' || n < 0 || n > INT32_MAX
               ? -1
               : (int)n;
}

static int lifeline(void)
{
    int fd = fd_of("BROOD_LIFELINE");

    return fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
                   fcntl(fd, F_SETFL, O_NONBLOCK) == 0
               ? fd
               : -1;
}

static int join(struct brood_parent *p, const char *endpoint)
{
    struct link_options options = {
        .message_max_bytes = p->options.message_max_bytes,
        .high_bytes = p->options.send_high_bytes,
    };
    int r;

    p->endpoint = brood_strdup(endpoint);
    if (p->endpoint == NULL) {
        return -ENOMEM;
    }
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (p->epoll < 0) {
        return -errno;
    }
    r = ipc_context_new(&p->context);
    if (r == 0) {
        r = line_join(&p->port.line, p->context, endpoint, &options);
    }
    if (r == 0) {
        r = add(p->epoll, channel_fd(p->port.line.channel), EPOLLIN | EPOLLET);
    }
    if (r == 0 && p->lifeline >= 0) {
        r = add(p->epoll, p->lifeline, EPOLLIN | EPOLLET);
    }
    return r;
}

static struct brood_parent *parent_free(struct brood_parent *p)
{
    line_close(&p->port.line);
    calls_clear(&p->port.calls);
    pass_close(&p->port.pass);
    p->context = channel_context_free(p->context);
    if (p->epoll >= 0) {
        (void)close(p->epoll);
    }
    if (p->lifeline >= 0) {
        (void)close(p->lifeline);
    }
    free(p->endpoint);
    free(p);
    return NULL;
}

int brood_parent_open(const struct brood_parent_options *options,
                      struct brood_parent **ret_parent)
{
    const char *variable = getenv("BROOD_CHANNEL");
    struct brood_parent *p;
    int r;

    if (variable == NULL) {
        return -ENOTCONN;
    }
    if (options != NULL && options->size != 0 &&
        options->size < sizeof(*options)) {
        return -EINVAL;
    }
    p = brood_calloc(1, sizeof(*p));
    if (p == NULL) {
        return -ENOMEM;
    }
    if (options != NULL) {
        p->options = *options;
    }
    p->epoll = -1;
    port_init(&p->port);
    p->lifeline = lifeline();
    (void)pass_join(&p->port.pass, fd_of("BROOD_DESCRIPTORS"));
    p->due = true;
    r = join(p, variable);
    if (r < 0) {
        parent_free(p);
        return r;
    }
    (void)unsetenv("BROOD_CHANNEL");
    (void)unsetenv("BROOD_LIFELINE");
    (void)unsetenv("BROOD_DESCRIPTORS");
    *ret_parent = p;
    /* Say hello at once: the parent waits for it. */
    (void)brood_parent_poll(p, 0);
    return 0;
}

int brood_parent_fd(const struct brood_parent *parent)
{
    return parent->epoll;
}

static bool is_deadline(const struct brood_parent *p)
{
    return p->port.calls.due_ns != 0 && clock_mono_ns() >= p->port.calls.due_ns;
}

static int until_deadline(const struct brood_parent *p, int timeout_ms)
{
    int64_t left_ms;

    if (p->port.calls.due_ns == 0) {
        return timeout_ms;
    }
    left_ms = (p->port.calls.due_ns - clock_mono_ns()) / CLOCK_NS_PER_MS + 1;
    left_ms = left_ms < 0 ? 0 : left_ms;
    return timeout_ms < 0 || left_ms < timeout_ms ? (int)left_ms : timeout_ms;
}

/* Send and receive; and wait if there was nothing to do. */
static int turn(struct brood_parent *p, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    bool was_full = p->port.is_full;
    bool was_over = p->port.is_over;
    bool gone = false;
    int n;
    int r;

    p->in_callback = true;
    p->n_called = 0;
    r = p->due ? pump(p, false) : 0;
    /* Who polls for room has it now, and nothing else may ever come. */
    if (p->n_called > 0 || p->is_dead || r < 0 || was_over != p->port.is_over ||
        (was_full && !p->port.is_full)) {
        timeout_ms = 0;
    }
    timeout_ms = until_deadline(p, timeout_ms);
    n = spin_wait(&p->spin, p->epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < n; i++) {
        gone = gone || events[i].data.fd == p->lifeline;
    }
    if (n > 0 || p->due || is_deadline(p)) {
        r = pump(p, gone && parent_is_gone(p));
        spin_note(&p->spin);
    } else if (n < 0) {
        r = n;
    }
    p->in_callback = false;
    return r < 0 && p->n_called == 0 ? r : p->n_called;
}

int brood_parent_poll(struct brood_parent *parent, int timeout_ms)
{
    if (parent->in_callback) {
        return -EDEADLK;
    }
    return parent->port.is_over ? -EPIPE : turn(parent, timeout_ms);
}

/* All has been taken, and the end has been said. */
static bool is_flushed(const struct brood_parent *p)
{
    return link_undelivered(p->port.line.link) == 0 &&
           link_has_said_bye(p->port.line.link) &&
           p->port.line.pending.size == 0;
}

struct brood_parent *brood_parent_close(struct brood_parent *parent)
{
    int64_t flush_ms;
    int64_t end_ns;

    if (parent == NULL) {
        return NULL;
    }
    flush_ms = parent->options.flush_ms;
    end_ns = clock_mono_ns() +
             (flush_ms == 0 ? FLUSH_DEFAULT_MS : flush_ms) * CLOCK_NS_PER_MS;
    (void)calls_end(&parent->port.calls, -ECANCELED);
    parent->options.on_message = NULL;
    parent->options.on_fds = NULL;
    parent->options.on_request = NULL;
    parent->options.on_cancel = NULL;
    parent->options.on_writable = NULL;
    parent->options.on_disconnect = NULL;
    (void)link_bye(parent->port.line.link);
    parent->due = true;
    while (!parent->is_dead && !is_flushed(parent) &&
           clock_mono_ns() < end_ns) {
        (void)turn(parent, FLUSH_WAIT_MS);
    }
    ipc_set_linger(parent->port.line.channel, parent->is_dead ? 0 : LINGER_MS);
    return parent_free(parent);
}
