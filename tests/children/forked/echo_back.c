/*
 * echo_back - a forked child that answers.
 *
 * usage: echo_back MODE [N [SIZE]]
 *
 *   echo    send back each message until the parent disconnects
 *   say     send N messages "1" ... "N", and end
 *   flood   send N messages of SIZE bytes
 *   die     after a message: send N messages, and be killed a moment later
 *   leave   disconnect and live on until standard input ends
 *   rest    hear nothing until standard input ends; then send and listen
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood_child.h>

enum {
    /* For the thread that writes, on a busy machine. */
    MOMENT_US = 300000,
};

static bool has_heard;

static void echo(struct brood_parent *parent,
                 const void *data,
                 size_t size,
                 void *user)
{
    (void)user;
    has_heard = true;
    if (size == 3 && memcmp(data, "die", 3) == 0) {
        return;
    }
    while (brood_parent_send(parent, data, size) == -EAGAIN) {
    }
}

static void say(struct brood_parent *parent, long n, size_t size)
{
    char *text = calloc(1, size + 32);

    if (text == NULL) {
        exit(EXIT_FAILURE);
    }
    for (long i = 1; i <= n; i++) {
        int used = snprintf(text, 32, "%ld", i);
        size_t length = size > (size_t)used ? size : (size_t)used;

        while (brood_parent_send(parent, text, length) == -EAGAIN) {
            (void)brood_parent_poll(parent, -1);
        }
    }
    free(text);
}

int main(int argc, char **argv)
{
    struct brood_parent *parent = NULL;
    const char *mode = argc > 1 ? argv[1] : "";
    long n = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    size_t size = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    char byte;

    if (brood_parent_open(&(struct brood_parent_options){ .on_message = echo },
                          &parent) < 0) {
        return 3;
    }
    if (getenv("BROOD_CHANNEL") != NULL) {
        return 4;
    }
    if (strcmp(mode, "echo") == 0) {
        while (brood_parent_poll(parent, -1) >= 0) {
        }
    } else if (strcmp(mode, "leave") == 0) {
        (void)brood_parent_disconnect(parent);
        while (brood_parent_poll(parent, -1) >= 0) {
        }
        (void)!read(STDIN_FILENO, &byte, 1);
    } else if (strcmp(mode, "rest") == 0) {
        (void)!read(STDIN_FILENO, &byte, 1);
        (void)brood_parent_send(parent, "x", 1);
        while (brood_parent_poll(parent, -1) >= 0) {
        }
    } else if (strcmp(mode, "die") == 0) {
        while (!has_heard) {
            (void)brood_parent_poll(parent, -1);
        }
        say(parent, n, size);
        (void)brood_parent_poll(parent, 0);
        (void)usleep(MOMENT_US);
        (void)raise(SIGKILL);
    } else {
        say(parent, n, size);
    }
    parent = brood_parent_close(parent);
    return 0;
}
