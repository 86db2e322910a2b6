/*
 * hand - one child of a crew, and the tasks that it has.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "brood/fork.h"
#include "pool.h"
#include "warm.h"

enum {
    AHEAD_MAX = 8192,
    /* In a row, without one that did any work. */
    FAILURES_MAX = 3,
    AVERAGE_WEIGHT = 8,
    MEASURED_MAX = 16,
    CAREFUL = 64,
    NAME_SIZE = 64,
};

/* Work that a child has at hand. */
#define AHEAD_NS (5 * CLOCK_NS_PER_MS)
#define RSS_NS   (100 * CLOCK_NS_PER_MS)
/* So much older than now clock_tick_ns() may be. */
#define TICK_NS (10 * CLOCK_NS_PER_MS)

static struct task *head_of(const struct hand *hand)
{
    struct list *first = list_first(&hand->tasks);

    return first == NULL ? NULL : LIST_ENTRY(first, struct task, link);
}

/* How many tasks a child gets: a moment's work; not many while some are long,
 * since none comes back from behind a long one. */
static unsigned ahead(const struct brood_warm *warm)
{
    int64_t n;

    if (warm->task_ns == 0 || warm->n_careful > 0 || warm->options.one_by_one) {
        return 1;
    }
    n = AHEAD_NS / warm->task_ns + 1;
    return n < AHEAD_MAX ? (unsigned)n : AHEAD_MAX;
}

int64_t hand_check(struct hand *hand, int64_t now_ns)
{
    const struct brood_warm_options *o = &hand->warm->options;
    bool works = !list_is_empty(&hand->tasks);
    int64_t limit_ms = works ? o->task_ms : o->idle_ms;
    int64_t due_ns = hand->head_ns + TICK_NS + limit_ms * CLOCK_NS_PER_MS;

    if (limit_ms == 0 || !hand->is_ready || hand->is_late ||
        (!works && hand->is_retiring)) {
        return 0;
    }
    if (now_ns < due_ns) {
        return due_ns;
    }
    if (works) {
        hand->is_late = true;
        hand_kill(hand);
    } else {
        hand_retire(hand);
    }
    return 0;
}

static void begin_head(struct hand *hand, int64_t now_ns)
{
    struct task *head = head_of(hand);
    int64_t due_ns;

    hand->head_ns = now_ns;
    if (head != NULL) {
        task_begin(hand->warm, head, brood_child_pid(hand->child),
                   hand->number);
    }
    due_ns = hand_check(hand, now_ns);
    if (due_ns != 0) {
        pool_wake_at(hand->warm->pool, due_ns);
    }
}

/* How long tasks take; looked at once for several short ones. */
static void learn(struct hand *hand, int64_t tick_ns)
{
    struct brood_warm *warm = hand->warm;
    int64_t now_ns;
    int64_t ns;

    hand->n_unmeasured++;
    if (warm->task_ns != 0 && hand->n_unmeasured < MEASURED_MAX &&
        tick_ns == hand->head_ns) {
        return;
    }
    now_ns = clock_mono_ns();
    ns = (now_ns - hand->measured_ns) / hand->n_unmeasured;
    ns = ns > 0 ? ns : 1;
    if (ns >= AHEAD_NS) {
        warm->n_careful = CAREFUL;
    } else {
        warm->n_careful -= warm->n_careful < hand->n_unmeasured
                               ? warm->n_careful
                               : hand->n_unmeasured;
    }
    warm->task_ns = warm->task_ns == 0
                        ? ns
                        : warm->task_ns + (ns - warm->task_ns) / AVERAGE_WEIGHT;
    warm->task_ns = warm->task_ns > 0 ? warm->task_ns : 1;
    hand->measured_ns = now_ns;
    hand->n_unmeasured = 0;
}

/* Too much memory? */
static bool is_fat(struct hand *hand, int64_t now_ns)
{
    uint64_t max = hand->warm->options.recycle_rss_bytes;
    char name[NAME_SIZE];
    uint64_t pages = 0;
    FILE *file;

    if (max == 0 || now_ns - hand->rss_ns < RSS_NS) {
        return false;
    }
    hand->rss_ns = now_ns;
    (void)snprintf(name, sizeof(name), "/proc/%d/statm",
                   brood_child_pid(hand->child));
    file = fopen(name, "re");
    if (file == NULL) {
        return false;
    }
    if (fscanf(file, "%*u %" SCNu64, &pages) != 1) {
        pages = 0;
    }
    (void)fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) > max;
}

