#include "workers/attributes.h"

#include "proto/attributes.h"

enum {
    FIRST_OTHER_FD = 3,
};

static void make_fds(const struct message_attributes *m,
                     struct spawn_attributes *ret,
                     int streams[3])
{
    ret->n_fds = 0;
    ret->fd_max = FIRST_OTHER_FD - 1;
    for (unsigned i = 0; i < attributes_fd_count(m); i++) {
        struct message_fd fd = attributes_fd(m, i);

        if (fd.child < FIRST_OTHER_FD) {
            streams[fd.child] = fd.fd;
            continue;
        }
        ret->fds[ret->n_fds++] = fd;
        ret->fd_max = fd.child > ret->fd_max ? fd.child : ret->fd_max;
    }
}

void spawn_attributes_make(const struct message_attributes *m,
                           struct spawn_attributes *ret,
                           int streams[3])
{
    ret->set_uid = (m->set & MESSAGE_SET_UID) != 0;
    ret->set_gid = (m->set & MESSAGE_SET_GID) != 0;
    ret->set_groups = (m->set & MESSAGE_SET_GROUPS) != 0;
    ret->set_umask = (m->set & MESSAGE_SET_UMASK) != 0;
    ret->uid = m->uid;
    ret->gid = m->gid;
    ret->umask = m->umask;
    ret->n_groups = attributes_group_count(m);
    for (unsigned i = 0; i < ret->n_groups; i++) {
        ret->groups[i] = attributes_group(m, i);
    }
    ret->n_rlimits = attributes_rlimit_count(m);
    for (unsigned i = 0; i < ret->n_rlimits; i++) {
        struct message_rlimit limit = attributes_rlimit(m, i);

        ret->rlimits[i].resource = (int)limit.resource;
        ret->rlimits[i].limit.rlim_cur = limit.soft;
        ret->rlimits[i].limit.rlim_max = limit.hard;
    }
    make_fds(m, ret, streams);
}
