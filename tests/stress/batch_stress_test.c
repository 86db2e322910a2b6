/*
 * Many jobs of all kinds at once, chosen from fixed seeds: whatever comes
 * together, each job has one result, its output is there to the byte, and
 * nothing is left. STRESS_FACTOR (1) multiplies the counts.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "children/pattern.h"
#include "support/batch.h"
#include "support/check.h"

enum {
    MIXED_JOBS = 1200,
    HOSTS = 3,
    HOST_JOBS = 200,
    ROUNDS = 30,
    ROUND_JOBS = 12,
    /* One of so many results cancels a job; one of so many jobs is large. */
    CANCEL_ONE_IN = 40,
    LARGE_ONE_IN = 100,
    LARGE_MAX = 1 << 20,
    SMALL_MAX = 3000,
    BLOCK = 4096,
};

enum kind {
    KIND_PLAIN,    /* writes so many bytes of the pattern */
    KIND_STREAMED, /* the same, handed over as it comes */
    KIND_RETRIED,  /* fails as often as it is tried */
    KIND_LIMITED,  /* ends by its time limit */
    KIND_DROPPED,  /* writes, and nobody listens */
    KIND_MISSING,  /* is not there */
    KIND_BOTH,     /* writes to both streams */
    KIND_COUNT,
};

struct job {
    enum kind kind;
    uint64_t id;
    uint64_t bytes;
    uint64_t streamed;
    bool cancelled;
    bool broken; /* the bytes were not those of the pattern */
    unsigned n_results;
};

struct run {
    struct brood *pool;
    struct brood_batch *batch;
    struct job *jobs;
    unsigned n_jobs;
    unsigned n_results;
    uint64_t random;
};

