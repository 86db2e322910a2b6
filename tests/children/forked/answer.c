/*
 * answer - a forked child that answers requests, and makes some.
 *
 * usage: answer MODE
 *
 *   serve    reply to each request at once with its bytes; "fail" with -EIO
 *   late     reply to them in the opposite order, once there are 10
 *   mute     never reply; say by a message when one is given up
 *   ask      request "1" ... "100" of the parent, and send what comes back
 *   none     answer no requests
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brood_child.h>

enum {
    LATE_MAX = 10,
    ASKED = 100,
};

static const char *mode;
static uint64_t ids[LATE_MAX];
static int n_ids;
static struct brood_parent *parent;

static void on_request(struct brood_parent *p,
                       uint64_t id,
                       const void *data,
                       size_t size,
                       void *user)
{
    (void)user;
    if (strcmp(mode, "mute") == 0) {
        return;
    }
    if (strcmp(mode, "late") == 0) {
        ids[n_ids++] = id;
        while (n_ids == LATE_MAX) {
            for (; n_ids > 0; n_ids--) {
                (void)brood_parent_reply(p, ids[n_ids - 1], 0, NULL, 0);
            }
        }
        return;
    }
    (void)brood_parent_reply(
        p, id, size == 4 && memcmp(data, "fail", 4) == 0 ? -EIO : 0, data,
        size);
}

static void on_cancel(struct brood_parent *p, uint64_t id, void *user)
{
    (void)id;
    (void)user;
    (void)brood_parent_send(p, "given up", 8);
}

static void on_reply(int status, const void *data, size_t size, void *user)
{
    (void)user;
    if (status == 0) {
        (void)brood_parent_send(parent, data, size);
    } else {
        (void)brood_parent_send(parent, "error", 5);
    }
}

int main(int argc, char **argv)
{
    struct brood_parent_options options = { .on_cancel = on_cancel };

    mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "none") != 0) {
        options.on_request = on_request;
    }
    if (brood_parent_open(&options, &parent) < 0) {
        return 3;
    }
    for (int i = 1; i <= ASKED && strcmp(mode, "ask") == 0; i++) {
        char text[16];
        int n = snprintf(text, sizeof(text), "%d", i);

        (void)brood_parent_call(parent,
                                &(struct brood_call){ .data = text,
                                                      .size_bytes = (size_t)n,
                                                      .on_reply = on_reply },
                                NULL);
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    parent = brood_parent_close(parent);
    return 0;
}
