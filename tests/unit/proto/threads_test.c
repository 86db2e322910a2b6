/*
 * Channels between threads that wait as the parties of a pool do: in epoll,
 * edge-triggered. A wake-up that was lost ends in a time-out here.
 */

#include "support/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/buf.h"
#include "proto/channel.h"

enum {
    GROUPS_FRAMES = 100000,
    GROUPS_AHEAD = 100,
    SINGLE_FRAMES = 5000,
    ECHOES = 4,
    ECHOES_FRAMES = 5000,
    ECHOES_AHEAD = 8,
    LOST_MS = 20000,
};

/* One thread's end, and how far it has come. Its functions say -1 on error. */
struct party {
    struct channel_context *context;
    struct channel *channel;
    char name[32];
    int epoll_fd;
    bool has_joined;
    uint32_t frames;
    uint32_t sent;
    uint32_t received;
};

static int party_open(struct party *p,
                      int (*open)(struct channel_context *context,
                                  const char *name,
                                  struct channel **ret))
{
    struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.ptr = p };

    if (open(p->context, p->name, &p->channel) != 0) {
        return -1;
    }
    return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, channel_fd(p->channel), &e);
}

static int party_wait(int epoll_fd, struct party **ret)
{
    struct epoll_event e;

    if (epoll_wait(epoll_fd, &e, 1, LOST_MS) != 1) {
        return -1;
    }
    *ret = e.data.ptr;
    return 0;
}

static int party_send(struct party *p, uint32_t number)
{
    struct buf b = { 0 };
    int r = buf_add(&b, &number, sizeof(number));

    if (r == 0) {
        r = channel_send(p->channel, &b);
    }
    buf_clear(&b);
    p->sent++;
    return r;
}

/*
 * Take the next number, which must follow the last, or the 0 of one who joins.
 * Returns: 1; 0 when there is none; -1.
 */
static int party_take(struct party *p)
{
    struct frame *f;
    uint32_t number = 0;
    int r = channel_receive(p->channel, &f);

    if (r < 0) {
        return r == -EAGAIN ? 0 : -1;
    }
    if (frame_size(f) == sizeof(number)) {
        memcpy(&number, frame_data(f), sizeof(number));
    }
    (void)frame_unref(f);
    if (number == 0) {
        p->has_joined = true;
        return 1;
    }
    return number == ++p->received ? 1 : -1;
}

/* Answer every number with the same, until none is left. */
static int echo_all(struct party *p)
{
    int r;

    while ((r = party_take(p)) == 1) {
        if (party_send(p, p->received) != 0) {
            return -1;
        }
    }
    return r;
}

/* Returns: its argument, or NULL on error. */
static void *echo(void *arg)
{
    struct party *p = arg;
    int r;

    p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    r = party_open(p, channel_connect);
    if (r == 0) {
        r = party_send(p, 0);
    }
    while (r == 0) {
        struct party *ready = NULL;

        r = echo_all(p);
        if (r != 0 || p->received == p->frames) {
            break;
        }
        r = party_wait(p->epoll_fd, &ready);
    }
    (void)close(p->epoll_fd);
    (void)channel_close(p->channel);
    return r == 0 ? p : NULL;
}

/* Take all answers and send as many numbers as may be under way. */
static int speak(struct party *p, uint32_t ahead)
{
    uint32_t before;

    do {
        int r;

        while ((r = party_take(p)) == 1) {
        }
        before = p->sent;
        while (r == 0 && p->has_joined && p->sent < p->frames &&
               p->sent - p->received < ahead) {
            r = party_send(p, p->sent + 1);
        }
        if (r != 0) {
            return r;
        }
    } while (p->sent != before);
    return 0;
}

/* Speak with @n echoes at once and wait for all of them in one epoll. */
static void speak_with_echoes(size_t n, uint32_t frames, uint32_t ahead)
{
    struct party here[ECHOES] = { 0 };
    struct party there[ECHOES] = { 0 };
    pthread_t threads[ECHOES];
    struct channel_context *context;
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    size_t done = 0;

    assert_true(epoll_fd >= 0);
    assert_ok(channel_context_new((unsigned)n, &context));
    for (size_t i = 0; i < n; i++) {
        there[i] = (struct party){ .context = context, .frames = frames };
        (void)snprintf(there[i].name, sizeof(there[i].name), "echo-%zu", i);
        here[i] = there[i];
        here[i].epoll_fd = epoll_fd;
        assert_int_equal(party_open(&here[i], channel_bind), 0);
        assert_int_equal(pthread_create(&threads[i], NULL, echo, &there[i]), 0);
    }
    while (done < n) {
        struct party *ready = NULL;

        assert_int_equal(party_wait(epoll_fd, &ready), 0);
        if (ready->received < frames) {
            assert_int_equal(speak(ready, ahead), 0);
            done += ready->received == frames;
        }
    }
    for (size_t i = 0; i < n; i++) {
        void *end = NULL;

        assert_int_equal(pthread_join(threads[i], &end), 0);
        assert_ptr_equal(end, &there[i]);
        assert_null(channel_close(here[i].channel));
    }
    assert_null(channel_context_free(context));
    (void)close(epoll_fd);
}

static void frames_cross_in_groups(void **state)
{
    (void)state;
    speak_with_echoes(1, GROUPS_FRAMES, GROUPS_AHEAD);
}

static void each_frame_wakes_its_receiver(void **state)
{
    (void)state;
    speak_with_echoes(1, SINGLE_FRAMES, 1);
}

static void one_thread_hears_many(void **state)
{
    (void)state;
    speak_with_echoes(ECHOES, ECHOES_FRAMES, ECHOES_AHEAD);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_cross_in_groups),
        cmocka_unit_test(each_frame_wakes_its_receiver),
        cmocka_unit_test(one_thread_hears_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
