/*
 * testfile - the tests of a build directory of CMake where there is no ctest:
 * from CTestTestfile.cmake itself.
 *
 * CMake writes these files, in a small part of its language: add_test(),
 * set_tests_properties(), subdirs(), include() and if(EXISTS) around it, with
 * quoted, bracket and plain arguments. Others are passed over.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "test/suite.h"

enum {
    DEPTH_MAX = 200,
    ARGS_MAX = 65536,
    PIECE_SIZE = 64 * 1024,
};

/* A file that is being read. */
struct script {
    struct suite *suite;
    const char *dir;
    const char *config;
    const char *path;
    const char *at;
    unsigned line;
    int depth;
    /** The arguments of the command that is being read. */
    const char **args;
    size_t n_args;
    struct text *error;
};

static int read_script(struct suite *suite,
                       const char *dir,
                       const char *path,
                       const char *config,
                       int depth,
                       struct text *error);

static int fail(struct script *s, const char *what)
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
        return fail(s, "the end of a bracket argument");
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
            return fail(s, "the end of a quoted argument");
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

    if (s->n_args == ARGS_MAX) {
        return fail(s, "fewer arguments");
    }
    if (level >= 0) {
        r = read_bracket(s, level, &word);
    } else if (*s->at == '"') {
        r = read_quoted(s, &word);
    } else {
        read_plain(s, &word);
    }
    s->args[s->n_args++] =
        arena_copy(&s->suite->arena, text_string(&word), word.size);
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
            return fail(s, "')'");
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

static const char *path_in_dir(struct suite *suite,
                               const char *dir,
                               const char *name)
{
    struct text path = { 0 };
    const char *copy;

    if (*name != '/') {
        text_add_format(&path, "%s/", dir);
    }
    text_add_string(&path, name);
    copy = suite_copy(suite, text_string(&path));
    text_clear(&path);
    return copy;
}

/* ctest tells the program's whole path, and looks for it where it may be. */
static const char *find_program(struct script *s, const char *name)
{
    const char *path = getenv("PATH");
    struct text tried = { 0 };
    const char *found = NULL;

    if (strchr(name, '/') != NULL) {
        found = path_in_dir(s->suite, s->dir, name);
        return access(found, X_OK) == 0 ? found : NULL;
    }
    while (path != NULL && *path != '\0' && found == NULL) {
        size_t size = strcspn(path, ":");

        text_reset(&tried);
        text_add(&tried, path, size);
        text_add_format(&tried, "/%s", name);
        if (access(text_string(&tried), X_OK) == 0) {
            found = suite_copy(s->suite, text_string(&tried));
        }
        path += size + (path[size] == ':');
    }
    text_clear(&tried);
    return found;
}

static int add_test(struct script *s)
{
    struct suite_test *test;
    const char *program;

    if (s->n_args < 2) {
        return fail(s, "a name and a command");
    }
    test = suite_add(s->suite, s->args[0]);
    test->dir = s->dir;
    program = find_program(s, s->args[1]);
    if (program != NULL) {
        s->args[1] = program;
        test->argv = suite_copy_words(s->suite, s->args + 1, s->n_args - 1);
    }
    return 0;
}

static int set_properties(struct script *s)
{
    struct suite_test *test;
    size_t i = 0;

    while (i < s->n_args && strcmp(s->args[i], "PROPERTIES") != 0) {
        i++;
    }
    for (size_t k = 0; k < i; k++) {
        test = suite_find(s->suite, s->args[k]);
        for (size_t p = i + 1; test != NULL && p + 1 < s->n_args; p += 2) {
            const struct suite_value value = {
                .text = s->args[p + 1],
                .words = suite_split(s->suite, s->args[p + 1]),
            };

            if (suite_property(s->suite, test, s->args[p], &value, s->error) <
                0) {
                return -1;
            }
        }
    }
    return 0;
}

static int read_dirs(struct script *s)
{
    int r = 0;

    for (size_t i = 0; i < s->n_args && r == 0; i++) {
        const char *dir = path_in_dir(s->suite, s->dir, s->args[i]);
        const char *path = path_in_dir(s->suite, dir, "CTestTestfile.cmake");

        if (access(path, R_OK) == 0) {
            r = read_script(s->suite, dir, path, s->config, s->depth + 1,
                            s->error);
        }
    }
    return r;
}

static int include(struct script *s)
{
    const char *path =
        s->n_args == 0 ? NULL : path_in_dir(s->suite, s->dir, s->args[0]);

    return path == NULL || access(path, R_OK) < 0
               ? 0
               : read_script(s->suite, s->dir, path, s->config, s->depth + 1,
                             s->error);
}

static int obey(struct script *s, const char *command)
{
    static const struct {
        const char *name;
        int (*obey)(struct script *s);
    } commands[] = {
        { "add_test", add_test },
        { "set_tests_properties", set_properties },
        { "subdirs", read_dirs },
        { "include", include },
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcasecmp(commands[i].name, command) == 0) {
            return commands[i].obey(s);
        }
    }
    return 0;
}

