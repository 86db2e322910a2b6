#include "workers/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/decode.h"
#include "workers/job.h"
#include "workers/path.h"

enum {
    SLOT_TEXT_SIZE = 16,
};

/* What a job with no shell is interpreted by if it is a bare script. */
static const char script_shell[] = "/bin/sh";

static const struct environ_table no_environ = { 0 };

/* A buffer's memory as the pointers that it holds. */
static char **vector_of(struct buf *b)
{
    return (char **)(void *)b->data;
}

static int vector_add(struct buf *b, const char *text)
{
    return buf_add(b, (const void *)&text, sizeof(text));
}

/* Copy texts with each mark replaced by the number. */
static int put_number(struct buf *b,
                      struct message_texts *texts,
                      const char *mark,
                      const char *number)
{
    const char *p = texts->data;
    const char *end = p + texts->size;
    size_t mark_size = strlen(mark);
    size_t start = b->size;

    while (p < end) {
        const char *at = memmem(p, (size_t)(end - p), mark, mark_size);
        const char *stop = at == NULL ? end : at;
        int r = buf_add(b, p, (size_t)(stop - p));

        if (r == 0 && at != NULL) {
            r = buf_add(b, number, strlen(number));
        }
        if (r < 0) {
            return r;
        }
        p = at == NULL ? end : at + mark_size;
    }
    texts->size = b->size - start;
    return 0;
}

/* The views of a job's texts, as they are for this slot. */
struct texts_pair {
    struct message_texts args;
    struct message_texts env;
};

static int mark_slot(struct command *c,
                     const struct message_job *m,
                     unsigned slot,
                     struct texts_pair *ret)
{
    char number[SLOT_TEXT_SIZE];
    int r;

    ret->args = m->args;
    ret->env = m->env;
    if (*m->slot_mark == '\0') {
        return 0;
    }
    (void)snprintf(number, sizeof(number), "%u", slot);
    c->marked.size = 0;
    r = put_number(&c->marked, &ret->args, m->slot_mark, number);
    if (r == 0) {
        r = put_number(&c->marked, &ret->env, m->slot_mark, number);
    }
    if (r < 0) {
        return r;
    }
    ret->args.data = (const char *)c->marked.data;
    ret->env.data = ret->args.data + ret->args.size;
    return 0;
}

static int list_candidates(struct command *c,
                           const char *program,
                           struct buf *ret)
{
    return path_candidates(program, environ_get(c->env.entries, "PATH"), ret);
}

static int prepare_argv(struct command *c,
                        const struct message_job *m,
                        const struct message_texts *args)
{
    const char *arg = NULL;
    int r;

    c->argv.size = 0;
    r = vector_add(&c->argv, NULL); /* room for the interpreter */
    while (r == 0 && (arg = texts_next(args, arg)) != NULL) {
        r = vector_add(&c->argv, arg);
    }
    if (r == 0) {
        r = vector_add(&c->argv, NULL);
    }
    if (r == 0) {
        r = list_candidates(c, args->data, &c->candidates);
    }
    if (r < 0) {
        return r;
    }
    if ((m->more.set & MESSAGE_SET_ARGV0) != 0) {
        vector_of(&c->argv)[1] = (char *)(uintptr_t)m->more.argv0;
    }
    c->program.candidates = (const char *)c->candidates.data;
    c->program.argv = vector_of(&c->argv) + 1;
    c->program.interpreter = script_shell;
    return 0;
}

static int prepare_shell(struct command *c, const char *shell, const char *line)
{
    const char *base = strrchr(shell, '/');
    const char *const argv[] = { base == NULL ? shell : base + 1, "-c", line,
                                 NULL };
    int r = list_candidates(c, shell, &c->shell_candidates);

    c->shell_argv.size = 0;
    if (r == 0) {
        r = buf_add(&c->shell_argv, (const void *)argv, sizeof(argv));
    }
    if (r < 0) {
        return r;
    }
    c->fallback.candidates = (const char *)c->shell_candidates.data;
    c->fallback.argv = vector_of(&c->shell_argv);
    return 0;
}

static bool has_clean_env(const struct message_job *m)
{
    return (m->flags & MESSAGE_JOB_CLEAN_ENV) != 0;
}

/* Some shells look at what their input is before they run a line. */
static bool is_about_input(const struct command *c, const struct message_job *m)
{
    return c->shell.socket_matters &&
           (m->input == MESSAGE_INPUT_FD || m->input == MESSAGE_INPUT_INHERIT);
}

static int prepare_line(struct command *c,
                        const struct context *context,
                        const struct message_job *m,
                        const struct texts_pair *texts)
{
    const char *line = texts->args.data;
    int r = shline_shell_set(&c->shell, m->shell_path, &context->env);

    if (r == 0) {
        r = prepare_shell(c, m->shell_path, line);
    }
    if (r == 0 && !is_about_input(c, m) && !has_clean_env(m)) {
        r = shline_prepare(&c->shell, &texts->env, line,
                           c->dir == NULL ? "" : c->dir, &c->env, &c->words);
    }
    if (r <= 0) {
        return r;
    }
    r = list_candidates(c, c->words.program, &c->candidates);
    if (r < 0) {
        return r == -ENOMEM ? r : 0; /* The shell will say it. */
    }
    c->program.candidates = (const char *)c->candidates.data;
    c->program.argv = c->words.argv;
    return 0;
}

/* A relative directory of a job is relative to that of its batch. */
static int prepare_dir(struct command *c,
                       const struct context *context,
                       const char *dir)
{
    int r;

    if (*dir == '\0' || *context->dir == '\0' || *dir == '/') {
        dir = *dir == '\0' ? context->dir : dir;
        c->dir = *dir == '\0' ? NULL : dir;
        return 0;
    }
    c->dir_text.size = 0;
    r = buf_add(&c->dir_text, context->dir, strlen(context->dir));
    if (r == 0) {
        r = buf_add(&c->dir_text, "/", 1);
    }
    if (r == 0) {
        r = buf_add(&c->dir_text, dir, strlen(dir) + 1);
    }
    c->dir = (const char *)c->dir_text.data;
    return r;
}

int command_prepare(struct command *c,
                    const struct context *context,
                    const struct job *job,
                    unsigned slot)
{
    const struct message_job *m = &job->m;
    struct texts_pair texts;
    int r = mark_slot(c, m, slot, &texts);

    c->program = (struct spawn_program){ 0 };
    c->fallback = (struct spawn_program){ 0 };
    if (r == 0) {
        r = prepare_dir(c, context, m->dir);
    }
    if (r == 0) {
        r = environ_make(&c->env,
                         has_clean_env(m) ? &no_environ : &context->env,
                         &texts.env);
    }
    if (r == 0) {
        r = (m->flags & MESSAGE_JOB_SHELL) != 0
                ? prepare_line(c, context, m, &texts)
                : prepare_argv(c, m, &texts.args);
    }
    c->envp = c->env.entries;
    return r < 0 ? r : 0;
}

void command_clear(struct command *c)
{
    environ_vector_clear(&c->env);
    shline_shell_clear(&c->shell);
    shline_words_clear(&c->words);
    buf_clear(&c->marked);
    buf_clear(&c->argv);
    buf_clear(&c->candidates);
    buf_clear(&c->shell_argv);
    buf_clear(&c->shell_candidates);
    buf_clear(&c->dir_text);
}
