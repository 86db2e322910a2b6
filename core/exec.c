#include "brood/exec.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "brood/pool.h"
#include "child.h"
#include "collector.h"
#include "pool.h"

enum {
    MAX_DEFAULT = 16 << 20,
    OVERFLOW_WAIT_MS = 500,
};

struct exec {
    struct brood_child *child;
    struct brood_exec_options options;
    struct collector streams[2];
    int overflow_stream;
    /** Where a _wait function wants it; NULL: on_done. */
    struct brood_completion *wanted;
    bool *done;
};

static const char nothing[] = "";

static void exec_free(struct exec *e)
{
    collector_clear(&e->streams[0]);
    collector_clear(&e->streams[1]);
    free(e);
}

static void on_data(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    struct exec *e = user;
    struct collector *c = &e->streams[stream - 1];

    collector_add(c, data, size);
    if (collector_is_over(c) && e->overflow_stream == 0) {
        e->overflow_stream = stream;
        if (e->options.overflow == BROOD_OVERFLOW_STOP) {
            (void)brood_child_stop(child);
        }
    }
}

static int error_of(const struct exec *e, const struct brood_result *result)
{
    bool is_stopped =
        e->overflow_stream != 0 && e->options.overflow == BROOD_OVERFLOW_STOP;

    switch (result->outcome) {
    case BROOD_SPAWN_FAILED:
        return result->error;
    case BROOD_TIMED_OUT:
        return -ETIMEDOUT;
    case BROOD_CANCELLED:
    case BROOD_SKIPPED:
        return is_stopped ? -ENOBUFS : -ECANCELED;
    default:
        break;
    }
    if (is_stopped) {
        return -ENOBUFS;
    }
    return brood_result_ok(result) ? 0 : -ECHILD;
}

/* Without memory for a text there is none, and that is said. */
static void take_text(struct collector *c, struct brood_text *ret)
{
    if (collector_take(c, ret) < 0) {
        *ret =
            (struct brood_text){ .data = nothing, .dropped_bytes = c->total };
    }
}

static void free_text(struct brood_text *text)
{
    if (text->data != nothing) {
        free((void *)(uintptr_t)text->data);
    }
    *text = (struct brood_text){ 0 };
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct exec *e = user;
    struct brood_completion done = {
        .error = error_of(e, result),
        .overflow_stream = e->overflow_stream,
        .result = *result,
    };

    take_text(&e->streams[0], &done.out);
    take_text(&e->streams[1], &done.err);
    if (e->wanted != NULL) {
        *e->wanted = done;
        *e->done = true;
    } else {
        if (e->options.on_done != NULL) {
            e->options.on_done(&done, e->options.user);
        }
        brood_completion_clear(&done);
    }
    exec_free(e);
    child->is_exec = false;
    (void)brood_child_free(child);
}

void brood_completion_clear(struct brood_completion *done)
{
    free_text(&done->out);
    free_text(&done->err);
}

static int check_options(const struct brood_exec_options *o)
{
    if ((o->size != 0 && o->size < sizeof(*o)) ||
        (unsigned)o->overflow > BROOD_OVERFLOW_STOP ||
        o->job.input == BROOD_INPUT_STREAM ||
        o->job.out == BROOD_OUTPUT_STREAM ||
        o->job.err == BROOD_OUTPUT_STREAM) {
        return -EINVAL;
    }
    return 0;
}

static void fill_job(struct brood_job *job, const struct brood_exec_options *o)
{
    if (job->out == BROOD_OUTPUT_CAPTURE) {
        job->out = BROOD_OUTPUT_STREAM;
    }
    if (job->err == BROOD_OUTPUT_CAPTURE) {
        job->err = BROOD_OUTPUT_STREAM;
    }
    if (job->n_stop == 0 && o->overflow == BROOD_OVERFLOW_STOP) {
        job->stop[0] = (struct brood_stop_step){ SIGTERM, OVERFLOW_WAIT_MS };
        job->n_stop = 1;
    }
}

/* @job names the command. */
static int start(struct brood *pool,
                 const struct brood_job *job,
                 struct exec *e,
                 struct brood_child **ret_child)
{
    const struct brood_exec_options *o = &e->options;
    struct brood_child_options options = {
        .job = *job,
        .on_data = on_data,
        .on_close = on_close,
        .user = e,
    };
    int r;

