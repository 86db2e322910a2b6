/* What is the host's stays the host's, and none of it reaches a child. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/forked.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    JOBS = 50,
    PATIENCE_MS = 20000,
};

static const struct brood_options two_slots = { .slots = 2 };

static void handle(int sig, void (*handler)(int), int flags)
{
    const struct sigaction action = { .sa_handler = handler,
                                      .sa_flags = flags };

    assert_int_equal(sigaction(sig, &action, NULL), 0);
}

static void run_with_odd_signals(void *arg)
{
    static const char *const show[] = { CHILDREN_DIR "/show_signals", NULL };
    struct sigaction now;
    struct bench b;
    sigset_t set;
    sigset_t after;

    (void)arg;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGUSR1);
    assert_int_equal(sigprocmask(SIG_SETMASK, &set, NULL), 0);
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGHUP, SIG_IGN, 0);
    handle(SIGRTMAX, SIG_IGN, 0);
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < JOBS; i++) {
        bench_submit(&b, &(struct brood_job){ .argv = show });
    }
    bench_run(&b);
    for (unsigned i = 1; i <= JOBS; i++) {
        assert_string_equal(bench_seen(&b, i)->out, "blocked\nignored\n");
    }
    bench_close(&b);
    (void)sigprocmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGTERM), 1);
    assert_int_equal(sigismember(&after, SIGINT), 0);
    (void)sigaction(SIGPIPE, NULL, &now);
    assert_true(now.sa_handler == SIG_IGN);
}

static void a_child_starts_with_signals_as_new(void **state)
{
    (void)state;
    forked_run(run_with_odd_signals, NULL);
}

static volatile sig_atomic_t n_sigchld;

static void on_sigchld(int sig)
{
    (void)sig;
    n_sigchld = n_sigchld + 1;
}

/* A child of the host's own, beside those of the pool. */
static pid_t start_own(int status)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(status);
    }
    return pid;
}

static void wait_own(pid_t pid, int want)
{
    int status = -1;
    pid_t got;

    do {
        got = waitpid(pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    assert_int_equal(got, pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), want);
}

static void run_with_sigchld_handler(void *arg)
{
    struct sigaction now;
    struct bench b;

    (void)arg;
    handle(SIGCHLD, on_sigchld, SA_NOCLDSTOP);
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < JOBS; i++) {
        bench_shell(&b, "exit 4");
    }
    for (int i = 0; i < JOBS / 5; i++) {
        pid_t pid = start_own(i);
        int r = brood_poll(b.pool, 1);

        assert_true(r >= 0 || r == -EINTR);
        wait_own(pid, i);
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, JOBS);
    for (unsigned i = 1; i <= JOBS; i++) {
        assert_int_equal(bench_seen(&b, i)->result.outcome, BROOD_EXITED);
        assert_int_equal(bench_seen(&b, i)->result.exit_status, 4);
    }
    (void)sigaction(SIGCHLD, NULL, &now);
    assert_true(now.sa_handler == on_sigchld);
    assert_true((now.sa_flags & SA_NOCLDSTOP) != 0);
    bench_close(&b);
    n_sigchld = 0;
    wait_own(start_own(9), 9);
    assert_int_equal(n_sigchld, 1);
}

static void the_hosts_own_children_and_handler_are_left_to_it(void **state)
{
    (void)state;
    skip_under_valgrind("it takes the host's children for leaks");
    forked_run(run_with_sigchld_handler, NULL);
}

static void run_without_zombies(void *arg)
{
    const int *flags = arg;
    unsigned n_lost = 0;
    struct bench b;

    handle(SIGCHLD, *flags == 0 ? SIG_IGN : SIG_DFL, *flags);
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < JOBS; i++) {
        bench_shell(&b, i % 2 == 0 ? "echo x; exit 4" : "sleep 0.01; exit 4");
    }
    bench_submit(&b,
                 &(struct brood_job){ .shell = "sleep 60", .timeout_ms = 100 });
    bench_run(&b);
    assert_int_equal(b.n_seen, JOBS + 1);
    for (unsigned i = 1; i <= JOBS; i++) {
        const struct brood_result *r = &bench_seen(&b, i)->result;

        if (r->outcome == BROOD_LOST) {
            assert_int_equal(r->exit_status, -1);
            n_lost++;
        } else {
            assert_int_equal(r->outcome, BROOD_EXITED);
            assert_int_equal(r->exit_status, 4);
        }
        if (i % 2 == 1) {
            assert_string_equal(bench_seen(&b, i)->out, "x\n");
        }
    }
    print_message("%u of %d lost\n", n_lost, JOBS);
    bench_close(&b);
}

static void without_statuses_a_result_is_right_or_lost(void **state)
{
    int flags[] = { 0, SA_NOCLDWAIT };

    (void)state;
    forked_run(run_without_zombies, &flags[0]);
    forked_run(run_without_zombies, &flags[1]);
}

