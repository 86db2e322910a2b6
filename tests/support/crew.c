#include "support/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void note_pid(struct crew *f, int pid)
{
    for (unsigned i = 0; i < f->n_pids; i++) {
        if (f->pids[i] == pid) {
            return;
        }
    }
    assert_true(f->n_pids < CREW_PIDS_MAX);
    f->pids[f->n_pids++] = pid;
}

static void on_result(struct brood_warm *warm,
                      const struct brood_task_result *result,
                      void *user)
{
    struct crew *f = user;

    (void)warm;
    assert_true(result->size_bytes < CREW_TEXT_SIZE);
    f->n[result->outcome]++;
    f->ids += result->id;
    f->out_of_order = f->out_of_order || result->id != f->last_id + 1;
    f->last_id = result->id;
    f->status = result->status;
    f->attempts = result->attempts;
    f->signal = result->signal;
    f->duration_ns = result->duration_ns;
    if (result->size_bytes > 0) {
        memcpy(f->last, result->data, result->size_bytes);
    }
    f->last[result->size_bytes] = '\0';
    if (result->tag != NULL && result->outcome == BROOD_TASK_DONE) {
        note_pid(f, (int)strtol(f->last, NULL, 10));
    }
}

int crew_setup(void **state)
{
    static struct crew f;

    memset(&f, 0, sizeof(f));
    f.fds_before = count_fds();
    assert_ok(brood_open(&(struct brood_options){ .slots = 2 }, &f.pool));
    *state = &f;
    return 0;
}

int crew_teardown(void **state)
{
    struct crew *f = *state;

    f->warm = brood_warm_close(f->warm);
    f->pool = brood_close(f->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), f->fds_before);
    return 0;
}

void crew_open(struct crew *f, struct brood_warm_options options)
{
    static const char *const argv[] = { CHILDREN_DIR "/work", NULL };

    if (options.job.argv == NULL) {
        options.job.argv = argv;
    }
    options.on_result = on_result;
    options.user = f;
    assert_ok(brood_warm_open(f->pool, &options, &f->warm));
}

uint64_t crew_submit(struct crew *f, const char *text)
{
    /* A tag says that the answer is a process id. */
    void *tag = strcmp(text, "pid") == 0 ? f : NULL;
    uint64_t id = 0;
    int r;

    while ((r = brood_warm_submit(f->warm, text, strlen(text), tag, &id)) ==
           -EAGAIN) {
        assert_true(brood_poll(f->pool, -1) >= 0);
    }
    assert_true(r >= 0);
    return id;
}
