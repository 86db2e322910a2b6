#include "attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "brood/job.h"
#include "entry.h"
#include "proto/attributes.h"

enum {
    FIRST_PRIVATE_FD = 3,
    SET_ALL =
        BROOD_SET_UID | BROOD_SET_GID | BROOD_SET_GROUPS | BROOD_SET_UMASK,
};

static bool is_file(enum brood_output_policy policy)
{
    return policy == BROOD_OUTPUT_FILE || policy == BROOD_OUTPUT_APPEND;
}

static int check_fds(const struct brood_job *job)
{
    if (job->n_fds > BROOD_FDS_MAX || (job->n_fds > 0 && job->fds == NULL)) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < job->n_fds; i++) {
        int number = job->fds[i].child_fd;

        if (number < FIRST_PRIVATE_FD || number > MESSAGE_CHILD_FD_MAX) {
            return -EINVAL;
        }
        for (unsigned j = 0; j < i; j++) {
            if (job->fds[j].child_fd == number) {
                return -EINVAL;
            }
        }
    }
    return 0;
}

static int check_lists(const struct brood_job *job)
{
    if (job->n_groups > BROOD_GROUPS_MAX ||
        job->n_rlimits > BROOD_RLIMITS_MAX ||
        (job->n_groups > 0 && job->groups == NULL) ||
        (job->n_rlimits > 0 && job->rlimits == NULL)) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < job->n_rlimits; i++) {
        const struct brood_rlimit *limit = &job->rlimits[i];

        if (limit->resource < 0 || limit->resource >= RLIM_NLIMITS ||
            limit->soft > limit->hard) {
            return -EINVAL;
        }
    }
    return 0;
}

int attributes_check(const struct brood_job *job)
{
    int r;

    if ((is_file(job->out) && job->out_path == NULL) ||
        (is_file(job->err) && job->err_path == NULL) ||
        (job->argv0 != NULL && job->shell != NULL) ||
        (job->new_session && job->same_group) || job->set > SET_ALL ||
        ((job->set & BROOD_SET_UMASK) != 0 && job->umask > MESSAGE_UMASK_MAX)) {
        return -EINVAL;
    }
    r = check_fds(job);
    return r < 0 ? r : check_lists(job);
}

static bool has_any(const struct brood_job *job)
{
    return is_file(job->out) || is_file(job->err) ||
           job->out == BROOD_OUTPUT_FD || job->err == BROOD_OUTPUT_FD ||
           job->argv0 != NULL || job->n_fds > 0 || job->set != 0 ||
           job->n_rlimits > 0;
}

/* The child may be started long after the caller has closed its own. */
static int add_fd(struct attributes *a, int child_fd, int fd)
{
    struct message_fd m = { .child = child_fd };
    int r;

    m.fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);
    if (m.fd < 0) {
        return -errno;
    }
    a->dups[a->n_dups++] = m.fd;
    r = attributes_add_fd(&a->fds, &m);
    return r;
}

static int fill_fds(struct attributes *a, const struct brood_job *job)
{
    int r = 0;

    a->dups = brood_calloc(job->n_fds + 2, sizeof(*a->dups));
    if (a->dups == NULL) {
        return -ENOMEM;
    }
    if (job->out == BROOD_OUTPUT_FD) {
        r = add_fd(a, STDOUT_FILENO, job->out_fd);
    }
    if (r == 0 && job->err == BROOD_OUTPUT_FD) {
        r = add_fd(a, STDERR_FILENO, job->err_fd);
    }
    for (unsigned i = 0; i < job->n_fds && r == 0; i++) {
        r = add_fd(a, job->fds[i].child_fd, job->fds[i].fd);
    }
    return r;
}

static int fill_lists(struct attributes *a, const struct brood_job *job)
{
    int r = 0;

    for (unsigned i = 0; i < job->n_groups && r == 0; i++) {
        r = attributes_add_group(&a->groups, job->groups[i]);
    }
    for (unsigned i = 0; i < job->n_rlimits && r == 0; i++) {
        const struct brood_rlimit *limit = &job->rlimits[i];

        r = attributes_add_rlimit(&a->rlimits,
                                  &(struct message_rlimit){
                                      .resource = (uint32_t)limit->resource,
                                      .soft = limit->soft,
                                      .hard = limit->hard,
                                  });
    }
    return r;
}

static struct message_bytes view(const struct buf *b)
{
    return (struct message_bytes){ .data = b->data, .size = b->size };
}

static const char *path_of(enum brood_output_policy policy, const char *path)
{
    return is_file(policy) ? path : "";
}

int attributes_fill(struct attributes *a,
                    const struct brood_job *job,
                    struct message_job *m)
{
    int r;

    m->flags |= (job->new_session ? MESSAGE_JOB_SESSION : 0u) |
                (job->same_group ? MESSAGE_JOB_SAME_GROUP : 0u) |
                (job->clean_env ? MESSAGE_JOB_CLEAN_ENV : 0u);
    if (!has_any(job)) {
        return 0;
    }
    m->flags |= MESSAGE_JOB_ATTRIBUTES;
    r = fill_fds(a, job);
    if (r == 0) {
        r = fill_lists(a, job);
    }
    m->more = (struct message_attributes){
        .set = job->set | (job->argv0 != NULL ? MESSAGE_SET_ARGV0 : 0u),
        .uid = job->uid,
        .gid = job->gid,
        .umask = (job->set & BROOD_SET_UMASK) != 0 ? job->umask : 0,
        .argv0 = job->argv0 == NULL ? "" : job->argv0,
        .out_path = path_of(job->out, job->out_path),
        .err_path = path_of(job->err, job->err_path),
        .groups = view(&a->groups),
        .rlimits = view(&a->rlimits),
        .fds = view(&a->fds),
    };
    return r;
}

void attributes_keep(struct attributes *a, struct entry *entry)
{
    entry->fds = a->dups;
    entry->n_fds = a->n_dups;
    a->dups = NULL;
    a->n_dups = 0;
}

void attributes_clear(struct attributes *a)
{
    while (a->n_dups > 0) {
        (void)close(a->dups[--a->n_dups]);
    }
    free(a->dups);
    a->dups = NULL;
    buf_clear(&a->groups);
    buf_clear(&a->rlimits);
    buf_clear(&a->fds);
}