static void run_without_streams(void *arg)
{
    struct bench b;

    (void)arg;
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        (void)close(fd);
    }
    bench_open(&b, &two_slots, NULL);
    /* What the host writes to its streams by mistake reaches nothing of ours. */
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        assert_int_equal(fcntl(fd, F_GETFD), -1);
    }
    for (int i = 0; i < JOBS; i++) {
        bench_submit(&b, &(struct brood_job){ .shell = "cat; echo err >&2",
                                              .input = i % 2 == 0
                                                           ? BROOD_INPUT_BYTES
                                                           : BROOD_INPUT_NONE,
                                              .input_data = "in",
                                              .input_size_bytes = 2 });
    }
    bench_submit(&b, &(struct brood_job){ .shell = "echo x; echo y >&2",
                                          .err = BROOD_OUTPUT_MERGE });
    bench_submit(&b, &(struct brood_job){ .shell = "echo x",
                                          .out = BROOD_OUTPUT_DISCARD });
    bench_run(&b);
    for (unsigned i = 1; i <= JOBS; i++) {
        assert_int_equal(bench_seen(&b, i)->result.exit_status, 0);
        assert_string_equal(bench_seen(&b, i)->out, i % 2 == 1 ? "in" : "");
        assert_string_equal(bench_seen(&b, i)->err, "err\n");
    }
    assert_string_equal(bench_seen(&b, JOBS + 1)->out, "x\ny\n");
    assert_int_equal(bench_seen(&b, JOBS + 2)->result.exit_status, 0);
    bench_close(&b);
}

static void a_host_without_streams_gives_its_children_theirs(void **state)
{
    (void)state;
    forked_run(run_without_streams, NULL);
}

static void tell_pid(struct brood_batch *batch,
                     const struct brood_result *start,
                     void *user)
{
    const int *fd = user;

    (void)batch;
    assert_int_equal(write(*fd, &start->pid, sizeof(start->pid)),
                     sizeof(start->pid));
}

static void run_until_killed(void *arg)
{
    const struct brood_batch_options options = { .on_start = tell_pid,
                                                 .user = arg };
    const struct brood_job job = { .shell = "exec sleep 100",
                                   .notify_start = 1,
                                   .parent_death_signal = SIGKILL };
    struct brood_batch *batch = NULL;
    struct brood *pool = NULL;

    assert_ok(brood_open(&two_slots, &pool));
    assert_ok(brood_batch_new(pool, &options, &batch));
    assert_ok(brood_submit(batch, &job, NULL));
    (void)brood_run(batch);
}

static void a_child_ends_with_its_host_when_asked_to(void **state)
{
    struct pollfd p = { .events = POLLIN };
    int pair[2];
    pid_t host;
    int pid = 0;

    (void)state;
    skip_under_valgrind("it has no pidfd_open()");
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    host = forked_start(run_until_killed, &pair[1]);
    (void)close(pair[1]);
    assert_int_equal(read(pair[0], &pid, sizeof(pid)), sizeof(pid));
    (void)close(pair[0]);
    p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(p.fd >= 0);
    assert_int_equal(poll(&p, 1, 0), 0);
    (void)kill(host, SIGKILL);
    assert_int_equal(waitpid(host, NULL, 0), host);
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    (void)close(p.fd);
}

static void *use_pool(void *arg)
{
    struct bench *b = arg;

    for (int i = 0; i < JOBS; i++) {
        bench_shell(b, "echo x");
    }
    bench_run(b);
    bench_close(b);
    return NULL;
}

static void *open_and_use_pool(void *arg)
{
    struct bench b;

    bench_open(&b, &two_slots, NULL);
    use_pool(&b);
    assert_int_equal(b.n_seen, JOBS);
    return arg;
}

/* In a host of its own: a failed assertion has no way out of a thread. */
static void run_in_threads(void *arg)
{
    pthread_t thread;
    struct bench b;

    (void)arg;
    assert_int_equal(pthread_create(&thread, NULL, open_and_use_pool, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    bench_open(&b, &two_slots, NULL);
    assert_int_equal(pthread_create(&thread, NULL, use_pool, &b), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(b.n_seen, JOBS);
}

static void a_pool_may_belong_to_any_thread(void **state)
{
    (void)state;
    forked_run(run_in_threads, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_starts_with_signals_as_new),
        cmocka_unit_test(the_hosts_own_children_and_handler_are_left_to_it),
        cmocka_unit_test(without_statuses_a_result_is_right_or_lost),
        cmocka_unit_test(a_host_without_streams_gives_its_children_theirs),
        cmocka_unit_test(a_child_ends_with_its_host_when_asked_to),
        cmocka_unit_test(a_pool_may_belong_to_any_thread),
    };

    return cmocka_run_group_tests_name("integration.host", tests, NULL, NULL);
}
