/* results - what becomes of the results. */

#include <errno.h>

#include "run/events.h"
#include "run/joblog.h"
#include "run/run.h"
#include "run/verdict.h"

/* Show a job's command as the first line of its output. */
static void show_command(struct run *run, struct run_job *job)
{
    struct text line = { 0 };

    text_add(&line, text_string(&job->command), job->command.size);
    text_add_char(&line, '\n');
    if (run->options.output == RUN_OUTPUT_LINES) {
        emit_piece(&run->emit, &job->out, WRITER_OUT, line.data, line.size);
        job->out.streams[0].received -= line.size;
    } else {
        emit_text(&run->emit, &job->out, WRITER_OUT, line.data, line.size);
    }
    text_clear(&line);
}

void run_on_start(struct brood_batch *batch,
                  const struct brood_result *start,
                  void *user)
{
    struct run_job *job = start->tag;
    struct run *run = user;

    (void)batch;
    job->pid = start->pid;
    run_job_settle(run, job, start->slot);
    run_job_started(run, job);
    if (start->attempt > 1) {
        return;
    }
    if (run->options.trace) {
        writer_put(&run->writer, WRITER_ERR, text_string(&job->command),
                   job->command.size);
        writer_put(&run->writer, WRITER_ERR, "\n", 1);
    }
    if (!run->options.keep_order || job->seq == run->turn) {
        emit_turn(&run->emit, &job->out);
    }
    if (run->options.show_command && run->options.output != RUN_OUTPUT_GROUP) {
        show_command(run, job);
    }
}

void run_on_output(struct brood_batch *batch,
                   const struct brood_result *result,
                   int stream,
                   const void *data,
                   size_t size,
                   void *user)
{
    struct run_job *job = result->tag;
    struct run *run = user;

    (void)batch;
    emit_piece(&run->emit, &job->out, stream, data, size);
}

static void halt_if_asked(struct run *run,
                          const struct run_job *job,
                          const struct verdict *verdict)
{
    enum halt_when when = halt_count(run->halt, verdict->status);
    struct text name = { 0 };

    if (when == HALT_NEVER || run->phase >= RUN_DRAINS) {
        return;
    }
    if (job != NULL) {
        run_say(run, "job %llu %s: %s; %s", (unsigned long long)job->seq,
                verdict->status == 0 ? "succeeded" : "failed",
                run_job_name(job, &name),
                when == HALT_NOW ? "stopping" : "starting no more jobs");
        text_clear(&name);
    }
    if (when == HALT_NOW) {
        run_kill(run);
    } else {
        run_drain(run);
    }
}

void run_count_refused(struct run *run, int status)
{
    struct verdict verdict = { .status = status };

    run->n_ended++;
    halt_if_asked(run, NULL, &verdict);
}

static void add_event(struct run *run,
                      const struct run_job *job,
                      const struct brood_result *result)
{
    struct events_more more = {
        .command = &job->command,
        .stdout_bytes = job->out.streams[0].received + result->out.size_bytes,
        .stderr_bytes = job->out.streams[1].received + result->err.size_bytes,
        .timed_out = job->timed_out,
    };
    struct brood_result mine = *result;

    mine.seq = job->seq;
    events_add(&run->events, &mine, &more);
}

void run_on_end(struct brood_batch *batch,
                const struct brood_result *result,
                void *user)
{
    struct run_job *job = result->tag;
    struct run *run = user;
    struct verdict verdict = verdict_of(result, job->timed_out);

    (void)batch;
    run_job_settle(run, job, result->slot);
    run_job_stopped(run, job);
    if (run->events.name != NULL) {
        add_event(run, job, result);
    }
    if (verdict.void_result) {
        return;
    }
    run->n_ended++;
    if (verdict.status == 0 && run->options.timeout_percent > 0) {
        median_add(&run->median, result->duration_ns);
    }
    halt_if_asked(run, job, &verdict);
}

