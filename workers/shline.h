#ifndef BROOD_WORKERS_SHLINE_H
#define BROOD_WORKERS_SHLINE_H

/*
 * shline - run a simple shell line without the shell.
 *
 * A shell costs about as much as the program that it starts. Where a line is
 * plain words, and the shell and the environment are of a kind that is known
 * exactly, the program is executed directly: with the words, the program file
 * and the environment that the shell would have made (dash and bash set PWD;
 * dash drops names that are no identifiers; bash sets _ and SHLVL). In doubt,
 * the line needs the shell; that is always right.
 *
 *     shline_shell_set(&shell, path, &table);     cheap when nothing changed
 *     environ_make(&env, &table, &job.env);
 *     r = shline_prepare(&shell, &job.env, line, dir, &env, &words);
 *     r == 1: execute words.program with words.argv and env.entries;
 *             when that fails, for whatever reason, execute the shell with
 *             the line: it will find the same and say so in its own way
 *     r == 0: execute the shell with the line
 *
 * env is good for both. Two things can still be told apart: the order of the
 * environment's entries, and what is said when echo cannot write.
 *
 * Threads: one at a time for each struct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "proto/message.h"
#include "workers/environ.h"

enum shline_kind {
    /** A shell whose ways we do not know: it runs every line. */
    SHLINE_OTHER,
    SHLINE_DASH,
    SHLINE_BASH,
};

/** What is known of one shell in one environment. Zeroed memory is a shell
 * that has not been set. */
struct shline_shell {
    /** SHLINE_OTHER too if the environment makes the shell do things. */
    enum shline_kind kind;
    /** Bytes from 0x80 on mean nothing to the shell. */
    bool bytes_are_plain;
    /** The environment holds functions of bash. */
    bool has_functions;
    /** bash would first read a file if its standard input were a socket: the
     * line needs the shell unless the caller knows that it is none. */
    bool socket_matters;
    /** Where programs are that do what the builtins of that name do; NULL:
     * the builtins are as quick. */
    const char *builtin_dir;
    /** Positions of the entries that the shell does not pass on. */
    struct buf dropped;
    char *path;
    const struct environ_table *table;
};

/** What was at a path a moment ago. Zeroed memory: nothing has been seen. */
struct shline_sight {
    struct buf path;
    int64_t until_ns;
    bool found;
    struct stat st;
};

/** A line split into words. Zeroed memory is an empty one. */
struct shline_words {
    /** NULL-terminated; valid until the next use. */
    char **argv;
    size_t count;
    /** What to execute (after shline_prepare). */
    const char *program;
    struct buf store; /* the vector, then the words */
    struct buf text;  /* "PWD=dir", "_=program" */
    /** Where the environment says that we are, and were. */
    struct shline_sight pwd;
    struct shline_sight old_pwd;
};

/**
 * Find out about a shell; nothing is done if path and table are the same as
 * the last time.
 *
 * @path   the shell, found as a program is if it has no slash.
 * @table  the environment that jobs share; must outlive the struct, and must
 *         not have been changed since the last call.
 *
 * Returns:   0 or -ENOMEM; on error every line needs the shell.
 */
int shline_shell_set(struct shline_shell *shell,
                     const char *path,
                     const struct environ_table *table);
void shline_shell_clear(struct shline_shell *shell);

/**
 * Split a line if it is no more than words.
 *
 * @shell  kind, bytes_are_plain, builtin_dir and has_functions (with table)
 *         count.
 *
 * Returns:   1 and the words in @ret; 0 the line needs the shell; -ENOMEM.
 *            After 0 or an error @ret holds nothing.
 */
int shline_split(const char *line,
                 const struct shline_shell *shell,
                 struct shline_words *ret);

/**
 * Prepare to execute a line without the shell.
 *
 * @added  the job's own entries (already in @env).
 * @dir    the directory that the child will run in; "" is our own. A relative
 *         one is relative to our own.
 * @env    the job's environment, changed to what the shell would have made of
 *         it if the answer is 1.
 * @ret    words, program and the texts that @env leads to.
 *
 * Returns:   1; 0 the line needs the shell; -ENOMEM.
 */
int shline_prepare(const struct shline_shell *shell,
                   const struct message_texts *added,
                   const char *line,
                   const char *dir,
                   struct environ_vector *env,
                   struct shline_words *ret);

/** Free the words; the struct is empty and usable again. */
void shline_words_clear(struct shline_words *words);

#endif /* BROOD_WORKERS_SHLINE_H */
