/*
 * pass - a forked child that gets descriptors.
 *
 * usage: pass write   write each message into the first of its descriptors
 *        pass back    send each back, with its descriptors
 *        pass deaf    take none; send back what the message says
 *        pass die     be killed by the first
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood_child.h>

static char mode;

static void on_message(struct brood_parent *parent,
                       const void *data,
                       size_t size,
                       void *user)
{
    (void)user;
    if (brood_parent_send(parent, data, size) < 0) {
        abort();
    }
}

static void on_fds(struct brood_parent *parent,
                   const struct brood_passed *message,
                   void *user)
{
    const void *data = message->data;
    size_t size = message->size_bytes;

    (void)user;
    if (mode == 'd') {
        (void)raise(SIGKILL);
    }
    if (message->n_lost > 0 || message->n_fds == 0) {
        abort();
    }
    if (mode == 'w') {
        if (write(message->fds[0], data, size) != (ssize_t)size) {
            abort();
        }
        on_message(parent, data, size, NULL);
    } else if (brood_parent_send_fds(parent, data, size, message->fds,
                                     message->n_fds) < 0) {
        abort();
    }
}

int main(int argc, char **argv)
{
    struct brood_parent_options options = { .on_message = on_message };
    struct brood_parent *parent = NULL;

    if (argc != 2) {
        return EXIT_FAILURE;
    }
    mode = argv[1][0];
    if (strcmp(argv[1], "deaf") != 0) {
        options.on_fds = on_fds;
    }
    if (brood_parent_open(&options, &parent) < 0) {
        return EXIT_FAILURE;
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return EXIT_SUCCESS;
}
