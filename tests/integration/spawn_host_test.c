/* The host of children of brood_spawn(): its signals, descriptors and end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/forked.h"
#include "integration/spawned.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    ROUNDS = 50,
    OTHER_FILES = 100,
    FILES_MAX = 64,
    /* What a child with three pipes takes here: six ends, and its pidfd. */
    FILES_FOR_ONE = 7,
    PATIENCE_MS = 20000,
};

static const struct brood_options one_slot = { .slots = 1 };

static void handle(int sig, void (*handler)(int))
{
    const struct sigaction action = { .sa_handler = handler };

    assert_int_equal(sigaction(sig, &action, NULL), 0);
}

static void check_handler(int sig, void (*handler)(int))
{
    struct sigaction now;

    assert_int_equal(sigaction(sig, NULL, &now), 0);
    assert_true(now.sa_handler == handler);
}

/* As libuv's spawn_and_kill. */
static void run_with_odd_signals(void *arg)
{
    static const char *const show[] = { CHILDREN_DIR "/show_signals", NULL };
    sigset_t set;
    sigset_t after;
    struct nest n;

    (void)arg;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGUSR1);
    assert_int_equal(sigprocmask(SIG_SETMASK, &set, NULL), 0);
    handle(SIGPIPE, SIG_IGN);
    handle(SIGTERM, SIG_IGN);
    handle(SIGHUP, SIG_IGN);
    nest_open(&n, &one_slot);
    spawned_run(&n, &n.child[0], &(struct brood_job){ .argv = show });
    assert_string_equal(spawned_text(&n.child[0], 1), "blocked\nignored\n");
    spawned_start(
        &n, &n.child[0],
        &(struct brood_job){ .argv = (const char *const[]){ "cat", NULL },
                             .input = BROOD_INPUT_STREAM });
    spawned_until(&n.child[0], 'S');
    assert_ok(brood_child_kill(n.child[0].child, SIGTERM));
    spawned_wait(&n.child[0]);
    assert_int_equal(n.child[0].signal, SIGTERM);
    nest_close(&n);
    check_handler(SIGPIPE, SIG_IGN);
    check_handler(SIGTERM, SIG_IGN);
    check_handler(SIGHUP, SIG_IGN);
    (void)sigprocmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGCHLD), 1);
    assert_int_equal(sigismember(&after, SIGINT), 0);
}

static void a_child_starts_with_signals_as_new(void **state)
{
    (void)state;
    forked_run(run_with_odd_signals, NULL);
}

static void on_sigchld(int sig)
{
    (void)sig;
}

/* The status of each is told, whatever the host does with SIGCHLD. */
static void run_with_sigchld(void *arg)
{
    const bool *blocked = arg;
    sigset_t set;
    struct nest n;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    if (*blocked) {
        assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
    } else {
        handle(SIGCHLD, on_sigchld);
    }
    nest_open(&n, &one_slot);
    for (int i = 0; i < ROUNDS; i++) {
        spawned_run(&n, &n.child[0], &(struct brood_job){ .shell = "exit 4" });
        assert_string_equal(n.child[0].log, "Sxc");
        assert_int_equal(n.child[0].exit_status, 4);
    }
    nest_close(&n);
    check_handler(SIGCHLD, *blocked ? SIG_DFL : on_sigchld);
}

static void the_hosts_sigchld_is_left_to_it(void **state)
{
    bool blocked[] = { false, true };

    (void)state;
    forked_run(run_with_sigchld, &blocked[0]);
    forked_run(run_with_sigchld, &blocked[1]);
}

static void check_right_or_lost(struct nest *n)
{
    unsigned n_lost = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct spawned *s = &n->child[0];

        spawned_run(n, s, &(struct brood_job){ .shell = "exit 4" });
        assert_string_equal(s->log, "Sxc");
        assert_int_equal(s->signal, 0);
        assert_int_equal(s->exit_status, s->result.exit_status);
        if (s->result.outcome == BROOD_LOST) {
            assert_int_equal(s->exit_status, -1);
            n_lost++;
        } else {
            assert_int_equal(s->result.outcome, BROOD_EXITED);
            assert_int_equal(s->exit_status, 4);
        }
    }
    print_message("%u of %d lost\n", n_lost, ROUNDS);
}

static void run_without_statuses(void *arg)
{
    struct nest n;

    (void)arg;
    handle(SIGCHLD, SIG_IGN);
    nest_open(&n, &one_slot);
    check_right_or_lost(&n);
    nest_close(&n);
}

static atomic_bool is_over;

