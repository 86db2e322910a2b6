#include "proto/context.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fault.h"
#include "base/mem.h"
#include "proto/ipc.h"

/*
 * libzmq asserts that it gets what its first socket needs: an epoll descriptor
 * and a thread, the reaper, that ends closed sockets. So channel_context_new()
 * tries for itself whether they are to be had, and then makes a first socket
 * at once, so that afterwards a socket takes one descriptor and no thread; for
 * that one libzmq fails as it should. Between the try and libzmq another
 * thread of the host may take the last descriptor: nothing can be done there.
 *
 * What libzmq 4.3.4 takes: context 1 eventfd; reaper 1 eventfd, 1 epoll; each
 * socket 1 eventfd. While a context is made, it also opens a file or two.
 */

enum {
    CONTEXT_FDS = 3,
    PAIR_FDS = 2,
    /* Closed sockets hold their place until the reaper has seen to them. */
    SPARE_SOCKETS = 1000,
    CHANNELS_MAX = 1 << 20,
    /* A thread for input and output: 1 eventfd, 1 epoll. */
    THREAD_FDS = 2,
    /* A channel to another process: its socket and the listening one, the
     * accepted one, the monitor's two. */
    IPC_FDS = 5,
    IPC_FDS_SPARE = 11,
    IPC_SOCKETS_MAX = 200000,
};

struct channel_context {
    void *zmq;
};

/*
 * Where libzmq was built with OpenPGM, its first context of a process starts
 * that library and its last one stops it, and OpenPGM lets another thread
 * start it while it is being stopped. So contexts come and go one by one.
 */
static pthread_mutex_t coming_and_going = PTHREAD_MUTEX_INITIALIZER;

static void *new_zmq(void)
{
    void *zmq;

    (void)pthread_mutex_lock(&coming_and_going);
    zmq = zmq_ctx_new();
    (void)pthread_mutex_unlock(&coming_and_going);
    return zmq;
}

static void end_zmq(void *zmq)
{
    (void)pthread_mutex_lock(&coming_and_going);
    while (zmq_ctx_term(zmq) != 0) {
        /* The only error with a good context: a signal handler ran. */
        assert(errno == EINTR);
    }
    (void)pthread_mutex_unlock(&coming_and_going);
}

/* Whether @n more descriptors can be opened: opens them and closes them. */
static int try_fds(size_t n)
{
    int *fds = brood_malloc(n * sizeof(*fds));
    size_t opened = 0;
    int r = 0;

    if (fds == NULL) {
        return -ENOMEM;
    }
    while (opened < n) {
        int fd = BROOD_FAULT("fd_room") ? -1 : eventfd(0, EFD_CLOEXEC);

        if (fd < 0) {
            r = errno == ENFILE ? -ENFILE : -EMFILE;
            break;
        }
        fds[opened++] = fd;
    }
    while (opened > 0) {
        (void)close(fds[--opened]);
    }
    free(fds);
    return r;
}

static void *nothing(void *arg)
{
    return arg;
}

/* Whether a thread can be made: makes one that ends at once. */
static int try_thread(void)
{
    pthread_t thread;
    int r = BROOD_FAULT("thread")
                ? EAGAIN
                : pthread_create(&thread, NULL, nothing, NULL);

    if (r == 0) {
        r = pthread_join(thread, NULL);
    }
    return -r;
}

int context_socket(struct channel_context *context, void **ret_socket)
{
    static const int none = 0;
    void *s = NULL;

    if (BROOD_FAULT("zmq_socket")) {
        errno = EMFILE;
    } else {
        s = zmq_socket(context->zmq, ZMQ_PAIR);
    }
    if (s == NULL) {
        return -errno;
    }
    /* These fail for wrong arguments only. */
    (void)zmq_setsockopt(s, ZMQ_SNDHWM, &none, sizeof(none));
    (void)zmq_setsockopt(s, ZMQ_RCVHWM, &none, sizeof(none));
    (void)zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof(none));
    *ret_socket = s;
    return 0;
}

/* Make libzmq take all that it takes for more than one socket. */
static int start_reaper(struct channel_context *c)
{
    void *s = NULL;
    int r = try_thread();

    if (r < 0) {
        return r;
    }
    r = context_socket(c, &s);
    if (r < 0) {
        return r;
    }
    (void)zmq_close(s);
    return 0;
}

static int open_context(struct channel_context *c, int n_sockets, int n_threads)
{
    int r;

    if (BROOD_FAULT("zmq_ctx")) {
        errno = ENOMEM;
    } else {
        c->zmq = new_zmq();
    }
    if (c->zmq == NULL) {
        return -errno;
    }
    (void)zmq_ctx_set(c->zmq, ZMQ_IO_THREADS, n_threads);
    (void)zmq_ctx_set(c->zmq, ZMQ_MAX_SOCKETS, n_sockets);
    r = start_reaper(c);
    if (r < 0) {
        end_zmq(c->zmq);
    }
    return r;
}

static int make_context(size_t fds,
                        int n_sockets,
                        int n_threads,
                        struct channel_context **ret)
{
    struct channel_context *c;
    sigset_t all;
    sigset_t old;
    int r;

    r = try_fds(fds);
    if (r < 0) {
        return r;
    }
    c = brood_calloc(1, sizeof(*c));
    if (c == NULL) {
        return -ENOMEM;
    }
    /* Threads made here must not run the host's signal handlers. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    r = open_context(c, n_sockets, n_threads);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r < 0) {
        free(c);
        return r;
    }
    *ret = c;
    return 0;
}

int channel_context_new(unsigned channels, struct channel_context **ret)
{
    if (channels > CHANNELS_MAX) {
        return -EMFILE;
    }
    /* One more for the first socket, which is closed some time later. */
    return make_context(CONTEXT_FDS + 1 + PAIR_FDS * (size_t)channels,
                        PAIR_FDS * (int)channels + SPARE_SOCKETS, 0, ret);
}

int ipc_context_new(struct channel_context **ret)
{
    return make_context(CONTEXT_FDS + 1 + THREAD_FDS, IPC_SOCKETS_MAX, 1, ret);
}

int context_room(void)
{
    return try_fds(IPC_FDS + IPC_FDS_SPARE);
}

struct channel_context *channel_context_free(struct channel_context *context)
{
    if (context == NULL) {
        return NULL;
    }
    end_zmq(context->zmq);
    free(context);
    return NULL;
}
