/* What a host's limits do to its jobs: they wait, or say why they cannot. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "integration/forked.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    JOBS = 100,
    FEW_FILES = 24,
    OTHER_FILES = 100,
    /* An id that nobody has, so that all its processes are ours. */
    LONELY_ID = 54321,
    PROCESSES = 4,
};

static void set_files(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = { soft, hard };

    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void run_with_few_files(void *arg)
{
    struct bench b;

    (void)arg;
    set_files(FEW_FILES, FEW_FILES);
    bench_open(&b, &(struct brood_options){ .slots = 64, .threads = 4 }, NULL);
    assert_in_range(brood_slots(b.pool), 1, FEW_FILES / 3);
    for (int i = 0; i < JOBS; i++) {
        bench_submit(&b, &(struct brood_job){ .shell = "cat; echo x >&2",
                                              .input = BROOD_INPUT_BYTES,
                                              .input_data = "in",
                                              .input_size_bytes = 2 });
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, JOBS);
    for (unsigned i = 1; i <= JOBS; i++) {
        assert_true(brood_result_ok(&bench_seen(&b, i)->result));
        assert_string_equal(bench_seen(&b, i)->out, "in");
        assert_string_equal(bench_seen(&b, i)->err, "x\n");
    }
    bench_close(&b);
}

static void a_pool_with_few_descriptors_runs_all_jobs(void **state)
{
    (void)state;
    forked_run(run_with_few_files, NULL);
}

/* Large outputs take a file each, of descriptors that are few. */
static void run_large_with_few_files(void *arg)
{
    struct bench b;

    (void)arg;
    set_files(FEW_FILES, FEW_FILES);
    bench_open(&b, &(struct brood_options){ .slots = 64, .threads = 1 },
               &(struct brood_batch_options){ .order = BROOD_ORDER_SUBMIT });
    bench_shell(&b, "sleep 0.2");
    for (int i = 2; i <= JOBS; i++) {
        bench_shell(&b, "head -c 100000 /dev/zero");
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, JOBS);
    for (unsigned i = 2; i <= JOBS; i++) {
        const struct brood_result *r = &bench_seen(&b, i)->result;

        assert_int_equal(r->outcome, BROOD_EXITED);
        assert_int_equal(r->out.size_bytes + r->out.lost_bytes, 100000);
        assert_true((r->out.lost_bytes > 0) == (r->out.error != 0));
    }
    bench_close(&b);
}

static void output_that_finds_no_descriptor_is_told(void **state)
{
    (void)state;
    forked_run(run_large_with_few_files, NULL);
}

static void run_with_raised_limit(void *arg)
{
    struct rlimit now;
    struct bench b;

    (void)arg;
    set_files(64, 512);
    bench_open(&b, &(struct brood_options){ .slots = 100 }, NULL);
    assert_int_equal(brood_slots(b.pool), 100);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    assert_int_equal(now.rlim_cur, 512);
    bench_shell(&b, "ulimit -S -n; ulimit -H -n");
    bench_run(&b);
    assert_string_equal(bench_seen(&b, 1)->out, "64\n512\n");
    bench_close(&b);
}

static void children_get_the_limit_that_was_before(void **state)
{
    (void)state;
    forked_run(run_with_raised_limit, NULL);
}

static void run_with_other_files(void *arg)
{
    struct bench b;

    (void)arg;
    for (int i = 0; i < OTHER_FILES; i++) {
        /* NOLINTNEXTLINE(android-cloexec-open): that is the point */
        assert_true(open("/dev/null", O_RDONLY) >= 0);
    }
    bench_open(&b, &(struct brood_options){ .slots = 4 }, NULL);
    for (int i = 0; i < 8; i++) {
        bench_submit(
            &b, &(struct brood_job){ .argv = (const char *const[]){
                                         CHILDREN_DIR "/show_fds", NULL } });
    }
    bench_run(&b);
    for (unsigned i = 1; i <= 8; i++) {
        int out = -1;
        int err = -1;
        char rest = 0;

        assert_int_equal(sscanf(bench_seen(&b, i)->out,
                                "0 /dev/null 1 pipe:[%d] 2 pipe:[%d] %c", &out,
                                &err, &rest),
                         2);
        assert_int_not_equal(out, err);
    }
    bench_close(&b);
}

static void a_child_has_its_three_streams_and_no_more(void **state)
{
    (void)state;
    forked_run(run_with_other_files, NULL);
}

static void become_lonely(void)
{
    if (geteuid() != 0 || setgid(LONELY_ID) != 0 || setuid(LONELY_ID) != 0) {
        _exit(FORKED_SKIP);
    }
    /* Else /proc/self is not ours any more. */
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
    assert_int_equal(chdir("/"), 0);
}

/* Leave room for so many more processes and threads. */
static void limit_processes(rlim_t more)
{
    struct rlimit limit = { 1, 1 };
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "Threads:", 8) == 0) {
            limit.rlim_cur = strtoul(line + 8, NULL, 10);
        }
    }
    (void)fclose(file);
    limit.rlim_cur += more;
    limit.rlim_max = limit.rlim_cur;
    assert_int_equal(setrlimit(RLIMIT_NPROC, &limit), 0);
}

