#include "fork.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "child.h"
#include "kit.h"
#include "pool.h"

enum {
    JOIN_DEFAULT_MS = 10000,
    /* For the end of a channel whose child has ended. */
    END_MS = 1000,
    /* For a connection that was never seen. */
    NOBODY_MS = 50,
    /* How often to look for that end. */
    LOOK_MS = 5,
    BYE_LINGER_MS = 200,
};

static void end_endpoint(struct fork *fork)
{
    if (fork->path != NULL) {
        (void)unlink(fork->path);
        free(fork->path);
        fork->path = NULL;
    }
}

/* libzmq closes its descriptors some time later: say no more of them. */
static void close_line(struct fork *fork)
{
    struct channel *channel = fork->port.line.channel;

    if (channel != NULL) {
        pool_unwatch(fork->pool, channel_fd(channel));
        pool_unwatch(fork->pool, ipc_monitor_fd(channel));
    }
    line_close(&fork->port.line);
    end_endpoint(fork);
}

struct fork *fork_free(struct fork *fork)
{
    if (fork != NULL) {
        close_line(fork);
        pass_close(&fork->port.pass);
        calls_clear(&fork->port.calls);
        free(fork);
    }
    return NULL;
}

bool fork_is_over(const struct brood_child *child)
{
    return child->fork == NULL || child->fork->port.is_over;
}

bool fork_is_waiting(const struct brood_child *child)
{
    return !fork_is_over(child) &&
           (!child->fork->was_open || child->fork->ended_ns != 0 ||
            child->fork->port.calls.due_ns != 0);
}

static void tell_request(struct brood_child *child,
                         const struct link_message *m)
{
    struct fork *fork = child->fork;

    if (fork->options.on_request != NULL) {
        fork->options.on_request(child, m->id, m->data, m->size,
                                 child->options.user);
    } else {
        (void)calls_reply(fork->port.line.link, m->id, -ENOSYS, NULL, 0);
    }
}

static void tell_fds(struct brood_child *child, const struct link_message *m)
{
    struct fork *fork = child->fork;
    int fds[BROOD_PASS_MAX];
    struct brood_passed passed;

    if (!port_take_fds(&fork->port, m, fds, &passed)) {
        return;
    }
    if (fork->options.on_fds != NULL) {
        fork->options.on_fds(child, &passed, child->options.user);
    } else if (fork->options.on_message != NULL) {
        fork->options.on_message(child, m->data, m->size, child->options.user);
    }
    pass_close_rest(fds, passed.n_fds);
}

static void tell_message(struct brood_child *child,
                         const struct link_message *m)
{
    struct fork *fork = child->fork;

    switch (m->kind) {
    case LINK_REQUEST:
        tell_request(child, m);
        break;
    case LINK_REPLY:
        calls_on_reply(&fork->port.calls, m);
        break;
    case LINK_DESCRIPTORS:
        tell_fds(child, m);
        break;
    case LINK_CANCEL:
        if (fork->options.on_cancel != NULL) {
            fork->options.on_cancel(child, m->id, child->options.user);
        }
        break;
    default:
        if (fork->options.on_message != NULL) {
            fork->options.on_message(child, m->data, m->size,
                                     child->options.user);
        }
        break;
    }
}

static void tell_open(struct brood_child *child)
{
    struct fork *fork = child->fork;

    if (fork->was_open || !link_is_open(fork->port.line.link)) {
        return;
    }
    fork->was_open = true;
    end_endpoint(fork);
    if (fork->options.on_open != NULL && !child->freed) {
        child->pool->n_called++;
        fork->options.on_open(child, child->options.user);
    }
}

static void on_message(void *user, const struct link_message *m)
{
    struct brood_child *child = user;

    tell_open(child);
    if (!child->freed && child->fork->port.pass.error == 0) {
        child->pool->n_called++;
        tell_message(child, m);
    }
}