static void *steal_statuses(void *arg)
{
    while (!atomic_load(&is_over)) {
        if (waitpid(-1, NULL, 0) < 0) {
            (void)sched_yield();
        }
    }
    return arg;
}

static void run_with_thief(void *arg)
{
    pthread_t thief;
    struct nest n;

    (void)arg;
    nest_open(&n, &one_slot);
    assert_int_equal(pthread_create(&thief, NULL, steal_statuses, NULL), 0);
    check_right_or_lost(&n);
    atomic_store(&is_over, true);
    assert_int_equal(pthread_join(thief, NULL), 0);
    nest_close(&n);
}

static void a_status_is_right_or_lost(void **state)
{
    (void)state;
    forked_run(run_without_statuses, NULL);
    forked_run(run_with_thief, NULL);
}

static void run_with_other_files(void *arg)
{
    static const char *const show[] = { CHILDREN_DIR "/show_fds", NULL };
    struct nest n;
    int out = -1;
    char rest = 0;
    int file;

    (void)arg;
    for (int i = 0; i < OTHER_FILES; i++) {
        /* NOLINTNEXTLINE(android-cloexec-open): that is the point */
        assert_true(open("/dev/null", O_RDONLY) >= 0);
    }
    file = open("/", O_RDONLY | O_CLOEXEC);
    nest_open(&n, &one_slot);
    spawned_run(
        &n, &n.child[0],
        &(struct brood_job){
            .argv = show,
            .fds = (const struct brood_fd[]){ { 9, file }, { 3, file } },
            .n_fds = 2,
            .err = BROOD_OUTPUT_MERGE });
    assert_int_equal(sscanf(spawned_text(&n.child[0], 1),
                            "0 /dev/null 1 pipe:[%d] 2 pipe:[%*d] 3 / 9 / %c",
                            &out, &rest),
                     1);
    assert_true(out > 0);
    nest_close(&n);
}

static void a_child_has_what_was_asked_for_and_no_more(void **state)
{
    (void)state;
    forked_run(run_with_other_files, NULL);
}

static void a_descriptor_that_is_not_open_is_refused(void **state)
{
    struct nest *n = *state;
    struct brood_child *child = NULL;
    struct brood_child_options options = {
        .job = { .shell = "true",
                 .fds = (const struct brood_fd[]){ { 3, 0 }, { 4, 100000 } },
                 .n_fds = 2 }
    };
    int fds;

    /* The threads are up when one has run. */
    spawned_run(n, &n->child[0], &(struct brood_job){ .shell = "true" });
    fds = count_fds();
    assert_err(brood_spawn(n->pool, &options, &child), -EBADF);
    options.job.n_fds = 0;
    options.job.out = BROOD_OUTPUT_FD;
    options.job.out_fd = -1;
    assert_err(brood_spawn(n->pool, &options, &child), -EBADF);
    options.job.out = BROOD_OUTPUT_DISCARD;
    options.job.input = BROOD_INPUT_FD;
    options.job.input_fd = -1;
    assert_err(brood_spawn(n->pool, &options, &child), -EBADF);
    assert_null(child);
    assert_int_equal(count_fds(), fds);
}

/* Started side by side by two threads, neither holds the other's pipes. */
static void children_hold_no_pipes_of_each_other(void **state)
{
    const struct brood_job job = {
        .argv = (const char *const[]){ CHILDREN_DIR "/cat_stdin", NULL },
        .input = BROOD_INPUT_STREAM,
        .out = BROOD_OUTPUT_STREAM,
    };
    struct nest n;

    (void)state;
    nest_open(&n, &(struct brood_options){ .slots = 2, .threads = 2 });
    for (int i = 0; i < 2 * ROUNDS; i++) {
        struct spawned *first = &n.child[i % 2];
        struct spawned *second = &n.child[1 - i % 2];

        spawned_start(&n, &n.child[0], &job);
        spawned_start(&n, &n.child[1], &job);
        spawned_until(second, 'S');
        assert_ok(brood_child_end_input(first->child));
        spawned_wait(first);
        assert_string_equal(second->log, "S");
        assert_int_equal(kill(brood_child_pid(second->child), 0), 0);
        assert_ok(brood_child_end_input(second->child));
        spawned_wait(second);
    }
    nest_close(&n);
}

static void fill_files(int files[FILES_MAX], int *ret_n)
{
    *ret_n = 0;
    while (*ret_n < FILES_MAX) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        if (fd < 0) {
            assert_int_equal(errno, EMFILE);
            return;
        }
        files[(*ret_n)++] = fd;
    }
}

