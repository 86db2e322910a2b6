/* ask - a question to the holder, and its answer. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <brood.h>

#include "clock.h"
#include "talk/talk.h"

#define NS_PER_MS INT64_C(1000000)

static int64_t now_ms(void)
{
    return clock_now_ns() / NS_PER_MS;
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *p = data;

    while (size > 0) {
        ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            return errno == EPIPE ? -ECONNRESET : -errno;
        }
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

static int wait_readable(int fd, int64_t end_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int r;

    do {
        int64_t left = end_ms < 0 ? -1 : end_ms - now_ms();

        left = end_ms >= 0 && left < 0 ? 0 : left;
        r = poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
    } while (r < 0 && errno == EINTR);
    if (r < 0) {
        return -errno;
    }
    return r == 0 ? -ETIMEDOUT : 0;
}

static int read_all(int fd, void *data, size_t size, int64_t end_ms)
{
    char *p = data;

    while (size > 0) {
        int r = wait_readable(fd, end_ms);
        ssize_t n;

        if (r < 0) {
            return r;
        }
        n = recv(fd, p, size, 0);
        if (n == 0) {
            return -ECONNRESET;
        }
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

int talk_ask(int fd,
             enum talk_kind kind,
             const struct text *data,
             int64_t timeout_ms,
             struct text *ret)
{
    struct talk_head head = { .kind = kind };
    int64_t end_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    int r;

    head.size = data == NULL ? 0 : data->size;
    r = write_all(fd, &head, sizeof(head));
    if (r == 0 && head.size > 0) {
        r = write_all(fd, data->data, data->size);
    }
    if (r == 0) {
        r = read_all(fd, &head, sizeof(head), end_ms);
    }
    if (r == 0 && ret != NULL) {
        text_reset(ret);
        /* An answer that has begun is taken whole. */
        r = read_all(fd, text_reserve(ret, head.size + 1), head.size, -1);
        ret->size = r == 0 ? head.size : 0;
        ret->data[ret->size] = '\0';
    }
    return r < 0 ? r : head.status;
}

int talk_fail(const char *command, int error)
{
    const char *why = brood_strerror(error);
    int status = TALK_STATUS_OURS;

    switch (error) {
    case -EPIPE:
        why = "the parent has disconnected";
        status = TALK_STATUS_OVER;
        break;
    case -ETIMEDOUT:
        why = "no message has come in time";
        status = TALK_STATUS_TIMEOUT;
        break;
    case -ENOTCONN:
        why = "there is no channel: BROOD_CHANNEL is not set, as it is in "
              "programs that brood_fork() has started and in jobs with "
              "\"channel\": true";
        break;
    case -EMSGSIZE:
        why = "the message is larger than the parent takes";
        break;
    default:
        break;
    }
    (void)fprintf(stderr, "brood %s: %s\n", command, why);
    return status;
}
