/* What a child of brood_spawn() reads, from us or from another child. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "children/pattern.h"
#include "integration/spawned.h"
#include "support/check.h"

enum {
    MIB = 1 << 20,
    LARGE = 8 << 20,
    STAGES = 3,
    PIECE = 30000,
};

static const char *const cat[] = { CHILDREN_DIR "/cat_stdin", NULL };

static void make_pipe(int pair[2])
{
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
}

static void without_input_a_child_reads_its_end(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_run(n, s, &(struct brood_job){ .argv = cat });
    assert_int_equal(s->exit_status, 0);
    spawned_start(
        n, s, &(struct brood_job){ .argv = cat, .input = BROOD_INPUT_STREAM });
    assert_ok(brood_child_end_input(s->child));
    assert_ok(brood_child_end_input(s->child));
    spawned_wait(s);
    assert_int_equal(s->exit_status, 0);
    assert_int_equal(s->text[0].size, 0);
}

static void large_input_and_output_do_not_block_each_other(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    char *input = malloc(LARGE);

    assert_non_null(input);
    pattern_fill(input, LARGE, 0);
    spawned_run(n, s,
                &(struct brood_job){ .argv = cat,
                                     .input = BROOD_INPUT_BYTES,
                                     .input_data = input,
                                     .input_size_bytes = LARGE });
    free(input);
    assert_int_equal(s->text[0].size, LARGE);
    assert_int_equal(pattern_check(s->text[0].data, LARGE, 0), LARGE);
    assert_int_equal(s->result.out.lost_bytes, 0);
}

/* Returns: the bytes that were taken, from @at on. */
static size_t write_until_told_to_wait(struct spawned *s, size_t at)
{
    static char piece[PIECE];
    size_t sent = 0;
    int r = 0;

    while (r == 0 && at + sent < MIB) {
        size_t size = MIB - at - sent < PIECE ? MIB - at - sent : PIECE;

        pattern_fill(piece, size, at + sent);
        r = brood_child_write(s->child, piece, size);
        assert_true(r >= 0 || r == -EAGAIN);
        sent += r >= 0 ? size : 0;
    }
    return sent;
}

static void written_input_arrives_whole_from_the_start(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    size_t sent = 0;

    spawned_start(
        n, s, &(struct brood_job){ .argv = cat, .input = BROOD_INPUT_STREAM });
    while (sent < MIB) {
        sent += write_until_told_to_wait(s, sent);
        if (sent < MIB) {
            s->n_log = 0;
            spawned_until(s, 'w');
        }
    }
    assert_ok(brood_child_end_input(s->child));
    assert_err(brood_child_write(s->child, "x", 1), -EPIPE);
    s->n_log = 0;
    spawned_wait(s);
    assert_int_equal(s->text[0].size, MIB);
    assert_int_equal(pattern_check(s->text[0].data, MIB, 0), MIB);
}

static void a_child_that_takes_nothing_is_written_to_no_more(void **state)
{
    static char piece[PIECE];
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    size_t queued = 0;
    int r;

    spawned_start(n, s,
                  &(struct brood_job){
                      .argv = (const char *const[]){ "sleep", "100", NULL },
                      .input = BROOD_INPUT_STREAM });
    do {
        r = brood_child_write(s->child, piece, sizeof(piece));
        queued += r >= 0 ? sizeof(piece) : 0;
        nest_poll(n);
    } while (r >= 0);
    assert_int_equal(r, -EAGAIN);
    /* Twice the high mark, what a pipe holds, and one piece. */
    assert_in_range(queued, 200000, 200000 + 65536 + 2 * PIECE);
    assert_ok(brood_child_kill(s->child, SIGKILL));
    spawned_until(s, 'x');
    assert_err(brood_child_write(s->child, "x", 1), -EPIPE);
    assert_ok(brood_child_end_input(s->child));
    spawned_wait(s);
}

