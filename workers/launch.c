#include "workers/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "workers/attributes.h"
#include "workers/child.h"
#include "workers/job.h"
#include "workers/state.h"
#include "workers/sys.h"

#define WATCH_AGAIN_NS (5 * CLOCK_NS_PER_MS)

/* What the child gets, and which of it is ours only until it has it. */
struct ends {
    int fd[3];
    int close[3];
    unsigned n_close;
};

static uint64_t watch_name(const struct child *c, enum watch_kind kind)
{
    return (uint64_t)c->generation << 32 | (uint64_t)c->index << 8 |
           (uint64_t)kind;
}

static enum watch_kind kind_of(const struct child *c, const struct stream *s)
{
    return s == &c->out ? WATCH_OUT : WATCH_ERR;
}

int launch_watch_stream(struct worker *w, struct child *c, struct stream *s)
{
    return sys_epoll_add(w->epoll, s->fd, EPOLLIN,
                         watch_name(c, kind_of(c, s)));
}

int launch_watch_input(struct worker *w, struct child *c)
{
    return sys_epoll_add(w->epoll, c->feed.fd, EPOLLOUT,
                         watch_name(c, WATCH_INPUT));
}

void launch_watch_later(struct worker *w)
{
    w->watch_due = true;
    timers_add(&w->timers, &w->busy_timer, clock_mono_ns() + WATCH_AGAIN_NS);
}

/* Most inputs fit into the pipe before the child is there to read them. */
static int open_feed(struct child *c, const struct job *job, int *ret_read)
{
    int pair[2];
    int r = sys_pipe(pair);

    if (r < 0) {
        return r;
    }
    if (fcntl(pair[1], F_SETFL, O_NONBLOCK) < 0) {
        r = -errno;
        sys_close(&pair[0]);
        sys_close(&pair[1]);
        return r;
    }
    c->feed.fd = pair[1];
    c->feed.at = 0;
    c->feed.last = false;
    if (job->m.input == MESSAGE_INPUT_BYTES &&
        feed_bytes(&c->feed, &job->m.input_data) == 0) {
        feed_end(&c->feed);
    }
    *ret_read = pair[0];
    return 0;
}

static int open_input(struct worker *w,
                      struct child *c,
                      const struct job *job,
                      struct ends *e)
{
    int r;

    switch ((enum message_input)job->m.input) {
    case MESSAGE_INPUT_BYTES:
    case MESSAGE_INPUT_STREAM:
        r = open_feed(c, job, &e->fd[0]);
        if (r == 0) {
            e->close[e->n_close++] = e->fd[0];
        }
        return r;
    case MESSAGE_INPUT_FD:
        e->fd[0] = job->m.input_fd;
        return 0;
    case MESSAGE_INPUT_INHERIT:
        e->fd[0] = STDIN_FILENO;
        return 0;
    default:
        e->fd[0] = w->devnull;
        return 0;
    }
}

static int open_output(const struct worker *w,
                       struct stream *s,
                       struct ends *e,
                       int number)
{
    int pair[2];
    int r;

    switch ((enum message_output_policy)s->policy) {
    case MESSAGE_POLICY_INHERIT:
        e->fd[number] = number;
        return 0;
    case MESSAGE_POLICY_DISCARD:
    case MESSAGE_POLICY_FILE:   /* opened by the child, */
    case MESSAGE_POLICY_APPEND: /* in its directory */
    case MESSAGE_POLICY_FD:     /* named in the attributes */
        e->fd[number] = w->devnull;
        return 0;
    case MESSAGE_POLICY_MERGE:
        e->fd[number] = e->fd[STDOUT_FILENO];
        return 0;
    default:
        break;
    }
    r = sys_pipe(pair);
    if (r < 0) {
        return r;
    }
    s->fd = pair[0];
    e->fd[number] = pair[1];
    e->close[e->n_close++] = pair[1];
    return 0;
}

static int open_streams(struct worker *w,
                        struct child *c,
                        const struct job *job,
                        struct ends *e)
{
    int r = open_input(w, c, job, e);

    c->out.policy = job->m.out;
    c->err.policy = job->m.err;
    if (r == 0) {
        r = open_output(w, &c->out, e, STDOUT_FILENO);
    }
    if (r == 0) {
        r = open_output(w, &c->err, e, STDERR_FILENO);
    }
    if (r == 0 && c->feed.fd >= 0 && job->m.input == MESSAGE_INPUT_BYTES) {
        r = launch_watch_input(w, c);
    }
    return r;
}