void hand_retire(struct hand *hand)
{
    hand->is_retiring = true;
    if (list_is_empty(&hand->tasks)) {
        (void)brood_disconnect(hand->child);
    }
}

void hand_kill(struct hand *hand)
{
    hand->is_retiring = true;
    (void)brood_child_kill(hand->child, SIGKILL);
}

static void end_head(struct hand *hand,
                     struct task *task,
                     const struct brood_task_result *result)
{
    hand->n_tasks--;
    warm_end_task(hand->warm, task, result);
}

static void give_back(struct hand *hand, struct task *task)
{
    struct brood_warm *warm = hand->warm;

    list_remove(&task->link);
    list_prepend(&warm->queue, &task->link);
    task->hand = NULL;
    hand->n_tasks--;
    warm->n_queued++;
}

static bool may_try_again(const struct brood_warm *warm,
                          const struct task *task)
{
    return !task->cancelled && !task->is_final &&
           task->attempts < warm->options.attempts;
}

static void on_reply(int status, const void *data, size_t size, void *user)
{
    struct task *task = user;
    struct hand *hand = task->hand;
    struct brood_warm *warm = hand->warm;
    struct brood_task_result result = { .outcome = BROOD_TASK_DONE,
                                        .status = status,
                                        .data = data,
                                        .size_bytes = size };
    bool was_head = head_of(hand) == task;
    int64_t tick_ns;

    if (status == -EPIPE && !brood_is_connected(hand->child)) {
        return; /* The child has ended: hand_lose() sees to it. */
    }
    if (status == -ECANCELED && warm->is_closing) {
        return;
    }
    tick_ns = clock_tick_ns();
    learn(hand, tick_ns);
    hand->n_done++;
    warm->n_failures = 0;
    if (task->cancelled) {
        result = (struct brood_task_result){ .outcome = BROOD_TASK_CANCELLED };
    }
    if (status != 0 && may_try_again(warm, task)) {
        give_back(hand, task);
        warm->is_due = true;
    } else {
        end_head(hand, task, &result);
    }
    if (was_head) {
        begin_head(hand, tick_ns);
    }
    if (hand->is_retiring && list_is_empty(&hand->tasks)) {
        (void)brood_disconnect(hand->child);
    } else if (!hand->is_retiring && is_fat(hand, tick_ns)) {
        hand_retire(hand);
    }
    if (hand->n_tasks <= ahead(warm) / 2) {
        hand_feed(hand);
    }
}

static void on_init_reply(int status, const void *data, size_t size, void *user)
{
    struct hand *hand = user;

    (void)data;
    (void)size;
    if (status == 0) {
        hand->is_ready = true;
        hand_feed(hand);
    } else if (status != -EPIPE && status != -ECANCELED) {
        warm_break(hand->warm, status);
        if (status == -ETIMEDOUT) {
            hand_kill(hand);
        } else {
            hand_retire(hand);
        }
    }
}

static void on_open(struct brood_child *child, void *user)
{
    struct hand *hand = user;
    const struct brood_warm_options *o = &hand->warm->options;

    if (o->init_data == NULL) {
        hand->is_ready = true;
        hand_feed(hand);
        return;
    }
    if (brood_call(child,
                   &(struct brood_call){ .data = o->init_data,
                                         .size_bytes = o->init_size_bytes,
                                         .deadline_ms = o->init_ms,
                                         .on_reply = on_init_reply,
                                         .user = hand },
                   NULL) < 0) {
        hand_kill(hand);
    }
}

/*
 * The child is gone. Of several tasks nobody knows which it was working on:
 * answers to some may have died with it. So each is tried again, alone; a task
 * that was alone is to blame.
 */
