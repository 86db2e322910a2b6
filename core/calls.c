#include "calls.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    RING_FIRST = 16,
    STATUS_LEAST = -4095,
};

struct pending_call {
    bool is_open;
    int64_t due_ns; /* 0: none */
    void (*on_reply)(int status, const void *data, size_t size, void *user);
    void *user;
};

void calls_init(struct calls *calls)
{
    *calls = (struct calls){ .first = 1, .next = 1 };
}

void calls_clear(struct calls *calls)
{
    free(calls->ring);
    calls_init(calls);
}

static struct pending_call *at(const struct calls *calls, uint64_t id)
{
    return &calls->ring[id & (calls->ring_size - 1)];
}

static struct pending_call *find(const struct calls *calls, uint64_t id)
{
    struct pending_call *call;

    if (id < calls->first || id >= calls->next) {
        return NULL;
    }
    call = at(calls, id);
    return call->is_open ? call : NULL;
}

static int make_room(struct calls *calls)
{
    size_t size = calls->ring_size == 0 ? RING_FIRST : calls->ring_size * 2;
    struct calls bigger = *calls;

    if (calls->next - calls->first < calls->ring_size) {
        return 0;
    }
    bigger.ring = brood_calloc(size, sizeof(*bigger.ring));
    if (bigger.ring == NULL) {
        return -ENOMEM;
    }
    bigger.ring_size = size;
    for (uint64_t id = calls->first; id < calls->next; id++) {
        *at(&bigger, id) = *at(calls, id);
    }
    free(calls->ring);
    *calls = bigger;
    return 0;
}

int calls_send(struct calls *calls,
               struct link *link,
               const struct brood_call *call,
               uint64_t *ret_id)
{
    const struct link_message m = { .kind = LINK_REQUEST,
                                    .id = calls->next,
                                    .data = call->data,
                                    .size = call->size_bytes };
    int64_t due_ns = 0;
    int r;

    if (call->deadline_ms < 0 ||
        (call->size != 0 && call->size < sizeof(*call))) {
        return -EINVAL;
    }
    r = make_room(calls);
    if (r == 0) {
        r = link_send(link, &m);
    }
    if (r < 0) {
        return r;
    }
    if (call->deadline_ms > 0 &&
        call->deadline_ms < INT64_MAX / CLOCK_NS_PER_MS / 2) {
        due_ns = clock_mono_ns() + call->deadline_ms * CLOCK_NS_PER_MS;
    }
    *at(calls, calls->next) = (struct pending_call){
        .is_open = true,
        .due_ns = due_ns,
        .on_reply = call->on_reply,
        .user = call->user,
    };
    if (due_ns != 0 && (calls->due_ns == 0 || due_ns < calls->due_ns)) {
        calls->due_ns = due_ns;
    }
    if (ret_id != NULL) {
        *ret_id = calls->next;
    }
    calls->next++;
    return r;
}

/* Close one, then tell: the callback may make new ones. */
static void tell(struct calls *calls,
                 struct pending_call *call,
                 int status,
                 const void *data,
                 size_t size)
{
    struct pending_call closed = *call;

    call->is_open = false;
    while (calls->first < calls->next && !at(calls, calls->first)->is_open) {
        calls->first++;
    }
    if (closed.on_reply != NULL) {
        closed.on_reply(status, data, size, closed.user);
    }
}

void calls_on_reply(struct calls *calls, const struct link_message *m)
{
    struct pending_call *call = find(calls, m->id);

    /* Nobody waits for it any more: it was given up. */
    if (call != NULL) {
        tell(calls, call, m->status, m->data, m->size);
    }
}

/* The other end need not go on; if that cannot be said, it does. */
static void say_cancel(struct link *link, uint64_t id)
{
    (void)link_send(link,
                    &(struct link_message){ .kind = LINK_CANCEL, .id = id });
}

int calls_cancel(struct calls *calls, struct link *link, uint64_t id)
{
    struct pending_call *call = find(calls, id);

    if (call == NULL) {
        return -ESRCH;
    }
    say_cancel(link, id);
    tell(calls, call, -ECANCELED, NULL, 0);
    return 0;
}

int calls_expire(struct calls *calls, struct link *link)
{
    int64_t now_ns = clock_mono_ns();
    uint64_t end = calls->next;
    int n = 0;

    if (calls->due_ns == 0 || now_ns < calls->due_ns) {
        return 0;
    }
    calls->due_ns = 0;
    for (uint64_t id = calls->first; id < end; id++) {
        struct pending_call *call = find(calls, id);

        if (call == NULL || call->due_ns == 0) {
            continue;
        }
        if (call->due_ns <= now_ns) {
            say_cancel(link, id);
            tell(calls, call, -ETIMEDOUT, NULL, 0);
            n++;
        } else if (calls->due_ns == 0 || call->due_ns < calls->due_ns) {
            calls->due_ns = call->due_ns;
        }
    }
    return n;
}

int calls_end(struct calls *calls, int status)
{
    uint64_t end = calls->next;
    int n = 0;

    for (uint64_t id = calls->first; id < end; id++) {
        struct pending_call *call = find(calls, id);

        if (call != NULL) {
            tell(calls, call, status, NULL, 0);
            n++;
        }
    }
    return n;
}

int calls_reply(struct link *link,
                uint64_t id,
                int status,
                const void *data,
                size_t size)
{
    if (status > 0 || status < STATUS_LEAST || id == 0) {
        return -EINVAL;
    }
    return link_send(link, &(struct link_message){
                               .kind = LINK_REPLY,
                               .id = id,
                               .status = status,
                               .data = data,
                               .size = size,
                           });
}
