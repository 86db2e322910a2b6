/* start - from a case to a job of the pool. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/descriptors.h"
#include "test/environ.h"
#include "test/testing.h"

enum {
    GRACE_DEFAULT_MS = 1000,
    VARIABLES = 6,
};

#define NS_PER_MS INT64_C(1000000)
/* A hundred years. */
#define MS_MAX 3.2e12

/* Replaced by the number of the slot. */
static const char slot_mark[] = "@BROOD-TEST-SLOT@";

/* A limit times --timeout-factor; one that is not 0 stays so. */
static int64_t scale(const struct testing *t, int64_t ms)
{
    double scaled = (double)ms * t->options.timeout_factor;

    if (ms <= 0) {
        return ms;
    }
    return scaled < 1 ? 1 : scaled > MS_MAX ? (int64_t)MS_MAX : (int64_t)scaled;
}

static int64_t limit_of(const struct testing *t, const struct suite_test *test)
{
    int64_t ms = test->timeout_ms >= 0       ? test->timeout_ms
                 : t->options.timeout_ms > 0 ? t->options.timeout_ms
                                             : test->default_timeout_ms;

    return scale(t, ms);
}

int64_t test_limit_after(const struct testing *t, const struct test_case *c)
{
    return scale(t, c->test->timeout_after_ms);
}

/* The command of a test, behind that of --wrap if there is one. */
static const char *const *wrap(const struct testing *t,
                               const struct suite_test *test,
                               struct arena *arena)
{
    const wordexp_t *words = &t->options.wrap;
    const char **argv;

    if (words->we_wordc == 0) {
        return test->argv.items;
    }
    argv = arena_take(arena, (words->we_wordc + test->argv.n + 1) *
                                 sizeof(const char *));
    memcpy((void *)argv, (const void *)words->we_wordv,
           words->we_wordc * sizeof(const char *));
    memcpy((void *)(argv + words->we_wordc), (const void *)test->argv.items,
           (test->argv.n + 1) * sizeof(const char *));
    return argv;
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
    size_t n = 0;

    text_add_format(&text, "TMPDIR=%s", test_tmpdir_path(c));
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_reset(&text);
    text_add_format(&text, "BROOD_TEST_SLOT=%s", slot_mark);
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_reset(&text);
    text_add_format(&text, "BROOD_TEST=%s", c->test->name);
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_reset(&text);
    test_id_add(t, c, &text);
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_reset(&text);
    text_add_format(&text, "BROOD_TEST_RUN=%s", strrchr(t->tmp_dir, '/') + 1);
    ret[n++] = arena_copy(arena, text.data, text.size);
    text_clear(&text);
    if (c->devices != NULL) {
        n += resources_variables(&t->resources, c->test, c->devices, arena,
                                 ret + n);
    }
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
    const char **env = arena_take(
        arena, (test->env.n + VARIABLES + test->n_groups + test->n_needs + 1) *
                   sizeof(const char *));
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
    test_tmpdir_give_back(t, c);
}

/* Returns: NULL, or why it cannot be run. */
static const char *what_is_missing(const struct suite_test *test,
                                   struct text *out)
{
    if (test->argv.n == 0 && test->missing == NULL) {
        return "its program has not been found";
    }
    if (test->argv.n == 0) {
        text_add_format(out, "there is no program '%s'; has it been built?",
                        test->missing);
        return text_string(out);
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
    struct arena arena = { 0 };
    struct brood_job job = {
        .argv = wrap(t, test, &arena),
        .dir = test->dir,
        .err = suite_is_tap(test) ? BROOD_OUTPUT_CAPTURE : BROOD_OUTPUT_MERGE,
        .timeout_ms = limit_of(t, test),
        .slot_mark = slot_mark,
        .notify_start = 1,
        .parent_death_signal = SIGKILL,
        .hold = t->options.max_fail > 0 ? BROOD_HOLD_FAILED : BROOD_HOLD_NEVER,
        .tag = c,
    };
    struct text error = { 0 };
    int r;

    set_stop(&job, test);
    c->started_ns = 0;
    c->limit_ns = 0;
    c->timeout_ms = job.timeout_ms;
    if (test->timeout_match.n > 0) {
        /* Its limit is kept here, since its output may change it. */
        job.out = BROOD_OUTPUT_STREAM;
        c->limit_ns = job.timeout_ms * NS_PER_MS;
        job.timeout_ms = 0;
        text_reset(&c->output);
        c->looked_at = 0;
    }
    if (t->descriptors != NULL) {
        test_descriptors_hold(t, c, &arena, &job);
    }
    r = test_tmpdir_take(t, c);
    if (r < 0) {
        text_add_format(&error, "cannot make its temporary directory: %s",
                        brood_strerror(r));
    } else {
        r = set_env(t, &arena, c, &job, &error);
    }
    if (r == 0) {
        r = brood_submit(t->batch, &job, &c->id);
        if (r < 0) {
            text_add_string(&error, brood_strerror(r));
        }
    }
    if (r == 0) {
        join_running(t, c);
    } else {
        test_tmpdir_give_back(t, c);
        test_judge_unrun(t, c, VERDICT_NOT_RUN, text_string(&error));
    }
    text_clear(&error);
    arena_clear(&arena);
    return r;
}

void test_start(struct testing *t, struct test_case *c)
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
    } else if (test_take_devices(t, c)) {
        (void)test_submit(t, c);
    }
    text_clear(&text);
}
