/* finish - what became of a job, and what follows from it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/batch.h"
#include "batch/paths.h"

enum {
    COMMIT_MIN_MS = 20,
    COMMIT_MAX_MS = 500,
    /* One part in so many of the time goes into commits. */
    COMMIT_PART = 30,
    COMMIT_RESULTS = 10000,
    CODE_BITS = 64,
    BACKOFF_DOUBLINGS = 20,
    USUAL_PART = 8,
};

#define NS_PER_MS INT64_C(1000000)
/* Work that a slot may have ahead. */
#define AHEAD_NS (10 * NS_PER_MS)

/* What a result means. */
struct finish {
    enum store_outcome outcome;
    /** For those that come after it. */
    bool ok;
    struct text reason;
};

static bool is_ok_code(const struct spec *spec, int status)
{
    return (spec->ok_codes[status / CODE_BITS] >> (status % CODE_BITS) & 1) !=
           0;
}

static void judge_status(const struct spec *spec, int status, struct finish *f)
{
    struct text path = { 0 };

    if (status == spec->skip_code) {
        f->outcome = STORE_SKIPPED;
        f->ok = true;
        text_add_format(&f->reason, "exit status %d", status);
        return;
    }
    if (!is_ok_code(spec, status)) {
        f->outcome = STORE_FAILED;
        text_add_format(&f->reason, "exit status %d", status);
        return;
    }
    f->ok = true;
    for (size_t i = 0; i < spec->outputs.n && f->ok; i++) {
        path_in(spec->cwd, spec->outputs.items[i], &path);
        if (access(text_string(&path), F_OK) < 0) {
            f->outcome = STORE_FAILED;
            f->ok = false;
            text_add_format(&f->reason, "no output '%s'",
                            spec->outputs.items[i]);
        }
    }
    text_clear(&path);
}

static void judge(const struct spec *spec,
                  const struct brood_result *result,
                  struct finish *f)
{
    *f = (struct finish){ .outcome = STORE_OK };
    switch (result->outcome) {
    case BROOD_EXITED:
        judge_status(spec, result->exit_status, f);
        break;
    case BROOD_SIGNALLED:
        f->outcome = STORE_SIGNALLED;
        text_add_format(&f->reason, "SIG%s", sigabbrev_np(result->signal));
        break;
    case BROOD_TIMED_OUT:
        f->outcome = STORE_TIMED_OUT;
        text_add_string(&f->reason, "its time was up");
        break;
    case BROOD_SPAWN_FAILED:
        f->outcome = STORE_NOT_STARTED;
        text_add_string(&f->reason, brood_strerror(result->error));
        break;
    case BROOD_LOST:
        f->outcome = STORE_LOST;
        text_add_string(&f->reason, "its end has been seen by another");
        break;
    default:
        f->outcome = STORE_CANCELLED;
        break;
    }
}

void batch_finish_failed_store(struct batch *batch)
{
    if (batch->status != BATCH_STATUS_RECORD) {
        batch_fail(batch, BATCH_STATUS_RECORD, "%s", store_error(batch->store));
    }
    batch_kill(batch);
}

void batch_commit_soon(struct batch *batch)
{
    if (store_pending(batch->store) == 0) {
        batch->commit_ns = clock_now_ns() + batch->commit_gap_ns;
    }
}

static void record(struct batch *batch, const struct store_result *result)
{
    if (batch->store == NULL || batch->status == BATCH_STATUS_RECORD) {
        return;
    }
    batch_commit_soon(batch);
    if (store_record(batch->store, result) < 0) {
        batch_finish_failed_store(batch);
    }
}

/* A disk may take a millisecond for a commit, or a hundred. */
static void adapt_gap(struct batch *batch, int64_t commit_ns)
{
    int64_t gap_ns = COMMIT_PART * commit_ns;

    if (gap_ns < COMMIT_MIN_MS * NS_PER_MS) {
        gap_ns = COMMIT_MIN_MS * NS_PER_MS;
    } else if (gap_ns > COMMIT_MAX_MS * NS_PER_MS) {
        gap_ns = COMMIT_MAX_MS * NS_PER_MS;
    }
    batch->commit_gap_ns = gap_ns;
}

static void commit(struct batch *batch)
{
    int64_t start_ns = clock_now_ns();

    if (store_commit(batch->store) < 0) {
        batch_finish_failed_store(batch);
        return;
    }
    adapt_gap(batch, clock_now_ns() - start_ns);
    batch_show_recorded(batch);
}