/* Nor does SIGPIPE come, whose disposition here is the default. */
static void input_that_nobody_reads_is_no_failure(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];
    struct sigaction now;
    char *input = calloc(1, LARGE);

    assert_non_null(input);
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
    spawned_run(
        n, s,
        &(struct brood_job){ .argv = (const char *const[]){ "true", NULL },
                             .input = BROOD_INPUT_BYTES,
                             .input_data = input,
                             .input_size_bytes = LARGE });
    free(input);
    assert_string_equal(s->log, "Sxc");
    assert_int_equal(s->result.outcome, BROOD_EXITED);
    assert_int_equal(s->exit_status, 0);
    assert_int_equal(sigaction(SIGPIPE, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
}

static void only_a_streamed_input_is_written_to(void **state)
{
    struct nest *n = *state;
    struct spawned *s = &n->child[0];

    spawned_start(n, s, &(struct brood_job){ .argv = cat });
    assert_err(brood_child_write(s->child, "x", 1), -EINVAL);
    assert_err(brood_child_end_input(s->child), -EINVAL);
    spawned_wait(s);
}

/* As Node's pipe-dataflow: what flows between children is not ours to read. */
static void children_in_a_row_lose_nothing(void **state)
{
    static const char *const source[] = { CHILDREN_DIR "/spew", "1048576",
                                          NULL };
    struct nest *n = *state;
    struct brood_job job = { .argv = source, .out = BROOD_OUTPUT_FD };
    struct spawned *last = &n->child[STAGES - 1];
    int pair[2] = { -1, -1 };

    for (int i = 0; i < STAGES; i++) {
        int from = pair[0];

        job.argv = i == 0 ? source : cat;
        job.input = i == 0 ? BROOD_INPUT_NONE : BROOD_INPUT_FD;
        job.input_fd = from;
        job.out = i < STAGES - 1 ? BROOD_OUTPUT_FD : BROOD_OUTPUT_CAPTURE;
        if (i < STAGES - 1) {
            make_pipe(pair);
            job.out_fd = pair[1];
        }
        spawned_start(n, &n->child[i], &job);
        if (i < STAGES - 1) {
            (void)close(pair[1]);
        }
        if (i > 0) {
            (void)close(from);
        }
    }
    spawned_wait(last);
    assert_int_equal(last->text[0].size, MIB);
    assert_int_equal(pattern_check(last->text[0].data, MIB, 0), MIB);
    for (int i = 0; i < STAGES - 1; i++) {
        spawned_wait(&n->child[i]);
        assert_int_equal(n->child[i].exit_status, 0);
        assert_int_equal(n->child[i].text[0].size, 0);
    }
}

/* As Node's stdio-merge-stdouts-into-cat. */
static void a_reader_ends_when_all_its_writers_have(void **state)
{
    struct nest *n = *state;
    struct spawned *reader = &n->child[2];
    struct brood_job job = { .argv = cat, .out = BROOD_OUTPUT_STREAM };
    int pair[2];

    make_pipe(pair);
    job.input = BROOD_INPUT_FD;
    job.input_fd = pair[0];
    spawned_start(n, reader, &job);
    (void)close(pair[0]);
    job.input = BROOD_INPUT_STREAM;
    job.out = BROOD_OUTPUT_FD;
    job.out_fd = pair[1];
    for (int i = 0; i < 2; i++) {
        spawned_start(n, &n->child[i], &job);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(brood_child_write(n->child[i].child, "x", 1), 0);
        spawned_until_bytes(reader, 1, (size_t)i + 1);
        assert_ok(brood_child_end_input(n->child[i].child));
        spawned_wait(&n->child[i]);
    }
    assert_int_equal(write(pair[1], "y", 1), 1);
    spawned_until_bytes(reader, 1, 3);
    assert_ok(brood_child_kill(reader->child, 0));
    (void)close(pair[1]);
    spawned_wait(reader);
    assert_string_equal(spawned_text(reader, 1), "xxy");
    assert_int_equal(reader->exit_status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, nest_setup, nest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_input_a_child_reads_its_end),
        TEST(large_input_and_output_do_not_block_each_other),
        TEST(written_input_arrives_whole_from_the_start),
        TEST(a_child_that_takes_nothing_is_written_to_no_more),
        TEST(input_that_nobody_reads_is_no_failure),
        TEST(only_a_streamed_input_is_written_to),
        TEST(children_in_a_row_lose_nothing),
        TEST(a_reader_ends_when_all_its_writers_have),
    };

    return cmocka_run_group_tests_name("integration.spawn_input", tests, NULL,
                                       NULL);
}
