/* What a process has open when it ends, and that it ends as without. */
#include "test/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

enum {
    FIRST_FD = 700,
    STATUS = 7,
    ROUNDS = 50,
};

/* A child that waits until this is closed. */
struct held {
    int go[2];
    pid_t pid;
};

static void start(struct held *held, void (*what)(void))
{
    assert_int_equal(pipe2(held->go, O_CLOEXEC), 0);
    held->pid = fork();
    assert_true(held->pid >= 0);
    if (held->pid == 0) {
        char byte;

        (void)close(held->go[1]);
        (void)!read(held->go[0], &byte, 1);
        /* What it has from us is not its own. */
        (void)close_range(3, ~0U, 0);
        what();
        _exit(STATUS);
    }
    (void)close(held->go[0]);
}

static void go(void *user)
{
    struct held *held = user;

    (void)close(held->go[1]);
}

static int end(struct held *held)
{
    int status = 0;

    assert_int_equal(waitpid(held->pid, &status, 0), held->pid);
    return status;
}

static int trace_all(struct trace *trace, void (*what)(void))
{
    struct held held;

    start(&held, what);
    assert_ok(trace_start(trace, held.pid, go, &held));
    /* Who waits for a child that is traced sees it stop. */
    trace_join(trace);
    return end(&held);
}

static void leave_nothing(void)
{
}

static void leave_some(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)fcntl(fd, F_DUPFD, FIRST_FD);
}

static void leave_and_die(void)
{
    leave_some();
    (void)raise(SIGTERM);
}

static void leave_and_be_killed(void)
{
    leave_some();
    (void)raise(SIGKILL);
}

static void stop_and_leave(void)
{
    if (fork() == 0) {
        (void)kill(getppid(), SIGSTOP);
        (void)kill(getppid(), SIGCONT);
        _exit(0);
    }
    (void)wait(NULL);
    leave_some();
}

static void exec_and_leave(void)
{
    leave_some();
    (void)execl("/bin/sh", "sh", "-c", "exec 5</dev/null; exit 7", NULL);
}

static void assert_left_some(const struct trace *trace)
{
    assert_int_equal(trace->state, TRACE_SEEN);
    assert_int_equal(trace->total, 2);
    assert_int_equal(trace->n, 2);
    assert_int_equal(trace->files[0].fd, 3);
    assert_string_equal(trace->files[0].name, "/dev/null");
    assert_int_equal(trace->files[1].fd, FIRST_FD);
}

static void it_tells_what_is_left_open(void **state)
{
    struct trace trace = { 0 };
    int status;

    (void)state;
    status = trace_all(&trace, leave_nothing);
    if (trace.state == TRACE_REFUSED) {
        trace_clear(&trace);
        print_message("no process may be traced here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), STATUS);
    assert_int_equal(trace.state, TRACE_SEEN);
    assert_int_equal(trace.total, 0);
    assert_int_equal(WEXITSTATUS(trace_all(&trace, leave_some)), STATUS);
    assert_left_some(&trace);
    assert_int_equal(WEXITSTATUS(trace_all(&trace, stop_and_leave)), STATUS);
    assert_left_some(&trace);
    trace_clear(&trace);
    assert_int_equal(trace.n, 0);
}

static void it_tells_of_those_that_a_signal_ends(void **state)
{
    struct trace trace = { 0 };

    (void)state;
    assert_int_equal(WTERMSIG(trace_all(&trace, leave_and_die)), SIGTERM);
    if (trace.state != TRACE_REFUSED) {
        assert_left_some(&trace);
    }
    for (int i = 0; i < ROUNDS; i++) {
        /* The kernel need not tell of it, but the thread ends. */
        assert_int_equal(WTERMSIG(trace_all(&trace, leave_and_be_killed)),
                         SIGKILL);
    }
    trace_clear(&trace);
}

static void only_what_outlives_exec_counts(void **state)
{
    struct trace trace = { 0 };

    (void)state;
    assert_int_equal(WEXITSTATUS(trace_all(&trace, exec_and_leave)), STATUS);
    if (trace.state != TRACE_REFUSED) {
        assert_int_equal(trace.state, TRACE_SEEN);
        assert_int_equal(trace.total, 2);
        assert_int_equal(trace.files[0].fd, 5);
        assert_int_equal(trace.files[1].fd, FIRST_FD);
    }
    trace_clear(&trace);
}

static void what_has_ended_is_no_refusal(void **state)
{
    struct trace trace = { 0 };
    struct held held;
    siginfo_t info;

    (void)state;
    start(&held, leave_nothing);
    go(&held);
    assert_int_equal(waitid(P_PID, (id_t)held.pid, &info, WEXITED | WNOWAIT),
                     0);
    assert_int_equal(pipe2(held.go, O_CLOEXEC), 0);
    (void)close(held.go[0]);
    assert_ok(trace_start(&trace, held.pid, go, &held)); /* a zombie */
    trace_join(&trace);
    assert_int_equal(trace.state, TRACE_NONE);
    assert_int_equal(fcntl(held.go[1], F_GETFD), -1); /* go() was called */
    (void)end(&held);
    assert_int_equal(pipe2(held.go, O_CLOEXEC), 0);
    (void)close(held.go[0]);
    assert_ok(trace_start(&trace, held.pid, go, &held)); /* no child any more */
    trace_join(&trace);
    assert_int_equal(trace.state, TRACE_NONE);
    trace_clear(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_what_is_left_open),
        cmocka_unit_test(it_tells_of_those_that_a_signal_ends),
        cmocka_unit_test(only_what_outlives_exec_counts),
        cmocka_unit_test(what_has_ended_is_no_refusal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
