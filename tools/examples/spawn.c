/*
 * spawn - write to a child and read what it says, both at once.
 *
 * The child turns small letters into large ones. Neither side has to hold all:
 * what is written waits for the child to read, and the child waits while what
 * it said is worked on.
 */
#include <stdio.h>
#include <stdlib.h>

#include <brood.h>

enum {
    LINES = 20000,
};

struct filter {
    struct brood_child *child;
    int written;
    int lines;
    int is_paused;
    int is_closed;
};

/* Write until the child has enough for now. */
static void feed(struct brood_child *child, void *user)
{
    struct filter *f = user;
    char line[32];
    int r = 0;

    while (r == 0 && f->written < LINES) {
        int n = snprintf(line, sizeof(line), "line %d\n", f->written + 1);

        r = brood_child_write(child, line, (size_t)n);
        f->written += r >= 0;
    }
    if (f->written == LINES) {
        (void)brood_child_end_input(child);
    }
}

static void on_data(struct brood_child *child,
                    int stream,
                    const void *data,
                    size_t size,
                    void *user)
{
    struct filter *f = user;
    const char *end = (const char *)data + size;

    for (const char *p = data; p < end; p++) {
        f->lines += *p == '\n';
    }
    f->is_paused = brood_child_pause(child, stream) == 0;
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct filter *f = user;

    (void)child;
    f->is_closed = 1;
    if (result->outcome == BROOD_SPAWN_FAILED) {
        (void)printf("cannot %s: %s\n", brood_step_name(result->step),
                     brood_strerror(result->error));
    } else {
        (void)printf("%d lines written, %d read; %s with %d\n", f->written,
                     f->lines, brood_outcome_name(result->outcome),
                     result->exit_status);
    }
}

static int run(struct brood *pool, struct filter *f)
{
    static const char *const argv[] = { "tr", "a-z", "A-Z", NULL };
    const struct brood_child_options options = {
        .job = { .argv = argv,
                 .input = BROOD_INPUT_STREAM,
                 .out = BROOD_OUTPUT_STREAM,
                 .err = BROOD_OUTPUT_INHERIT },
        .on_spawn = feed,
        .on_drain = feed,
        .on_data = on_data,
        .on_close = on_close,
        .user = f,
    };
    int r = brood_spawn(pool, &options, &f->child);

    while (r >= 0 && !f->is_closed) {
        r = brood_poll(pool, -1);
        if (f->is_paused) {
            /* Here something slow would be done with what came. */
            f->is_paused = 0;
            (void)brood_child_resume(f->child, 1);
        }
    }
    f->child = brood_child_free(f->child);
    return r;
}

int main(void)
{
    struct filter filter = { 0 };
    struct brood *pool = NULL;
    int r = brood_open(NULL, &pool);

    if (r == 0) {
        r = run(pool, &filter);
    }
    if (r < 0) {
        (void)fprintf(stderr, "spawn: %s\n", brood_strerror(r));
    }
    pool = brood_close(pool);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
