#include "run/crew.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
    STATUS_MAX = 255,
    /* Of a worker that ended well and owed an answer. */
    STATUS_NO_ANSWER = 1,
};

#define WORD_BYTES \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-@"

static void by_answer(const struct brood_task_result *task,
                      struct brood_result *ret)
{
    ret->outcome = BROOD_EXITED;
    ret->exit_status = task->status < -STATUS_MAX ? STATUS_MAX : -task->status;
    ret->out.data = task->data;
    ret->out.size_bytes = task->size_bytes;
}

static void by_death(const struct brood_task_result *task,
                     struct brood_result *ret)
{
    ret->signal = task->signal;
    if (task->signal != 0) {
        ret->outcome = BROOD_SIGNALLED;
        return;
    }
    ret->outcome = BROOD_EXITED;
    ret->exit_status =
        task->exit_status == 0 ? STATUS_NO_ANSWER : task->exit_status;
}

/* The result that a process would have had. */
static struct brood_result result_of(const struct brood_task_result *task)
{
    struct brood_result r = {
        .id = task->id,
        .tag = task->tag,
        .exit_status = -1,
        .pid = task->pid,
        .slot = task->worker,
        .attempt = task->attempts,
        .start_ns = task->start_ns,
        .duration_ns = task->duration_ns,
        .out.fd = -1,
        .err.fd = -1,
    };

    switch (task->outcome) {
    case BROOD_TASK_DONE:
        by_answer(task, &r);
        break;
    case BROOD_TASK_DIED:
        by_death(task, &r);
        break;
    case BROOD_TASK_TIMED_OUT:
        r.outcome = BROOD_TIMED_OUT;
        r.signal = SIGKILL;
        break;
    case BROOD_TASK_BROKEN:
        r.outcome = BROOD_SPAWN_FAILED;
        r.error = task->status;
        break;
    default:
        r.outcome = BROOD_CANCELLED;
        r.signal = task->attempts > 0 ? SIGKILL : 0;
        break;
    }
    return r;
}

static void on_start(struct brood_warm *warm,
                     const struct brood_task_result *start,
                     void *user)
{
    struct brood_result r = result_of(start);

    (void)warm;
    run_on_start(NULL, &r, user);
}

/* One line for all: none of the others can be run either. */
static void say_broken(struct run *run, int error)
{
    if (run->phase < RUN_KILLS) {
        run_fail(run, "cannot use the worker '%s': %s", run->options.warm,
                 error == -ECHILD ? "it ends without joining its channel"
                                  : brood_strerror(error));
        run_kill(run);
    }
}

static void on_end(struct brood_warm *warm,
                   const struct brood_task_result *result,
                   void *user)
{
    struct brood_result r = result_of(result);

    (void)warm;
    if (result->outcome == BROOD_TASK_BROKEN) {
        say_broken(user, result->status);
        r.outcome = BROOD_CANCELLED;
    }
    run_on_end(NULL, &r, user);
}

static void on_result(struct brood_warm *warm,
                      const struct brood_task_result *result,
                      void *user)
{
    struct brood_result r = result_of(result);

    (void)warm;
    if (result->outcome == BROOD_TASK_BROKEN) {
        r.outcome = BROOD_CANCELLED;
    }
    run_on_result(NULL, &r, user);
}

/* One program with its arguments, as far as can be seen. */
static bool is_program(const char *line)
{
    static const char *const builtins[] = { "exec", "command", "eval", "." };
    size_t size = strcspn(line, " \t");

    if (strspn(line, WORD_BYTES) != size || size == 0 ||
        strpbrk(line, "|&;()<>`\n") != NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
        if (strlen(builtins[i]) == size &&
            strncmp(line, builtins[i], size) == 0) {
            return false;
        }
    }
    return true;
}

/* Not every shell makes way for the last program of its line. */
static void make_line(struct run *run)
{
    if (is_program(run->options.warm)) {
        text_add_string(&run->worker, "exec ");
    }
    text_add_string(&run->worker, run->options.warm);
}

/* One job at a time for each worker: what is known of it is exact. */
static bool is_strict(const struct run *run)
{
    const struct run_options *o = &run->options;

    return run->halt->when != HALT_NEVER || o->joblog != NULL ||
           o->events != NULL || o->timeout_ms > 0 || o->timeout_percent > 0;
}

int crew_open(struct run *run)
{
    const struct run_options *o = &run->options;
    struct brood_warm_options options;

    make_line(run);
    options = (struct brood_warm_options){
        .job = { .shell = text_string(&run->worker),
                 .shell_path = text_string(&run->shell),
                 .dir = o->dir,
                 .nice = o->nice,
                 .out = BROOD_OUTPUT_FD,
                 .out_fd = STDERR_FILENO,
                 .err = BROOD_OUTPUT_INHERIT },
        .workers = brood_slots(run->pool),
        .in_order = o->keep_order,
        .task_ms = o->timeout_ms,
        .attempts = o->tries,
        .one_by_one = is_strict(run),
        .on_start = on_start,
        .on_end = on_end,
        .on_result = on_result,
        .user = run,
    };

    return brood_warm_open(run->pool, &options, &run->crew);
}

int crew_submit(struct run *run, struct run_job *job)
{
    int r = brood_warm_submit(run->crew, text_string(&job->command),
                              job->command.size, job, &job->id);

    return r > 0 ? 0 : r;
}