/* A child starts with no trace of the slot's last one. */
static void reset(struct child *c)
{
    c->pid = 0;
    c->unwatched = false;
    c->out.held = false;
    c->err.held = false;
    c->reaped = false;
    c->lost = false;
    c->leaked = false;
    c->status = 0;
    memset(&c->usage, 0, sizeof(c->usage));
    c->limit_due_ns = 0;
    c->limit_left_ns = 0;
    c->spawn_step = SPAWN_OK;
    c->spawn_error = 0;
    c->stop = STOP_NONE;
    c->stop_step = 0;
    c->stop_signal = 0;
    c->leader_ended = false;
}

static void set_output(struct spawn_request *request,
                       int i,
                       uint8_t policy,
                       const char *path)
{
    if (policy == MESSAGE_POLICY_FILE || policy == MESSAGE_POLICY_APPEND) {
        request->output_path[i] = path;
        request->output_flags[i] =
            policy == MESSAGE_POLICY_FILE ? O_TRUNC : O_APPEND;
    }
}

/* What few jobs have. */
static void add_attributes(struct worker *w,
                           const struct message_job *m,
                           struct spawn_request *request)
{
    const struct message_attributes *a = &m->more;

    spawn_attributes_make(a, &w->attributes, request->fd);
    request->more = &w->attributes;
    set_output(request, 0, m->out, a->out_path);
    set_output(request, 1, m->err, a->err_path);
    if (m->err == MESSAGE_POLICY_MERGE) {
        request->fd[2] = request->fd[1];
    }
}

static int start_process(struct worker *w,
                         struct child *c,
                         const struct job *job,
                         const struct ends *e,
                         enum spawn_step *ret_step)
{
    const struct message_job *m = &job->m;
    struct spawn_request request = {
        .program = &w->command.program,
        .fallback = &w->command.fallback,
        .envp = w->command.envp,
        .dir = w->command.dir,
        .fd = { e->fd[0], e->fd[1], e->fd[2] },
        .merge = m->err == MESSAGE_POLICY_MERGE,
        .session = (m->flags & MESSAGE_JOB_SESSION) != 0,
        .same_group = (m->flags & MESSAGE_JOB_SAME_GROUP) != 0,
        .nice = m->nice,
        .death_signal = (int)m->death_signal,
    };

    if (m->input == MESSAGE_INPUT_FILE) {
        request.input_path = m->input_path;
    }
    if ((m->flags & MESSAGE_JOB_ATTRIBUTES) != 0) {
        add_attributes(w, m, &request);
    }
    return spawn(&w->spawner, &request, &c->pid, &c->pidfd, ret_step);
}

int launch(struct worker *w,
           struct child *c,
           const struct job *job,
           enum spawn_step *ret_step)
{
    const struct context *context = worker_context(w, job->m.context);
    struct ends e = { .fd = { -1, -1, -1 } };
    int r;

    reset(c);
    *ret_step = SPAWN_PREPARE;
    if (context == NULL) {
        return -EBADMSG;
    }
    r = command_prepare(&w->command, context, job, c->slot);
    if (r < 0) {
        *ret_step = r == -ENOMEM ? SPAWN_PREPARE : SPAWN_EXEC;
        return r;
    }
    r = open_streams(w, c, job, &e);
    if (r == 0) {
        r = start_process(w, c, job, &e, ret_step);
    }
    for (unsigned i = 0; i < e.n_close; i++) {
        (void)close(e.close[i]);
    }
    c->last_start = spawn_last_number();
    if (r < 0) {
        feed_end(&c->feed);
        sys_close(&c->out.fd);
        sys_close(&c->err.fd);
        return r;
    }
    c->unwatched = sys_epoll_add(w->epoll, c->pidfd, EPOLLIN,
                                 watch_name(c, WATCH_EXIT)) < 0;
    return 0;
}

bool launch_may_succeed_later(enum spawn_step step, int error)
{
    switch (step) {
    case SPAWN_PREPARE:
    case SPAWN_STREAMS:
        return error == -EMFILE || error == -ENFILE || error == -ENOMEM ||
               error == -ENOSPC;
    case SPAWN_FORK:
        return error == -EAGAIN || error == -ENOMEM || error == -EMFILE ||
               error == -ENFILE;
    case SPAWN_EXEC:
        /* Somebody who was starting a process held the file for writing. */
        return error == -ETXTBSY;
    default:
        return false;
    }
}
