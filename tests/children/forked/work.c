/*
 * work - a warm child: each request is a task.
 *
 *   pid      reply with our process id
 *   die      be killed
 *   hang     never reply
 *   fail     reply with -EIO
 *   doze     take 2 ms
 *   eat      take 64 MiB of memory, and keep it
 *   init bad reply with -EPERM
 *   other    reply with the same bytes
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood_child.h>

enum {
    EATEN = 64 << 20,
    DOZE_US = 2000,
};

static int is(const void *data, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(data, word, size) == 0;
}

static void on_request(struct brood_parent *parent,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    static char *eaten;
    char text[32];

    (void)user;
    if (is(data, size, "pid")) {
        int n = snprintf(text, sizeof(text), "%d", (int)getpid());

        (void)brood_parent_reply(parent, id, 0, text, (size_t)n);
        return;
    }
    if (is(data, size, "die")) {
        (void)raise(SIGKILL);
    } else if (is(data, size, "hang")) {
        for (;;) {
            (void)pause();
        }
    } else if (is(data, size, "doze")) {
        (void)usleep(DOZE_US);
    } else if (is(data, size, "eat") && eaten == NULL) {
        eaten = malloc(EATEN);
        if (eaten != NULL) {
            memset(eaten, 1, EATEN);
        }
    }
    (void)brood_parent_reply(parent, id,
                             is(data, size, "fail")       ? -EIO
                             : is(data, size, "init bad") ? -EPERM
                                                          : 0,
                             data, size);
}

int main(void)
{
    struct brood_parent *parent = NULL;

    if (brood_parent_open(
            &(struct brood_parent_options){ .on_request = on_request },
            &parent) < 0) {
        return 3;
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return 0;
}
