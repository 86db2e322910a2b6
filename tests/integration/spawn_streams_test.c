/* Where the output of a child of brood_spawn() goes, whole and in its order. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "children/pattern.h"
#include "integration/forked.h"
#include "integration/spawned.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    MIB = 1 << 20,
    TEXT_SIZE = 256,
    /* Numbers that are free in a host of its own. */
    FIRST_FD = 8,
    SECOND_FD = 9,
};

static void make_pipe(int pair[2])
{
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
}

/* All that is in a pipe that nobody writes to any more. */
static void read_all(int fd, char text[TEXT_SIZE])
{
    size_t size = 0;
    ssize_t n;

    while ((n = read(fd, text + size, TEXT_SIZE - 1 - size)) > 0) {
        size += (size_t)n;
    }
    assert_int_equal(n, 0);
    text[size] = '\0';
    (void)close(fd);
}

static void both_outputs_come_with_a_failure(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(n, s, &(struct brood_job){ .shell = "echo hi" });
    assert_string_equal(s->log, "Sxc");
    assert_string_equal(spawned_text(s, 1), "hi\n");
    assert_int_equal(s->result.out.size_bytes, 3);
    assert_int_equal(s->result.err.size_bytes, 0);
    assert_non_null(s->result.err.data);
    spawned_run(n, s,
                &(struct brood_job){ .shell = "echo a; echo b >&2; exit 1" });
    assert_string_equal(spawned_text(s, 1), "a\n");
    assert_string_equal(spawned_text(s, 2), "b\n");
    assert_int_equal(s->result.exit_status, 1);
}

static void any_bytes_arrive_unchanged(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct brood_job job = { .shell = "printf 'a\\000\\377\\200\\nb'" };

    for (int i = 0; i < 2; i++) {
        job.out = i == 0 ? BROOD_OUTPUT_CAPTURE : BROOD_OUTPUT_STREAM;
        spawned_run(n, s, &job);
        assert_int_equal(s->text[0].size, 6);
        assert_memory_equal(s->text[0].data, "a\0\377\200\nb", 6);
    }
}

static void both_streams_are_drained_at_once(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct brood_job job = {
        .argv =
            (const char *const[]){ CHILDREN_DIR "/spew_both", "1048576", NULL },
    };

    for (int i = 0; i < 2; i++) {
        job.out = i == 0 ? BROOD_OUTPUT_CAPTURE : BROOD_OUTPUT_STREAM;
        job.err = job.out;
        spawned_run(n, s, &job);
        for (int k = 0; k < 2; k++) {
            const struct buf *text = &s->text[k];

            assert_int_equal(text->size, MIB);
            assert_int_equal(pattern_check(text->data, MIB, 0), MIB);
        }
    }
}

static void output_that_nobody_wants_holds_no_child(void **state)
{
    struct nest *n = *state;
    struct brood_child *child = NULL;

    assert_ok(brood_spawn(n->pool,
                          &(struct brood_child_options){
                              .job = { .shell = "head -c 3000000 /dev/zero",
                                       .out = BROOD_OUTPUT_STREAM } },
                          &child));
    assert_ok(brood_child_wait(child, -1));
    child = brood_child_free(child);
}

static void merged_output_keeps_its_order(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(n, s,
                &(struct brood_job){
                    .shell = "for i in 1 2 3 4 5; do echo o$i; echo e$i >&2; "
                             "done",
                    .out = BROOD_OUTPUT_STREAM,
                    .err = BROOD_OUTPUT_MERGE });
    assert_string_equal(spawned_text(s, 1),
                        "o1\ne1\no2\ne2\no3\ne3\no4\ne4\no5\ne5\n");
    assert_int_equal(s->text[1].size, 0);
}

static void a_paused_stream_holds_back_the_close_not_the_exit(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(
        n, s,
        &(struct brood_job){ .shell = "echo x", .out = BROOD_OUTPUT_STREAM });
    assert_ok(brood_child_pause(s->child, 1));
    spawned_until(s, 'x');
    assert_err(brood_child_wait(s->child, 100), -ETIMEDOUT);
    assert_string_equal(s->log, "Sx");
    assert_ok(brood_child_resume(s->child, 1));
    spawned_wait(s);
    assert_string_equal(s->log, "Sxdec");
    assert_string_equal(spawned_text(s, 1), "x\n");
    assert_err(brood_child_pause(s->child, 0), -EINVAL);
    assert_err(brood_child_resume(s->child, 3), -EINVAL);
}

