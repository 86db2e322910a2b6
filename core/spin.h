#ifndef BROOD_CORE_SPIN_H
#define BROOD_CORE_SPIN_H

/*
 * spin - wait for events of a conversation.
 *
 * Between two processes that answer each other at once, going to sleep and
 * being woken costs more than the answer takes. So for a moment after
 * something has come, the next is looked for without sleeping, giving the
 * processor to whoever needs it in between. Where that is somebody who keeps
 * it, sleeping is better: who is woken comes before who computes.
 */

#include <stdint.h>
#include <sys/epoll.h>

struct spin {
    /** When something came last. */
    int64_t last_ns;
    /** Until when to sleep at once, others having work for the processor. */
    int64_t rest_until_ns;
};

/** Something has come. */
void spin_note(struct spin *spin);
/** epoll_wait(2), but for its errors. Returns: how many, or a negative errno. */
int spin_wait(struct spin *spin,
              int epoll,
              struct epoll_event *events,
              int max,
              int timeout_ms);

#endif /* BROOD_CORE_SPIN_H */
