/* engine - from the graph to the pool, and the main loop. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/signals.h"
#include "test/descriptors.h"
#include "test/testing.h"

enum {
    AHEAD_MAX = 32,
    USUAL_PART = 8,
    LOOK_MS = 100,
};

#define NS_PER_MS INT64_C(1000000)
#define AHEAD_NS  (10 * NS_PER_MS)

static void tell_skipped(struct testing *t)
{
    struct brood_graph_skipped skipped;

    while (brood_graph_skipped(t->graph, &skipped) == 1) {
        struct test_case *c = skipped.item.tag;

        test_judge_unrun(t, c, VERDICT_NOT_RUN, "its setup has failed");
    }
}

static void start_all(struct testing *t)
{
    struct brood_graph_item item;

    tell_skipped(t);
    while (!t->is_draining && brood_batch_room(t->batch) > 0 &&
           test_may_start(t) && brood_graph_next(t->graph, &item) == 1) {
        test_start(t, item.tag);
        tell_skipped(t);
    }
}

static void on_start(struct brood_batch *batch,
                     const struct brood_result *started,
                     void *user)
{
    struct testing *t = user;
    struct test_case *c = started->tag;

    (void)batch;
    c->pid = started->pid;
    c->started_ns = clock_now_ns();
    c->slow_ns = t->options.slow_ms > 0
                     ? c->started_ns + t->options.slow_ms * NS_PER_MS
                     : INT64_MAX;
    c->deadline_ns = c->limit_ns > 0 ? c->started_ns + c->limit_ns : INT64_MAX;
    if (t->descriptors != NULL) {
        test_descriptors_start(t, c);
    }
}

/* Whether a line that has come matches; each is looked at once, as ctest does
 * it. */
static bool matches_limit(struct test_case *c)
{
    size_t which = 0;
    char *newline;

    while ((newline = memchr(c->output.data + c->looked_at, '\n',
                             c->output.size - c->looked_at)) != NULL) {
        const struct text line = {
            .data = c->output.data + c->looked_at,
            .size = (size_t)(newline - (c->output.data + c->looked_at)),
        };

        c->looked_at = (size_t)(newline + 1 - c->output.data);
        if (verdict_any(&c->rules.timeout_match, &line, &which)) {
            return true;
        }
    }
    return false;
}

/* Of a test whose output may change its time limit. */
static void on_output(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size,
                      void *user)
{
    const struct testing *t = user;
    struct test_case *c = job->tag;

    (void)batch;
    (void)stream;
    text_add(&c->output, data, size);
    if (size > 0 && !c->has_matched && matches_limit(c)) {
        c->has_matched = true;
        c->deadline_ns = clock_now_ns() + test_limit_after(t, c) * NS_PER_MS;
    }
}

/* Short tests are handed out ahead of time, unless one counts for several, or
 * waits for us once it has started: who has more to start tells of it late. */
static void adapt_ahead(struct testing *t, int64_t duration_ns)
{
    int64_t each;

    t->usual_ns += (duration_ns - t->usual_ns) / USUAL_PART;
    each = AHEAD_NS / (t->usual_ns + 1);
    each = each > AHEAD_MAX ? AHEAD_MAX : each;
    if (!t->has_wide && t->descriptors == NULL &&
        (unsigned)each * t->slots != t->ahead) {
        t->ahead = (unsigned)each * t->slots;
        (void)brood_graph_resource(t->graph, "cpus",
                                   (uint64_t)t->slots + t->ahead);
    }
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct testing *t = user;
    struct test_case *c = result->tag;
    struct brood_result corrected;

    (void)batch;
    if (t->descriptors != NULL) {
        corrected = *result;
        test_descriptors_end(t, c, &corrected);
        result = &corrected;
    }
    adapt_ahead(t, result->duration_ns);
    /* Before its directory is removed, to which they may still write. */
    test_leaks_end(t, c, result);
    test_leave_running(t, c);
    test_judge(t, c, result);
}

/* --stop-time has come: what runs has timed out. */
static void stop_all(struct testing *t)
{
    test_say(t, "stopping all tests (--stop-time)");
    for (struct test_case *c = t->running; c != NULL; c = c->next) {
        c->timed_out = c->started_ns > 0;
        c->is_late = c->timed_out;
    }
    t->stop_ns = INT64_MAX;
    test_kill(t);
}

