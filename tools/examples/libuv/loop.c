/*
 * loop - brood in an event loop of libuv, beside its timers and children.
 *
 * usage: loop [CHILD]        CHILD is the program made of fork_child.c
 *
 * libuv handles SIGCHLD and waits for its own children only; so does brood,
 * without a handler.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include <brood.h>

enum {
    JOBS = 50,
    TICK_MS = 5,
    /* A batch, two children of brood's, one of libuv's, and a timer. */
    PARTS = 5,
    TEXT_MAX = 64,
};

struct host {
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t timer;
    uv_process_t process;
    struct brood *pool;
    struct brood_batch *batch;
    struct brood_child *spawned;
    struct brood_child *forked;
    int n_left;
    int n_done;
    int n_good;
    int n_ticks;
    int exit_status;
    char output[TEXT_MAX];
    char answer[TEXT_MAX];
    int error;
};

/* The loop ends when its handles are closed. */
static void part_is_over(struct host *host)
{
    if (--host->n_left == 0) {
        uv_close((uv_handle_t *)&host->poll, NULL);
        uv_close((uv_handle_t *)&host->timer, NULL);
    }
}

/* All callbacks of brood are made from here. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;
    int r = status < 0 ? status : brood_poll(host->pool, 0);

    (void)events;
    if (r < 0 && r != -EINTR) {
        host->error = r;
        uv_stop(host->loop);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;

    if (++host->n_ticks == 1) {
        part_is_over(host);
    }
}

static void on_process_exit(uv_process_t *process, int64_t status, int signal)
{
    struct host *host = process->data;

    (void)signal;
    host->exit_status = (int)status;
    uv_close((uv_handle_t *)process, NULL);
    part_is_over(host);
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct host *host = user;

    (void)batch;
    host->n_good += brood_result_ok(result);
    if (++host->n_done == JOBS) {
        part_is_over(host);
    }
}

static void on_data(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    struct host *host = user;

    (void)child;
    (void)stream;
    (void)snprintf(host->output, TEXT_MAX, "%.*s", (int)size,
                   (const char *)data);
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct host *host = user;

    (void)snprintf(host->answer, TEXT_MAX, "%.*s", (int)size,
                   (const char *)data);
    (void)brood_disconnect(child);
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    (void)child;
    (void)result;
    part_is_over(user);
}

static int start_batch(struct host *host)
{
    static const char *const argv[] = { "true", NULL };
    const struct brood_batch_options options = { .on_result = on_result,
                                                 .user = host };
    const struct brood_job job = { .argv = argv };
    int r = brood_batch_new(host->pool, &options, &host->batch);

    for (int i = 0; i < JOBS && r == 0; i++) {
        r = brood_submit(host->batch, &job, NULL);
    }
    return r;
}

static int start_children(struct host *host, const char *program)
{
    const char *const argv[] = { program, NULL };
    const struct brood_child_options spawned = {
        .job = { .shell = "printf hello", .out = BROOD_OUTPUT_STREAM },
        .on_data = on_data,
        .on_close = on_close,
        .user = host,
    };
    const struct brood_fork_options forked = {
        .child = { .job.argv = argv, .on_close = on_close, .user = host },
        .on_message = on_message,
    };
    int r = brood_spawn(host->pool, &spawned, &host->spawned);

    if (r == 0) {
        r = brood_fork(host->pool, &forked, &host->forked);
    }
    return r == 0 ? brood_send(host->forked, "desserts", 8) : r;
}

static int start_of_libuv(struct host *host)
{
    static char shell[] = "sh";
    static char option[] = "-c";
    static char line[] = "exit 3";
    static char *args[] = { shell, option, line, NULL };
    const uv_process_options_t process = { .file = args[0],
                                           .args = args,
                                           .exit_cb = on_process_exit };

    host->poll.data = host->timer.data = host->process.data = host;
    (void)uv_poll_init(host->loop, &host->poll, brood_fd(host->pool));
    (void)uv_poll_start(&host->poll, UV_READABLE, on_readable);
    (void)uv_timer_init(host->loop, &host->timer);
    (void)uv_timer_start(&host->timer, on_tick, TICK_MS, TICK_MS);
    return uv_spawn(host->loop, &host->process, &process);
}

static void report(const struct host *host)
{
    (void)printf("brood_submit: %d of %d jobs succeeded\n", host->n_good, JOBS);
    (void)printf("brood_spawn: %s\n", host->output);
    (void)printf("brood_fork: %s\n", host->answer);
    (void)printf("uv_spawn: exit status %d\n", host->exit_status);
    (void)printf("uv_timer: %s\n", host->n_ticks > 0 ? "ticked" : "silent");
}

static int run(struct host *host, const char *program)
{
    int r = brood_open(NULL, &host->pool);

    if (r == 0) {
        r = start_batch(host);
    }
    if (r == 0) {
        r = start_children(host, program);
    }
    if (r == 0) {
        r = start_of_libuv(host);
    }
    if (r == 0) {
        (void)uv_run(host->loop, UV_RUN_DEFAULT);
        r = host->error;
    }
    return r;
}

int main(int argc, char **argv)
{
    struct host host = { .loop = uv_default_loop(), .n_left = PARTS };
    int r = run(&host, argc > 1 ? argv[1] : "./fork_child");

    if (r < 0) {
        (void)fprintf(stderr, "loop: %s\n", brood_strerror(r));
    } else {
        report(&host);
    }
    host.forked = brood_child_free(host.forked);
    host.spawned = brood_child_free(host.spawned);
    host.batch = brood_batch_free(host.batch);
    host.pool = brood_close(host.pool);
    return r == 0 && uv_loop_close(host.loop) == 0 ? EXIT_SUCCESS
                                                   : EXIT_FAILURE;
}
