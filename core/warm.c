#include "warm.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "pool.h"

enum {
    QUEUE_MAX_DEFAULT = 10000,
    TASK_SIZE_MAX = 64 << 20,
    HANDS_MAX = 10000,
    CLOSE_MS = 1000,
    /* How often to try again when no child can be had, and after how long. */
    REFUSED_MAX = 20,
    REFUSED_MS = 50,
};

static int check_options(const struct brood_warm_options *o)
{
    if ((o->size != 0 && o->size < sizeof(*o)) ||
        (o->job.argv == NULL && o->job.shell == NULL) || o->task_ms < 0 ||
        o->idle_ms < 0 || o->init_ms < 0 || o->workers > HANDS_MAX ||
        (o->init_data == NULL && o->init_size_bytes > 0) ||
        o->init_size_bytes > TASK_SIZE_MAX) {
        return -EINVAL;
    }
    return 0;
}

int brood_warm_open(struct brood *pool,
                    const struct brood_warm_options *options,
                    struct brood_warm **ret_warm)
{
    struct brood_warm *warm;
    int r = check_options(options);

    if (r < 0) {
        return r;
    }
    warm = brood_calloc(1, sizeof(*warm));
    if (warm == NULL) {
        return -ENOMEM;
    }
    warm->pool = pool;
    warm->options = *options;
    warm->n_hands = options->workers == 0 ? pool->slots : options->workers;
    if (warm->options.queue_max == 0) {
        warm->options.queue_max = QUEUE_MAX_DEFAULT;
    }
    warm->hands = brood_calloc(warm->n_hands, sizeof(*warm->hands));
    if (warm->hands == NULL) {
        free(warm);
        return -ENOMEM;
    }
    list_init(&warm->queue);
    list_init(&warm->cancelled);
    list_init(&warm->order);
    for (unsigned i = 0; i < warm->n_hands; i++) {
        warm->hands[i].warm = warm;
        warm->hands[i].number = i + 1;
        list_init(&warm->hands[i].tasks);
    }
    list_append(&pool->warms, &warm->link);
    *ret_warm = warm;
    return 0;
}

void warm_end_task(struct brood_warm *warm,
                   struct task *task,
                   const struct brood_task_result *result)
{
    struct brood_task_result timed = *result;
    struct list *l;

    list_remove(&task->link);
    if (task->begun_ns != 0) {
        timed.duration_ns = clock_mono_ns() - task->begun_ns;
    }
    if (warm->options.on_end != NULL) {
        task_tell(warm, task, &timed, warm->options.on_end);
    }
    if (!warm->options.in_order || list_first(&warm->order) == &task->order) {
        task_deliver(warm, task, &timed);
    } else {
        task_keep(task, &timed);
    }
    while ((l = list_first(&warm->order)) != NULL) {
        struct task *first = LIST_ENTRY(l, struct task, order);

        if (!first->has_result) {
            return;
        }
        task_deliver(warm, first, &first->result);
    }
}

static void end_all(struct brood_warm *warm,
                    struct list *list,
                    const struct brood_task_result *result)
{
    struct list *l;

    while ((l = list_first(list)) != NULL) {
        warm_end_task(warm, LIST_ENTRY(l, struct task, link), result);
    }
}

void warm_break(struct brood_warm *warm, int status)
{
    const struct brood_task_result result = { .outcome = BROOD_TASK_BROKEN,
                                              .status = status };

    unsigned n = warm->n_queued;
    struct list *l;

    if (warm->broken == 0) {
        warm->broken = status;
    }
    /* Those that callbacks add are for the next round. */
    while (n-- > 0 && (l = list_first(&warm->queue)) != NULL) {
        warm->n_queued--;
        warm_end_task(warm, LIST_ENTRY(l, struct task, link), &result);
    }
    if (warm->n_queued > 0) {
        warm->is_due = true;
        pool_wake_at(warm->pool, 0);
    }
}

