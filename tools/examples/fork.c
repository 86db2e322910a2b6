/*
 * fork - send messages to a child and get messages back.
 *
 * usage: fork CHILD        CHILD is the program made of fork_child.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brood.h>

static const char *const words[] = { "stressed", "drawer", "parts" };

enum {
    N_WORDS = sizeof(words) / sizeof(words[0]),
};

struct talk {
    int answers;
    int error;
};

/* Messages wait here until the child has joined: no need for on_open. */
static void on_spawn(struct brood_child *child, void *user)
{
    (void)user;
    for (int i = 0; i < N_WORDS; i++) {
        (void)brood_send(child, words[i], strlen(words[i]));
    }
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct talk *talk = user;

    (void)printf("%.*s\n", (int)size, (const char *)data);
    if (++talk->answers == N_WORDS) {
        (void)brood_disconnect(child);
    }
}

static void on_disconnect(struct brood_child *child,
                          int error,
                          uint64_t undelivered,
                          void *user)
{
    struct talk *talk = user;

    (void)child;
    talk->error = error;
    (void)printf("disconnected, %d undelivered\n", (int)undelivered);
}

static void on_error(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct talk *talk = user;

    (void)child;
    talk->error = result->error;
}

static int run(struct brood *pool, const char *program)
{
    const char *const argv[] = { program, NULL };
    struct talk talk = { 0 };
    const struct brood_fork_options options = {
        .child = { .job = { .argv = argv,
                            .out = BROOD_OUTPUT_INHERIT,
                            .err = BROOD_OUTPUT_INHERIT },
                   .on_spawn = on_spawn,
                   .on_error = on_error,
                   .user = &talk },
        .on_message = on_message,
        .on_disconnect = on_disconnect,
    };
    struct brood_child *child = NULL;
    int r = brood_fork(pool, &options, &child);

    if (r == 0) {
        r = brood_child_wait(child, -1);
    }
    child = brood_child_free(child);
    return r < 0 ? r : talk.error;
}

int main(int argc, char **argv)
{
    struct brood *pool = NULL;
    int r = brood_open(NULL, &pool);

    if (r == 0) {
        r = run(pool, argc > 1 ? argv[1] : "./fork_child");
    }
    if (r < 0) {
        (void)fprintf(stderr, "fork: %s\n", brood_strerror(r));
    }
    pool = brood_close(pool);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