/* xorshift64*: the same series everywhere. */
static unsigned random_below(struct run *run, unsigned n)
{
    run->random ^= run->random >> 12;
    run->random ^= run->random << 25;
    run->random ^= run->random >> 27;
    return (unsigned)((run->random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

static unsigned times(unsigned n)
{
    const char *text = getenv("STRESS_FACTOR");
    long factor = text == NULL ? 1 : strtol(text, NULL, 10);

    return factor < 1 ? n : n * (unsigned)factor;
}

static void on_output(struct brood_batch *batch,
                      const struct brood_result *result,
                      int stream,
                      const void *data,
                      size_t size_bytes,
                      void *user)
{
    struct job *job = result->tag;

    (void)batch;
    (void)user;
    assert_int_equal(job->n_results, 0);
    assert_int_equal(stream, 1);
    job->broken = job->broken ||
                  pattern_check(data, size_bytes, job->streamed) != size_bytes;
    job->streamed += size_bytes;
}

static void check_output(const struct brood_output *output, uint64_t bytes)
{
    char block[BLOCK];
    uint64_t at = 0;
    int64_t n;

    assert_int_equal(output->error, 0);
    assert_int_equal(output->lost_bytes, 0);
    assert_int_equal(output->size_bytes, bytes);
    while ((n = brood_output_read(output, at, block, sizeof(block))) > 0) {
        assert_int_equal(pattern_check(block, (size_t)n, at), n);
        at += (uint64_t)n;
    }
    assert_int_equal(n, 0);
    assert_int_equal(at, bytes);
}

/* A job that was to end by itself, and did. */
static void check_end(const struct job *job, const struct brood_result *r)
{
    switch (job->kind) {
    case KIND_RETRIED:
        assert_int_equal(r->exit_status, 3);
        assert_int_equal(r->attempt, job->cancelled ? r->attempt : 3);
        break;
    case KIND_STREAMED:
        assert_int_equal(job->streamed, job->bytes);
        assert_false(job->broken);
        break;
    case KIND_BOTH:
        check_output(&r->out, job->bytes);
        check_output(&r->err, job->bytes);
        break;
    case KIND_PLAIN:
        check_output(&r->out, job->bytes);
        check_output(&r->err, 0);
        break;
    case KIND_DROPPED:
        check_output(&r->out, 0);
        break;
    default:
        fail_msg("a job of kind %d has exited", (int)job->kind);
    }
}

static void cancel_some(struct run *run)
{
    struct job *job = &run->jobs[random_below(run, run->n_jobs)];
    int r;

    if (random_below(run, CANCEL_ONE_IN) != 0 || job->id == 0) {
        return;
    }
    r = brood_cancel(run->batch, job->id);
    if (job->n_results > 0) {
        assert_err(r, -ESRCH);
    } else if (r != -ESRCH) { /* its result may wait for its turn */
        assert_ok(r);
        job->cancelled = true;
    }
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct job *job = result->tag;
    struct run *run = user;

    (void)batch;
    job->n_results++;
    run->n_results++;
    assert_int_equal(job->n_results, 1);
    assert_true(result->id == job->id || job->id == 0);
    switch (result->outcome) {
    case BROOD_EXITED:
        check_end(job, result);
        break;
    case BROOD_TIMED_OUT:
        assert_int_equal(job->kind, KIND_LIMITED);
        break;
    case BROOD_SPAWN_FAILED:
        assert_int_equal(job->kind, KIND_MISSING);
        assert_int_equal(result->error, -ENOENT);
        break;
    case BROOD_CANCELLED:
        assert_true(job->cancelled);
        break;
    default:
        fail_msg("job %d: %s", (int)result->seq,
                 brood_outcome_name(result->outcome));
    }
    cancel_some(run);
}

static void submit_one(struct run *run, struct job *job)
{
    char bytes[32];
    const char *argv[] = { CHILDREN_DIR "/spew", bytes, NULL };
    struct brood_job what = { .argv = argv, .tag = job };
    int r;

    job->kind = (enum kind)random_below(run, KIND_COUNT);
    job->bytes = random_below(
        run, random_below(run, LARGE_ONE_IN) == 0 ? LARGE_MAX : SMALL_MAX);
    (void)snprintf(bytes, sizeof(bytes), "%d", (int)job->bytes);
    switch (job->kind) {
    case KIND_STREAMED:
        what.out = BROOD_OUTPUT_STREAM;
        break;
    case KIND_RETRIED:
        argv[0] = CHILDREN_DIR "/exit_n";
        (void)snprintf(bytes, sizeof(bytes), "3");
        what.attempts = 3;
        break;
    case KIND_LIMITED:
        argv[0] = CHILDREN_DIR "/sleep_ms";
        (void)snprintf(bytes, sizeof(bytes), "60000");
        what.timeout_ms = 1 + random_below(run, 20);
        break;
    case KIND_DROPPED:
        what.out = BROOD_OUTPUT_DISCARD;
        break;
    case KIND_MISSING:
        argv[0] = CHILDREN_DIR "/not_there";
        break;
    case KIND_BOTH:
        argv[0] = CHILDREN_DIR "/spew_both";
        break;
    default:
        break;
    }
    while ((r = brood_submit(run->batch, &what, &job->id)) == -EAGAIN) {
        assert_ok(brood_poll(run->pool, -1));
    }
    assert_ok(r);
}

static void open_run(struct run *run, unsigned n_jobs, uint64_t seed)
{
    const struct brood_options options = { .threads = 4,
                                           .slots = 16,
                                           .output_memory_bytes = 16384 };
    const struct brood_batch_options batch = {
        .on_result = on_result,
        .on_output = on_output,
        .user = run,
        .order = seed % 2 == 0 ? BROOD_ORDER_END : BROOD_ORDER_SUBMIT,
        .queue_max = 256,
    };

    *run = (struct run){ .n_jobs = n_jobs, .random = seed + 1 };
    run->jobs = calloc(n_jobs, sizeof(*run->jobs));
    assert_non_null(run->jobs);
    assert_ok(brood_open(&options, &run->pool));
    assert_ok(brood_batch_new(run->pool, &batch, &run->batch));
    for (unsigned i = 0; i < n_jobs; i++) {
        submit_one(run, &run->jobs[i]);
    }
}

static void close_run(struct run *run)
{
    run->batch = brood_batch_free(run->batch);
    run->pool = brood_close(run->pool);
    assert_int_equal(run->n_results, run->n_jobs);
    for (unsigned i = 0; i < run->n_jobs; i++) {
        assert_int_equal(run->jobs[i].n_results, 1);
    }
    free(run->jobs);
}

static void run_whole(unsigned n_jobs, uint64_t seed)
{
    struct run run;

    open_run(&run, n_jobs, seed);
    assert_ok(brood_batch_close(run.batch));
    assert_ok(brood_run(run.batch));
    close_run(&run);
}

static void jobs_of_all_kinds_have_one_result_each(void **state)
{
    int fds = count_fds();

    (void)state;
    run_whole(times(MIXED_JOBS), 1);
    run_whole(times(MIXED_JOBS), 2);
    assert_false(has_children());
    assert_int_equal(count_fds(), fds);
}

static void *host(void *arg)
{
    const uint64_t *seed = arg;

    run_whole(times(HOST_JOBS), *seed);
    return NULL;
}

static void pools_of_several_threads_do_not_meet(void **state)
{
    static uint64_t seeds[HOSTS];
    pthread_t threads[HOSTS];
    int fds = count_fds();

    (void)state;
    for (unsigned i = 0; i < HOSTS; i++) {
        seeds[i] = 100 + i;
        assert_int_equal(pthread_create(&threads[i], NULL, host, &seeds[i]), 0);
    }
    for (unsigned i = 0; i < HOSTS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_false(has_children());
    assert_int_equal(count_fds(), fds);
}

/* Closed at any time: with jobs queued, sent, running and ended. */
static void pools_can_be_closed_at_any_time(void **state)
{
    int fds = count_fds();
    unsigned rounds = times(ROUNDS);

    (void)state;
    for (unsigned i = 0; i < rounds; i++) {
        struct run run;

        open_run(&run, ROUND_JOBS, 1000 + i);
        for (unsigned polls = i % 8; polls > 0; polls--) {
            assert_ok(brood_poll(run.pool, 1));
        }
        for (unsigned job = 0; job < ROUND_JOBS; job++) {
            run.jobs[job].cancelled = true;
        }
        close_run(&run);
        assert_int_equal(count_fds(), fds);
    }
    assert_false(has_children());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_all_kinds_have_one_result_each),
        cmocka_unit_test(pools_of_several_threads_do_not_meet),
        cmocka_unit_test(pools_can_be_closed_at_any_time),
    };

    /* A failed assertion has no way out of a thread but this. */
    (void)setenv("CMOCKA_TEST_ABORT", "1", 1);
    return cmocka_run_group_tests_name("stress.batch", tests, NULL, NULL);
}
