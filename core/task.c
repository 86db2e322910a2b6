#include "task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "pool.h"
#include "warm.h"

struct task *task_new(const void *data, size_t size)
{
    struct task *task = brood_malloc(sizeof(*task) + size);

    if (task == NULL) {
        return NULL;
    }
    *task = (struct task){ .size = size };
    if (size > 0) {
        memcpy(task->data, data, size);
    }
    list_init(&task->link);
    list_init(&task->order);
    return task;
}

void task_tell(struct brood_warm *warm,
               const struct task *task,
               const struct brood_task_result *result,
               void (*callback)(struct brood_warm *warm,
                                const struct brood_task_result *result,
                                void *user))
{
    struct brood_task_result r = *result;

    r.id = task->id;
    r.tag = task->tag;
    r.attempts = task->attempts;
    r.pid = task->pid;
    r.worker = task->worker;
    r.start_ns = task->start_ns;
    warm->pool->n_called++;
    callback(warm, &r, warm->options.user);
}

void task_begin(struct brood_warm *warm,
                struct task *task,
                int pid,
                unsigned worker)
{
    const struct brood_task_result start = { .outcome = BROOD_TASK_DONE };

    task->attempts++;
    task->pid = pid;
    task->worker = worker;
    if (warm->options.on_start == NULL) {
        return;
    }
    task->begun_ns = clock_mono_ns();
    task->start_ns = clock_real_ns();
    task_tell(warm, task, &start, warm->options.on_start);
}

void task_deliver(struct brood_warm *warm,
                  struct task *task,
                  const struct brood_task_result *result)
{
    list_remove(&task->order);
    warm->n_ended++;
    if (warm->options.on_result != NULL) {
        task_tell(warm, task, result, warm->options.on_result);
    }
    free(task->answer);
    free(task);
}

void task_keep(struct task *task, const struct brood_task_result *result)
{
    task->result = *result;
    task->result.data = NULL;
    if (result->size_bytes > 0) {
        task->answer = brood_malloc(result->size_bytes);
        if (task->answer == NULL) {
            task->result =
                (struct brood_task_result){ .outcome = BROOD_TASK_BROKEN,
                                            .status = -ENOMEM };
        } else {
            memcpy(task->answer, result->data, result->size_bytes);
            task->result.data = task->answer;
        }
    }
    task->has_result = true;
}

struct task *task_find(struct list *list, uint64_t id)
{
    for (struct list *l = list->next; l != list; l = l->next) {
        struct task *task = LIST_ENTRY(l, struct task, link);

        if (task->id == id) {
            return task;
        }
    }
    return NULL;
}
