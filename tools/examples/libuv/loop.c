/*
 * loop - brood in an event loop of libuv, beside its timers and children.
 *
 * usage: loop
 *
 * libuv handles SIGCHLD and waits for its own children only; so does brood.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include <brood.h>

enum {
    JOBS = 50,
    TICK_MS = 5,
};

struct host {
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t timer;
    uv_process_t process;
    struct brood *pool;
    struct brood_batch *batch;
    int n_done;
    int n_good;
    int n_ticks;
    long long exit_status;
    bool process_over;
    bool exec_over;
};

/* Each handle that is closed gives the loop one reason less to go on. */
static void end_when_over(struct host *host)
{
    if (host->n_done == JOBS && host->process_over && host->exec_over &&
        host->n_ticks > 0 && !uv_is_closing((uv_handle_t *)&host->poll)) {
        uv_close((uv_handle_t *)&host->poll, NULL);
        uv_close((uv_handle_t *)&host->timer, NULL);
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;

    (void)status;
    (void)events;
    if (brood_poll(host->pool, 0) < 0) {
        abort();
    }
    end_when_over(host);
}

static void on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;

    host->n_ticks++;
    end_when_over(host);
}

static void on_process_exit(uv_process_t *process, int64_t status, int signal)
{
    struct host *host = process->data;

    (void)signal;
    host->exit_status = status;
    host->process_over = true;
    uv_close((uv_handle_t *)process, NULL);
    end_when_over(host);
}

static void on_result(struct brood_batch *batch,
                      const struct brood_result *result,
                      void *user)
{
    struct host *host = user;

    (void)batch;
    host->n_done++;
    host->n_good += brood_result_ok(result);
}

static void on_exec(const struct brood_completion *done, void *user)
{
    struct host *host = user;

    (void)printf("brood_exec: %.*s", (int)done->out.size_bytes,
                 (const char *)done->out.data);
    host->exec_over = true;
}

static int start(struct host *host)
{
    static char shell[] = "sh";
    static char option[] = "-c";
    static char line[] = "exit 3";
    static char *args[] = { shell, option, line, NULL };
    static const char *const argv[] = { "true", NULL };
    const struct brood_batch_options batch = { .on_result = on_result,
                                               .user = host };
    const struct brood_exec_options exec = { .on_done = on_exec, .user = host };
    const struct brood_job job = { .argv = argv };
    const uv_process_options_t process = { .file = args[0],
                                           .args = args,
                                           .exit_cb = on_process_exit };
    int r = brood_open(NULL, &host->pool);

    if (r == 0) {
        r = brood_batch_new(host->pool, &batch, &host->batch);
    }
    for (int i = 0; i < JOBS && r == 0; i++) {
        r = brood_submit(host->batch, &job, NULL);
    }
    if (r == 0) {
        r = brood_exec(host->pool, "echo hello", &exec, NULL);
    }
    if (r < 0) {
        return r;
    }
    host->poll.data = host->timer.data = host->process.data = host;
    (void)uv_poll_init(host->loop, &host->poll, brood_fd(host->pool));
    (void)uv_poll_start(&host->poll, UV_READABLE, on_readable);
    (void)uv_timer_init(host->loop, &host->timer);
    (void)uv_timer_start(&host->timer, on_tick, TICK_MS, TICK_MS);
    return uv_spawn(host->loop, &host->process, &process);
}

int main(void)
{
    struct host host = { .loop = uv_default_loop() };
    int r = start(&host);

    if (r < 0) {
        (void)fprintf(stderr, "loop: cannot start: %s\n", brood_strerror(r));
        return EXIT_FAILURE;
    }
    (void)uv_run(host.loop, UV_RUN_DEFAULT);
    (void)printf("brood: %d of %d jobs succeeded\n", host.n_good, JOBS);
    (void)printf("uv_spawn: exit status %lld\n", host.exit_status);
    host.batch = brood_batch_free(host.batch);
    host.pool = brood_close(host.pool);
    return uv_loop_close(host.loop) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
