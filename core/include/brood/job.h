#ifndef BROOD_JOB_H
#define BROOD_JOB_H

/*
 * job - one command to run, with its limits.
 *
 * A job names its command in exactly one of two ways: @argv, which is executed
 * as it is, or @shell, a line for a shell. A line without shell syntax is
 * executed directly, without the shell, where that cannot be told apart from
 * what the shell would have done.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a child's standard input comes from. */
enum brood_input {
    /** /dev/null: the child reads end-of-file at once. */
    BROOD_INPUT_NONE,
    /** The bytes in input_data, then end-of-file. */
    BROOD_INPUT_BYTES,
    /** The file named input_path, opened for reading in the child's dir. */
    BROOD_INPUT_FILE,
    /** The descriptor input_fd of this process; duplicated at submit, which
     * says -EBADF if it is not open. */
    BROOD_INPUT_FD,
    /** The standard input of this process. */
    BROOD_INPUT_INHERIT,
    /** What brood_child_write() brings; for brood_spawn() only. */
    BROOD_INPUT_STREAM,
};

/** What becomes of one output stream of a child. */
enum brood_output_policy {
    /** Kept, whole, and handed over with the result. */
    BROOD_OUTPUT_CAPTURE,
    /** Handed to the batch's on_output as it comes. */
    BROOD_OUTPUT_STREAM,
    /** Written by the child to our own stream of that number. */
    BROOD_OUTPUT_INHERIT,
    /** To /dev/null. */
    BROOD_OUTPUT_DISCARD,
    /** For stderr only: to wherever stdout goes, in the order written. */
    BROOD_OUTPUT_MERGE,
    /** To the file out_path (err_path), which is emptied or made first (mode
     * 0666 less the umask), in the child's dir. */
    BROOD_OUTPUT_FILE,
    /** The same, but added to what is there. */
    BROOD_OUTPUT_APPEND,
    /** To the descriptor out_fd (err_fd); duplicated at submit, which says
     * -EBADF if it is not open. */
    BROOD_OUTPUT_FD,
};

/** What a job's end keeps from starting until it has been told. */
enum brood_hold {
    /** Nothing. */
    BROOD_HOLD_NEVER,
    /** If the job failed: what its worker would start next. */
    BROOD_HOLD_FAILED,
    /** If the job succeeded. */
    BROOD_HOLD_OK,
    /** In any case. */
    BROOD_HOLD_ALWAYS,
};

/** One step of stopping a child: send a signal, then wait. */
struct brood_stop_step {
    /** The signal for the whole process group. */
    int signal;
    /** How long to wait for the group to end before the next step. */
    int64_t wait_ms;
};

/** A descriptor for a child beyond its standard streams. */
struct brood_fd {
    /** Its number in the child, 3 to 1,023; -EINVAL for one twice. */
    int child_fd;
    /** Ours; duplicated at submit: -EBADF if it is not open. */
    int fd;
};

/** A limit as in setrlimit(2); RLIM_INFINITY is UINT64_MAX. */
struct brood_rlimit {
    /** RLIMIT_... */
    int resource;
    uint64_t soft;
    uint64_t hard;
};

/** Which of uid, gid, groups and umask a job sets. */
enum brood_job_set {
    BROOD_SET_UID = 1,
    BROOD_SET_GID = 2,
    BROOD_SET_GROUPS = 4,
    BROOD_SET_UMASK = 8,
};

/** The most descriptors, groups and limits that a job may have. */
#define BROOD_FDS_MAX     60
#define BROOD_GROUPS_MAX  64
#define BROOD_RLIMITS_MAX 16

/** The most steps that a job's stop ladder may have. */
#define BROOD_STOP_STEPS_MAX 8

/** What to run. Zero is the default everywhere. */
struct brood_job {
    /** sizeof(struct brood_job), or 0 for the layout of version 0.1. */
    size_t size;

    /** Program and arguments, NULL-terminated; looked up in the job's PATH. */
    const char *const *argv;
    /** Or: a line for the shell. */
    const char *shell;
    /** The shell for @shell; NULL: /bin/sh. Called as SHELL -c LINE. */
    const char *shell_path;
    /** "NAME=value" strings, NULL-terminated, that are added to the batch's
     * environment or replace what is there; later ones win. */
    const char *const *env;
    /** The directory to run in; NULL or "": the batch's. */
    const char *dir;

    enum brood_input input;
    int input_fd;
    const void *input_data;
    size_t input_size_bytes;
    const char *input_path;

    enum brood_output_policy out;
    enum brood_output_policy err;

    /** Wall-clock limit in milliseconds from the start; 0: none. */
    int64_t timeout_ms;
    /** The stop ladder; n_stop 0: TERM, 2,000 ms, KILL. SIGCONT follows each
     * signal, so that a stopped child notices. If the last step is not KILL,
     * a KILL is added. */
    struct brood_stop_step stop[BROOD_STOP_STEPS_MAX];
    unsigned n_stop;
    /** How often to start the job until it succeeds (exits with 0), in all;
     * 0 or 1: once. The result is the last try's. */
    unsigned attempts;
    /** How long output may stay open after the child's end, with no byte
     * coming, before the job counts as ended and leaked; 0: 50 ms. Bytes that
     * come re-arm it, up to 20 times this time in all. */
    int64_t drain_ms;

    /** A text that is replaced by the number of the slot (1 ... slots) in
     * argv, shell and env when the job starts; NULL: none. */
    const char *slot_mark;

    /** A pool hands jobs to its threads ahead of time, so that one may start
     * before on_end and on_result have been called for the one before. This
     * makes its worker wait for them; with one slot, for a callback that
     * drains or cancels, that is exact. */
    enum brood_hold hold;
    /** Tell the batch's on_start when this job has started. */
    int notify_start;
    /** Ask the kernel to send this signal to the child if this process dies
     * (Linux PR_SET_PDEATHSIG); 0: none. */
    int parent_death_signal;
    /** Added to the child's nice value, as nice(2). */
    int nice;

    /** For BROOD_OUTPUT_FILE and _APPEND; and for _FD. */
    const char *out_path;
    const char *err_path;
    int out_fd;
    int err_fd;
    /** What the program finds as its argv[0]; NULL: argv[0]. Not for @shell. */
    const char *argv0;
    /** More descriptors. The child has these, 0, 1, 2 and no others. */
    const struct brood_fd *fds;
    /** Limits for setrlimit(2). */
    const struct brood_rlimit *rlimits;
    unsigned n_fds;
    unsigned n_rlimits;
    /** @env is the whole environment, not an addition to it. */
    int clean_env;
    /** Run in a session of its own (setsid(2)). Not with same_group:
     * -EINVAL. */
    int new_session;
    /** Run in our process group, not in one of its own: signals then reach the
     * child alone, not its descendants. */
    int same_group;
    /** Which of the following count: enum brood_job_set, added up. With uid or
     * gid, supplementary groups are dropped unless groups are set too. */
    unsigned set;
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    unsigned n_groups;
    mode_t umask;

    /** Yours; comes back with the result. */
    void *tag;
};

#ifdef __cplusplus
}
#endif

#endif /* BROOD_JOB_H */
