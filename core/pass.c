#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"

/* In front of the descriptors. Both ends are on one machine. */
struct packet {
    uint64_t number;
    uint64_t n_fds;
};

union control {
    char room[CMSG_SPACE(BROOD_PASS_MAX * sizeof(int))];
    struct cmsghdr align;
};

void pass_init(struct pass *pass)
{
    *pass = (struct pass){ .fd = -1 };
}

int pass_open(struct pass *pass, int *ret_peer)
{
    int ends[2];

    if (BROOD_FAULT("sys.socketpair")) {
        return -EMFILE;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   ends) < 0) {
        return -errno;
    }
    pass->fd = ends[0];
    *ret_peer = ends[1];
    return 0;
}

int pass_join(struct pass *pass, int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
        return -errno;
    }
    pass->fd = fd;
    return 0;
}

void pass_close(struct pass *pass)
{
    if (pass->fd >= 0) {
        (void)close(pass->fd);
    }
    pass->fd = -1;
}

static int send_packet(int fd, struct msghdr *message)
{
    ssize_t n;

    do {
        n = sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        return 0;
    }
    /* Too many are under way, of all that this user sends. */
    if (errno == ETOOMANYREFS || errno == ENOBUFS) {
        return -EAGAIN;
    }
    return errno == ECONNRESET ? -EPIPE : -errno;
}

int pass_send(struct pass *pass,
              const int *fds,
              unsigned n_fds,
              uint64_t *ret_number)
{
    struct packet packet = { .number = pass->n_sent + 1, .n_fds = n_fds };
    struct iovec part = { &packet, sizeof(packet) };
    union control control = { 0 };
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
    };
    struct cmsghdr *head;
    int r;

    if (pass->fd < 0 || n_fds == 0 || n_fds > BROOD_PASS_MAX) {
        return -EINVAL;
    }
    message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
    head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
    memcpy(CMSG_DATA(head), fds, n_fds * sizeof(int));
    r = send_packet(pass->fd, &message);
    if (r == 0) {
        *ret_number = ++pass->n_sent;
    }
    return r;
}

static unsigned take_fds(struct msghdr *message, int *ret_fds)
{
    unsigned n = 0;

    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL;
         head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        n = (unsigned)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(ret_fds, CMSG_DATA(head), n * sizeof(int));
    }
    return n;
}

/* Returns: how many descriptors; -EPROTO no packet, or not one. */
static int receive_packet(int fd, struct packet *ret, int *ret_fds)
{
    struct iovec part = { ret, sizeof(*ret) };
    union control control = { 0 };
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof(control.room),
    };
    unsigned n_fds;
    ssize_t n;

    do {
        n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -EPROTO;
    }
    n_fds = take_fds(&message, ret_fds);
    if (n != sizeof(*ret) || ret->n_fds > BROOD_PASS_MAX ||
        ret->n_fds < n_fds ||
        (ret->n_fds > n_fds && (message.msg_flags & MSG_CTRUNC) == 0)) {
        pass_close_rest(ret_fds, n_fds);
        return -EPROTO;
    }
    return (int)n_fds;
}

int pass_receive(struct pass *pass,
                 uint64_t number,
                 int *ret_fds,
                 unsigned *ret_lost)
{
    struct packet packet = { 0 };
    int n = pass->fd < 0 ? -EPROTO : 0;

    while (n >= 0) {
        n = receive_packet(pass->fd, &packet, ret_fds);
        if (n >= 0 && packet.number == number) {
            *ret_lost = (unsigned)packet.n_fds - (unsigned)n;
            return n;
        }
        if (n >= 0) {
            pass_close_rest(ret_fds, (unsigned)n);
            n = packet.number < number ? 0 : -EPROTO;
        }
    }
    return n;
}

void pass_close_rest(const int *fds, unsigned n_fds)
{
    for (unsigned i = 0; i < n_fds; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
}
