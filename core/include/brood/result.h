#ifndef BROOD_RESULT_H
#define BROOD_RESULT_H

/*
 * result - what one job left behind.
 *
 * Exactly one for each job that was accepted, whatever happened to its child.
 */

#include <stddef.h>
#include <stdint.h>

#include "brood/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which kind of result. */
enum brood_outcome {
    /** The child ended by itself with an exit status. */
    BROOD_EXITED,
    /** The child was ended by a signal that was not ours. */
    BROOD_SIGNALLED,
    /** The time limit ended it; exit status or signal say how it went. */
    BROOD_TIMED_OUT,
    /** brood_cancel, brood_stop or brood_close ended it, or kept it from
     * starting (attempt is 0 then). */
    BROOD_CANCELLED,
    /** It could not be started; step and error say why. */
    BROOD_SPAWN_FAILED,
    /** It was not started because the batch was drained. */
    BROOD_SKIPPED,
    /** What became of it is not known (another party took its status). */
    BROOD_LOST,
};

/** The step at which a child could not be started. */
enum brood_step {
    BROOD_STEP_NONE,
    /** Making pipes or opening the input (in the parent). */
    BROOD_STEP_PREPARE,
    /** Making the process. */
    BROOD_STEP_FORK,
    /** Process group, limits, priority, parent-death signal. */
    BROOD_STEP_SETUP,
    /** Putting the standard streams in place. */
    BROOD_STEP_STREAMS,
    /** Entering the directory. */
    BROOD_STEP_CHDIR,
    /** Executing the program. */
    BROOD_STEP_EXEC,
};

/** The bytes of one output stream. */
struct brood_output {
    /** All of them, or NULL when they are in a file. */
    const void *data;
    /** How many. */
    uint64_t size_bytes;
    /** When data is NULL and size_bytes > 0: an open file that holds them,
     * from offset_bytes on. Read it with brood_output_read() or pread(2). */
    int fd;
    uint64_t offset_bytes;
    /** Bytes that the child wrote and that could not be kept (see error). */
    uint64_t lost_bytes;
    /** 0, or why bytes were lost: -ENOSPC, -EIO, -ENOMEM. */
    int error;
};

struct brood_result {
    /** The job's id as given by brood_submit(). */
    uint64_t id;
    /** 1 for the batch's first job, 2 for the second ... */
    uint64_t seq;
    /** The job's tag. */
    void *tag;

    enum brood_outcome outcome;
    /** 0-255 when the child exited, else -1. */
    int exit_status;
    /** The signal when a signal ended the child, else 0. */
    int signal;
    /** The child dumped core. */
    int core_dumped;
    /** For BROOD_SPAWN_FAILED: where and why (a negative errno value). */
    enum brood_step step;
    int error;
    /** The signal of the last stop step that was sent, or 0. */
    int stop_signal;
    /** Output was still held open by some other process after the child's
     * end, and we stopped waiting for it. */
    int leaked;

    /** The child; 0 if none was started. It no longer exists. */
    int pid;
    /** The slot it ran in, 1 ... slots; 0 if it was not started, or takes none
     * (brood_spawn() and what is made with it). */
    unsigned slot;
    /** How often it was started. */
    unsigned attempt;

    /** When the child was started: nanoseconds since 1970; 0 if never. */
    int64_t start_ns;
    /** From start to end, in nanoseconds on the monotonic clock. */
    int64_t duration_ns;
    /** CPU time of the child and of the children it waited for. */
    int64_t user_ns;
    int64_t system_ns;
    /** The largest resident set of the child. */
    uint64_t max_rss_bytes;

    struct brood_output out;
    struct brood_output err;
};

/**
 * Say whether the job did what it should: exited, with status 0.
 *
 * Returns:   1 or 0.
 * Errors:    none.
 * Ownership: none.
 * Threads:   any thread.
 */
BROOD_API int brood_result_ok(const struct brood_result *result);

/**
 * Copy a part of an output, wherever it is kept.
 *
 * @output        an output of a result that is still valid.
 * @offset_bytes  where to begin.
 * @buffer        where to put up to @size_bytes.
 *
 * Returns:   the number of bytes copied, 0 at the end, or a negative error.
 * Errors:    -EIO and the other errors of pread(2).
 * Ownership: the caller keeps @buffer.
 * Threads:   owner only.
 */
BROOD_API int64_t brood_output_read(const struct brood_output *output,
                                    uint64_t offset_bytes,
                                    void *buffer,
                                    size_t size_bytes);

/**
 * Write all of an output to a descriptor.
 *
 * @fd  a descriptor open for writing; if it is non-blocking, the function
 *      waits for it.
 *
 * Returns:   0, or a negative error.
 * Errors:    those of write(2); -EPIPE raises SIGPIPE too unless the caller
 *            ignores it (the library does not touch dispositions).
 * Ownership: none changes.
 * Threads:   owner only.
 */
BROOD_API int brood_output_write(const struct brood_output *output, int fd);

/**
 * Name an outcome in words.
 *
 * Returns:   a text: "exited", "signalled", "timed out", "cancelled",
 *            "spawn failed", "skipped", "lost".
 * Errors:    none.
 * Ownership: the text is static.
 * Threads:   any thread.
 */
BROOD_API const char *brood_outcome_name(enum brood_outcome outcome);

/**
 * Name a step in words.
 *
 * Returns:   a text that fits after "cannot": "start", "enter its directory".
 * Errors:    none.
 * Ownership: the text is static.
 * Threads:   any thread.
 */
BROOD_API const char *brood_step_name(enum brood_step step);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_RESULT_H */