/* if(CTEST_CONFIGURATION_TYPE MATCHES "^(...)$") stands around the tests of a
 * configuration; there may be several. Returns: whether what follows counts. */
static bool holds(const struct script *s)
{
    if (s->n_args == 3 && strcmp(s->args[0], "CTEST_CONFIGURATION_TYPE") == 0) {
        const char *config = s->config == NULL ? "" : s->config;
        const char *p = s->args[2];

        /* "^([Dd][Ee]...)$": each letter in both cases. */
        while (*p != '\0' && *config != '\0') {
            if (*p == '[' && p[1] != '\0' && p[2] != '\0') {
                if (*config != p[1] && *config != p[2]) {
                    return false;
                }
                config++;
                p += 3;
            }
            p++;
        }
        return *config == '\0' && strchr(p, '[') == NULL && s->config != NULL;
    }
    /* if(EXISTS file), if(NOT ...): what it is about is looked at later. */
    return true;
}

/* Which branch of the ifs around a command counts. */
struct branches {
    bool holds[DEPTH_MAX];
    bool done[DEPTH_MAX];
    int n;
};

/* Returns: whether the command was one of these. */
static bool branch(struct script *s, struct branches *b, const char *command)
{
    if (strcasecmp(command, "if") == 0) {
        if (b->n < DEPTH_MAX) {
            b->holds[b->n] = holds(s);
            b->done[b->n] = b->holds[b->n];
            b->n++;
        }
    } else if (strcasecmp(command, "elseif") == 0) {
        if (b->n > 0) {
            b->holds[b->n - 1] = !b->done[b->n - 1] && holds(s);
            b->done[b->n - 1] = b->done[b->n - 1] || b->holds[b->n - 1];
        }
    } else if (strcasecmp(command, "else") == 0) {
        if (b->n > 0) {
            b->holds[b->n - 1] = !b->done[b->n - 1];
        }
    } else if (strcasecmp(command, "endif") == 0) {
        b->n -= b->n > 0;
    } else {
        return false;
    }
    return true;
}

static bool counts(const struct branches *b)
{
    for (int i = 0; i < b->n; i++) {
        if (!b->holds[i]) {
            return false;
        }
    }
    return true;
}

static int obey_all(struct script *s)
{
    struct branches branches = { 0 };
    struct text command = { 0 };
    int r = 0;

    for (skip_blanks(s); r == 0 && *s->at != '\0'; skip_blanks(s)) {
        text_reset(&command);
        while (isalnum((unsigned char)*s->at) || *s->at == '_') {
            text_add_char(&command, *s->at);
            step(s);
        }
        while (*s->at == ' ') {
            step(s);
        }
        if (command.size == 0 || *s->at != '(') {
            r = fail(s, "a command and '('");
            break;
        }
        r = read_arguments(s);
        if (r == 0 && !branch(s, &branches, text_string(&command)) &&
            counts(&branches)) {
            r = obey(s, text_string(&command));
        }
    }
    text_clear(&command);
    return r;
}

static int read_file(const char *path, struct text *out, struct text *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    while (fd >= 0 &&
           (n = read(fd, text_reserve(out, PIECE_SIZE), PIECE_SIZE)) > 0) {
        out->size += (size_t)n;
    }
    if (n < 0) {
        text_add_format(error, "cannot read '%s': %s", path,
                        brood_strerror(-errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    text_add_char(out, '\0');
    return n < 0 ? -1 : 0;
}

static int read_script(struct suite *suite,
                       const char *dir,
                       const char *path,
                       const char *config,
                       int depth,
                       struct text *error)
{
    struct text text = { 0 };
    struct script s = { .suite = suite,
                        .dir = dir,
                        .config = config,
                        .path = path,
                        .line = 1,
                        .depth = depth,
                        .error = error };
    int r = depth > DEPTH_MAX ? fail(&s, "directories that are not so deep")
                              : read_file(path, &text, error);

    if (r == 0) {
        s.args = calloc(ARGS_MAX, sizeof(const char *));
        if (s.args == NULL) {
            text_no_memory();
        }
        s.at = text.data;
        r = obey_all(&s);
        free((void *)s.args);
    }
    text_clear(&text);
    return r;
}

int suite_from_testfile(struct suite *suite,
                        const char *dir,
                        const char *config,
                        struct text *error)
{
    char *whole = realpath(dir, NULL);
    const char *copy;

    if (whole == NULL) {
        text_add_format(error, "cannot find '%s': %s", dir,
                        brood_strerror(-errno));
        return -1;
    }
    copy = suite_copy(suite, whole);
    free(whole);
    return read_script(suite, copy,
                       path_in_dir(suite, copy, "CTestTestfile.cmake"), config,
                       0, error);
}