static void end(struct brood_child *child, int error)
{
    struct fork *fork = child->fork;
    uint64_t undelivered;

    if (error == 0 && link_bye(fork->port.line.link) == 0) {
        /* The answer to the child's own. */
        line_send(&fork->port.line);
        ipc_set_linger(fork->port.line.channel, BYE_LINGER_MS);
    }
    undelivered = link_undelivered(fork->port.line.link);
    fork->port.is_over = true;
    fork->delivered = link_delivered(fork->port.line.link);
    close_line(fork);
    if (!child->freed) {
        child->pool->n_called += calls_end(&fork->port.calls, -EPIPE);
    }
    if (fork->options.on_disconnect != NULL && !child->freed) {
        child->pool->n_called++;
        fork->options.on_disconnect(child, error, undelivered,
                                    child->options.user);
    }
}

/* Nothing more can come from the child. */
static bool is_at_end(struct fork *fork)
{
    enum ipc_peer peer;
    int64_t since_ns;

    if (fork->ended_ns == 0 && !fork->peer_moved) {
        return false;
    }
    peer = ipc_look(fork->port.line.channel);
    if (fork->ended_ns == 0) {
        fork->peer_moved = peer == IPC_LEFT;
        return peer == IPC_LEFT;
    }
    since_ns = clock_mono_ns() - fork->ended_ns;
    return peer >= IPC_GONE || since_ns >= END_MS * CLOCK_NS_PER_MS ||
           (peer == IPC_NOBODY && since_ns >= NOBODY_MS * CLOCK_NS_PER_MS);
}

static int pump(struct brood_child *child)
{
    struct fork *fork = child->fork;
    int r;

    fork->is_pumping = true;
    r = port_pump(&fork->port, on_message, child);
    fork->is_pumping = false;
    if (r > 0) {
        child_deliver_later(child);
    }
    return r;
}

static void tell_room(struct brood_child *child)
{
    struct fork *fork = child->fork;

    if (port_take_room(&fork->port) && fork->options.on_writable != NULL &&
        !child->freed) {
        child->pool->n_called++;
        fork->options.on_writable(child, child->options.user);
    }
}

static void see_to_calls(struct brood_child *child)
{
    struct calls *calls = &child->fork->port.calls;
    int n = calls_expire(calls, child->fork->port.line.link);

    if (n > 0) {
        /* The child is still to be told. */
        child->pool->n_called += n;
        child_deliver_later(child);
    }
    if (calls->due_ns != 0) {
        pool_wake_at(child->pool, calls->due_ns);
    }
}

/* What follows when all has been taken in. Returns: why the channel ends; 0: it
 * has been ended well; 1: it goes on. */
static int verdict(const struct fork *fork, bool at_end)
{
    if (fork->port.line.error != 0) {
        return fork->ended_ns != 0 ? -ECONNRESET : fork->port.line.error;
    }
    if (link_is_over(fork->port.line.link)) {
        return at_end || fork->ended_ns == 0 ? 0 : 1;
    }
    if (at_end) {
        return -ECONNRESET;
    }
    return fork->was_open || fork->ended_ns != 0 ||
                   clock_mono_ns() < fork->due_ns
               ? 1
               : -ETIMEDOUT;
}

static void go_on(struct brood_child *child)
{
    struct fork *fork = child->fork;

    if (fork->ended_ns != 0) {
        pool_wake_at(child->pool, clock_mono_ns() + LOOK_MS * CLOCK_NS_PER_MS);
    } else if (!fork->was_open) {
        pool_wake_at(child->pool, fork->due_ns);
    } else {
        see_to_calls(child);
        tell_room(child);
    }
}

void fork_note_peer(struct brood_child *child)
{
    if (child->fork != NULL) {
        child->fork->peer_moved = true;
    }
}

void fork_pump(struct brood_child *child, bool ended)
{
    struct fork *fork = child->fork;
    bool at_end;
    int r;

    if (fork->port.is_over) {
        return;
    }
    if (ended && fork->ended_ns == 0) {
        fork->ended_ns = clock_mono_ns();
    }
    if (!child->started && fork->ended_ns == 0) {
        return; /* The channel is faster than the word of its start. */
    }
    /* First this, then what had arrived by then. */
    at_end = is_at_end(fork);
    r = pump(child);
    if (r == -ENOMEM) {
        pool_wake_at(child->pool, clock_mono_ns() + CLOCK_NS_PER_MS);
        return;
    }
    tell_open(child);
    if (r > 0) {
        return;
    }
    r = verdict(fork, at_end);
    if (r <= 0) {
        end(child, r);
    } else {
        go_on(child);
    }
}

