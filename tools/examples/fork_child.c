/*
 * fork_child - a program for fork: it answers each word with the word backwards.
 */
#include <stdio.h>
#include <stdlib.h>

#include <brood_child.h>

enum {
    WORD_MAX = 64,
};

static void on_message(struct brood_parent *parent,
                       const void *data,
                       size_t size,
                       void *user)
{
    const char *word = data;
    char answer[WORD_MAX];

    (void)user;
    if (size <= sizeof(answer)) {
        for (size_t i = 0; i < size; i++) {
            answer[i] = word[size - 1 - i];
        }
        (void)brood_parent_send(parent, answer, size);
    }
}

static void on_disconnect(struct brood_parent *parent, int error, void *user)
{
    (void)parent;
    *(int *)user = error;
}

int main(void)
{
    int error = 0;
    const struct brood_parent_options options = {
        .on_message = on_message,
        .on_disconnect = on_disconnect,
        .user = &error,
    };
    struct brood_parent *parent = NULL;

    if (brood_parent_open(&options, &parent) < 0) {
        (void)fprintf(stderr, "fork_child: it is for fork to run\n");
        return EXIT_FAILURE;
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
