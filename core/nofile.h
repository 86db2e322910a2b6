#ifndef BROOD_CORE_NOFILE_H
#define BROOD_CORE_NOFILE_H

/* nofile - descriptors for the slots that were asked for. */

#include <stdbool.h>
#include <sys/resource.h>

struct nofile {
    /** The soft limit was raised; children get this one back. */
    bool raised;
    struct rlimit before;
};

/**
 * Make room for the descriptors of a pool, or make the pool smaller.
 *
 * Raises the soft limit of open files if the slots need it. Where that does
 * not suffice, *slots and *threads shrink to what there is room for.
 *
 * Returns:   0; -EMFILE not even one slot has room.
 * Threads:   any.
 */
int nofile_make_room(unsigned *slots,
                     unsigned *threads,
                     struct nofile *ret_nofile);

/**
 * Occupy those of the descriptors 0, 1 and 2 that the host has closed, while
 * others open theirs (libzmq would take them): what the host or a library
 * writes to its streams must not reach those.
 *
 * @ret_kept  what was occupied, for nofile_leave_streams().
 */
void nofile_keep_streams(bool ret_kept[3]);
void nofile_leave_streams(const bool kept[3]);

#endif /* BROOD_CORE_NOFILE_H */
