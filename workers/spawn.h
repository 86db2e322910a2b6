#ifndef BROOD_WORKERS_SPAWN_H
#define BROOD_WORKERS_SPAWN_H

/*
 * spawn - start one process: everything before the clone, nothing after it.
 *
 * The child shares our memory until it executes its program (CLONE_VM and
 * CLONE_VFORK), so all that it needs is prepared here, it makes system calls
 * only, and it tells a failed step by writing to memory that the waiting
 * parent reads. The child runs on a stack of its own. Where a tool gives it a
 * copy of the memory (Valgrind), all of this works too.
 *
 * The calling thread has all signals blocked, so no handler of the host runs
 * in the child; dispositions that are not the default are put back to it
 * before the mask is emptied. They are sampled by spawner_sample_signals(), not
 * at each start: 60 system calls are a tenth of the cost of a small process. A
 * host that changes a disposition while jobs run is followed within 20 ms.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "proto/message.h"
#include "workers/spawner.h"

/** The step of starting that failed; numbers as enum brood_step. */
enum spawn_step {
    SPAWN_OK,
    SPAWN_PREPARE,
    SPAWN_FORK,
    SPAWN_SETUP,
    SPAWN_STREAMS,
    SPAWN_CHDIR,
    SPAWN_EXEC,
};

/** What to execute. */
struct spawn_program {
    /** Paths to try: each with its NUL, an empty one at the end. NULL: there
     * is no program. */
    const char *candidates;
    char **argv;
    /** Runs a file that is not an executable format (ENOEXEC), as execvp(3)
     * does; NULL: none. If set, argv[-1] must be ours to write. */
    const char *interpreter;
};

/** What few children have: made ready before the start, for the child. */
struct spawn_attributes {
    bool set_uid;
    bool set_gid;
    bool set_groups;
    bool set_umask;
    uid_t uid;
    gid_t gid;
    mode_t umask;
    gid_t groups[MESSAGE_GROUPS_MAX];
    unsigned n_groups;
    struct {
        int resource;
        struct rlimit limit;
    } rlimits[MESSAGE_RLIMITS_MAX];
    unsigned n_rlimits;
    /** Descriptors from 3 on, and the largest number among them. */
    struct message_fd fds[MESSAGE_FDS_MAX];
    unsigned n_fds;
    int fd_max;
};

struct spawn_request {
    const struct spawn_program *program;
    /** Tried when @program cannot be executed; may be NULL. */
    const struct spawn_program *fallback;
    char *const *envp;
    /** Entered before anything is opened or executed; NULL: none. */
    const char *dir;
    /** What becomes descriptor 0, 1 and 2. */
    int fd[3];
    /** Opened for reading as descriptor 0, instead of fd[0]; NULL: none. */
    const char *input_path;
    /** Opened for writing as descriptor 1 and 2, with @output_flags. */
    const char *output_path[2];
    int output_flags[2];
    /** In a session of its own; in our process group; else in its own group. */
    bool session;
    bool same_group;
    /** Descriptor 2 is what 1 becomes. */
    bool merge;
    int nice;
    int death_signal;
    /** NULL: none. */
    const struct spawn_attributes *more;
};

/**
 * Start a process.
 *
 * @ret_pid, @ret_pidfd  set on success.
 * @ret_step             set on failure.
 *
 * Returns:   0, or the negative errno of the step that failed; then no child
 *            is left behind.
 * Ownership: the caller closes *ret_pidfd and reaps the child.
 * Threads:   the owner of @s, with all signals blocked.
 */
int spawn(struct spawner *s,
          const struct spawn_request *request,
          pid_t *ret_pid,
          int *ret_pidfd,
          enum spawn_step *ret_step);

#endif /* BROOD_WORKERS_SPAWN_H */
