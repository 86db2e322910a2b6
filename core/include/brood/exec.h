#ifndef BROOD_EXEC_H
#define BROOD_EXEC_H

/*
 * exec - run a command, collect its output, and be told once.
 * What exec() and execFile() of Node's child_process are, and, with _wait,
 * execSync(), execFileSync() and spawnSync(). Node ends a command that writes
 * more than maxBuffer; here that is one of two policies.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/child.h"
#include "brood/export.h"
#include "brood/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What becomes of output beyond max_bytes. */
enum brood_overflow {
    /** The first and the last half of max_bytes are kept. */
    BROOD_OVERFLOW_KEEP,
    /** The first max_bytes are kept, and the command is stopped. */
    BROOD_OVERFLOW_STOP,
};

/** One stream of a command that has ended. */
struct brood_text {
    /** The bytes, and behind them a NUL that does not count. Never NULL. */
    const char *data;
    size_t size_bytes;
    /** Bytes that were not kept; they were between the first @head_bytes of
     * @data and the rest. */
    uint64_t dropped_bytes;
    size_t head_bytes;
};

/** What a command left behind. */
struct brood_completion {
    /** 0: it ended with exit status 0. Else a negative error:
     *  -ECHILD     it ended with another status, by a signal of others, or
     *              nobody knows how (BROOD_LOST);
     *  -ETIMEDOUT  its time limit ended it;
     *  -ECANCELED  brood_child_stop() or brood_close() ended it;
     *  -ENOBUFS    it wrote too much and was stopped (BROOD_OVERFLOW_STOP);
     *  another     it could not be started: result.step says at what. */
    int error;
    /** The stream that was over its limit first: 1 or 2; 0: none. */
    int overflow_stream;
    /** How it ended; its outputs are in @out and @err. */
    struct brood_result result;
    struct brood_text out;
    struct brood_text err;
};

/** How a command is run. Zero is the default everywhere. */
struct brood_exec_options {
    /** sizeof(struct brood_exec_options), or 0 for that of version 0.1. */
    size_t size;
    /** How it is run; argv and shell come from the call. out and err are
     * collected unless they are DISCARD, INHERIT, MERGE, FILE, APPEND or FD.
     * With BROOD_OVERFLOW_STOP and no ladder of its own, the command has
     * 500 ms between TERM and KILL, whatever stops it. */
    struct brood_job job;
    /** Bytes kept of each stream, each by itself; 0: 16 MiB. */
    size_t max_bytes;
    enum brood_overflow overflow;
    /** Called once, whatever happens. @done is valid until it returns. Not for
     * the _wait functions. */
    void (*on_done)(const struct brood_completion *done, void *user);
    /** Yours. */
    void *user;
};

/**
 * Run a line with the shell and return at once.
 * @line       for job.shell_path, else /bin/sh.
 * @options    may be NULL.
 * @ret_child  set on success, for brood_child_kill(), _stop() and _pid(); may
 *             be NULL.
 * Returns:   0, or a negative error; then nothing is run or called.
 * Errors:    those of brood_spawn(); -EINVAL an unknown policy, a streamed
 *            input or output.
 * Ownership: all is copied. The child is the library's: valid until on_done
 *            has returned, and not to be freed.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_exec(struct brood *pool,
                         const char *line,
                         const struct brood_exec_options *options,
                         struct brood_child **ret_child);

/**
 * Run a program with arguments, without a shell, and return at once.
 * @file  looked up in the command's PATH, unless it has a slash.
 * @args  what follows it, NULL-terminated; NULL: nothing.
 * Returns:   as brood_exec().
 * Errors:    as brood_exec().
 * Ownership: as brood_exec().
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_exec_file(struct brood *pool,
                              const char *file,
                              const char *const *args,
                              const struct brood_exec_options *options,
                              struct brood_child **ret_child);

/**
 * Run a line with the shell and wait for it.
 * Meanwhile the pool's other callbacks are made as usual.
 * @pool      NULL: a pool of its own, for this call.
 * @ret_done  set on success.
 * Returns:   0 the command was run, or could not be started: see @ret_done; or
 *            a negative error, and *ret_done is untouched.
 * Errors:    those of brood_exec(), brood_run() and (for NULL) brood_open().
 * Ownership: the caller ends @ret_done with brood_completion_clear().
 * Threads:   owner only; not from a callback. Any thread for NULL.
 */
BROOD_API int brood_exec_wait(struct brood *pool,
                              const char *line,
                              const struct brood_exec_options *options,
                              struct brood_completion *ret_done);

/**
 * Run a program with arguments, without a shell, and wait for it.
 * Returns:   as brood_exec_wait().
 * Errors:    as brood_exec_wait().
 * Ownership: as brood_exec_wait().
 * Threads:   as brood_exec_wait().
 */
BROOD_API int brood_exec_file_wait(struct brood *pool,
                                   const char *file,
                                   const char *const *args,
                                   const struct brood_exec_options *options,
                                   struct brood_completion *ret_done);

/**
 * Free what a _wait function gave.
 * @done  zeroed memory and a second time are allowed.
 * Returns:   nothing.
 * Errors:    none.
 * Ownership: the texts are gone.
 * Threads:   any.
 */
BROOD_API void brood_completion_clear(struct brood_completion *done);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_EXEC_H */
