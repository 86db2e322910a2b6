/* job - what the tool knows of each job from its making to its showing. */

#include <stdlib.h>
#include <string.h>

#include "run/run.h"

enum {
    NAME_MAX_SIZE = 60
};

struct run_job *run_job_new(struct run *run)
{
    struct run_job *job = run->unused;

    if (job != NULL) {
        run->unused = job->next;
    } else {
        job = calloc(1, sizeof(*job));
        if (job == NULL) {
            text_no_memory();
        }
    }
    job->seq = ++run->n_made;
    return job;
}

void run_job_free(struct run *run, struct run_job *job)
{
    struct run_job empty = { .command = job->command,
                             .dir = job->dir,
                             .next = run->unused };

    run_job_stopped(run, job);
    emit_job_reset(&run->emit, &job->out);
    empty.out = job->out;
    *job = empty;
    text_reset(&job->command);
    text_reset(&job->dir);
    run->unused = job;
}

/* Put a number in the place of each mark. */
static void replace_mark(struct text *text, const char *mark, unsigned slot)
{
    const char *at = text->data == NULL ? NULL : strstr(text->data, mark);
    struct text made = { 0 };
    const char *from = text->data;

    if (at == NULL) {
        return;
    }
    for (; at != NULL; at = strstr(from, mark)) {
        text_add(&made, from, (size_t)(at - from));
        text_add_number(&made, slot);
        from = at + strlen(mark);
    }
    text_add_string(&made, from);
    text_clear(text);
    *text = made;
}

void run_job_settle(struct run *run, struct run_job *job, unsigned slot)
{
    if (job->settled) {
        return;
    }
    job->settled = true;
    if (run->command.has_slot) {
        replace_mark(&job->command, run->mark, slot);
    }
    if (run->tag.has_slot) {
        replace_mark(&job->out.tag, run->mark, slot);
    }
}

void run_job_started(struct run *run, struct run_job *job)
{
    job->started_ns = clock_now_ns();
    if (job->running) {
        return;
    }
    job->running = true;
    job->next = run->running;
    job->where = &run->running;
    if (job->next != NULL) {
        job->next->where = &job->next;
    }
    run->running = job;
    run->n_running++;
}

void run_job_stopped(struct run *run, struct run_job *job)
{
    if (!job->running) {
        return;
    }
    job->running = false;
    *job->where = job->next;
    if (job->next != NULL) {
        job->next->where = job->where;
    }
    run->n_running--;
}

const char *run_job_name(const struct run_job *job, struct text *buffer)
{
    size_t size = job->command.size;

    text_reset(buffer);
    text_add(buffer, text_string(&job->command),
             size > NAME_MAX_SIZE ? NAME_MAX_SIZE : size);
    for (size_t i = 0; i < buffer->size; i++) {
        if (buffer->data[i] >= 0 && buffer->data[i] < ' ') {
            buffer->data[i] = ' ';
        }
    }
    if (size > NAME_MAX_SIZE) {
        text_add_string(buffer, "...");
    }
    return text_string(buffer);
}