/* Tests that are slow, or whose time is up. Returns: ms until the next look. */
static int look_at_clock(struct testing *t)
{
    int64_t now = clock_now_ns();

    if (now < t->look_ns) {
        return (int)((t->look_ns - now) / NS_PER_MS + 1);
    }
    for (struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->started_ns == 0) {
            continue;
        }
        if (now >= c->slow_ns) {
            c->slow_ns += t->options.slow_ms * NS_PER_MS;
            if (!c->is_slow) {
                c->is_slow = true;
                t->counts.slow++;
            }
            test_show_slow(t, c);
        }
        if (now >= c->deadline_ns && !c->timed_out) {
            c->timed_out = true;
            (void)brood_cancel(t->batch, c->id);
        }
    }
    if (now >= t->stop_ns) {
        stop_all(t);
    }
    t->look_ns = now + LOOK_MS * NS_PER_MS;
    return LOOK_MS;
}

static int sooner(int a_ms, int b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static bool is_done(const struct testing *t)
{
    return t->n_running == 0 && t->gdb_waiting == NULL &&
           t->gdb_running == NULL &&
           (t->is_draining || t->counts.over == t->n_cases);
}

static void loop(struct testing *t)
{
    for (;;) {
        struct pollfd fds[2];
        int wait_ms;

        start_all(t);
        if (t->is_killing) {
            test_backtraces_give_up(t);
        }
        wait_ms = test_history_commit(t, t->n_running == 0);
        writer_flush(&t->writer);
        if (writer_error(&t->writer) < 0 && !t->is_killing) {
            test_fail(t, TEST_STATUS_OURS,
                      "cannot write to standard output: %s",
                      brood_strerror(writer_error(&t->writer)));
            test_kill(t);
        }
        if (is_done(t)) {
            break;
        }
        wait_ms = sooner(wait_ms, look_at_clock(t));
        wait_ms = sooner(wait_ms, test_load_wait_ms(t));
        test_foot_draw(t);
        wait_ms =
            sooner(wait_ms, progress_wait_ms(&t->progress, clock_now_ns()));
        fds[0] = (struct pollfd){ .fd = brood_fd(t->pool), .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = t->signal_fd, .events = POLLIN };
        if (poll(fds, 2, wait_ms) > 0 && fds[1].revents != 0) {
            test_signals(t);
        }
        if (brood_poll(t->pool, 0) < 0 && !t->is_killing) {
            test_fail(t, TEST_STATUS_OURS, "cannot go on");
            test_kill(t);
        }
    }
}

static int open_pool(struct testing *t)
{
    struct brood_options pool = { .slots = t->slots };
    struct brood_batch_options options = {
        .on_start = on_start,
        .on_output = on_output,
        .on_result = on_result,
        .user = t,
        .queue_max = (1 + AHEAD_MAX) * t->slots,
        .queue_max_bytes = SIZE_MAX / 2,
    };
    int r = brood_open(&pool, &t->pool);

    if (r == 0) {
        r = brood_batch_new(t->pool, &options, &t->batch);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot start: %s", brood_strerror(r));
    }
    return r;
}

static void on_write(void *user)
{
    struct testing *t = user;

    progress_erase(&t->progress);
}

static void set_stop_time(struct testing *t)
{
    t->stop_ns = t->options.stop_time_ns > 0
                     ? t->start_ns + t->options.stop_time_ns - clock_epoch_ns()
                     : INT64_MAX;
}

/* Into a program that may have the terminal to itself, such as less. */
static bool is_piped(void)
{
    struct stat st;

    return fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode);
}

void test_run(struct testing *t)
{
    if (t->signal_fd < 0) {
        t->signal_fd = signals_open();
    }
    if (t->signal_fd < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot receive signals: %s",
                  brood_strerror(t->signal_fd));
        return;
    }
    t->writer.wake_fd = t->signal_fd;
    t->writer.on_wake = test_signals;
    t->writer.on_write = on_write;
    t->writer.user = t;
    if (test_tmpdirs_open(t) < 0 || test_descriptors_open(t) < 0 ||
        open_pool(t) < 0 || test_record_begin(t) < 0) {
        return;
    }
    t->start_ns = clock_now_ns();
    set_stop_time(t);
    progress_init(&t->progress,
                  t->options.no_progress || is_piped() ? RUN_PROGRESS_NONE
                                                       : RUN_PROGRESS_ETA,
                  t->start_ns);
    test_show_start(t);
    loop(t);
    t->end_ns = clock_now_ns();
    progress_erase(&t->progress);
    (void)test_history_commit(t, true);
    test_leaks_end_all(t);
}

void test_run_clear(struct testing *t)
{
    t->batch = brood_batch_free(t->batch);
    t->pool = brood_close(t->pool);
    test_descriptors_close(t);
    test_tmpdirs_close(t);
    progress_clear(&t->progress);
    text_clear(&t->foot);
}