    for (int i = 0; i < 2; i++) {
        e->streams[i].max = o->max_bytes == 0 ? MAX_DEFAULT : o->max_bytes;
        e->streams[i].keeps_end = o->overflow == BROOD_OVERFLOW_KEEP;
    }
    fill_job(&options.job, o);
    r = brood_spawn(pool, &options, &e->child);
    if (r == 0) {
        e->child->is_exec = true;
        if (ret_child != NULL) {
            *ret_child = e->child;
        }
    }
    return r;
}

static int run(struct brood *pool,
               const char *line,
               const char *const *argv,
               const struct brood_exec_options *options,
               struct exec **ret,
               struct brood_child **ret_child)
{
    static const struct brood_exec_options defaults = { 0 };
    struct brood_job job;
    struct exec *e;
    int r;

    options = options == NULL ? &defaults : options;
    r = check_options(options);
    if (r < 0) {
        return r;
    }
    e = brood_calloc(1, sizeof(*e));
    if (e == NULL) {
        return -ENOMEM;
    }
    e->options = *options;
    job = options->job;
    job.shell = line;
    job.argv = argv;
    r = start(pool, &job, e, ret_child);
    if (r < 0) {
        exec_free(e);
        return r;
    }
    *ret = e;
    return 0;
}

/* The whole vector. Ownership: the caller's. */
static const char **make_argv(const char *file, const char *const *args)
{
    const char **argv;
    size_t n = 0;

    while (args != NULL && args[n] != NULL) {
        n++;
    }
    argv = brood_calloc(n + 2, sizeof(*argv));
    if (argv != NULL) {
        argv[0] = file;
        for (size_t i = 0; i < n; i++) {
            argv[i + 1] = args[i];
        }
    }
    return argv;
}

int brood_exec(struct brood *pool,
               const char *line,
               const struct brood_exec_options *options,
               struct brood_child **ret_child)
{
    struct exec *e;

    return run(pool, line, NULL, options, &e, ret_child);
}

int brood_exec_file(struct brood *pool,
                    const char *file,
                    const char *const *args,
                    const struct brood_exec_options *options,
                    struct brood_child **ret_child)
{
    const char **argv = make_argv(file, args);
    struct exec *e;
    int r;

    if (argv == NULL) {
        return -ENOMEM;
    }
    r = run(pool, NULL, argv, options, &e, ret_child);
    free((void *)argv);
    return r;
}

static int wait_for(struct brood *pool,
                    const char *line,
                    const char *const *argv,
                    const struct brood_exec_options *options,
                    struct brood_completion *ret_done)
{
    struct brood_completion done;
    struct exec *e = NULL;
    bool is_done = false;
    int r;

    if (pool->in_callback) {
        return -EDEADLK;
    }
    r = run(pool, line, argv, options, &e, NULL);
    if (r < 0) {
        return r;
    }
    e->wanted = &done;
    e->done = &is_done;
    while (!is_done) {
        r = pool_round(pool, -1);
        if (r < 0 && r != -EINTR && r != -ENOMEM) {
            e->wanted = NULL;
            e->options.on_done = NULL;
            (void)brood_child_stop(e->child);
            return r;
        }
    }
    *ret_done = done;
    return 0;
}

static int wait_in(struct brood *pool,
                   const char *line,
                   const char *const *argv,
                   const struct brood_exec_options *options,
                   struct brood_completion *ret_done)
{
    struct brood *own = NULL;
    int r;

    if (pool != NULL) {
        return wait_for(pool, line, argv, options, ret_done);
    }
    r = brood_open(&(struct brood_options){ .threads = 1, .slots = 1 }, &own);
    if (r < 0) {
        return r;
    }
    r = wait_for(own, line, argv, options, ret_done);
    brood_close(own);
    return r;
}

int brood_exec_wait(struct brood *pool,
                    const char *line,
                    const struct brood_exec_options *options,
                    struct brood_completion *ret_done)
{
    return wait_in(pool, line, NULL, options, ret_done);
}

int brood_exec_file_wait(struct brood *pool,
                         const char *file,
                         const char *const *args,
                         const struct brood_exec_options *options,
                         struct brood_completion *ret_done)
{
    const char **argv = make_argv(file, args);
    int r;

    if (argv == NULL) {
        return -ENOMEM;
    }
    r = wait_in(pool, NULL, argv, options, ret_done);
    free((void *)argv);
    return r;
}
