/* When the descriptor of a channel tells that there is something to receive. */

#include "support/check.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "unit/proto/pair.h"

/* Wait for @c in a new epoll of its own. */
static int epoll_for(const struct channel *c, uint32_t events)
{
    struct epoll_event e = { .events = events };
    int fd = epoll_create1(EPOLL_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(epoll_ctl(fd, EPOLL_CTL_ADD, channel_fd(c), &e), 0);
    return fd;
}

static int events_now(int epoll_fd)
{
    struct epoll_event e;

    return epoll_wait(epoll_fd, &e, 1, 0);
}

/*
 * After -EAGAIN a send makes the descriptor readable, again and again, and
 * until then it is not.
 */
static void check_rearmed(struct pair *p, uint32_t events)
{
    int fd;

    /* The first joining was an event, too. */
    receive_nothing(p->a);
    fd = epoll_for(p->a, events);
    assert_int_equal(events_now(fd), 0);
    for (int i = 0; i < 100; i++) {
        send_text(p->b, "one");
        send_text(p->b, "two");
        assert_int_equal(events_now(fd), 1);
        receive_text(p->a, "one");
        receive_text(p->a, "two");
        receive_nothing(p->a);
        assert_int_equal(events_now(fd), 0);
    }
    (void)close(fd);
}

static void eagain_rearms_a_level_triggered_wait(void **state)
{
    check_rearmed(*state, EPOLLIN);
}

static void eagain_rearms_an_edge_triggered_wait(void **state)
{
    check_rearmed(*state, EPOLLIN | EPOLLET);
}

static void frames_left_unread_make_no_new_event(void **state)
{
    struct pair *p = *state;
    int fd;

    receive_nothing(p->a);
    fd = epoll_for(p->a, EPOLLIN | EPOLLET);
    send_text(p->b, "one");
    assert_int_equal(events_now(fd), 1);
    receive_text(p->a, "one");
    /* No -EAGAIN yet: this one may come without an event. Reading goes on. */
    send_text(p->b, "two");
    receive_text(p->a, "two");
    receive_nothing(p->a);
    send_text(p->b, "three");
    assert_int_equal(events_now(fd), 1);
    receive_text(p->a, "three");
    (void)close(fd);
}

static void event_that_a_send_swallowed_is_found_by_receiving(void **state)
{
    struct pair *p = *state;
    int swallowed = 0;
    int fd;

    receive_nothing(p->a);
    fd = epoll_for(p->a, EPOLLIN);
    for (int i = 0; i < 1000; i++) {
        send_text(p->b, "question");
        /* May take the wake-up for "question" and answer nothing of it. */
        send_text(p->a, "answer");
        swallowed += events_now(fd) == 0;
        receive_text(p->a, "question");
        receive_nothing(p->a);
        receive_text(p->b, "answer");
        receive_nothing(p->b);
        assert_int_equal(events_now(fd), 0);
    }
    print_message("%d of 1000 events were swallowed\n", swallowed);
    (void)close(fd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PAIR_TEST(eagain_rearms_a_level_triggered_wait),
        PAIR_TEST(eagain_rearms_an_edge_triggered_wait),
        PAIR_TEST(frames_left_unread_make_no_new_event),
        PAIR_TEST(event_that_a_send_swallowed_is_found_by_receiving),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
