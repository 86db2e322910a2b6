#include "entry.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attributes.h"
#include "base/mem.h"
#include "brood/job.h"
#include "proto/encode.h"

enum {
    STOP_DEFAULT_MS = 2000,
    DRAIN_DEFAULT_MS = 50,
    JOB_SIZE_MAX = 64 << 20,
    FIRST_PRIVATE_FD = 3,
};

static const char shell_default[] = "/bin/sh";

static bool signal_is_valid(int sig)
{
    return sig > 0 && sig <= SIGRTMAX;
}

static int check_stop(const struct brood_job *job)
{
    if (job->n_stop > BROOD_STOP_STEPS_MAX) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < job->n_stop; i++) {
        const struct brood_stop_step *step = &job->stop[i];

        if (!signal_is_valid(step->signal) || step->wait_ms < 0 ||
            step->wait_ms > UINT32_MAX) {
            return -EINVAL;
        }
    }
    return 0;
}

static int check_streams(const struct brood_job *job)
{
    if ((unsigned)job->input > BROOD_INPUT_STREAM ||
        (unsigned)job->out > BROOD_OUTPUT_FD ||
        job->out == BROOD_OUTPUT_MERGE ||
        (unsigned)job->err > BROOD_OUTPUT_FD ||
        (unsigned)job->hold > BROOD_HOLD_ALWAYS) {
        return -EINVAL;
    }
    if (job->input == BROOD_INPUT_FILE && job->input_path == NULL) {
        return -EINVAL;
    }
    if (job->input == BROOD_INPUT_BYTES && job->input_data == NULL &&
        job->input_size_bytes > 0) {
        return -EINVAL;
    }
    /* Before sizes are added up, where a huge one would wrap round. */
    if (job->input == BROOD_INPUT_BYTES &&
        job->input_size_bytes > JOB_SIZE_MAX) {
        return -E2BIG;
    }
    return 0;
}

static int check_job(const struct brood_job *job)
{
    int r;

    if ((job->argv == NULL) == (job->shell == NULL) ||
        (job->argv != NULL && job->argv[0] == NULL)) {
        return -EINVAL;
    }
    if (job->size != 0 && job->size < sizeof(*job)) {
        return -EINVAL;
    }
    if (job->timeout_ms < 0 || job->drain_ms < 0) {
        return -EINVAL;
    }
    if (job->parent_death_signal != 0 &&
        !signal_is_valid(job->parent_death_signal)) {
        return -EINVAL;
    }
    for (const char *const *env = job->env; env != NULL && *env != NULL;
         env++) {
        if (strchr(*env, '=') == NULL || **env == '=') {
            return -EINVAL;
        }
    }
    r = check_streams(job);
    if (r == 0) {
        r = attributes_check(job);
    }
    return r < 0 ? r : check_stop(job);
}

/* Lay texts one behind the other at the end of @b. */
static int pack_texts(struct buf *b,
                      const char *const *texts,
                      struct message_texts *ret)
{
    size_t start = b->size;
    uint32_t count = 0;

    for (; texts != NULL && *texts != NULL; texts++, count++) {
        int r = buf_add(b, *texts, strlen(*texts) + 1);

        if (r < 0) {
            return r;
        }
        if (b->size > JOB_SIZE_MAX) {
            return -E2BIG;
        }
    }
    ret->count = count;
    ret->size = b->size - start;
    return 0;
}

static void fill_stop(struct message_job *m, const struct brood_job *job)
{
    unsigned n = 0;

    for (; n < job->n_stop; n++) {
        m->stop[n].signal = (uint32_t)job->stop[n].signal;
        m->stop[n].wait_ms = (uint32_t)job->stop[n].wait_ms;
    }
    if (n == 0) {
        m->stop[n].signal = SIGTERM;
        m->stop[n].wait_ms = STOP_DEFAULT_MS;
        n++;
    }
    /* Whatever ladder was asked for, it ends. */
    if (m->stop[n - 1].signal != SIGKILL && n < BROOD_STOP_STEPS_MAX) {
        m->stop[n].signal = SIGKILL;
        m->stop[n].wait_ms = 0;
        n++;
    }
    m->n_stop = (uint8_t)n;
}

static const char *text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static uint32_t hold_flags(const struct brood_job *job)
{
    static const uint32_t flags[] = {
        [BROOD_HOLD_NEVER] = 0,
        [BROOD_HOLD_FAILED] = MESSAGE_JOB_HOLD_FAILED,
        [BROOD_HOLD_OK] = MESSAGE_JOB_HOLD_OK,
        [BROOD_HOLD_ALWAYS] = MESSAGE_JOB_HOLD_FAILED | MESSAGE_JOB_HOLD_OK,
    };

    return flags[job->hold];
}

