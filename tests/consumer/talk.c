/*
 * talk - both ends of a fork against the installed library: the program forks
 * itself and asks its other end. In what C and C++ have in common.
 */

#include <brood.h>
#include <brood_child.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer(struct brood_parent *parent,
                   uint64_t id,
                   const void *data,
                   size_t size_bytes,
                   void *user)
{
    (void)user;
    (void)brood_parent_reply(parent, id, 0, data, size_bytes);
}

static int be_child(void)
{
    struct brood_parent_options options;
    struct brood_parent *parent = NULL;

    memset(&options, 0, sizeof(options));
    options.on_request = answer;
    if (brood_parent_open(&options, &parent) < 0) {
        return EXIT_FAILURE;
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return EXIT_SUCCESS;
}

static void on_reply(int status,
                     const void *data,
                     size_t size_bytes,
                     void *user)
{
    int *said = (int *)user;

    *said = status == 0 && size_bytes == 5 && memcmp(data, "hello", 5) == 0;
}

static int ask(struct brood *pool, const char *self)
{
    const char *argv[] = { self, "child", NULL };
    struct brood_fork_options options;
    struct brood_child *child = NULL;
    struct brood_call call;
    int said = 0;
    int r;

    memset(&options, 0, sizeof(options));
    memset(&call, 0, sizeof(call));
    options.child.job.argv = argv;
    call.data = "hello";
    call.size_bytes = 5;
    call.on_reply = on_reply;
    call.user = &said;
    r = brood_fork(pool, &options, &child);
    if (r == 0) {
        r = brood_call(child, &call, NULL);
    }
    if (r >= 0) {
        r = brood_disconnect(child);
    }
    if (r == 0) {
        r = brood_child_wait(child, -1);
    }
    child = brood_child_free(child);
    return r < 0 ? r : said;
}

int main(int argc, char **argv)
{
    struct brood *pool = NULL;
    int r;

    if (argc > 1) {
        return be_child();
    }
    r = brood_open(NULL, &pool);
    if (r == 0) {
        r = ask(pool, argv[0]);
    }
    pool = brood_close(pool);
    if (r != 1) {
        (void)fprintf(stderr, "consumer: %s\n",
                      r < 0 ? brood_strerror(r) : "no reply");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
