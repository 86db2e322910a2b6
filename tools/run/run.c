#include "run/engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "run/signals.h"

void run_say(struct run *run, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    writer_say(&run->writer, "brood run", format, args);
    va_end(args);
}

void run_fail(struct run *run, const char *format, ...)
{
    va_list args;

    run->own_error = true;
    va_start(args, format);
    writer_say(&run->writer, "brood run", format, args);
    va_end(args);
}

static struct progress_counts counts(const struct run *run)
{
    struct progress_counts c = {
        .running = run->n_running,
        .done = run->n_ended,
        .failed = run->halt->failed,
        .total = product_total(&run->product),
    };

    if (c.total < 0 && run->phase >= RUN_CLOSED) {
        c.total = (int64_t)run->n_made;
    }
    return c;
}

static void erase_progress(void *user)
{
    struct run *run = user;

    progress_erase(&run->progress);
}

static bool is_done(const struct run *run)
{
    return run->phase != RUN_GOES_ON && engine_is_done(run);
}

/* How long there is nothing to do without a descriptor to tell of it. */
static int wait_ms(struct run *run)
{
    int ms = run_check_times(run);
    int more;

    if (run->progress.kind == RUN_PROGRESS_NONE) {
        return ms;
    }
    more = progress_wait_ms(&run->progress, clock_now_ns());
    return ms < 0 || more < ms ? more : ms;
}

static void wait_and_poll(struct run *run, bool more)
{
    struct pollfd fds[] = {
        { .fd = brood_fd(run->pool), .events = POLLIN },
        { .fd = run->signal_fd, .events = POLLIN },
        { .fd = -1, .events = POLLIN },
    };
    int r;

    if (run->starved && run->phase == RUN_GOES_ON && run_room(run) > 0) {
        fds[2].fd = run->product.stuck->fd;
    }
    if (poll(fds, 3, more ? 0 : wait_ms(run)) > 0 && fds[1].revents != 0) {
        run_signals(run);
    }
    r = brood_poll(run->pool, 0);
    if (r < 0 && r != -EINTR && !run->own_error) {
        run_fail(run, "cannot go on: %s", brood_strerror(r));
        run_kill(run);
    }
}

static void run_all(struct run *run)
{
    progress_init(&run->progress, run->options.progress, clock_now_ns());
    run->writer.on_write = erase_progress;
    run->writer.user = run;
    for (;;) {
        bool more = run_feed(run);

        run_flush(run);
        if (is_done(run)) {
            break;
        }
        if (run->progress.kind != RUN_PROGRESS_NONE) {
            struct progress_counts c = counts(run);

            progress_draw(&run->progress, &c, clock_now_ns());
        }
        wait_and_poll(run, more);
    }
    if (run->progress.kind != RUN_PROGRESS_NONE) {
        struct progress_counts c = counts(run);

        progress_finish(&run->progress, &c, clock_now_ns());
    }
}

static int status_of(const struct run *run)
{
    if (run->own_error || run->interrupted) {
        return RUN_STATUS_OURS;
    }
    return run->halt == NULL ? 0 : halt_status(run->halt);
}

int run_main(int argc, char **argv)
{
    struct run run = { 0 };
    int status = 0;
    bool pipe_closed;

    if (run_setup(&run, argc, argv, &status) == 0) {
        if (run.options.dry_run) {
            run_show_commands(&run);
        } else if (run_open(&run) == 0) {
            run_all(&run);
        }
        status = status_of(&run);
    }
    writer_flush(&run.writer);
    pipe_closed = run.pipe_closed && !run.interrupted;
    run_clear(&run);
    if (pipe_closed) {
        signals_die(SIGPIPE);
    }
    return status;
}