/* Returns: 0 or a negative error. *ret_peer is to be closed. */
static int equip(struct kit *kit, struct fork *fork, int *ret_peer)
{
    char endpoint[KIT_VARIABLE_SIZE];
    int r = 0;

    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s", fork->path);
    kit_name(kit, "BROOD_CHANNEL", endpoint);
    kit_add(kit, "BROOD_LIFELINE", fork->pool->lines.lifeline[0]);
    if (fork->options.pass_fds) {
        r = pass_open(&fork->port.pass, ret_peer);
        if (r == 0) {
            kit_add(kit, "BROOD_DESCRIPTORS", *ret_peer);
        }
    }
    return r;
}

/* Returns: 0 and the child, or a negative error. */
static int start(struct brood *pool,
                 struct fork *fork,
                 struct brood_child **ret_child)
{
    struct brood_child_options options = fork->options.child;
    struct kit kit;
    int peer = -1;
    int r = kit_init(&kit, &options.job);

    if (r < 0) {
        return r;
    }
    r = equip(&kit, fork, &peer);
    if (r == 0) {
        kit_give(&kit, &options.job);
        r = brood_spawn(pool, &options, ret_child);
    }
    kit_clear(&kit);
    if (peer >= 0) {
        (void)close(peer);
    }
    return r;
}

static int watch(struct brood *pool, struct brood_child *child)
{
    struct channel *channel = child->fork->port.line.channel;
    int r = pool_watch_child(pool, channel_fd(channel), child, false);

    return r < 0 ? r
                 : pool_watch_child(pool, ipc_monitor_fd(channel), child, true);
}

/* As much as is needed before the job is looked at as any other. */
static int check_options(const struct brood_fork_options *o)
{
    const struct brood_job *job = &o->child.job;

    /* One descriptor is for the lifeline, and one for others. */
    return (o->size != 0 && o->size < sizeof(*o)) || o->join_ms < 0 ||
                   job->n_fds + (o->pass_fds ? 1u : 0u) >= BROOD_FDS_MAX ||
                   (job->n_fds > 0 && job->fds == NULL)
               ? -EINVAL
               : 0;
}

static int open_line(struct fork *fork)
{
    const struct brood_fork_options *o = &fork->options;
    struct link_options options = {
        .message_max_bytes = o->message_max_bytes,
        .high_bytes = o->send_high_bytes,
    };
    int r = lines_open(&fork->pool->lines, fork->pool->tmp_dir);

    if (r < 0) {
        return r;
    }
    fork->path = lines_path(&fork->pool->lines);
    if (fork->path == NULL) {
        return -ENOMEM;
    }
    return line_listen(&fork->port.line, fork->pool->lines.context, fork->path,
                       &options);
}

int brood_fork(struct brood *pool,
               const struct brood_fork_options *options,
               struct brood_child **ret_child)
{
    struct brood_child *child = NULL;
    struct fork *fork;
    int r = check_options(options);

    if (r < 0) {
        return r;
    }
    fork = brood_calloc(1, sizeof(*fork));
    if (fork == NULL) {
        return -ENOMEM;
    }
    fork->pool = pool;
    fork->options = *options;
    port_init(&fork->port);
    r = open_line(fork);
    if (r == 0) {
        r = start(pool, fork, &child);
    }
    if (r < 0) {
        fork_free(fork);
        return r;
    }
    assert(child != NULL);
    child->fork = fork;
    /* Its descriptor tells of something only once it has been looked at. */
    fork->peer_moved = true;
    fork->due_ns =
        clock_mono_ns() +
        (options->join_ms == 0 ? JOIN_DEFAULT_MS : options->join_ms) *
            CLOCK_NS_PER_MS;
    r = watch(pool, child);
    if (r < 0) {
        (void)brood_child_free(child);
        return r;
    }
    child_deliver_later(child);
    *ret_child = child;
    return 0;
}