static bool has_children(const struct brood_warm *warm)
{
    for (unsigned i = 0; i < warm->n_hands; i++) {
        if (warm->hands[i].child != NULL) {
            return true;
        }
    }
    return false;
}

/* There is no memory or descriptor: the next end of a child may give one. */
static void wait_for_room(struct brood_warm *warm, int error)
{
    if (has_children(warm)) {
        return;
    }
    if (++warm->n_refused > REFUSED_MAX) {
        warm_break(warm, error);
        return;
    }
    warm->is_due = true;
    pool_wake_at(warm->pool, clock_mono_ns() + REFUSED_MS * CLOCK_NS_PER_MS);
}

/* Returns: whether another may be started. */
static bool start(struct brood_warm *warm, struct hand *hand)
{
    int r = hand_start(hand);

    if (r == -ENOMEM || r == -EMFILE || r == -ENFILE) {
        wait_for_room(warm, r);
    } else if (r < 0) {
        warm_break(warm, r);
    } else {
        warm->n_refused = 0;
    }
    return r == 0;
}

/* Children are started as there is work for them. */
static void start_hands(struct brood_warm *warm)
{
    unsigned wanted = warm->n_queued;

    for (unsigned i = 0; i < warm->n_hands && wanted > 0; i++) {
        struct hand *hand = &warm->hands[i];

        if (hand->child == NULL && !start(warm, hand)) {
            return;
        }
        if (hand->n_tasks == 0 && !hand->is_retiring) {
            wanted--;
        }
    }
}

void warm_feed(struct brood_warm *warm)
{
    if (warm->is_feeding || warm->is_closing) {
        return;
    }
    warm->is_feeding = true;
    if (warm->broken != 0) {
        warm_break(warm, warm->broken);
    } else if (warm->n_queued > 0) {
        start_hands(warm);
        for (unsigned i = 0; i < warm->n_hands && warm->n_queued > 0; i++) {
            hand_feed(&warm->hands[i]);
        }
    }
    warm->is_feeding = false;
}

uint64_t brood_warm_pending(const struct brood_warm *warm)
{
    return warm->n_submitted - warm->n_ended;
}

/* In order, a task waits until its result has been delivered. */
static uint64_t n_waiting(const struct brood_warm *warm)
{
    return warm->options.in_order ? brood_warm_pending(warm) : warm->n_queued;
}

int brood_warm_submit(struct brood_warm *warm,
                      const void *data,
                      size_t size_bytes,
                      void *tag,
                      uint64_t *ret_id)
{
    struct task *task;

    if (size_bytes > TASK_SIZE_MAX) {
        return -EMSGSIZE;
    }
    if (n_waiting(warm) >= warm->options.queue_max) {
        return -EAGAIN;
    }
    task = task_new(data, size_bytes);
    if (task == NULL) {
        return -ENOMEM;
    }
    task->id = ++warm->n_submitted;
    task->tag = tag;
    list_append(&warm->queue, &task->link);
    if (warm->options.in_order) {
        list_append(&warm->order, &task->order);
    }
    warm->n_queued++;
    if (ret_id != NULL) {
        *ret_id = task->id;
    }
    if (!warm->is_due) {
        warm->is_due = true;
        pool_wake_at(warm->pool, 0);
    }
    return n_waiting(warm) > warm->options.queue_max / 2 ? 1 : 0;
}

int brood_warm_cancel(struct brood_warm *warm, uint64_t id)
{
    struct task *task = task_find(&warm->queue, id);

    if (task != NULL) {
        /* Its result comes from the pool's next round. */
        list_remove(&task->link);
        list_append(&warm->cancelled, &task->link);
        warm->n_queued--;
        warm->is_due = true;
        pool_wake_at(warm->pool, 0);
        return 0;
    }
    for (unsigned i = 0; i < warm->n_hands; i++) {
        struct hand *hand = &warm->hands[i];

        task = task_find(&hand->tasks, id);
        if (task != NULL) {
            task->cancelled = true;
            if (list_first(&hand->tasks) == &task->link) {
                hand_kill(hand);
            }
            return 0;
        }
    }
    return -ESRCH;
}