static void run_with_few_processes(void *arg)
{
    static const char *const sleeper[] = { "sleep", "0.05", NULL };
    struct bench b;

    (void)arg;
    become_lonely();
    bench_open(&b, &(struct brood_options){ .slots = 16, .threads = 2 }, NULL);
    limit_processes(PROCESSES);
    for (int i = 0; i < 40; i++) {
        bench_submit(&b, &(struct brood_job){ .argv = sleeper });
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, 40);
    for (unsigned i = 1; i <= 40; i++) {
        assert_true(brood_result_ok(&bench_seen(&b, i)->result));
        assert_int_equal(bench_seen(&b, i)->result.attempt, 1);
    }
    bench_close(&b);
}

static void jobs_wait_for_a_process_while_others_run(void **state)
{
    (void)state;
    forked_run(run_with_few_processes, NULL);
}

static void run_without_processes(void *arg)
{
    struct bench b;

    (void)arg;
    become_lonely();
    bench_open(&b, &(struct brood_options){ .slots = 4, .threads = 2 }, NULL);
    limit_processes(0);
    for (int i = 0; i < 10; i++) {
        bench_shell(&b, "true");
    }
    bench_run(&b);
    assert_int_equal(b.n_seen, 10);
    for (unsigned i = 1; i <= 10; i++) {
        const struct brood_result *r = &bench_seen(&b, i)->result;

        assert_int_equal(r->outcome, BROOD_SPAWN_FAILED);
        assert_int_equal(r->error, -EAGAIN);
        assert_int_equal(r->pid, 0);
    }
    bench_close(&b);
}

static void without_any_process_each_job_says_so(void **state)
{
    (void)state;
    forked_run(run_without_processes, NULL);
}

static void nice_is_added_to_the_hosts(void **state)
{
    int now = getpriority(PRIO_PROCESS, 0);
    struct bench b;
    char want[16];

    (void)state;
    if (now > 10) {
        skip();
    }
    bench_open(&b, &(struct brood_options){ .slots = 1 }, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "nice", .nice = 5 });
    bench_submit(&b, &(struct brood_job){ .shell = "nice", .nice = 100 });
    bench_shell(&b, "nice");
    bench_run(&b);
    (void)snprintf(want, sizeof(want), "%d\n", now + 5);
    assert_string_equal(bench_seen(&b, 1)->out, want);
    assert_string_equal(bench_seen(&b, 2)->out, "19\n");
    (void)snprintf(want, sizeof(want), "%d\n", now);
    assert_string_equal(bench_seen(&b, 3)->out, want);
    bench_close(&b);
}

static void run_too_eager(void *arg)
{
    struct bench b;

    (void)arg;
    become_lonely();
    bench_open(&b, &(struct brood_options){ .slots = 1 }, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "true", .nice = -5 });
    bench_run(&b);
    assert_int_equal(bench_seen(&b, 1)->result.outcome, BROOD_SPAWN_FAILED);
    assert_int_equal(bench_seen(&b, 1)->result.step, BROOD_STEP_SETUP);
    assert_int_equal(bench_seen(&b, 1)->result.error, -EACCES);
    bench_close(&b);
}

static void nice_that_is_not_allowed_is_told(void **state)
{
    (void)state;
    forked_run(run_too_eager, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_with_few_descriptors_runs_all_jobs),
        cmocka_unit_test(output_that_finds_no_descriptor_is_told),
        cmocka_unit_test(children_get_the_limit_that_was_before),
        cmocka_unit_test(a_child_has_its_three_streams_and_no_more),
        cmocka_unit_test(jobs_wait_for_a_process_while_others_run),
        cmocka_unit_test(without_any_process_each_job_says_so),
        cmocka_unit_test(nice_is_added_to_the_hosts),
        cmocka_unit_test(nice_that_is_not_allowed_is_told),
    };

    return cmocka_run_group_tests_name("integration.limits", tests, NULL, NULL);
}