static void spawn_with_free_files(struct nest *n, int free)
{
    struct spawned *s = &n->child[0];
    int files[FILES_MAX] = { 0 };
    int n_files;

    fill_files(files, &n_files);
    for (int i = 0; i < free; i++) {
        (void)close(files[--n_files]);
    }
    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "/bin/true", NULL },
                             .input = BROOD_INPUT_STREAM,
                             .out = BROOD_OUTPUT_STREAM,
                             .err = BROOD_OUTPUT_STREAM });
    if (s->log[0] == 'S') {
        assert_in_range(free, FILES_FOR_ONE, FILES_MAX);
        assert_int_equal(s->exit_status, 0);
    } else {
        assert_in_range(free, 0, FILES_FOR_ONE - 1);
        assert_false(spawned_has(s, 'x'));
        assert_int_equal(s->failure.error, -EMFILE);
    }
    while (n_files > 0) {
        (void)close(files[--n_files]);
    }
}

static void run_with_few_files(void *arg)
{
    const struct rlimit limit = { FILES_MAX, FILES_MAX };
    struct nest n;

    (void)arg;
    nest_open(&n, &one_slot);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    /* The threads are up when one has run. */
    spawned_run(&n, &n.child[0], &(struct brood_job){ .shell = "true" });
    for (int free = 0; free < 2 * FILES_FOR_ONE; free++) {
        int fds = count_fds();

        spawn_with_free_files(&n, free);
        assert_int_equal(count_fds(), fds);
        assert_false(has_children());
        spawned_run(&n, &n.child[0], &(struct brood_job){ .shell = "true" });
        assert_int_equal(n.child[0].exit_status, 0);
    }
    nest_close(&n);
}

static void without_descriptors_a_start_fails_and_the_next_does_not(
    void **state)
{
    (void)state;
    skip_under_valgrind("it sets no limit of open files");
    forked_run(run_with_few_files, NULL);
}

/* The ends of a pipe to which a detached child writes its pid. */
struct told {
    int pair[2];
    bool at_once;
};

static void run_and_leave(void *arg)
{
    const struct told *t = arg;
    struct pollfd p = { .fd = t->pair[0], .events = POLLIN };
    struct nest n;

    nest_open(&n, &one_slot);
    spawned_start(&n, &n.child[0],
                  &(struct brood_job){
                      .shell = "echo $$ >&3; exec sleep 100 3>&-",
                      .fds = (const struct brood_fd[]){ { 3, t->pair[1] } },
                      .n_fds = 1,
                      .out = BROOD_OUTPUT_DISCARD,
                      .err = BROOD_OUTPUT_DISCARD,
                      .new_session = 1 });
    if (t->at_once) {
        n.child[0].child = brood_child_free(n.child[0].child);
    }
    while (poll(&p, 1, 0) == 0) {
        assert_ok(brood_poll(n.pool, 5));
    }
    n.child[0].child = brood_child_free(n.child[0].child);
    n.pool = brood_close(n.pool);
}

static void leave(bool at_once)
{
    struct told t = { .at_once = at_once };
    struct pollfd p = { .events = POLLIN };
    char text[16] = { 0 };
    int pid;

    assert_int_equal(pipe2(t.pair, O_CLOEXEC), 0);
    forked_run(run_and_leave, &t);
    assert_true(read(t.pair[0], text, sizeof(text) - 1) > 0);
    pid = (int)strtol(text, NULL, 10);
    p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(p.fd >= 0);
    assert_int_equal(getsid(pid), pid);
    assert_int_equal(getpgid(pid), pid);
    assert_int_equal(poll(&p, 1, 0), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    (void)close(p.fd);
    (void)close(t.pair[0]);
    (void)close(t.pair[1]);
}

static void one_in_its_own_session_outlives_the_host(void **state)
{
    (void)state;
    skip_under_valgrind("it has no pidfd_open()");
    leave(false);
    leave(true);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_starts_with_signals_as_new),
        cmocka_unit_test(the_hosts_sigchld_is_left_to_it),
        cmocka_unit_test(a_status_is_right_or_lost),
        cmocka_unit_test(a_child_has_what_was_asked_for_and_no_more),
        TEST(a_descriptor_that_is_not_open_is_refused),
        cmocka_unit_test(children_hold_no_pipes_of_each_other),
        cmocka_unit_test(
            without_descriptors_a_start_fails_and_the_next_does_not),
        cmocka_unit_test(one_in_its_own_session_outlives_the_host),
    };

    return cmocka_run_group_tests_name("integration.spawn_host", tests, NULL,
                                       NULL);
}
