#ifndef BROOD_WORKERS_JOB_H
#define BROOD_WORKERS_JOB_H

/*
 * job - a job as a worker has it: a view into the frame that brought it.
 *
 * The jobs of one frame are one allocation; they and the frame end with the
 * last of them. Nothing of a job is copied.
 */

#include <stdbool.h>

#include "base/list.h"
#include "proto/message.h"

struct frame;
struct reader;

struct job_group;

struct job {
    struct list link; /* in the ready queue */
    struct job_group *group;
    struct message_job m;
    /** How often its start was put off for a reason outside. */
    unsigned busy_tries;
};

/**
 * Take the jobs out of a frame and add them to a queue: those that start at
 * once to @urgent.
 *
 * @frame   gets another user, until the last of its jobs ends.
 *
 * Returns:   the number of jobs, or -EBADMSG, -ENOMEM; then none was added,
 *            and descriptors that came with them are closed.
 */
int job_group_open(struct frame *frame,
                   struct reader *reader,
                   struct list *queue,
                   struct list *urgent);

/** End a job; NULL is allowed. Closes its input_fd. Returns: NULL. */
struct job *job_free(struct job *job);

#endif /* BROOD_WORKERS_JOB_H */
