#ifndef BROOD_CORE_TASK_H
#define BROOD_CORE_TASK_H

/*
 * task - what a crew of warm children works on.
 *
 * A task is in exactly one list: the crew's queue, that of the child it was
 * sent to, that of the cancelled; or in none, and its result waits for its turn
 * (in_order).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "brood/warm.h"

struct hand;

struct task {
    struct list link;
    /** All that have no delivered result, as they were submitted. */
    struct list order;
    uint64_t id;
    void *tag;
    /** Who has it; NULL: it is queued. */
    struct hand *hand;
    unsigned attempts;
    /** Of the last try; as in brood_task_result. */
    int pid;
    unsigned worker;
    int64_t start_ns;
    /** The same moment on the monotonic clock; 0: not wanted. */
    int64_t begun_ns;
    bool cancelled;
    /** A child that had it among others has died: it is tried alone. */
    bool is_suspect;
    /** It is not tried again. */
    bool is_final;
    bool has_result;
    struct brood_task_result result;
    uint8_t *answer;
    size_t size;
    uint8_t data[];
};

/** A task that is in no list; NULL: no memory. */
struct task *task_new(const void *data, size_t size);
/** Call one of the crew's callbacks with what is known of the task. */
void task_tell(struct brood_warm *warm,
               const struct task *task,
               const struct brood_task_result *result,
               void (*callback)(struct brood_warm *warm,
                                const struct brood_task_result *result,
                                void *user));
/** A child begins on it: say so if that is wanted. */
void task_begin(struct brood_warm *warm,
                struct task *task,
                int pid,
                unsigned worker);
/** Hand its result to the crew's owner, and free it. */
void task_deliver(struct brood_warm *warm,
                  struct task *task,
                  const struct brood_task_result *result);
/** Keep a copy of its result. */
void task_keep(struct task *task, const struct brood_task_result *result);
/** Returns: NULL when it is not in @list. */
struct task *task_find(struct list *list, uint64_t id);

#endif /* BROOD_CORE_TASK_H */
