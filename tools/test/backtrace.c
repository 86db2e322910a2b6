/*
 * backtrace - what gdb says of a core, while other tests run.
 *
 *     judge -> held -> gdb -> conclude
 *
 * What the result points to is gone when the callback that brought it returns:
 * it is copied for the time that gdb takes.
 */
#include <stdlib.h>
#include <string.h>

#include "test/testing.h"

enum {
    GDB_MS = 20000,
    GDB_MAX_BYTES = 64 * 1024,
};

struct test_held {
    struct testing *t;
    struct test_case *c;
    enum verdict verdict;
    struct brood_result result;
    struct text out;
    struct text err;
    struct brood_child *child;
    struct test_held *next;
};

static void copy_output(struct brood_output *output, struct text *copy)
{
    test_output_read(output, copy);
    *output = (struct brood_output){ .data = text_string(copy),
                                     .size_bytes = copy->size,
                                     .fd = -1,
                                     .lost_bytes = output->lost_bytes,
                                     .error = output->error };
}

static void conclude(struct test_held *h)
{
    test_judge_conclude(h->t, h->c, h->verdict, &h->result);
    text_clear(&h->out);
    text_clear(&h->err);
    free(h);
}

static void leave_running(struct test_held *h)
{
    struct test_held **at = &h->t->gdb_running;

    while (*at != h) {
        at = &(*at)->next;
    }
    *at = h->next;
    h->t->n_gdb--;
}

static void start_next(struct testing *t);

static void on_gdb(const struct brood_completion *done, void *user)
{
    struct test_held *h = user;
    struct testing *t = h->t;
    const char *frames =
        done->error == 0 ? strstr(done->out.data, "\n#0 ") : NULL;

    if (test_core_is_kept(h->c, h->result.pid) && frames != NULL) {
        text_add_string(&h->c->output, frames + 1);
    }
    leave_running(h);
    conclude(h);
    start_next(t);
}

/* Returns: 0, or a negative error. */
static int start(struct test_held *h)
{
    const struct suite_test *test = h->c->test;
    const char *const args[] = { "-batch",
                                 "-nx",
                                 "-ex",
                                 "thread apply all backtrace",
                                 "--",
                                 test->argv.items[0],
                                 text_string(&h->c->core),
                                 NULL };
    const struct brood_exec_options options = {
        .job = { .dir = test->dir, .timeout_ms = GDB_MS },
        .max_bytes = GDB_MAX_BYTES,
        .on_done = on_gdb,
        .user = h,
    };

    return brood_exec_file(h->t->pool, "gdb", args, &options, &h->child);
}

static struct test_held *take_waiting(struct testing *t)
{
    struct test_held *h = t->gdb_waiting;

    if (h != NULL) {
        t->gdb_waiting = h->next;
    }
    return h;
}

/* As many run at once as there are slots. */
static void start_next(struct testing *t)
{
    struct test_held *h;

    while (t->n_gdb < t->slots && (h = take_waiting(t)) != NULL) {
        if (start(h) < 0) {
            conclude(h);
            continue;
        }
        h->next = t->gdb_running;
        t->gdb_running = h;
        t->n_gdb++;
    }
}

bool test_backtrace_hold(struct testing *t,
                         struct test_case *c,
                         enum verdict verdict,
                         const struct brood_result *result)
{
    struct test_held *h;

    if (c->core.size == 0 || t->is_killing) {
        return false;
    }
    h = calloc(1, sizeof(*h));
    if (h == NULL) {
        text_no_memory();
    }
    *h = (struct test_held){ .t = t,
                             .c = c,
                             .verdict = verdict,
                             .result = *result,
                             .next = t->gdb_waiting };
    copy_output(&h->result.out, &h->out);
    copy_output(&h->result.err, &h->err);
    t->gdb_waiting = h;
    start_next(t);
    return true;
}

void test_backtraces_stop(struct testing *t)
{
    for (struct test_held *h = t->gdb_running; h != NULL; h = h->next) {
        (void)brood_child_stop(h->child);
    }
}

void test_backtraces_give_up(struct testing *t)
{
    struct test_held *h;

    while ((h = take_waiting(t)) != NULL) {
        conclude(h);
    }
}
