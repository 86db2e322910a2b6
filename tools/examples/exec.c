/*
 * exec - run a line of the shell and be told once; run a program, wait for it,
 * and take no more of its output than a limit.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <brood.h>

static void print(const char *name, const struct brood_completion *done)
{
    const struct brood_result *result = &done->result;

    if (done->error == -ENOBUFS) {
        (void)printf("%s: wrote too much\n", name);
    } else if (result->outcome == BROOD_SPAWN_FAILED) {
        (void)printf("%s: cannot %s: %s\n", name, brood_step_name(result->step),
                     brood_strerror(done->error));
    } else {
        (void)printf("%s: %s, status %d\n", name,
                     brood_outcome_name(result->outcome), result->exit_status);
    }
    (void)printf("out: %zu bytes, \"%.8s\"\n", done->out.size_bytes,
                 done->out.data);
    (void)printf("err: %zu bytes, \"%.8s\"\n", done->err.size_bytes,
                 done->err.data);
}

static void on_done(const struct brood_completion *done, void *user)
{
    int *left = user;

    print("shell", done);
    (*left)--;
}

static int run_line(struct brood *pool)
{
    int left = 1;
    const struct brood_exec_options options = {
        .job.timeout_ms = 10000,
        .on_done = on_done,
        .user = &left,
    };
    int r =
        brood_exec(pool, "printf one; printf two >&2; exit 3", &options, NULL);

    while (r >= 0 && left > 0) {
        r = brood_poll(pool, -1);
    }
    return r < 0 ? r : 0;
}

static int run_file(struct brood *pool)
{
    static const char *const args[] = { "for ever", NULL };
    const struct brood_exec_options options = {
        .job.timeout_ms = 10000,
        .max_bytes = 1000,
        .overflow = BROOD_OVERFLOW_STOP,
    };
    struct brood_completion done;
    int r = brood_exec_file_wait(pool, "yes", args, &options, &done);

    if (r == 0) {
        print("yes", &done);
        brood_completion_clear(&done);
    }
    return r;
}

int main(void)
{
    struct brood *pool = NULL;
    int r = brood_open(NULL, &pool);

    if (r == 0) {
        r = run_line(pool);
    }
    if (r == 0) {
        r = run_file(pool);
    }
    if (r < 0) {
        (void)fprintf(stderr, "exec: %s\n", brood_strerror(r));
    }
    pool = brood_close(pool);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
