#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

static struct pass ours;
static struct pass theirs;
static int null;
static int fds_before;

static int setup(void **state)
{
    int peer = -1;

    (void)state;
    fds_before = count_fds();
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pass_init(&ours);
    pass_init(&theirs);
    assert_ok(pass_open(&ours, &peer));
    assert_ok(pass_join(&theirs, peer));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pass_close(&ours);
    pass_close(&theirs);
    (void)close(null);
    assert_int_equal(count_fds(), fds_before);
    return 0;
}

static uint64_t send_two(void)
{
    const int fds[2] = { null, null };
    uint64_t number = 0;

    assert_ok(pass_send(&ours, fds, 2, &number));
    return number;
}

/* Returns: what pass_receive() said; what came is closed. */
static int receive(uint64_t number)
{
    int fds[BROOD_PASS_MAX];
    unsigned n_lost = 0;
    int r = pass_receive(&theirs, number, fds, &n_lost);

    if (r > 0) {
        pass_close_rest(fds, (unsigned)r);
    }
    assert_int_equal(n_lost, 0);
    return r;
}

static void packets_are_numbered(void **state)
{
    (void)state;
    assert_int_equal(send_two(), 1);
    assert_int_equal(send_two(), 2);
    assert_int_equal(receive(1), 2);
    assert_int_equal(receive(2), 2);
    assert_err(receive(3), -EPROTO);
}

static void one_without_its_message_is_skipped(void **state)
{
    (void)state;
    (void)send_two();
    (void)send_two();
    (void)send_two();
    assert_int_equal(receive(3), 2);
    assert_err(receive(3), -EPROTO);
}

static void one_that_is_ahead_is_refused(void **state)
{
    (void)state;
    (void)send_two();
    (void)send_two();
    assert_int_equal(receive(1), 2);
    assert_err(receive(1), -EPROTO);
}

static void send_raw(const void *bytes, size_t size)
{
    assert_int_equal(send(ours.fd, bytes, size, 0), (ssize_t)size);
}

static void what_is_no_packet_is_refused(void **state)
{
    const uint64_t none[2] = { 1, 3 };
    const uint64_t too_many[2] = { 1, BROOD_PASS_MAX + 1 };

    (void)state;
    send_raw("x", 1);
    assert_err(receive(1), -EPROTO);
    send_raw(none, sizeof(none));
    assert_err(receive(1), -EPROTO);
    send_raw(too_many, sizeof(too_many));
    assert_err(receive(1), -EPROTO);
}

static void the_end_of_the_other_is_told(void **state)
{
    uint64_t number = 0;

    (void)state;
    (void)send_two();
    pass_close(&theirs);
    assert_err(pass_send(&ours, &null, 1, &number), -EPIPE);
    assert_err(receive(1), -EPROTO);
    pass_close(&ours);
    assert_err(pass_send(&ours, &null, 1, &number), -EINVAL);
}

static void a_full_socket_says_so(void **state)
{
    uint64_t number = 0;
    int n = 0;
    int r;

    (void)state;
    while ((r = pass_send(&ours, &null, 1, &number)) == 0) {
        n++;
    }
    assert_err(r, -EAGAIN);
    assert_int_equal(number, n);
    for (int i = 1; i <= n; i++) {
        assert_int_equal(receive((uint64_t)i), 1);
    }
    assert_ok(pass_send(&ours, &null, 1, &number));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(packets_are_numbered),
        TEST(one_without_its_message_is_skipped),
        TEST(one_that_is_ahead_is_refused),
        TEST(what_is_no_packet_is_refused),
        TEST(the_end_of_the_other_is_told),
        TEST(a_full_socket_says_so),
    };

    return cmocka_run_group_tests_name("unit.core.pass", tests, NULL, NULL);
}
