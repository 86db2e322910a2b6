/* brood_child_submit() and its like: what a job tells its batch. */
#include <errno.h>
#include <string.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    JOIN_MS = 300000,
    TEXT_SIZE = 200,
};

struct fixture {
    struct brood *pool;
    struct brood_child *child;
    /** All messages, each with a | behind it. */
    char said[TEXT_SIZE];
    char asked[TEXT_SIZE];
    /** What a request is answered with. */
    int status;
    const char *answer;
    bool is_closed;
    int exit_status;
    int fds_before;
};

static void add(char *to, const void *data, size_t size)
{
    size_t at = strlen(to);

    assert_true(at + size + 2 < TEXT_SIZE);
    memcpy(to + at, data, size);
    to[at + size] = '|';
    to[at + size + 1] = '\0';
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    (void)child;
    add(((struct fixture *)user)->said, data, size);
}

static void on_request(struct brood_child *child,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct fixture *f = user;

    add(f->asked, data, size);
    assert_true(
        brood_reply(child, id, f->status, f->answer, strlen(f->answer)) >= 0);
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct fixture *f = user;

    (void)child;
    f->is_closed = true;
    f->exit_status = result->exit_status;
}

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    f.fds_before = pool_open(&f.pool);
    f.answer = "";
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    pool_close(f->pool, f->child, f->fds_before);
    return 0;
}

static void run(struct fixture *f, bool answers)
{
    const char *const argv[] = { CHILDREN_DIR "/member",
                                 "echo 1\n{\"sh\":\"2\"}", NULL };
    struct brood_fork_options options = {
        .child = { .job.argv = argv, .on_close = on_close, .user = f },
        .on_message = on_message,
        .on_request = answers ? on_request : NULL,
        .join_ms = JOIN_MS,
    };

    assert_ok(brood_fork(f->pool, &options, &f->child));
    while (!f->is_closed) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
}

static void a_job_says_how_far_it_is_and_submits_lines(void **state)
{
    struct fixture *f = *state;

    f->answer = "2";
    run(f, true);
    assert_string_equal(f->said, "progress 0.5 half way|progress 1|"
                                 "metric loss -0.125|reply 0 2|");
    assert_string_equal(f->asked, "submit\necho 1\n{\"sh\":\"2\"}|");
    assert_int_equal(f->exit_status, 0);
}

static void it_hears_why_a_line_is_refused(void **state)
{
    struct fixture *f = *state;

    f->status = -EINVAL;
    f->answer = "line 2: no";
    run(f, true);
    assert_non_null(strstr(f->said, "|reply -22 line 2: no|"));
    assert_int_equal(f->exit_status, 1);
}

static void it_hears_that_nobody_takes_jobs(void **state)
{
    struct fixture *f = *state;

    run(f, false);
    assert_non_null(strstr(f->said, "|reply -38 |"));
    assert_int_equal(f->exit_status, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_says_how_far_it_is_and_submits_lines),
        TEST(it_hears_why_a_line_is_refused),
        TEST(it_hears_that_nobody_takes_jobs),
    };

    return cmocka_run_group_tests_name("submit", tests, NULL, NULL);
}
