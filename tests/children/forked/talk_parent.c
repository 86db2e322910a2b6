/*
 * talk_parent - a parent of a script.
 *
 * usage: talk_parent [-e] [-d] SCRIPT [MESSAGE...]
 *
 * Forks a line for the shell, sends it the messages, and writes what comes from
 * it to standard output, each with a newline. Ends as the script has.
 *   -e  send back each message
 *   -d  disconnect when the messages have been sent
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

enum {
    LIFE_S = 120,
    FAILED = 99,
};

struct talk {
    bool echo;
    bool disconnect;
    int status;
    bool is_over;
};

static void check(bool good, const char *what)
{
    if (!good) {
        perror(what);
        exit(FAILED);
    }
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct talk *talk = user;

    (void)fwrite(data, 1, size, stdout);
    (void)putchar('\n');
    check(fflush(stdout) == 0, "stdout");
    if (talk->echo) {
        check(brood_send(child, data, size) >= 0, "brood_send");
    }
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct talk *talk = user;

    (void)child;
    talk->status =
        result->signal != 0 ? 128 + result->signal : result->exit_status;
    talk->is_over = true;
}

int main(int argc, char **argv)
{
    struct talk talk = { 0 };
    struct brood *pool = NULL;
    struct brood_child *child = NULL;
    int c;

    (void)alarm(LIFE_S);
    while ((c = getopt(argc, argv, "+ed")) != -1) {
        talk.echo = talk.echo || c == 'e';
        talk.disconnect = talk.disconnect || c == 'd';
    }
    check(optind < argc, "usage");
    check(brood_open(&(struct brood_options){ .slots = 1 }, &pool) == 0,
          "brood_open");
    check(brood_fork(pool,
                     &(struct brood_fork_options){
                         .child = { .job = { .shell = argv[optind],
                                             .out = BROOD_OUTPUT_INHERIT,
                                             .err = BROOD_OUTPUT_INHERIT },
                                    .on_close = on_close,
                                    .user = &talk },
                         .on_message = on_message,
                         .join_ms = (int64_t)LIFE_S * 1000 },
                     &child) == 0,
          "brood_fork");
    for (int i = optind + 1; i < argc; i++) {
        check(brood_send(child, argv[i], strlen(argv[i])) >= 0, "brood_send");
    }
    if (talk.disconnect) {
        check(brood_disconnect(child) == 0, "brood_disconnect");
    }
    while (!talk.is_over) {
        check(brood_poll(pool, -1) >= 0, "brood_poll");
    }
    child = brood_child_free(child);
    pool = brood_close(pool);
    return talk.status;
}