static void fill_job(struct message_job *m, const struct brood_job *job)
{
    m->input = (uint8_t)job->input;
    m->out = (uint8_t)job->out;
    m->err = (uint8_t)job->err;
    m->timeout_ms = job->timeout_ms;
    m->drain_ms = job->drain_ms == 0 ? DRAIN_DEFAULT_MS : job->drain_ms;
    m->input_fd = -1;
    m->nice = job->nice;
    m->death_signal = (uint32_t)job->parent_death_signal;
    m->flags = (job->shell != NULL ? MESSAGE_JOB_SHELL : 0u) |
               (job->notify_start ? MESSAGE_JOB_NOTIFY : 0u) | hold_flags(job);
    m->shell_path = "";
    if (job->shell != NULL) {
        m->shell_path =
            job->shell_path == NULL ? shell_default : job->shell_path;
    }
    m->dir = text_or_empty(job->dir);
    m->input_path =
        job->input == BROOD_INPUT_FILE ? text_or_empty(job->input_path) : "";
    m->slot_mark = text_or_empty(job->slot_mark);
    if (job->input == BROOD_INPUT_BYTES) {
        m->input_data.data = job->input_data;
        m->input_data.size = job->input_size_bytes;
    }
    fill_stop(m, job);
}

static int encode_entry(const struct message_job *m, struct entry **ret)
{
    struct buf record = { 0 };
    struct entry *entry = NULL;
    int r = encode_job_record(&record, m);

    if (r < 0) {
        goto out;
    }
    if (record.size > JOB_SIZE_MAX) {
        r = -E2BIG;
        goto out;
    }
    entry = brood_malloc(sizeof(*entry) + record.size);
    if (entry == NULL) {
        r = -ENOMEM;
        goto out;
    }
    *entry = (struct entry){
        .input_fd = -1,
        .record_size = (uint32_t)record.size,
    };
    list_init(&entry->link);
    memcpy(entry->record, record.data, record.size);
    *ret = entry;
out:
    buf_clear(&record);
    return r;
}

/* The child may be started long after the caller has closed its own. */
static int keep_input(struct entry *entry, const struct brood_job *job)
{
    if (job->input != BROOD_INPUT_FD) {
        return 0;
    }
    entry->input_fd = fcntl(job->input_fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);
    return entry->input_fd < 0 ? -errno : 0;
}

int entry_new(const struct brood_job *job,
              uint32_t context,
              uint32_t flags,
              struct entry **ret)
{
    struct message_job m = { .context = context };
    struct attributes more = { 0 };
    struct buf texts = { 0 };
    struct entry *entry = NULL;
    int r = check_job(job);

    if (r < 0) {
        return r;
    }
    fill_job(&m, job);
    m.flags |= flags;
    if (job->shell != NULL) {
        m.args = (struct message_texts){
            .data = job->shell,
            .size = strlen(job->shell) + 1,
            .count = 1,
        };
    } else {
        r = pack_texts(&texts, job->argv, &m.args);
    }
    if (r == 0) {
        r = pack_texts(&texts, job->env, &m.env);
    }
    if (r < 0) {
        goto out;
    }
    if (job->shell == NULL) {
        m.args.data = (const char *)texts.data;
    }
    m.env.data = (const char *)texts.data + texts.size - m.env.size;
    if (m.env.size == 0) {
        m.env.data = NULL;
    }
    r = attributes_fill(&more, job, &m);
    if (r == 0) {
        r = encode_entry(&m, &entry);
    }
    if (r < 0) {
        goto out;
    }
    assert(entry != NULL);
    attributes_keep(&more, entry);
    entry->now = (m.flags & MESSAGE_JOB_NOW) != 0;
    entry->attempts_max = job->attempts == 0 ? 1 : job->attempts;
    entry->tag = job->tag;
    entry->notify = job->notify_start != 0;
    r = keep_input(entry, job);
    if (r < 0) {
        goto out;
    }
    *ret = entry;
    entry = NULL;
out:
    entry_free(entry);
    attributes_clear(&more);
    buf_clear(&texts);
    return r;
}

struct entry *entry_free(struct entry *entry)
{
    if (entry != NULL) {
        if (entry->input_fd >= 0) {
            (void)close(entry->input_fd);
        }
        for (unsigned i = 0; i < entry->n_fds; i++) {
            (void)close(entry->fds[i]);
        }
        free(entry->fds);
        free(entry->held);
        free(entry);
    }
    return NULL;
}