static void lose(struct hand *hand, const struct brood_result *end)
{
    struct brood_warm *warm = hand->warm;
    struct task *head = head_of(hand);
    struct brood_task_result result = { .outcome = BROOD_TASK_DIED,
                                        .exit_status = end->exit_status,
                                        .signal = end->signal };

    if (head == NULL) {
        return;
    }
    if (hand->n_tasks > 1) {
        head->attempts--;
        while (hand->n_tasks > 0) {
            struct task *last = LIST_ENTRY(hand->tasks.prev, struct task, link);

            last->is_suspect = true;
            give_back(hand, last);
        }
        warm->is_due = true;
        return;
    }
    if (may_try_again(warm, head)) {
        give_back(hand, head);
        return;
    }
    if (head->cancelled) {
        result.outcome = BROOD_TASK_CANCELLED;
    } else if (hand->is_late) {
        result.outcome = BROOD_TASK_TIMED_OUT;
    }
    end_head(hand, head, &result);
}

static void on_close(struct brood_child *child,
                     const struct brood_result *result,
                     void *user)
{
    struct hand *hand = user;
    struct brood_warm *warm = hand->warm;
    bool was_useless = !hand->is_ready && !hand->is_retiring;
    int error = result->outcome == BROOD_SPAWN_FAILED ? result->error : -ECHILD;

    (void)brood_child_free(child);
    hand->child = NULL;
    hand->is_ready = false;
    lose(hand, result);
    hand->is_late = false;
    if (was_useless && ++warm->n_failures >= FAILURES_MAX) {
        warm_break(warm, error);
    }
    warm->is_due = true;
    pool_wake_at(warm->pool, 0);
}

int hand_start(struct hand *hand)
{
    const struct brood_fork_options options = {
        .child = { .job = hand->warm->options.job,
                   .on_close = on_close,
                   .user = hand },
        .on_open = on_open,
    };

    hand->is_ready = false;
    hand->is_retiring = false;
    hand->is_late = false;
    hand->n_done = 0;
    return brood_fork(hand->warm->pool, &options, &hand->child);
}

static bool has_had_enough(const struct hand *hand)
{
    uint64_t max = hand->warm->options.recycle_tasks;

    return max > 0 && hand->n_done + hand->n_tasks >= max;
}

/* Of little that is left each child gets some. */
static unsigned share(const struct hand *hand)
{
    const struct brood_warm *warm = hand->warm;
    unsigned max = hand->n_tasks + 1 + (warm->n_queued - 1) / warm->n_hands;
    unsigned n = ahead(warm);

    return warm->n_queued > 0 && max < n ? max : n;
}

static struct task *next_task(struct brood_warm *warm)
{
    struct list *first = list_first(&warm->queue);

    return first == NULL ? NULL : LIST_ENTRY(first, struct task, link);
}

void hand_feed(struct hand *hand)
{
    struct brood_warm *warm = hand->warm;
    unsigned max = share(hand);
    struct task *task;
    int r;

    while (hand->is_ready && !hand->is_retiring && hand->n_tasks < max &&
           (task = next_task(warm)) != NULL) {
        const struct brood_call call = { .data = task->data,
                                         .size_bytes = task->size,
                                         .on_reply = on_reply,
                                         .user = task };

        if (hand->n_tasks > 0 &&
            (task->is_suspect || head_of(hand)->is_suspect)) {
            return;
        }
        if (has_had_enough(hand)) {
            hand_retire(hand);
            return;
        }
        r = brood_call(hand->child, &call, NULL);
        if (r == -ENOMEM) {
            warm->is_due = true;
            pool_wake_at(warm->pool, clock_mono_ns() + CLOCK_NS_PER_MS);
        }
        if (r == -EAGAIN || r == -EPIPE || r == -ENOMEM) {
            return; /* It is full, or ending. */
        }
        warm->n_queued--;
        if (r < 0) {
            warm_end_task(warm, task,
                          &(struct brood_task_result){
                              .outcome = BROOD_TASK_BROKEN, .status = r });
            continue;
        }
        list_remove(&task->link);
        task->hand = hand;
        list_append(&hand->tasks, &task->link);
        if (++hand->n_tasks == 1) {
            hand->measured_ns = clock_mono_ns();
            hand->n_unmeasured = 0;
            begin_head(hand, clock_tick_ns());
        }
    }
}

void hand_close(struct hand *hand)
{
    if (hand->child != NULL) {
        (void)brood_child_free(hand->child);
        hand->child = NULL;
    }
    hand->n_tasks = 0;
}
