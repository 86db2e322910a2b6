/*
 * member - a job that tells its batch how far it is, and submits one more.
 *
 * usage: member LINE
 *
 * Exits with 0 when the line was taken, 1 when not, 3 when there is no channel.
 * The reply is sent back as a message: "reply STATUS TEXT".
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include <brood_child.h>

struct outcome {
    struct brood_parent *parent;
    bool has_reply;
    int status;
};

static void on_reply(int status, const void *data, size_t size, void *user)
{
    struct outcome *outcome = user;
    char text[256];
    int n = snprintf(text, sizeof(text), "reply %d %.*s", status, (int)size,
                     size > 0 ? (const char *)data : "");

    outcome->has_reply = true;
    outcome->status = status;
    (void)brood_parent_send(outcome->parent, text, (size_t)n);
}

/* What cannot be said is refused here. */
static bool refuses(struct brood_parent *p)
{
    return brood_child_progress(p, -0.1, NULL) == -EINVAL &&
           brood_child_progress(p, 1.1, NULL) == -EINVAL &&
           brood_child_progress(p, NAN, NULL) == -EINVAL &&
           brood_child_metric(p, "", 1) == -EINVAL &&
           brood_child_metric(p, NULL, 1) == -EINVAL &&
           brood_child_metric(p, "a b", 1) == -EINVAL &&
           brood_child_metric(p, "a", INFINITY) == -EINVAL &&
           brood_child_submit(p, "", on_reply, NULL) == -EINVAL &&
           brood_child_submit(p, NULL, on_reply, NULL) == -EINVAL;
}

int main(int argc, char **argv)
{
    struct outcome outcome = { 0 };

    if (argc != 2 || brood_parent_open(NULL, &outcome.parent) < 0) {
        return 3;
    }
    if (!refuses(outcome.parent) ||
        brood_child_progress(outcome.parent, 0.5, "half way") < 0 ||
        brood_child_progress(outcome.parent, 1, NULL) < 0 ||
        brood_child_metric(outcome.parent, "loss", -0.125) < 0 ||
        brood_child_submit(outcome.parent, argv[1], on_reply, &outcome) < 0) {
        return 2;
    }
    while (!outcome.has_reply && brood_parent_poll(outcome.parent, -1) >= 0) {
    }
    outcome.parent = brood_parent_close(outcome.parent);
    return outcome.has_reply && outcome.status == 0 ? 0 : 1;
}