int batch_commit(struct batch *batch, bool now)
{
    unsigned n = batch->store == NULL ? 0 : store_pending(batch->store);
    int64_t left_ns;

    if (n == 0) {
        batch_show_recorded(batch);
        return -1;
    }
    left_ns = batch->commit_ns - clock_now_ns();
    if (!now && n < COMMIT_RESULTS && left_ns > 0) {
        return (int)(left_ns / NS_PER_MS + 1);
    }
    if (batch->status == BATCH_STATUS_RECORD) {
        return -1;
    }
    commit(batch);
    return -1;
}

static void count(struct batch *batch, const struct finish *f)
{
    if (f->outcome == STORE_SKIPPED) {
        batch->counts.skipped++;
    } else if (f->outcome == STORE_CANCELLED) {
        batch->n_not_run++;
    } else if (f->ok) {
        batch->counts.ok++;
    } else {
        batch->counts.failed++;
    }
}

static void halt_if_due(struct batch *batch, const struct finish *f)
{
    if (f->outcome == STORE_CANCELLED || batch->phase >= BATCH_DRAINS) {
        return;
    }
    switch (halt_count(&batch->options.halt, f->ok ? 0 : 1)) {
    case HALT_SOON:
        batch_say(batch, "starting no more jobs (--halt)");
        batch_drain(batch);
        break;
    case HALT_NOW:
        batch_say(batch, "stopping all jobs (--halt)");
        batch_kill(batch);
        break;
    default:
        break;
    }
}

/* A worker that waits for its next job costs as much as a short one does; a
 * long one that was handed out early could have let a better one before it. */
static void adapt_ahead(struct batch *batch, int64_t duration_ns)
{
    int64_t each;

    batch->usual_ns += (duration_ns - batch->usual_ns) / USUAL_PART;
    each = AHEAD_NS / (batch->usual_ns + 1);
    each = each < 1 ? 1 : each > BATCH_AHEAD_MAX ? BATCH_AHEAD_MAX : each;
    if (!batch->has_wide && (unsigned)each * batch->slots != batch->ahead) {
        batch_set_ahead(batch, (unsigned)each * batch->slots);
    }
}

/* Sooner ones first; of the same time, those that failed first. */
static void add_retry(struct batch *batch, struct batch_job *job)
{
    struct batch_job **at = &batch->retries;

    while (*at != NULL && (*at)->retry_ns <= job->retry_ns) {
        at = &(*at)->next_retry;
    }
    job->next_retry = *at;
    *at = job;
}

/* Returns: whether it is tried again. */
static bool try_again(struct batch *batch,
                      struct batch_active *a,
                      struct finish *f)
{
    struct batch_job *job = a->job;
    unsigned n = job->attempts - 1;
    int64_t wait_ms = a->spec.backoff_ms;

    if (f->ok || f->outcome == STORE_CANCELLED ||
        batch->phase >= BATCH_DRAINS || job->attempts > a->spec.retries) {
        return false;
    }
    wait_ms <<= n < BACKOFF_DOUBLINGS ? n : BACKOFF_DOUBLINGS;
    batch_events_retry(batch, a, text_string(&f->reason), wait_ms);
    if (wait_ms == 0) {
        batch_start_again(batch, a);
        return true;
    }
    job->retry_ns = clock_now_ns() + wait_ms * NS_PER_MS;
    (void)brood_graph_pause(batch->graph, job->number);
    add_retry(batch, job);
    batch_active_free(batch, a);
    return true;
}

void batch_on_start(struct brood_batch *brood_batch,
                    const struct brood_result *start,
                    void *user)
{
    struct batch_active *a = start->tag;

    (void)brood_batch;
    (void)user;
    a->pid = start->pid;
    a->started_ns = clock_now_ns();
    batch_events_start(a->batch, a);
}

void batch_on_result(struct brood_batch *brood_batch,
                     const struct brood_result *result,
                     void *user)
{
    (void)brood_batch;
    batch_finish(user, result->tag, result);
}

