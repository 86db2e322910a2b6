/*
 * call - ask a child, and get answers.
 *
 * usage: call        its child is itself: call child
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brood.h>
#include <brood_child.h>

enum {
    TEXT_MAX = 64,
};

/* In the child: the length of the request, and an error for an empty one. */
static void on_request(struct brood_parent *parent,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    char text[TEXT_MAX];
    int n = snprintf(text, sizeof(text), "%zu bytes", size);

    (void)data;
    (void)user;
    if (size == 0) {
        (void)brood_parent_reply(parent, id, -ENODATA, NULL, 0);
    } else {
        (void)brood_parent_reply(parent, id, 0, text, (size_t)n);
    }
}

static int child(void)
{
    const struct brood_parent_options options = { .on_request = on_request };
    struct brood_parent *parent = NULL;

    if (brood_parent_open(&options, &parent) < 0) {
        return EXIT_FAILURE;
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return EXIT_SUCCESS;
}

static void on_reply(int status, const void *data, size_t size, void *user)
{
    int *left = user;

    if (status < 0) {
        (void)printf("no answer: %s\n", brood_strerror(status));
    } else {
        (void)printf("%.*s\n", (int)size, (const char *)data);
    }
    --*left;
}

static int ask(struct brood *pool, struct brood_child *child)
{
    static const char *const requests[] = { "one", "", "three" };
    int left = 0;
    int r = 0;

    for (size_t i = 0; i < 3 && r >= 0; i++) {
        const struct brood_call call = { .data = requests[i],
                                         .size_bytes = strlen(requests[i]),
                                         .deadline_ms = 10000,
                                         .on_reply = on_reply,
                                         .user = &left };

        r = brood_call(child, &call, NULL);
        left += r >= 0 ? 1 : 0;
    }
    while (r >= 0 && left > 0) {
        r = brood_poll(pool, -1);
    }
    return r;
}

int main(int argc, char **argv)
{
    const char *const args[] = { argv[0], "child", NULL };
    struct brood *pool = NULL;
    struct brood_child *forked = NULL;
    int r;

    if (argc > 1) {
        return child();
    }
    r = brood_open(NULL, &pool);
    if (r == 0) {
        r = brood_fork(pool,
                       &(struct brood_fork_options){ .child.job.argv = args },
                       &forked);
    }
    if (r == 0) {
        r = ask(pool, forked);
    }
    if (r < 0) {
        (void)fprintf(stderr, "call: %s\n", brood_strerror(r));
    }
    forked = brood_child_free(forked);
    pool = brood_close(pool);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
