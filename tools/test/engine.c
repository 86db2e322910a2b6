/* engine - from the graph to the pool, and the main loop. */
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/signals.h"
#include "run/standstill.h"
#include "test/environ.h"
#include "test/testing.h"

enum {
    AHEAD_MAX = 32,
    USUAL_PART = 8,
    GRACE_DEFAULT_MS = 1000,
    LOOK_MS = 100,
    VARIABLES = 4,
    NAME_SIZE = 64,
    DEPTH = 16,
};

#define NS_PER_MS INT64_C(1000000)
#define AHEAD_NS  (10 * NS_PER_MS)

/* Replaced by the number of the slot. */
static const char slot_mark[] = "@BROOD-TEST-SLOT@";

void test_drain(struct testing *t)
{
    if (!t->is_draining) {
        t->is_draining = true;
        if (t->batch != NULL) {
            (void)brood_drain(t->batch);
        }
    }
}

void test_kill(struct testing *t)
{
    test_drain(t);
    if (!t->is_killing) {
        t->is_killing = true;
        if (t->batch != NULL) {
            (void)brood_cancel_all(t->batch);
        }
    }
}

/* A directory of its own for each test that runs. Returns: its path. */
static const char *make_tmp_dir(struct testing *t,
                                const struct test_case *c,
                                struct text *path)
{
    text_add_format(path, "%s/%zu", t->tmp_dir, (size_t)(c - t->cases) + 1);
    (void)mkdir(text_string(path), 0700);
    return text_string(path);
}

static int remove_one(const char *path,
                      const struct stat *st,
                      int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

static void remove_tree(const char *path)
{
    if (rmdir(path) < 0 && errno != ENOENT) {
        (void)nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS);
    }
}

static void remove_tmp_dir(struct testing *t, const struct test_case *c)
{
    struct text path = { 0 };

    text_add_format(&path, "%s/%zu", t->tmp_dir, (size_t)(c - t->cases) + 1);
    remove_tree(text_string(&path));
    text_clear(&path);
}

static int64_t limit_of(const struct testing *t, const struct suite_test *test)
{
    if (test->timeout_ms >= 0) {
        return test->timeout_ms;
    }
    return t->options.timeout_ms > 0 ? t->options.timeout_ms
                                     : t->suite.timeout_ms;
}

static void set_stop(struct brood_job *job, const struct suite_test *test)
{
    if (test->timeout_signal > 0) {
        job->n_stop = 1;
        job->stop[0] = (struct brood_stop_step){
            .signal = test->timeout_signal,
            .wait_ms = test->grace_ms > 0 ? test->grace_ms : GRACE_DEFAULT_MS,
        };
    }
}

/* What a test finds in its environment beside its own. */
static size_t add_variables(struct testing *t,
                            struct arena *arena,
                            const struct test_case *c,
                            const char **ret)
{
    struct text text = { 0 };
    struct text path = { 0 };
    size_t n = 0;

    text_add_format(&text, "TMPDIR=%s", make_tmp_dir(t, c, &path));
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_reset(&text);
    text_add_format(&text, "BROOD_TEST_SLOT=%s", slot_mark);
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_reset(&text);
    text_add_format(&text, "BROOD_TEST=%s", c->test->name);
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_clear(&text);
    text_clear(&path);
    return n;
}

/* Returns: 0, or -1 and why. */
static int set_env(struct testing *t,
                   struct arena *arena,
                   const struct test_case *c,
                   struct brood_job *job,
                   struct text *error)
{
    const struct suite_test *test = c->test;
    const char **env =
        arena_take(arena, (test->env.n + VARIABLES) * sizeof(const char *));
    size_t n = add_variables(t, arena, c, env);

    if (test->env.n > 0) {
        memcpy((void *)(env + n), (const void *)test->env.items,
               test->env.n * sizeof(const char *));
    }
    env[n + test->env.n] = NULL;
    job->env = env;
    if (test->env_changes.n > 0) {
        size_t ours = 0;
        const char **base;

        while (environ[ours] != NULL) {
            ours++;
        }
        base = arena_take(arena, (ours + n + 1) * sizeof(const char *));
        memcpy((void *)base, (void *)environ, ours * sizeof(const char *));
        memcpy((void *)(base + ours), (void *)env, n * sizeof(const char *));
        base[ours + n] = NULL;
        job->env = environ_make(arena, base, test, error);
        job->clean_env = 1;
    }
    return job->env == NULL ? -1 : 0;
}

static void join_running(struct testing *t, struct test_case *c)
{
    c->next = t->running;
    c->where = &t->running;
    if (c->next != NULL) {
        c->next->where = &c->next;
    }
    t->running = c;
    t->n_running++;
}

