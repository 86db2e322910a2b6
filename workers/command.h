#ifndef BROOD_WORKERS_COMMAND_H
#define BROOD_WORKERS_COMMAND_H

/*
 * command - from a job to what execve(2) takes.
 *
 * The slot's number is put in, the environment is laid out, a simple shell
 * line becomes the program itself, and the paths to try are listed. All memory
 * is used again for the next job.
 */

#include "base/buf.h"
#include "workers/environ.h"
#include "workers/shline.h"
#include "workers/spawn.h"

struct job;

/** Environment and directory that jobs share: MESSAGE_CONTEXT. */
struct context {
    uint32_t id;
    char *dir; /* "" is our own */
    struct environ_table env;
};

/** Zeroed memory is ready for use. */
struct command {
    struct spawn_program program;
    /** Run if @program cannot be: the shell; or nothing. */
    struct spawn_program fallback;
    char *const *envp;
    const char *dir; /* NULL is our own */

    struct environ_vector env;
    struct shline_shell shell;
    struct shline_words words;
    struct buf marked; /* args and env with the slot's number in them */
    struct buf argv;
    struct buf candidates;
    struct buf shell_argv;
    struct buf shell_candidates;
    struct buf dir_text;
};

/**
 * Prepare a job for a slot.
 *
 * Returns:   0; -ENOMEM; or why no program can be meant (-ENOENT ...).
 * Ownership: what @c leads to is valid until its next use, the job's end or
 *            the context's.
 */
int command_prepare(struct command *c,
                    const struct context *context,
                    const struct job *job,
                    unsigned slot);
void command_clear(struct command *c);

#endif /* BROOD_WORKERS_COMMAND_H */
