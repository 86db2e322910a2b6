/* A child that takes long to execute its program holds what others write to:
 * that must not look as if they had left a process behind. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    PROGRAMS = 2,
    PATIENCE_S = 20,
    /* Several times the drain time of a job. */
    WAIT_MS = 300,
};

static void copy_program(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    ssize_t n;

    assert_true(in >= 0 && out >= 0);
    while ((n = sendfile(out, in, NULL, 1 << 20)) > 0) {
    }
    assert_int_equal(n, 0);
    (void)close(in);
    (void)close(out);
}

static bool is_elapsed(time_t since_s, int limit_s)
{
    return time(NULL) - since_s > limit_s;
}

/* Programs that nobody can execute while we have a lease on them (fcntl(2)):
 * who tries waits, and we get a signal, of a kind that queues. Returns: whether
 * there are leases. */
static bool take_leases(int fds[PROGRAMS])
{
    for (int i = 0; i < PROGRAMS; i++) {
        char name[] = "program0";

        name[sizeof(name) - 2] = (char)('0' + i);
        copy_program("/bin/true", name);
        fds[i] = open(name, O_RDONLY | O_CLOEXEC);
        assert_true(fds[i] >= 0);
        assert_int_equal(fcntl(fds[i], F_SETSIG, SIGRTMIN), 0);
        if (fcntl(fds[i], F_SETLEASE, F_WRLCK) < 0) {
            return false;
        }
    }
    return true;
}

/* Wait until children stand before all of the programs. */
static void await_children(struct brood *pool, const sigset_t *signals)
{
    time_t start_s = time(NULL);
    int n = 0;

    while (n < PROGRAMS && !is_elapsed(start_s, PATIENCE_S)) {
        assert_ok(brood_poll(pool, 10));
        n += sigtimedwait(signals, NULL, &(struct timespec){ 0 }) == SIGRTMIN;
    }
    assert_int_equal(n, PROGRAMS);
}

static void wait_a_while(struct brood *pool)
{
    struct timespec start;
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        assert_ok(brood_poll(pool, 10));
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000 +
                 (now.tv_nsec - start.tv_nsec) / 1000000 <
             WAIT_MS);
}

static void a_start_that_takes_long_is_no_leak_of_another_job(void **state)
{
    const struct brood_options options = { .slots = PROGRAMS,
                                           .threads = PROGRAMS };
    char dir[] = "/tmp/brood-slow-XXXXXX";
    int fds[PROGRAMS] = { -1, -1 };
    sigset_t signals;
    struct bench b;

    (void)state;
    skip_under_valgrind("one thread at a time: no child waits for another");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGRTMIN);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    bench_open(&b, &options, NULL);
    if (take_leases(fds)) {
        bench_submit(&b, &(struct brood_job){ .argv = (const char *const[]){
                                                  "./program0", NULL } });
        bench_submit(&b, &(struct brood_job){ .argv = (const char *const[]){
                                                  "./program1", NULL } });
        await_children(b.pool, &signals);
        assert_int_equal(fcntl(fds[0], F_SETLEASE, F_UNLCK), 0);
        wait_a_while(b.pool);
        assert_int_equal(fcntl(fds[1], F_SETLEASE, F_UNLCK), 0);
        bench_run(&b);
        for (unsigned i = 1; i <= PROGRAMS; i++) {
            assert_true(brood_result_ok(&bench_seen(&b, i)->result));
            assert_int_equal(bench_seen(&b, i)->result.leaked, 0);
        }
    } else {
        print_message("no leases on this file system\n");
    }
    for (int i = 0; i < PROGRAMS; i++) {
        (void)close(fds[i]);
    }
    bench_close(&b);
    assert_int_equal(unlink("program0"), 0);
    assert_int_equal(unlink("program1"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_that_takes_long_is_no_leak_of_another_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