void test_leave_running(struct testing *t, struct test_case *c)
{
    *c->where = c->next;
    if (c->next != NULL) {
        c->next->where = c->where;
    }
    t->n_running--;
    remove_tmp_dir(t, c);
}

/* Returns: NULL, or why it cannot be run. */
static const char *what_is_missing(const struct suite_test *test,
                                   struct text *out)
{
    if (test->argv.n == 0) {
        return "its program has not been found";
    }
    for (size_t i = 0; i < test->required_files.n; i++) {
        if (access(test->required_files.items[i], R_OK) < 0) {
            text_add_format(out, "there is no file '%s'",
                            test->required_files.items[i]);
            return text_string(out);
        }
    }
    return NULL;
}

int test_submit(struct testing *t, struct test_case *c)
{
    const struct suite_test *test = c->test;
    struct brood_job job = {
        .argv = test->argv.items,
        .dir = test->dir,
        .err = test->protocol == SUITE_TAP ? BROOD_OUTPUT_CAPTURE
                                           : BROOD_OUTPUT_MERGE,
        .timeout_ms = limit_of(t, test),
        .slot_mark = slot_mark,
        .notify_start = 1,
        .parent_death_signal = SIGKILL,
        .hold =
            t->options.stop_on_failure ? BROOD_HOLD_FAILED : BROOD_HOLD_NEVER,
        .tag = c,
    };
    struct arena arena = { 0 };
    struct text error = { 0 };
    int r;

    set_stop(&job, test);
    c->started_ns = 0;
    c->limit_ns = 0;
    if (test->timeout_match.n > 0) {
        /* Its limit is kept here, since its output may change it. */
        job.out = BROOD_OUTPUT_STREAM;
        c->limit_ns = job.timeout_ms * NS_PER_MS;
        job.timeout_ms = 0;
        text_reset(&c->output);
    }
    r = set_env(t, &arena, c, &job, &error);
    if (r == 0) {
        r = brood_submit(t->batch, &job, &c->id);
        if (r < 0) {
            text_add_string(&error, brood_strerror(r));
        }
    }
    if (r == 0) {
        join_running(t, c);
    } else {
        test_judge_unrun(t, c, VERDICT_NOT_RUN, text_string(&error));
    }
    text_clear(&error);
    arena_clear(&arena);
    return r;
}

static void start(struct testing *t, struct test_case *c)
{
    struct text text = { 0 };
    const char *missing;

    if (c->test->is_disabled) {
        test_judge_unrun(t, c, VERDICT_DISABLED, NULL);
        return;
    }
    missing = what_is_missing(c->test, &text);
    if (missing != NULL) {
        test_judge_unrun(t, c, VERDICT_NOT_RUN, missing);
    } else {
        (void)test_submit(t, c);
    }
    text_clear(&text);
}

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
           brood_graph_next(t->graph, &item) == 1) {
        start(t, item.tag);
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
    c->started_ns = test_clock_ns();
    c->slow_ns = t->options.slow_ms > 0
                     ? c->started_ns + t->options.slow_ms * NS_PER_MS
                     : INT64_MAX;
    c->deadline_ns = c->limit_ns > 0 ? c->started_ns + c->limit_ns : INT64_MAX;
}

/* Of a test whose output may change its time limit. */
static void on_output(struct brood_batch *batch,
                      const struct brood_result *job,
                      int stream,
                      const void *data,
                      size_t size,
                      void *user)
{
    struct test_case *c = job->tag;
    size_t which = 0;

    (void)batch;
    (void)stream;
    (void)user;
    text_add(&c->output, data, size);
    if (!c->has_matched &&
        verdict_any(&c->rules.timeout_match, &c->output, &which)) {
        c->has_matched = true;
        c->deadline_ns =
            test_clock_ns() + c->test->timeout_after_ms * NS_PER_MS;
    }
}

/* Short tests are handed out ahead of time, unless one counts for several. */
static void adapt_ahead(struct testing *t, int64_t duration_ns)
{
    int64_t each;

    t->usual_ns += (duration_ns - t->usual_ns) / USUAL_PART;
    each = AHEAD_NS / (t->usual_ns + 1);
    each = each > AHEAD_MAX ? AHEAD_MAX : each;
    if (!t->has_wide && (unsigned)each * t->slots != t->ahead) {
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

    (void)batch;
    adapt_ahead(t, result->duration_ns);
    test_leave_running(t, c);
    test_judge(t, c, result);
}

/* Tests that are slow, or whose time is up. Returns: ms until the next look. */
static int look_at_clock(struct testing *t)
{
    int64_t now = test_clock_ns();

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
    t->look_ns = now + LOOK_MS * NS_PER_MS;
    return LOOK_MS;
}

static void list_running(struct testing *t)
{
    int64_t now = test_clock_ns();

    test_say(t, "%zu of %zu done, %zu running", t->counts.over, t->n_cases,
             t->n_running);
    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->started_ns > 0) {
            test_say(t, "%s: process %d, %.1f s", c->test->name, c->pid,
                     (double)(now - c->started_ns) / 1e9);
        }
    }
}

