#include "workers/job.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "proto/channel.h"
#include "proto/decode.h"

struct job_group {
    struct frame *frame;
    unsigned n_left;
    struct job jobs[];
};

static struct job_group *group_release(struct job_group *group)
{
    if (--group->n_left == 0) {
        frame_unref(group->frame);
        free(group);
    }
    return NULL;
}

static void close_input(struct job *job)
{
    if (job->m.input_fd >= 0) {
        (void)close(job->m.input_fd);
        job->m.input_fd = -1;
    }
}

int job_group_open(struct frame *frame,
                   struct reader *reader,
                   struct list *queue,
                   struct list *urgent)
{
    unsigned count = reader->left;
    struct job_group *group;
    unsigned n = 0;
    int r = 0;

    if (count == 0) {
        return 0;
    }
    group = brood_malloc(sizeof(*group) + count * sizeof(struct job));
    if (group == NULL) {
        return -ENOMEM;
    }
    while (n < count) {
        struct job *job = &group->jobs[n];

        r = decode_job(reader, &job->m);
        if (r < 0) {
            break;
        }
        list_init(&job->link);
        job->group = group;
        job->busy_tries = 0;
        n++;
    }
    if (r < 0) {
        while (n > 0) {
            close_input(&group->jobs[--n]);
        }
        free(group);
        return r;
    }
    group->frame = frame_ref(frame);
    group->n_left = count;
    for (n = 0; n < count; n++) {
        struct job *job = &group->jobs[n];
        bool now = (job->m.flags & MESSAGE_JOB_NOW) != 0;

        list_append(now ? urgent : queue, &job->link);
    }
    return (int)count;
}

struct job *job_free(struct job *job)
{
    if (job != NULL) {
        list_remove(&job->link);
        close_input(job);
        group_release(job->group);
    }
    return NULL;
}
