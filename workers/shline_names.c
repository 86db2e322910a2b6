#include "workers/shline_names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * The reserved words and builtins of dash 0.5.12 and bash 5.2 together: one
 * name too many costs a shell, one too few a wrong result. In the order of
 * strcmp. echo, true and false are not here.
 */
static const char *const own[] = {
    "!",       ".",        ":",         "[",        "[[",      "]]",
    "alias",   "bg",       "bind",      "break",    "builtin", "caller",
    "case",    "cd",       "chdir",     "command",  "compgen", "complete",
    "compopt", "continue", "coproc",    "declare",  "dirs",    "disown",
    "do",      "done",     "elif",      "else",     "enable",  "esac",
    "eval",    "exec",     "exit",      "export",   "fc",      "fg",
    "fi",      "for",      "function",  "getopts",  "hash",    "help",
    "history", "if",       "in",        "jobs",     "kill",    "let",
    "local",   "logout",   "mapfile",   "popd",     "printf",  "pushd",
    "pwd",     "read",     "readarray", "readonly", "return",  "select",
    "set",     "shift",    "shopt",     "source",   "suspend", "test",
    "then",    "time",     "times",     "trap",     "type",    "typeset",
    "ulimit",  "umask",    "unalias",   "unset",    "until",   "wait",
    "while",   "{",        "}"
};

/* What bash 5.2 makes of the variables that it is started with, found out by
 * starting it with each of its variables set. In the order of strcmp. */
static const char *const bash_minds[] = {
    "COMP_WORDBREAKS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "EXECIGNORE",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "IFS",
    "LINENO",
    "OPTERR",
    "OPTIND",
    "PIPESTATUS",
    "POSIXLY_CORRECT",
    "POSIX_PEDANTIC",
    "PPID",
    "PS4",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SRANDOM",
    "UID",
};

static const char *const dash_minds[] = { "IFS", "LINENO", "OPTIND", "PPID" };

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct name {
    const char *text;
    size_t size;
};

static int compare(const void *key, const void *item)
{
    const struct name *name = key;
    const char *const *text = item;
    int r = strncmp(name->text, *text, name->size);

    return r != 0 ? r : -((*text)[name->size] != '\0');
}

static bool is_in(const char *const *list, size_t count, struct name name)
{
    return bsearch(&name, (const void *)list, count, sizeof(*list), compare) !=
           NULL;
}

static bool is_name(struct name name, const char *text)
{
    return strlen(text) == name.size &&
           strncmp(name.text, text, name.size) == 0;
}

static bool starts_with(struct name name, const char *prefix)
{
    return strncmp(name.text, prefix, strlen(prefix)) == 0;
}

enum shline_builtin shline_builtin_of(const char *word)
{
    struct name name = { word, strlen(word) };

    if (is_name(name, "echo")) {
        return SHLINE_ECHO;
    }
    if (is_name(name, "true") || is_name(name, "false")) {
        return SHLINE_STATUS;
    }
    return is_in(own, COUNT_OF(own), name) ? SHLINE_OWN : SHLINE_NONE;
}

static bool is_name_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= '0' && c <= '9');
}

static bool is_identifier(struct name name)
{
    if (name.size == 0 || (name.text[0] >= '0' && name.text[0] <= '9')) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        if (!is_name_byte((unsigned char)name.text[i])) {
            return false;
        }
    }
    return true;
}

/* The dynamic linker speaks up in each process that it starts: one more or
 * less can be seen. */
static bool linker_minds(struct name name)
{
    return starts_with(name, "LD_") && !is_name(name, "LD_LIBRARY_PATH") &&
           !is_name(name, "LD_BIND_NOW");
}

/* bash complains of a function whose name it does not like. */
static bool is_function(struct name name)
{
    const size_t prefix = strlen(SHLINE_FUNCTION_PREFIX);
    const size_t suffix = strlen("%%");

    return name.size > prefix + suffix &&
           strncmp(name.text + name.size - suffix, "%%", suffix) == 0 &&
           is_identifier((struct name){ name.text + prefix,
                                        name.size - prefix - suffix });
}

static enum shline_variable variable_of_bash(struct name name)
{
    if (name.size == 0) {
        return SHLINE_DROPPED;
    }
    if (starts_with(name, SHLINE_FUNCTION_PREFIX)) {
        return is_function(name) ? SHLINE_PASSED : SHLINE_MINDED;
    }
    if (starts_with(name, "BASH") ||
        is_in(bash_minds, COUNT_OF(bash_minds), name)) {
        return SHLINE_MINDED;
    }
    if (is_name(name, "PS1") || is_name(name, "PS2")) {
        return SHLINE_DROPPED;
    }
    return SHLINE_PASSED;
}

enum shline_variable shline_variable_of(enum shline_kind kind,
                                        const char *entry)
{
    struct name name = { entry, strcspn(entry, "=") };

    if (linker_minds(name)) {
        return SHLINE_MINDED;
    }
    if (entry[name.size] == '\0') {
        return SHLINE_DROPPED;
    }
    if (kind == SHLINE_BASH) {
        return variable_of_bash(name);
    }
    if (!is_identifier(name)) {
        return SHLINE_DROPPED;
    }
    return is_in(dash_minds, COUNT_OF(dash_minds), name) ? SHLINE_MINDED
                                                         : SHLINE_PASSED;
}
