/* Where output goes: kept, streamed, merged, the host's own, or nowhere. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/tmpfile.h"
#include "integration/forked.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    TEXT_SIZE = 256,
};

static const struct brood_options two_slots = { .slots = 2 };
static const char both[] = "echo 1; echo 2 >&2; echo 3; echo 4 >&2; echo 5";

static void merged_output_keeps_its_order(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    for (int i = 0; i < 20; i++) {
        bench_submit(&b, &(struct brood_job){ .shell = both,
                                              .err = BROOD_OUTPUT_MERGE });
    }
    bench_run(&b);
    for (unsigned i = 1; i <= 20; i++) {
        assert_string_equal(bench_seen(&b, i)->out, "1\n2\n3\n4\n5\n");
        assert_int_equal(bench_seen(&b, i)->result.err.size_bytes, 0);
    }
    bench_close(&b);
}

struct streamed {
    char text[TEXT_SIZE];
    size_t size;
    int streams;
};

static void on_output(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size_bytes,
                      void *user)
{
    struct streamed *s = user;

    (void)batch;
    (void)job;
    assert_true(s->size + size_bytes < TEXT_SIZE);
    memcpy(s->text + s->size, data, size_bytes);
    s->size += size_bytes;
    s->streams |= stream;
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    (void)batch;
    (void)user;
    assert_true(brood_result_ok(result));
}

static void merged_output_can_be_streamed(void **state)
{
    struct streamed s = { 0 };
    const struct brood_batch_options options = { .on_result = on_result,
                                                 .on_output = on_output,
                                                 .user = &s };
    struct brood_batch *batch = NULL;
    struct brood *pool = NULL;

    (void)state;
    assert_ok(brood_open(&two_slots, &pool));
    assert_ok(brood_batch_new(pool, &options, &batch));
    assert_ok(brood_submit(batch,
                           &(struct brood_job){ .shell = both,
                                                .out = BROOD_OUTPUT_STREAM,
                                                .err = BROOD_OUTPUT_MERGE },
                           NULL));
    assert_ok(brood_run(batch));
    batch = brood_batch_free(batch);
    pool = brood_close(pool);
    s.text[s.size] = '\0';
    assert_string_equal(s.text, "1\n2\n3\n4\n5\n");
    assert_int_equal(s.streams, 1);
}

static void check_file(int fd, const char *want)
{
    char text[TEXT_SIZE];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    assert_true(n >= 0);
    text[n] = '\0';
    assert_string_equal(text, want);
}

/* What the host's streams are, and what the tests of them share. */
struct ends {
    int in;
    int out;
    int err;
};

static void run_inherited(void *arg)
{
    const struct ends *e = arg;
    struct bench b;

    assert_int_equal(dup2(e->in, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(dup2(e->out, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(dup2(e->err, STDERR_FILENO), STDERR_FILENO);
    bench_open(&b, &(struct brood_options){ .slots = 1 }, NULL);
    bench_submit(&b, &(struct brood_job){ .shell = "cat; echo e >&2",
                                          .input = BROOD_INPUT_INHERIT,
                                          .out = BROOD_OUTPUT_INHERIT,
                                          .err = BROOD_OUTPUT_INHERIT });
    bench_submit(&b, &(struct brood_job){ .shell = "echo o; echo m >&2",
                                          .out = BROOD_OUTPUT_INHERIT,
                                          .err = BROOD_OUTPUT_MERGE });
    bench_submit(&b, &(struct brood_job){ .shell = "echo kept; echo f >&2",
                                          .err = BROOD_OUTPUT_INHERIT });
    bench_run(&b);
    for (unsigned i = 1; i <= 3; i++) {
        const struct brood_result *r = &bench_seen(&b, i)->result;

        assert_true(brood_result_ok(r));
        assert_int_equal(r->out.size_bytes, i == 3 ? 5 : 0);
        assert_int_equal(r->err.size_bytes, 0);
    }
    bench_close(&b);
}

static void the_hosts_streams_can_be_the_childs(void **state)
{
    struct ends e = { tmpfile_open("/tmp"), tmpfile_open("/tmp"),
                      tmpfile_open("/tmp") };

    (void)state;
    assert_true(e.in >= 0 && e.out >= 0 && e.err >= 0);
    assert_int_equal(pwrite(e.in, "in\n", 3, 0), 3);
    forked_run(run_inherited, &e);
    check_file(e.out, "in\no\nm\n");
    check_file(e.err, "e\nf\n");
    (void)close(e.in);
    (void)close(e.out);
    (void)close(e.err);
}

static void discarded_output_does_not_stop_the_child(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b, &two_slots, NULL);
    bench_submit(&b, &(struct brood_job){
                         .shell = "head -c 1000000 /dev/zero; echo e >&2",
                         .out = BROOD_OUTPUT_DISCARD });
    bench_submit(&b, &(struct brood_job){ .shell = "echo o; echo e >&2",
                                          .err = BROOD_OUTPUT_DISCARD });
    bench_submit(&b, &(struct brood_job){ .shell = both,
                                          .out = BROOD_OUTPUT_DISCARD,
                                          .err = BROOD_OUTPUT_MERGE });
    bench_run(&b);
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(brood_result_ok(&bench_seen(&b, i)->result));
    }
    assert_string_equal(bench_seen(&b, 1)->out, "");
    assert_string_equal(bench_seen(&b, 1)->err, "e\n");
    assert_string_equal(bench_seen(&b, 2)->out, "o\n");
    assert_string_equal(bench_seen(&b, 2)->err, "");
    assert_string_equal(bench_seen(&b, 3)->out, "");
    assert_string_equal(bench_seen(&b, 3)->err, "");
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_output_keeps_its_order),
        cmocka_unit_test(merged_output_can_be_streamed),
        cmocka_unit_test(the_hosts_streams_can_be_the_childs),
        cmocka_unit_test(discarded_output_does_not_stop_the_child),
    };

    return cmocka_run_group_tests_name("integration.policy", tests, NULL, NULL);
}