static void a_child_paused_before_its_start_waits(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s,
                  &(struct brood_job){ .shell = "head -c 3000000 /dev/zero; "
                                                "exit 5",
                                       .out = BROOD_OUTPUT_STREAM });
    assert_ok(brood_child_pause(s->child, 1));
    spawned_until(s, 'S');
    assert_err(brood_child_wait(s->child, 100), -ETIMEDOUT);
    assert_string_equal(s->log, "S");
    assert_ok(brood_child_resume(s->child, 1));
    spawned_wait(s);
    assert_int_equal(s->text[0].size, 3000000);
    assert_int_equal(s->exit_status, 5);
}

/* Without a look at the pool nothing is taken. */
static void a_child_waits_for_one_who_is_slow(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct pollfd p = { .events = POLLIN };
    int pair[2];

    make_pipe(pair);
    p.fd = pair[0];
    spawned_start(
        n, s,
        &(struct brood_job){ .shell = "head -c 10000000 /dev/zero; echo >&3",
                             .fds = (const struct brood_fd[]){ { 3, pair[1] } },
                             .n_fds = 1,
                             .out = BROOD_OUTPUT_STREAM });
    spawned_until(s, 'd');
    assert_int_equal(poll(&p, 1, 100), 0);
    spawned_wait(s);
    assert_int_equal(s->text[0].size, 10000000);
    assert_int_equal(poll(&p, 1, 0), 1);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void output_may_go_to_files(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    char dir[] = "/tmp/brood-streams-XXXXXX";
    char path[PATH_MAX];
    char text[TEXT_SIZE];
    struct brood_job job = { .shell = "echo a; echo b >&2",
                             .dir = dir,
                             .out = BROOD_OUTPUT_FILE,
                             .out_path = "out",
                             .err = BROOD_OUTPUT_MERGE };

    assert_non_null(mkdtemp(dir));
    spawned_run(n, s, &job);
    job.out = BROOD_OUTPUT_APPEND;
    job.err = BROOD_OUTPUT_DISCARD;
    spawned_run(n, s, &job);
    assert_string_equal(s->log, "Sxc");
    (void)snprintf(path, sizeof(path), "%s/out", dir);
    read_all(open(path, O_RDONLY | O_CLOEXEC), text);
    assert_string_equal(text, "a\nb\na\n");
    job.dir = NULL;
    job.out_path = "/no/such/out";
    spawned_run(n, s, &job);
    assert_int_equal(s->failure.step, BROOD_STEP_STREAMS);
    assert_int_equal(s->failure.error, -ENOENT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void more_pipes_work_both_ways(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    char text[TEXT_SIZE];
    int in[2];
    int out[2];

    make_pipe(in);
    make_pipe(out);
    spawned_start(
        n, s,
        &(struct brood_job){
            .shell = "cat <&3 >&4; echo done >&4",
            .fds = (const struct brood_fd[]){ { 4, out[1] }, { 3, in[0] } },
            .n_fds = 2 });
    (void)close(in[0]);
    (void)close(out[1]);
    assert_int_equal(write(in[1], "x\n", 2), 2);
    (void)close(in[1]);
    spawned_wait(s);
    read_all(out[0], text);
    assert_string_equal(text, "x\ndone\n");
}

/* A host whose streams are pipes; what it leaves there is read by the test. */
struct host {
    int out[2];
    int err[2];
    void (*run)(struct nest *n, struct spawned *s);
};

static void run_host(void *arg)
{
    struct host *h = arg;
    struct nest n;

    assert_true(dup3(h->out[1], FIRST_FD, O_CLOEXEC) >= 0);
    assert_true(dup3(h->err[1], SECOND_FD, O_CLOEXEC) >= 0);
    assert_true(dup2(h->out[1], STDOUT_FILENO) >= 0);
    assert_true(dup2(h->err[1], STDERR_FILENO) >= 0);
    nest_open(&n, &(struct brood_options){ .slots = 1 });
    h->run(&n, &n.child[0]);
    nest_close(&n);
}

static void in_host(void (*run)(struct nest *n, struct spawned *s),
                    char out[TEXT_SIZE],
                    char err[TEXT_SIZE])
{
    struct host h = { .run = run };

    make_pipe(h.out);
    make_pipe(h.err);
    forked_run(run_host, &h);
    (void)close(h.out[1]);
    (void)close(h.err[1]);
    read_all(h.out[0], out);
    read_all(h.err[0], err);
}

static void inherit(struct nest *n, struct spawned *s)
{
    spawned_run(n, s,
                &(struct brood_job){ .shell = "echo o; echo e >&2",
                                     .out = BROOD_OUTPUT_INHERIT,
                                     .err = BROOD_OUTPUT_INHERIT });
    assert_string_equal(s->log, "Sxc");
}

static void inherited_streams_are_the_hosts(void **state)
{
    char out[TEXT_SIZE];
    char err[TEXT_SIZE];

    (void)state;
    in_host(inherit, out, err);
    assert_string_equal(out, "o\n");
    assert_string_equal(err, "e\n");
}

/* As libuv's spawn_stdout_and_stderr_to_file_swap. */
static void swap(struct nest *n, struct spawned *s)
{
    spawned_run(n, s,
                &(struct brood_job){ .shell = "echo o; echo e >&2",
                                     .out = BROOD_OUTPUT_FD,
                                     .out_fd = STDERR_FILENO,
                                     .err = BROOD_OUTPUT_FD,
                                     .err_fd = STDOUT_FILENO });
    assert_int_equal(s->exit_status, 0);
}

static void swapped_streams_are_not_merged(void **state)
{
    char out[TEXT_SIZE];
    char err[TEXT_SIZE];

    (void)state;
    in_host(swap, out, err);
    assert_string_equal(out, "e\n");
    assert_string_equal(err, "o\n");
}

static void renumber(struct nest *n, struct spawned *s)
{
    const struct brood_fd fds[] = { { 3, FIRST_FD },
                                    { FIRST_FD, SECOND_FD },
                                    { SECOND_FD, FIRST_FD },
                                    { 4, SECOND_FD } };

    spawned_run(n, s,
                &(struct brood_job){
                    .shell = "echo 3 >&3; echo 8 >&8; echo 9 >&9; echo 4 >&4",
                    .fds = fds,
                    .n_fds = 4 });
    assert_int_equal(s->exit_status, 0);
    spawned_run(n, s,
                &(struct brood_job){
                    .shell = "echo same >&8",
                    .fds = (const struct brood_fd[]){ { FIRST_FD, FIRST_FD } },
                    .n_fds = 1 });
    assert_int_equal(s->exit_status, 0);
}

static void descriptors_may_go_to_any_number(void **state)
{
    char out[TEXT_SIZE];
    char err[TEXT_SIZE];

    (void)state;
    in_host(renumber, out, err);
    assert_string_equal(out, "3\n9\nsame\n");
    assert_string_equal(err, "8\n4\n");
}

/* As libuv's spawn_ignored_stdio and spawn_closed_process_io. */
static void run_without_streams(void *arg)
{
    static const char *const show[] = { CHILDREN_DIR "/show_fds", "3", NULL };
    char text[TEXT_SIZE];
    struct nest n;
    int pair[2];

    (void)arg;
    make_pipe(pair);
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        (void)close(fd);
    }
    nest_open(&n, &(struct brood_options){ .slots = 1 });
    spawned_run(
        &n, &n.child[0],
        &(struct brood_job){ .argv = show,
                             .out = BROOD_OUTPUT_DISCARD,
                             .err = BROOD_OUTPUT_DISCARD,
                             .fds = (const struct brood_fd[]){ { 3, pair[1] } },
                             .n_fds = 1 });
    nest_close(&n);
    (void)close(pair[1]);
    read_all(pair[0], text);
    assert_memory_equal(text,
                        "0 /dev/null\n1 /dev/null\n2 /dev/null\n3 pipe:", 43);
    assert_null(strstr(text, "\n4 "));
}

static void what_is_discarded_is_open_all_the_same(void **state)
{
    (void)state;
    forked_run(run_without_streams, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_outputs_come_with_a_failure),
        TEST(any_bytes_arrive_unchanged),
        TEST(both_streams_are_drained_at_once),
        TEST(output_that_nobody_wants_holds_no_child),
        TEST(merged_output_keeps_its_order),
        TEST(a_paused_stream_holds_back_the_close_not_the_exit),
        TEST(a_child_paused_before_its_start_waits),
        TEST(a_child_waits_for_one_who_is_slow),
        TEST(output_may_go_to_files),
        TEST(more_pipes_work_both_ways),
        cmocka_unit_test(inherited_streams_are_the_hosts),
        cmocka_unit_test(swapped_streams_are_not_merged),
        cmocka_unit_test(descriptors_may_go_to_any_number),
        cmocka_unit_test(what_is_discarded_is_open_all_the_same),
    };

    return cmocka_run_group_tests_name("integration.spawn_streams", tests, NULL,
                                       NULL);
}