static void suspend(struct testing *t)
{
    int looks = 0;

    progress_erase(&t->progress);
    (void)brood_signal(t->pool, SIGTSTP);
    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->started_ns > 0) {
            standstill_wait(c->pid, &looks);
        }
    }
    signals_stop_here();
}

static void interrupt(struct testing *t, int signal)
{
    t->signal = signal;
    if (t->is_killing) {
        (void)brood_signal(t->pool, SIGKILL);
        t->writer.abandoned = true;
        return;
    }
    test_say(t, "SIG%s: stopping all tests", sigabbrev_np(signal));
    list_running(t);
    test_kill(t);
}

static void on_signals(void *user)
{
    struct testing *t = user;
    int signal;

    while ((signal = signals_next(t->signal_fd)) != 0) {
        switch (signal) {
        case SIGINT:
        case SIGTERM:
        case SIGQUIT:
            interrupt(t, signal);
            break;
        case SIGHUP:
            test_drain(t);
            break;
        case SIGUSR1:
            list_running(t);
            break;
        case SIGTSTP:
            suspend(t);
            break;
        case SIGCONT:
            (void)brood_signal(t->pool, SIGCONT);
            break;
        default:
            break;
        }
    }
}

static int sooner(int a_ms, int b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static bool is_done(const struct testing *t)
{
    return t->n_running == 0 &&
           (t->is_draining || t->counts.over == t->n_cases);
}

static void loop(struct testing *t)
{
    for (;;) {
        struct progress_counts counts;
        struct pollfd fds[2];
        int wait_ms;

        start_all(t);
        wait_ms = test_history_commit(t, t->n_running == 0);
        writer_flush(&t->writer);
        if (writer_error(&t->writer) < 0 && !t->is_killing) {
            t->status = TEST_STATUS_OURS;
            test_kill(t);
        }
        if (is_done(t)) {
            break;
        }
        wait_ms = sooner(wait_ms, look_at_clock(t));
        counts = test_progress(t);
        progress_draw(&t->progress, &counts, test_clock_ns());
        wait_ms =
            sooner(wait_ms, progress_wait_ms(&t->progress, test_clock_ns()));
        fds[0] = (struct pollfd){ .fd = brood_fd(t->pool), .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = t->signal_fd, .events = POLLIN };
        if (poll(fds, 2, wait_ms) > 0 && fds[1].revents != 0) {
            on_signals(t);
        }
        if (brood_poll(t->pool, 0) < 0 && t->status == 0 && !t->is_killing) {
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

static int open_tmp_dir(struct testing *t)
{
    const char *tmp = getenv("TMPDIR");
    struct text path = { 0 };

    text_add_format(&path, "%s/brood-test-XXXXXX",
                    tmp == NULL || *tmp != '/' ? "/tmp" : tmp);
    t->tmp_dir = strdup(text_string(&path));
    text_clear(&path);
    if (t->tmp_dir == NULL) {
        text_no_memory();
    }
    if (mkdtemp(t->tmp_dir) == NULL) {
        test_fail(t, TEST_STATUS_OURS, "cannot make '%s': %s", t->tmp_dir,
                  brood_strerror(-errno));
        free(t->tmp_dir);
        t->tmp_dir = NULL;
        return -1;
    }
    return 0;
}

static void on_write(void *user)
{
    struct testing *t = user;

    progress_erase(&t->progress);
}

void test_run(struct testing *t)
{
    t->signal_fd = signals_open();
    if (t->signal_fd < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot receive signals: %s",
                  brood_strerror(t->signal_fd));
        return;
    }
    t->writer.wake_fd = t->signal_fd;
    t->writer.on_wake = on_signals;
    t->writer.on_write = on_write;
    t->writer.user = t;
    if (open_tmp_dir(t) < 0 || open_pool(t) < 0 || test_history_begin(t) < 0) {
        return;
    }
    t->start_ns = test_clock_ns();
    progress_init(&t->progress,
                  t->options.no_progress ? RUN_PROGRESS_NONE : RUN_PROGRESS_ALL,
                  t->start_ns);
    test_show_start(t);
    loop(t);
    t->end_ns = test_clock_ns();
    progress_erase(&t->progress);
    (void)test_history_commit(t, true);
}

void test_run_clear(struct testing *t)
{
    t->batch = brood_batch_free(t->batch);
    t->pool = brood_close(t->pool);
    if (t->tmp_dir != NULL) {
        remove_tree(t->tmp_dir);
        free(t->tmp_dir);
    }
    if (t->signal_fd >= 0) {
        (void)close(t->signal_fd);
    }
    progress_clear(&t->progress);
}
