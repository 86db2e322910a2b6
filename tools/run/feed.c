/* feed - from inputs to jobs that are queued. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "run/engine.h"
#include "run/verdict.h"

enum {
    /* Jobs that are queued between two looks at what else there is to do. */
    SLICE = 64,
    ENV_SIZE = 64,
    DIR_MODE = 0777,
};

/* Make a directory and those that it is in, as far as they are missing. What
 * cannot be made will be noticed when a job is to enter it. */
static void make_dir(struct text *path)
{
    char *p = path->data;

    while (p != NULL) {
        p = strchr(p + 1, '/');
        if (p != NULL) {
            *p = '\0';
        }
        (void)mkdir(path->data, DIR_MODE);
        if (p != NULL) {
            *p = '/';
        }
    }
}

static void expand_dir(struct run *run,
                       struct run_job *job,
                       const struct template_values *values)
{
    if (!run->dir.has_replacement) {
        return;
    }
    template_expand(&run->dir, values, &job->dir);
    if (job->dir.size > 0 &&
        strcmp(text_string(&run->made_dir), job->dir.data) != 0) {
        make_dir(&job->dir);
        text_reset(&run->made_dir);
        text_add(&run->made_dir, job->dir.data, job->dir.size);
    }
}

static void expand(struct run *run, struct run_job *job, const char *slot)
{
    struct template_values values = {
        .values = run->product.values,
        .n_values = run->product.n_sources,
        .seq = job->seq,
        .slot = slot,
    };

    template_expand(&run->command, &values, &job->command);
    if (run->emit.tagged) {
        template_expand(&run->tag, &values, &job->out.tag);
    }
    if (!run->options.dry_run) {
        expand_dir(run, job, &values);
    }
}

/* A job that cannot be run at all. */
static void refuse(struct run *run, struct run_job *job, int error)
{
    struct text name = { 0 };

    run_say(run, "cannot start '%s': %s", run_job_name(job, &name),
            brood_strerror(error));
    text_clear(&name);
    run_job_free(run, job);
    run_count_refused(run, VERDICT_NOT_STARTED);
}

/* Queue the job. Whether there may be room for another. */
static bool hand_over(struct run *run, struct run_job *job)
{
    int r = engine_submit(run, job);

    run->pending = NULL;
    if (r == -EAGAIN) {
        run->pending = job;
        return false;
    }
    if (r == -ECANCELED) {
        run_job_free(run, job);
        return false;
    }
    if (r < 0) {
        refuse(run, job, r);
    }
    return true;
}

static void end_of_input(struct run *run)
{
    engine_close(run);
    run->phase = RUN_CLOSED;
}

/* A NUL cannot be a part of a command: the job fails, by name. */
static bool has_nul(struct run *run)
{
    for (size_t i = 0; i < run->product.n_sources; i++) {
        const struct value *value = &run->product.values[i];
        const struct source *source = &run->product.sources[i];

        if (source->args != NULL ||
            memchr(value->data, '\0', value->size) == NULL) {
            continue;
        }
        if (run->product.n_sources == 1) {
            run_say(run,
                    "%s, line %llu: a NUL byte cannot be part of a command "
                    "(use -0 if inputs end with NUL)",
                    source->name, (unsigned long long)source->n_taken);
        } else {
            run_say(run,
                    "%s: a NUL byte cannot be part of a command (use -0 if "
                    "inputs end with NUL)",
                    source->name);
        }
        return true;
    }
    return false;
}

/* Take the next inputs: 1; 0 there are none now; -1 there are no more. */
static int take_inputs(struct run *run)
{
    int r = product_next(&run->product);

    if (r == -EAGAIN) {
        run->starved = true;
        return 0;
    }
    run->starved = false;
    if (r < 0) {
        run_fail(run, "cannot read %s: %s", run->product.stuck->name,
                 brood_strerror(r));
    }
    return r == 1 ? 1 : -1;
}

static bool learn_total(struct run *run)
{
    int r = product_prepare(&run->product);

    if (r == -EAGAIN) {
        run->starved = true;
        return false;
    }
    run->halt->total = (uint64_t)product_total(&run->product);
    return true;
}

int run_room(const struct run *run)
{
    unsigned room = engine_room(run);

    return room < SLICE ? (int)room : SLICE;
}

/* The next job to hand over, in *ret; NULL if its input was refused.
 * Returns: false if there is none now. */
static bool next_job(struct run *run, struct run_job **ret)
{
    struct run_job *job = run->pending;
    int r;

    if (job == NULL) {
        r = take_inputs(run);
        if (r <= 0) {
            if (r < 0 && run->phase == RUN_GOES_ON) {
                end_of_input(run);
            }
            return false;
        }
        job = run_job_new(run);
        if (has_nul(run)) {
            run_job_free(run, job);
            run_count_refused(run, VERDICT_NOT_STARTED);
            job = NULL;
        } else {
            expand(run, job, run->mark);
        }
    }
    *ret = job;
    return true;
}

bool run_feed(struct run *run)
{
    int left = run_room(run);

    if (run->phase != RUN_GOES_ON || left == 0) {
        return false;
    }
    if (run->product.keep_all && !learn_total(run)) {
        return false;
    }
    for (; left > 0 && run->phase == RUN_GOES_ON; left--) {
        struct run_job *job = NULL;

        if (!next_job(run, &job) || (job != NULL && !hand_over(run, job))) {
            return false;
        }
    }
    return run_room(run) > 0;
}

static void show_command(struct run *run)
{
    struct run_job *job = run_job_new(run);
    char slot[ENV_SIZE];

    (void)snprintf(slot, sizeof(slot), "%llu",
                   (unsigned long long)((job->seq - 1) % run->options.slots) +
                       1);
    expand(run, job, slot);
    text_add_char(&job->command, '\n');
    emit_text(&run->emit, &job->out, WRITER_OUT, job->command.data,
              job->command.size);
    if (run->options.trace) {
        writer_put(&run->writer, WRITER_ERR, job->command.data,
                   job->command.size);
    }
    run_job_free(run, job);
}

void run_show_commands(struct run *run)
{
    int r;

    while ((r = take_inputs(run)) >= 0 && writer_error(&run->writer) == 0) {
        if (r == 1) {
            show_command(run);
        } else {
            struct pollfd fd = { .fd = run->product.stuck->fd,
                                 .events = POLLIN };

            writer_flush(&run->writer);
            (void)poll(&fd, 1, -1);
        }
    }
    writer_flush(&run->writer);
}
