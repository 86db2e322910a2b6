#include "support/batch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "support/check.h"

int count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        n++;
    }
    (void)closedir(dir);
    return n - 3;
}

bool has_children(void)
{
    siginfo_t info = { 0 };

    return !(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 &&
             errno == ECHILD);
}

static void copy_output(char *to, const struct brood_output *output)
{
    int64_t n = brood_output_read(output, 0, to, SEEN_TEXT - 1);

    assert_true(n >= 0);
    to[n] = '\0';
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct bench *b = user;
    struct seen *seen = &b->seen[b->n_seen++];

    (void)batch;
    assert_true(b->n_seen <= SEEN_MAX);
    seen->result = *result;
    copy_output(seen->out, &result->out);
    copy_output(seen->err, &result->err);
}

static void on_start(struct brood_batch *batch,
                     const struct brood_result *start,
                     void *user)
{
    struct bench *b = user;

    (void)batch;
    assert_true(start->pid > 0);
    b->n_started++;
}

static void on_end(struct brood_batch *batch,
                   const struct brood_result *result,
                   void *user)
{
    struct bench *b = user;

    (void)batch;
    (void)result;
    b->n_ended++;
}

void bench_open(struct bench *b,
                const struct brood_options *pool,
                const struct brood_batch_options *batch)
{
    struct brood_batch_options options = { 0 };

    *b = (struct bench){ .fds_before = count_fds() };
    b->seen = calloc(SEEN_MAX, sizeof(*b->seen));
    assert_non_null(b->seen);
    if (batch != NULL) {
        options = *batch;
    }
    options.on_result = on_result;
    options.on_start = on_start;
    options.on_end = on_end;
    options.user = b;
    assert_ok(brood_open(pool, &b->pool));
    assert_ok(brood_batch_new(b->pool, &options, &b->batch));
}

uint64_t bench_submit(struct bench *b, const struct brood_job *job)
{
    uint64_t id = 0;
    int r;

    while ((r = brood_submit(b->batch, job, &id)) == -EAGAIN) {
        assert_ok(brood_poll(b->pool, -1));
    }
    assert_ok(r);
    assert_true(id != 0);
    return id;
}

uint64_t bench_shell(struct bench *b, const char *line)
{
    return bench_submit(b, &(struct brood_job){ .shell = line });
}

void bench_run(struct bench *b)
{
    assert_ok(brood_batch_close(b->batch));
    assert_ok(brood_run(b->batch));
}

void bench_close(struct bench *b)
{
    b->batch = brood_batch_free(b->batch);
    b->pool = brood_close(b->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), b->fds_before);
    free(b->seen);
}

const struct seen *bench_seen(const struct bench *b, uint64_t seq)
{
    for (unsigned i = 0; i < b->n_seen; i++) {
        if (b->seen[i].result.seq == seq) {
            return &b->seen[i];
        }
    }
    fail_msg("no result for job %llu", (unsigned long long)seq);
    return NULL;
}

int pool_open(struct brood **ret_pool)
{
    int fds_before = count_fds();

    assert_ok(brood_open(&(struct brood_options){ .slots = 1 }, ret_pool));
    return fds_before;
}

void pool_close(struct brood *pool, struct brood_child *child, int fds_before)
{
    (void)brood_child_free(child);
    (void)brood_close(pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), fds_before);
}
