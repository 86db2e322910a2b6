#include "batch/channel.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch/batch.h"

enum {
    /* Progress is recorded that often, and at the end. */
    PROGRESS_GAP_MS = 1000,
    MESSAGES_MAX = 100000,
};

#define NS_PER_MS INT64_C(1000000)
/* A script may join its channel late, or never. */
#define JOIN_MS (INT64_C(1000) * 86400 * 3650)

static void record(struct batch_active *a, const struct store_message *message)
{
    struct batch *batch = a->batch;
    struct store_message m = *message;

    batch_events_said(batch, a, message);
    if (batch->store == NULL || batch->status == BATCH_STATUS_RECORD) {
        return;
    }
    if (++a->news.n_messages > MESSAGES_MAX) {
        a->news.n_dropped++;
        return;
    }
    m.seq = a->job->seq;
    m.attempt = a->job->attempts + 1;
    batch_commit_soon(batch);
    if (store_add_message(batch->store, &m) < 0) {
        batch_finish_failed_store(batch);
    }
}

static void record_progress(struct batch_active *a)
{
    struct channel_news *news = &a->news;

    news->is_due = false;
    news->recorded_ns = clock_now_ns();
    record(a, &(struct store_message){
                  .kind = STORE_PROGRESS,
                  .value = news->fraction,
                  .text = news->note.size > 0 ? news->note.data : NULL,
                  .size = news->note.size });
}

/* A number, and what comes behind it and a blank. Returns: whether it is one. */
static bool read_number(const char *text, double *ret, const char **ret_rest)
{
    char *end;

    *ret = strtod(text, &end);
    if (end == text || !isfinite(*ret) || (*end != '\0' && *end != ' ')) {
        return false;
    }
    *ret_rest = *end == ' ' ? end + 1 : end;
    return true;
}

static bool take_progress(struct batch_active *a, const char *text)
{
    struct channel_news *news = &a->news;
    const char *note;
    double fraction;

    if (!read_number(text, &fraction, &note) || fraction < 0 || fraction > 1) {
        return false;
    }
    news->has_progress = true;
    news->fraction = fraction;
    text_reset(&news->note);
    text_add_string(&news->note, note);
    news->is_due = true;
    if (clock_now_ns() - news->recorded_ns >= PROGRESS_GAP_MS * NS_PER_MS) {
        record_progress(a);
    }
    return true;
}

static bool take_metric(struct batch_active *a, const char *text)
{
    const char *blank = strchr(text, ' ');
    struct text name = { 0 };
    const char *rest;
    double value;

    if (blank == NULL || blank == text ||
        !read_number(blank + 1, &value, &rest) || *rest != '\0') {
        return false;
    }
    text_add(&name, text, (size_t)(blank - text));
    record(a, &(struct store_message){ .kind = STORE_METRIC,
                                       .name = text_string(&name),
                                       .value = value });
    text_clear(&name);
    return true;
}

static bool starts_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    static const char progress[] = "progress ";
    static const char metric[] = "metric ";
    struct batch_active *a = user;
    struct text text = { 0 };
    const char *line;
    bool is_known = false;

    (void)child;
    text_add(&text, data, size);
    if (size > 0 && text.data[size - 1] == '\n') {
        text.data[--text.size] = '\0';
    }
    line = text_string(&text);
    if (strlen(line) == text.size && starts_with(line, progress)) {
        is_known = take_progress(a, line + sizeof(progress) - 1);
    } else if (strlen(line) == text.size && starts_with(line, metric)) {
        is_known = take_metric(a, line + sizeof(metric) - 1);
    }
    if (!is_known) {
        record(a, &(struct store_message){
                      .kind = STORE_MESSAGE, .text = line, .size = text.size });
    }
    text_clear(&text);
}

static void on_request(struct brood_child *child,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    static const char submit[] = "submit\n";
    const size_t head = sizeof(submit) - 1;
    struct batch_active *a = user;
    struct text answer = { 0 };
    int r = -ENOSYS;

    if (size >= head && memcmp(data, submit, head) == 0) {
        r = batch_grow(a->batch, a, (const char *)data + head, size - head,
                       &answer);
    }
    (void)brood_reply(child, id, r, text_string(&answer), answer.size);
    text_clear(&answer);
}

static void on_disconnect(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user)
{
    struct batch_active *a = user;
    struct text place = { 0 };

    (void)child;
    (void)undelivered;
    /* Many never join. */
    if (error != 0 && error != -ECONNRESET) {
        batch_job_place(a->job, &place);
        batch_say(a->batch, "%s: its channel was closed: %s",
                  text_string(&place), brood_strerror(error));
        text_clear(&place);
    }
}

static void on_spawn(struct brood_child *child, void *user)
{
    struct batch_active *a = user;

    a->pid = brood_child_pid(child);
    a->started_ns = clock_now_ns();
    batch_events_start(a->batch, a);
}

static void on_tail(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    (void)child;
    batch_live_tail(user, stream, data, size);
}

static void say_dropped(struct batch_active *a)
{
    struct text place = { 0 };

    batch_job_place(a->job, &place);
    batch_say(a->batch,
              "%s: %" PRIu64 " of its messages are not recorded: more than %d",
              text_string(&place), a->news.n_dropped, MESSAGES_MAX);
    text_clear(&place);
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct batch_active *a = user;
    struct brood_result copy = *result;

    a->child = NULL;
    copy.slot = result->pid == 0 ? 0 : a->slot;
    if (a->news.is_due) {
        record_progress(a);
    }
    if (a->news.n_dropped > 0) {
        say_dropped(a);
    }
    batch_finish(a->batch, a, &copy);
    (void)brood_child_free(child);
}

/* They take no slot of the pool, and so are numbered behind these. */
static unsigned free_slot(const struct batch *batch)
{
    unsigned slot = batch->slots + 1;
    const struct batch_active *a = batch->active;

    while (a != NULL) {
        if (a->child != NULL && a->slot == slot) {
            slot++;
            a = batch->active;
        } else {
            a = a->next;
        }
    }
    return slot;
}

int batch_channel_start(struct batch_active *active,
                        const struct brood_job *job)
{
    const struct brood_fork_options options = {
        .child = { .job = *job,
                   .on_spawn = on_spawn,
                   .on_close = on_close,
                   .on_tail = on_tail,
                   .user = active },
        .on_message = on_message,
        .on_request = on_request,
        .on_disconnect = on_disconnect,
        .join_ms = JOIN_MS,
    };

    active->slot = free_slot(active->batch);
    text_clear(&active->news.note);
    active->news = (struct channel_news){ 0 };
    return brood_fork(active->batch->pool, &options, &active->child);
}

void batch_channel_stop(struct batch *batch)
{
    for (struct batch_active *a = batch->active; a != NULL; a = a->next) {
        if (a->child != NULL) {
            (void)brood_child_stop(a->child);
        }
    }
}