void batch_finish(struct batch *batch,
                  struct batch_active *a,
                  const struct brood_result *result)
{
    struct batch_job *job = a->job;
    struct finish f;

    judge(&a->spec, result, &f);
    adapt_ahead(batch, result->duration_ns);
    job->attempts++;
    if (!try_again(batch, a, &f)) {
        struct store_result store = {
            .name = a->spec.id,
            .command = a->command,
            .dir = a->spec.cwd,
            .tags = a->tags,
            .seq = job->seq,
            .outcome = f.outcome,
            .reason = f.reason.size > 0 ? f.reason.data : NULL,
            .attempts = job->attempts,
            .result = result,
        };

        memcpy(store.key, a->key, sizeof(store.key));
        record(batch, &store);
        batch_events_end(batch, job, &store);
        batch_show_result(batch, a, result, f.ok, store.reason);
        count(batch, &f);
        halt_if_due(batch, &f);
        /* Those that come after one that was stopped have their time later. */
        if (f.outcome != STORE_CANCELLED) {
            (void)brood_graph_end(batch->graph, job->number, f.ok);
        }
        batch_active_free(batch, a);
        batch_job_free(job);
    }
    text_clear(&f.reason);
}

void batch_finish_known(struct batch *batch, struct batch_job *job, bool ok)
{
    batch->counts.known++;
    if (!ok) {
        batch->n_known_failed++;
    }
    (void)brood_graph_end(batch->graph, job->number, ok);
    batch_job_free(job);
}

void batch_finish_refused(struct batch *batch,
                          struct batch_job *job,
                          struct batch_active *active,
                          const char *reason)
{
    struct store_result store = {
        .name = active == NULL ? NULL : active->spec.id,
        .command = active == NULL ? "" : active->command,
        .dir = active == NULL ? NULL : active->spec.cwd,
        .tags = active == NULL ? "" : active->tags,
        .seq = job->seq,
        .outcome = STORE_NOT_STARTED,
        .reason = reason,
        .attempts = job->attempts,
    };

    batch->counts.failed++;
    if (active != NULL) {
        memcpy(store.key, active->key, sizeof(store.key));
        record(batch, &store);
    }
    batch_events_end(batch, job, &store);
    batch_show_line(batch, job, reason);
    halt_if_due(batch, &(struct finish){ .outcome = STORE_NOT_STARTED });
    (void)brood_graph_end(batch->graph, job->number, 0);
    if (active != NULL) {
        batch_active_free(batch, active);
    }
    batch_job_free(job);
}

static void add_skip_reason(const struct brood_graph_skipped *skipped,
                            struct text *out)
{
    static const char *const why[] = {
        [BROOD_SKIP_FAILED] = "'%s' has failed",
        [BROOD_SKIP_SKIPPED] = "'%s' was skipped",
        [BROOD_SKIP_OK] = "'%s' has not failed",
        [BROOD_SKIP_MISSING] = "there is no job '%s'",
        [BROOD_SKIP_CYCLE] = "'%s' waits for itself",
    };
    const char *format = why[skipped->why];
    const char *mark = strstr(format, "%s");

    text_add(out, format, (size_t)(mark - format));
    text_add_string(out, skipped->because);
    text_add_string(out, mark + 2);
}

/* One job that can never start. */
static void finish_skipped(struct batch *batch,
                           const struct brood_graph_skipped *skipped)
{
    struct batch_job *job = skipped->item.tag;
    struct text reason = { 0 };
    struct text command = { 0 };
    struct text tags = { 0 };
    struct spec_line line;

    add_skip_reason(skipped, &reason);
    batch->counts.skipped++;
    if (batch_job_read(batch, job, &line) == 0) {
        struct store_result store = { .name = line.job.id,
                                      .dir = line.job.cwd,
                                      .seq = job->seq,
                                      .outcome = STORE_SKIPPED,
                                      .reason = text_string(&reason) };

        batch_command_add(&line.job, &command);
        batch_tags_add(&line.job, &tags);
        store.command = text_string(&command);
        store.tags = text_string(&tags);
        batch_job_key(batch, job, &line.job, store.key);
        record(batch, &store);
        batch_events_end(batch, job, &store);
    }
    text_clear(&reason);
    text_clear(&command);
    text_clear(&tags);
    batch_job_free(job);
}

void batch_finish_skipped(struct batch *batch)
{
    struct brood_graph_skipped skipped;

    while (brood_graph_skipped(batch->graph, &skipped) == 1) {
        finish_skipped(batch, &skipped);
    }
}
