/*
 * libzmq aborts when descriptors run out while it starts. Whatever is left, an
 * attempt to open channels must either work or say so.
 */

#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "proto/channel.h"

enum {
    LEFT_MAX = 30,
    PAIRS_MAX = 4,
    /* How a child ends; the rest is an error of the test itself. */
    ALL_WORKED = 0,
    NONE_LEFT = 10,
    WRONG_ERROR,
    NO_SPEECH,
};

/* Leave this process @n descriptors to open. */
static int leave_fds(unsigned n)
{
    struct rlimit limit;
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

    /* The lowest free one; what is open above must not count. */
    if (fd < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -1;
    }
    (void)close_range((unsigned)fd, ~0U, 0);
    limit.rlim_cur = (rlim_t)fd + n;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

static int say_something(struct channel *a, struct channel *b)
{
    struct buf text = { 0 };
    struct frame *f = NULL;
    int r = buf_add(&text, "hello", 5);

    if (r == 0) {
        r = channel_send(a, &text);
    }
    if (r == 0) {
        r = channel_receive(b, &f);
    }
    buf_clear(&text);
    (void)frame_unref(f);
    return r;
}

static int end_for(int r)
{
    if (r == 0) {
        return ALL_WORKED;
    }
    return r == -EMFILE ? NONE_LEFT : WRONG_ERROR;
}

static int open_pairs(struct channel_context *context,
                      struct channel *ends[][2],
                      unsigned pairs)
{
    for (unsigned i = 0; i < pairs; i++) {
        char name[32];
        int r;

        (void)snprintf(name, sizeof(name), "pair-%u", i);
        r = channel_bind(context, name, &ends[i][0]);
        if (r == 0) {
            r = channel_connect(context, name, &ends[i][1]);
        }
        if (r != 0) {
            return end_for(r);
        }
        if (say_something(ends[i][0], ends[i][1]) != 0) {
            return NO_SPEECH;
        }
    }
    return ALL_WORKED;
}

/* In a child with @left descriptors: open @pairs where @told were told of. */
static int try_channels(unsigned left, unsigned told, unsigned pairs)
{
    struct channel_context *context = NULL;
    struct channel *ends[PAIRS_MAX][2] = { 0 };
    int end;

    if (leave_fds(left) != 0) {
        return 1;
    }
    end = end_for(channel_context_new(told, &context));
    if (end == ALL_WORKED) {
        end = open_pairs(context, ends, pairs);
    }
    for (unsigned i = 0; i < pairs; i++) {
        (void)channel_close(ends[i][0]);
        (void)channel_close(ends[i][1]);
    }
    (void)channel_context_free(context);
    return end;
}

/* Returns: how the child ended; fails when a signal ended it. */
static int try_in_child(unsigned left, unsigned told, unsigned pairs)
{
    int status = 0;
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(try_channels(left, told, pairs));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status)) {
        print_error("with %u descriptors left, signal %d\n", left,
                    WTERMSIG(status));
    }
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void channels_open_or_say_that_descriptors_ran_out(void **state)
{
    (void)state;
    for (unsigned left = 0; left <= LEFT_MAX; left++) {
        int end = try_in_child(left, 2, 2);

        /* The context and its first socket take 4, two pairs 4. */
        assert_int_equal(end, left < 8 ? NONE_LEFT : ALL_WORKED);
    }
}

static void more_channels_than_told_of_are_refused_in_peace(void **state)
{
    (void)state;
    for (unsigned left = 0; left <= LEFT_MAX; left++) {
        int end = try_in_child(left, 0, PAIRS_MAX);

        assert_true(end == NONE_LEFT || end == ALL_WORKED);
        assert_true(end == NONE_LEFT || left >= 11);
    }
    assert_int_equal(try_in_child(LEFT_MAX, 0, PAIRS_MAX), ALL_WORKED);
}

static void context_for_more_channels_than_descriptors_is_refused(void **state)
{
    (void)state;
    assert_int_equal(try_in_child(LEFT_MAX, 100, 1), NONE_LEFT);
    assert_int_equal(try_in_child(LEFT_MAX, ~0U, 1), NONE_LEFT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_open_or_say_that_descriptors_ran_out),
        cmocka_unit_test(more_channels_than_told_of_are_refused_in_peace),
        cmocka_unit_test(context_for_more_channels_than_descriptors_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