static void cancel_hand(struct hand *hand)
{
    if (list_is_empty(&hand->tasks)) {
        return;
    }
    for (struct list *l = hand->tasks.next; l != &hand->tasks; l = l->next) {
        LIST_ENTRY(l, struct task, link)->cancelled = true;
    }
    hand_kill(hand);
}

void brood_warm_drain(struct brood_warm *warm)
{
    struct list *l;

    while ((l = list_first(&warm->queue)) != NULL) {
        list_remove(l);
        list_append(&warm->cancelled, l);
    }
    warm->n_queued = 0;
    for (unsigned i = 0; i < warm->n_hands; i++) {
        struct list *tasks = &warm->hands[i].tasks;

        for (l = tasks->next; l != tasks; l = l->next) {
            LIST_ENTRY(l, struct task, link)->is_final = true;
        }
    }
    warm->is_due = true;
    pool_wake_at(warm->pool, 0);
}

void brood_warm_cancel_all(struct brood_warm *warm)
{
    brood_warm_drain(warm);
    for (unsigned i = 0; i < warm->n_hands; i++) {
        cancel_hand(&warm->hands[i]);
    }
}

unsigned brood_warm_room(const struct brood_warm *warm)
{
    uint64_t n = n_waiting(warm);

    return n < warm->options.queue_max ? warm->options.queue_max - (unsigned)n
                                       : 0;
}

int brood_warm_run(struct brood_warm *warm)
{
    while (warm->n_ended < warm->n_submitted) {
        int r = pool_round(warm->pool, -1);

        if (r < 0 && r != -EINTR) {
            return r;
        }
    }
    return 0;
}

/* Children end by themselves if they do so soon. */
static void let_children_end(struct brood_warm *warm)
{
    int64_t end_ns = clock_mono_ns() + CLOSE_MS * CLOCK_NS_PER_MS;

    brood_warm_cancel_all(warm);
    for (unsigned i = 0; i < warm->n_hands; i++) {
        if (warm->hands[i].child != NULL) {
            hand_retire(&warm->hands[i]);
        }
    }
    while (has_children(warm)) {
        int64_t left_ms = (end_ns - clock_mono_ns()) / CLOCK_NS_PER_MS;

        if (left_ms <= 0 || pool_round(warm->pool, (int)left_ms) < 0) {
            return;
        }
    }
}

struct brood_warm *brood_warm_close(struct brood_warm *warm)
{
    const struct brood_task_result result = { .outcome = BROOD_TASK_CANCELLED };

    if (warm == NULL) {
        return NULL;
    }
    warm->is_closing = true;
    let_children_end(warm);
    for (unsigned i = 0; i < warm->n_hands; i++) {
        struct hand *hand = &warm->hands[i];

        hand_close(hand);
        end_all(warm, &hand->tasks, &result);
    }
    end_all(warm, &warm->cancelled, &result);
    end_all(warm, &warm->queue, &result);
    list_remove(&warm->link);
    free(warm->hands);
    free(warm);
    return NULL;
}

void warms_wake(struct brood *pool)
{
    const struct brood_task_result result = { .outcome = BROOD_TASK_CANCELLED };
    int64_t now_ns = clock_mono_ns();

    for (struct list *l = pool->warms.next; l != &pool->warms; l = l->next) {
        struct brood_warm *warm = LIST_ENTRY(l, struct brood_warm, link);

        if (warm->is_due) {
            warm->is_due = false;
            end_all(warm, &warm->cancelled, &result);
            warm_feed(warm);
        }
        for (unsigned i = 0; i < warm->n_hands; i++) {
            int64_t due_ns = hand_check(&warm->hands[i], now_ns);

            if (due_ns != 0) {
                pool_wake_at(pool, due_ns);
            }
        }
    }
}
