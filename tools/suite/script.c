/* script - commands and their arguments, in the part of CMake's language that
 * CTestTestfile.cmake is written in. */
#include "suite/script.h"

#include <ctype.h>
#include <string.h>

int script_fail(struct script *s, const char *what)
{
    text_add_format(s->error, "%s:%u: expected %s", s->path, s->line, what);
    return -1;
}

static void step(struct script *s)
{
    s->line += *s->at == '\n';
    s->at++;
}

/* How many = a bracket [==[ has; -1: it is none. */
static int bracket(const char *p)
{
    int n = 0;

    if (*p++ != '[') {
        return -1;
    }
    while (*p == '=') {
        p++;
        n++;
    }
    return *p == '[' ? n : -1;
}

static int read_bracket(struct script *s, int level, struct text *word)
{
    struct text end = { 0 };
    const char *stop;

    text_add_char(&end, ']');
    for (int i = 0; i < level; i++) {
        text_add_char(&end, '=');
    }
    text_add_char(&end, ']');
    s->at += level + 2;
    if (*s->at == '\n') {
        step(s);
    }
    stop = strstr(s->at, text_string(&end));
    if (stop == NULL) {
        text_clear(&end);
        return script_fail(s, "the end of a bracket argument");
    }
    text_add(word, s->at, (size_t)(stop - s->at));
    while (s->at < stop) {
        step(s);
    }
    s->at += end.size;
    text_clear(&end);
    return 0;
}

/* Behind a backslash. */
static void read_escape(struct script *s, struct text *word)
{
    static const char letters[] = "tnr";
    static const char meant[] = "\t\n\r";
    const char *letter;

    step(s);
    letter = *s->at == '\0' ? NULL : strchr(letters, *s->at);
    if (*s->at == '\n') {
        step(s); /* the line goes on */
    } else if (letter != NULL) {
        text_add_char(word, meant[letter - letters]);
        step(s);
    } else if (*s->at == ';') {
        text_add_string(word, "\\;");
        step(s);
    } else if (*s->at != '\0') {
        text_add_char(word, *s->at);
        step(s);
    }
}

static int read_quoted(struct script *s, struct text *word)
{
    step(s);
    while (*s->at != '"') {
        if (*s->at == '\0') {
            return script_fail(s, "the end of a quoted argument");
        }
        if (*s->at == '\\') {
            read_escape(s, word);
        } else {
            text_add_char(word, *s->at);
            step(s);
        }
    }
    step(s);
    return 0;
}

static void read_plain(struct script *s, struct text *word)
{
    while (*s->at != '\0' && !isspace((unsigned char)*s->at) &&
           strchr("()#\"", *s->at) == NULL) {
        if (*s->at == '\\') {
            read_escape(s, word);
        } else {
            text_add_char(word, *s->at);
            step(s);
        }
    }
}

static void skip_blanks(struct script *s)
{
    while (isspace((unsigned char)*s->at) || *s->at == '#') {
        if (*s->at == '#') {
            while (*s->at != '\0' && *s->at != '\n') {
                step(s);
            }
        } else {
            step(s);
        }
    }
}

static int read_argument(struct script *s)
{
    struct text word = { 0 };
    int level = bracket(s->at);
    int r = 0;

    if (s->n_args == SCRIPT_ARGS_MAX) {
        return script_fail(s, "fewer arguments");
    }
    if (level >= 0) {
        r = read_bracket(s, level, &word);
    } else if (*s->at == '"') {
        r = read_quoted(s, &word);
    } else {
        read_plain(s, &word);
    }
    s->args[s->n_args++] = arena_copy(s->arena, text_string(&word), word.size);
    text_clear(&word);
    return r;
}

/* "(...)", with parentheses inside of it as arguments of their own. */
static int read_arguments(struct script *s)
{
    int depth = 1;
    int r = 0;

    s->n_args = 0;
    step(s);
    while (r == 0 && depth > 0) {
        skip_blanks(s);
        if (*s->at == '\0') {
            return script_fail(s, "')'");
        }
        if (*s->at == '(' || *s->at == ')') {
            depth += *s->at == '(' ? 1 : -1;
            step(s);
        } else {
            r = read_argument(s);
        }
    }
    return r;
}

int script_next(struct script *s, struct text *command)
{
    int r;

    text_reset(command);
    skip_blanks(s);
    if (*s->at == '\0') {
        return 0;
    }
    while (isalnum((unsigned char)*s->at) || *s->at == '_') {
        text_add_char(command, *s->at);
        step(s);
    }
    while (*s->at == ' ') {
        step(s);
    }
    if (command->size == 0 || *s->at != '(') {
        return script_fail(s, "a command and '('");
    }
    r = read_arguments(s);
    return r < 0 ? r : 1;
}
