#include "integration/spawned.h"

#include "support/batch.h"
#include "support/check.h"

enum {
    WRITE_HIGH_BYTES = 100000,
    PIECE_SIZE = 65536,
};

static void note(struct spawned *s, char what)
{
    if (what == 'd' && s->n_log > 0 && s->log[s->n_log - 1] == 'd') {
        return;
    }
    /* Nothing comes after the end, whatever has come before. */
    assert_false(spawned_has(s, 'c'));
    assert_true(s->n_log < SPAWNED_LOG_SIZE - 1);
    s->log[s->n_log++] = what;
    s->log[s->n_log] = '\0';
}

static void on_spawn(struct brood_child *child, void *user)
{
    assert_true(brood_child_pid(child) > 0);
    note(user, 'S');
}

static void on_error(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct spawned *s = user;

    assert_int_equal(brood_child_pid(child), 0);
    note(s, 'X');
    s->failure = *result;
}

static void on_data(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    struct spawned *s = user;

    (void)child;
    note(s, 'd');
    assert_ok(buf_add(&s->text[stream - 1], data, size));
}

static void on_end(struct brood_child *child, int stream, void *user)
{
    (void)child;
    (void)stream;
    note(user, 'e');
}

static void on_drain(struct brood_child *child, void *user)
{
    (void)child;
    note(user, 'w');
}

static void on_exit_(struct brood_child *child,
                     int exit_status,
                     int sig,
                     void *user)
{
    struct spawned *s = user;

    (void)child;
    note(s, 'x');
    s->exit_status = exit_status;
    s->signal = sig;
}

static void take_output(struct buf *text, const struct brood_output *output)
{
    uint64_t at = 0;

    while (at < output->size_bytes) {
        char piece[PIECE_SIZE];
        int64_t n = brood_output_read(output, at, piece, sizeof(piece));

        assert_true(n > 0);
        assert_ok(buf_add(text, piece, (size_t)n));
        at += (uint64_t)n;
    }
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct spawned *s = user;

    (void)child;
    note(s, 'c');
    s->result = *result;
    take_output(&s->text[0], &result->out);
    take_output(&s->text[1], &result->err);
}

struct brood_child_options spawned_options(struct spawned *s,
                                           const struct brood_job *job)
{
    return (struct brood_child_options){
        .job = *job,
        .on_spawn = on_spawn,
        .on_error = on_error,
        .on_data = on_data,
        .on_end = on_end,
        .on_drain = on_drain,
        .on_exit = on_exit_,
        .on_close = on_close,
        .user = s,
        .write_high_bytes = WRITE_HIGH_BYTES,
    };
}

void spawned_forget(struct spawned *s)
{
    s->n_log = 0;
    s->log[0] = '\0';
    buf_clear(&s->text[0]);
    buf_clear(&s->text[1]);
}

void spawned_start(struct nest *n,
                   struct spawned *s,
                   const struct brood_job *job)
{
    struct brood_child_options options = spawned_options(s, job);

    s->pool = n->pool;
    s->child = brood_child_free(s->child);
    spawned_forget(s);
    assert_ok(brood_spawn(n->pool, &options, &s->child));
    /* No callback is made by the call itself. */
    assert_int_equal(s->n_log, 0);
}

void spawned_until(struct spawned *s, char what)
{
    while (!spawned_has(s, what)) {
        assert_ok(brood_poll(s->pool, -1));
    }
}

void spawned_wait(struct spawned *s)
{
    assert_ok(brood_child_wait(s->child, -1));
    assert_true(spawned_has(s, 'c'));
}

void spawned_until_bytes(struct spawned *s, int stream, size_t bytes)
{
    while (s->text[stream - 1].size < bytes) {
        assert_ok(brood_poll(s->pool, -1));
    }
}

void spawned_run(struct nest *n, struct spawned *s, const struct brood_job *job)
{
    spawned_start(n, s, job);
    spawned_wait(s);
}

bool spawned_has(const struct spawned *s, char what)
{
    return memchr(s->log, what, s->n_log) != NULL;
}

const char *spawned_text(struct spawned *s, int stream)
{
    struct buf *text = &s->text[stream - 1];

    assert_ok(buf_reserve(text, 1));
    text->data[text->size] = '\0';
    return (const char *)text->data;
}

void nest_poll(struct nest *n)
{
    int r;

    do {
        r = brood_poll(n->pool, 0);
        assert_ok(r);
    } while (r > 0);
}

void nest_open(struct nest *n, const struct brood_options *options)
{
    *n = (struct nest){ .fds_before = count_fds() };
    assert_ok(brood_open(options, &n->pool));
}

void nest_close(struct nest *n)
{
    for (int i = 0; i < SPAWNED_MAX; i++) {
        n->child[i].child = brood_child_free(n->child[i].child);
        spawned_forget(&n->child[i]);
    }
    n->pool = brood_close(n->pool);
    assert_false(has_children());
    assert_int_equal(count_fds(), n->fds_before);
}

int nest_setup(void **state)
{
    static struct nest n;

    nest_open(&n, &(struct brood_options){ .slots = 1 });
    *state = &n;
    return 0;
}

int nest_teardown(void **state)
{
    nest_close(*state);
    return 0;
}