static void say_why_not_started(struct run *run,
                                const struct run_job *job,
                                const struct brood_result *result)
{
    struct text name = { 0 };
    const char *dir = job->dir.size > 0 ? job->dir.data : run->options.dir;

    if (result->step == BROOD_STEP_CHDIR && dir != NULL) {
        run_say(run, "cannot start '%s' in the directory '%s': %s",
                run_job_name(job, &name), dir, brood_strerror(result->error));
    } else if (result->step == BROOD_STEP_EXEC ||
               result->step == BROOD_STEP_NONE) {
        run_say(run, "cannot start '%s': %s", run_job_name(job, &name),
                brood_strerror(result->error));
    } else {
        run_say(run, "cannot start '%s': cannot %s: %s",
                run_job_name(job, &name), brood_step_name(result->step),
                brood_strerror(result->error));
    }
    text_clear(&name);
}

/* Show what the job has left behind, besides its output. */
static void say_what_went_wrong(struct run *run,
                                const struct run_job *job,
                                const struct brood_result *result,
                                int lost)
{
    struct text name = { 0 };

    if (result->outcome == BROOD_SPAWN_FAILED) {
        say_why_not_started(run, job, result);
    } else if (result->outcome == BROOD_LOST) {
        run_say(run, "what became of job %llu is not known: %s",
                (unsigned long long)job->seq, run_job_name(job, &name));
    } else if (result->outcome == BROOD_TIMED_OUT || job->timed_out) {
        run_say(run, "job %llu timed out: %s", (unsigned long long)job->seq,
                run_job_name(job, &name));
    }
    if (lost < 0) {
        run_fail(run, "cannot keep the output of job %llu (%s): %s",
                 (unsigned long long)job->seq, run_job_name(job, &name),
                 brood_strerror(lost));
    }
    text_clear(&name);
}

/* Show the output of a job; 0, or why some of it is lost. */
static int show_output(struct run *run,
                       struct run_job *job,
                       const struct brood_result *result)
{
    int r = 0;

    if (run->options.output == RUN_OUTPUT_LINES) {
        emit_end(&run->emit, &job->out);
        r = emit_job_error(&job->out);
    } else if (run->options.output == RUN_OUTPUT_GROUP) {
        if (run->options.show_command) {
            show_command(run, job);
        }
        r = emit_whole(&run->emit, &job->out, result);
    }
    r = result->err.error < 0 ? result->err.error : r;
    return result->out.error < 0 ? result->out.error : r;
}

/* The next job's output may be shown as it comes. */
static void give_turn(struct run *run, uint64_t seq)
{
    run->turn = seq;
    for (struct run_job *job = run->running; job != NULL; job = job->next) {
        if (job->seq == seq) {
            emit_turn(&run->emit, &job->out);
        }
    }
}

void run_on_result(struct brood_batch *batch,
                   const struct brood_result *result,
                   void *user)
{
    struct run_job *job = result->tag;
    struct run *run = user;
    struct verdict verdict = verdict_of(result, job->timed_out);
    int lost;

    (void)batch;
    if (!verdict.void_result) {
        lost = show_output(run, job, result);
        say_what_went_wrong(run, job, result, lost);
        if (run->joblog.name != NULL) {
            struct brood_result mine = *result;

            mine.seq = job->seq;
            joblog_add(&run->joblog, &mine, &verdict,
                       result->out.size_bytes + job->out.streams[0].received,
                       &job->command);
        }
    }
    if (run->options.keep_order && run->options.output == RUN_OUTPUT_LINES) {
        give_turn(run, job->seq + 1);
    }
    run_job_free(run, job);
}

static void flush_log(struct run *run, struct logfile *log, const char *what)
{
    int before = log->error;

    if (log->name == NULL) {
        return;
    }
    logfile_flush(log, &run->writer);
    if (log->error < 0 && before == 0) {
        run_fail(run, "cannot write the %s '%s': %s", what, log->name,
                 brood_strerror(log->error));
        run_drain(run);
    }
}

void run_flush(struct run *run)
{
    int error;

    flush_log(run, &run->joblog, "job log");
    flush_log(run, &run->events, "events file");
    writer_flush(&run->writer);
    error = writer_error(&run->writer);
    if (error == 0 || run->pipe_closed || run->own_error) {
        return;
    }
    if (error == -EPIPE) {
        run->pipe_closed = true;
    } else {
        run_fail(run, "cannot write to standard output: %s",
                 brood_strerror(error));
        writer_flush(&run->writer);
    }
    run_kill(run);
}
