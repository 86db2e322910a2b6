/*
 * testfile - the tests of a build directory of CMake where there is no ctest:
 * from CTestTestfile.cmake itself.
 *
 * CMake writes these files, in a small part of its language: add_test(),
 * set_tests_properties(), subdirs(), include() and if(EXISTS) around it, with
 * quoted, bracket and plain arguments. Others are passed over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "file.h"
#include "suite/script.h"
#include "suite/suite.h"

enum {
    DEPTH_MAX = 200,
};

/* A file that is being obeyed. */
struct testfile {
    struct script script;
    struct suite *suite;
    const char *dir;
    const char *config;
    int depth;
};

static int read_script(struct suite *suite,
                       const char *dir,
                       const char *path,
                       const char *config,
                       int depth,
                       struct text *error);

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
static const char *find_program(struct testfile *f, const char *name)
{
    struct text path = { 0 };
    const char *found = NULL;

    if (strchr(name, '/') != NULL) {
        found = path_in_dir(f->suite, f->dir, name);
        return access(found, X_OK) == 0 ? found : NULL;
    }
    if (file_find_program(name, &path)) {
        found = suite_copy(f->suite, text_string(&path));
    }
    text_clear(&path);
    return found;
}

static int add_test(struct testfile *f)
{
    struct suite_test *test;
    const char *program;

    if (f->script.n_args < 2) {
        return script_fail(&f->script, "a name and a command");
    }
    test = suite_add(f->suite, f->script.args[0]);
    test->dir = f->dir;
    program = find_program(f, f->script.args[1]);
    if (program != NULL) {
        f->script.args[1] = program;
        test->argv = suite_copy_words(f->suite, f->script.args + 1,
                                      f->script.n_args - 1);
    } else {
        test->missing = suite_copy(f->suite, f->script.args[1]);
    }
    return 0;
}

/* The values of properties stand behind their names, from args[@first] on. */
static int set_all(struct testfile *f, struct suite_test *test, size_t first)
{
    for (size_t i = first; i + 1 < f->script.n_args; i += 2) {
        const struct suite_value value = {
            .text = f->script.args[i + 1],
            .words = suite_split(f->suite, f->script.args[i + 1]),
        };

        if (suite_property(f->suite, test, f->script.args[i], &value,
                           f->script.error) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Of all tests so far that have a name, as ctest does. */
static int set_properties(struct testfile *f)
{
    size_t n = 0;
    int r = 0;

    while (n < f->script.n_args &&
           strcmp(f->script.args[n], "PROPERTIES") != 0) {
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        struct suite_test *test = suite_find(f->suite, f->script.args[i]);

        for (; test != NULL && r == 0; test = suite_find_next(f->suite, test)) {
            r = set_all(f, test, n + 1);
        }
    }
    return r;
}

static int read_dirs(struct testfile *f)
{
    int r = 0;

    for (size_t i = 0; i < f->script.n_args && r == 0; i++) {
        const char *dir = path_in_dir(f->suite, f->dir, f->script.args[i]);
        const char *path = path_in_dir(f->suite, dir, "CTestTestfile.cmake");

        if (access(path, R_OK) == 0) {
            r = read_script(f->suite, dir, path, f->config, f->depth + 1,
                            f->script.error);
        }
    }
    return r;
}

static int include(struct testfile *f)
{
    const char *path = f->script.n_args == 0
                           ? NULL
                           : path_in_dir(f->suite, f->dir, f->script.args[0]);

    return path == NULL || access(path, R_OK) < 0
               ? 0
               : read_script(f->suite, f->dir, path, f->config, f->depth + 1,
                             f->script.error);
}

static int obey(struct testfile *f, const char *command)
{
    static const struct {
        const char *name;
        int (*obey)(struct testfile *f);
    } commands[] = {
        { "add_test", add_test },
        { "set_tests_properties", set_properties },
        { "subdirs", read_dirs },
        { "include", include },
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcasecmp(commands[i].name, command) == 0) {
            return commands[i].obey(f);
        }
    }
    return 0;
}

/* Whether a configuration is what "^([Dd][Ee]...)$" says: each letter in both
 * cases. */
static bool is_config(const char *config, const char *pattern)
{
    for (const char *p = strchr(pattern, '['); p != NULL;
         p = strchr(p + 1, '[')) {
        if (*config == '\0' || p[1] == '\0' ||
            (*config != p[1] && *config != p[2])) {
            return false;
        }
        config++;
    }
    return *config == '\0';
}

/* if(CTEST_CONFIGURATION_TYPE MATCHES ...) stands around the tests of a
 * configuration. Of others, if(EXISTS file) and the like, what it is about is
 * looked at later. Returns: whether what follows counts. */
static bool holds(const struct testfile *f)
{
    if (f->script.n_args != 3 ||
        strcmp(f->script.args[0], "CTEST_CONFIGURATION_TYPE") != 0) {
        return true;
    }
    return f->config != NULL && is_config(f->config, f->script.args[2]);
}

/* Which branch of the ifs around a command counts. */
struct branches {
    bool holds[DEPTH_MAX];
    bool done[DEPTH_MAX];
    int n;
};

/* Returns: whether the command was one of these. */
static bool branch(struct testfile *f, struct branches *b, const char *command)
{
    if (strcasecmp(command, "if") == 0) {
        if (b->n < DEPTH_MAX) {
            b->holds[b->n] = holds(f);
            b->done[b->n] = b->holds[b->n];
            b->n++;
        }
    } else if (strcasecmp(command, "elseif") == 0) {
        if (b->n > 0) {
            b->holds[b->n - 1] = !b->done[b->n - 1] && holds(f);
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

static int obey_all(struct testfile *f)
{
    struct branches branches = { 0 };
    struct text command = { 0 };
    int r;

    while ((r = script_next(&f->script, &command)) == 1) {
        if (!branch(f, &branches, text_string(&command)) && counts(&branches) &&
            obey(f, text_string(&command)) < 0) {
            r = -1;
            break;
        }
    }
    text_clear(&command);
    return r;
}

static int read_file(const char *path, struct text *out, struct text *error)
{
    int r = file_read(path, out);

    if (r < 0) {
        text_add_format(error, "cannot read '%s': %s", path, brood_strerror(r));
    }
    text_add_char(out, '\0');
    return r < 0 ? -1 : 0;
}

static int read_script(struct suite *suite,
                       const char *dir,
                       const char *path,
                       const char *config,
                       int depth,
                       struct text *error)
{
    struct text text = { 0 };
    struct testfile f = { .script = { .arena = &suite->arena,
                                      .path = path,
                                      .line = 1,
                                      .error = error },
                          .suite = suite,
                          .dir = dir,
                          .config = config,
                          .depth = depth };
    int r = depth > DEPTH_MAX
                ? script_fail(&f.script, "directories that are not so deep")
                : read_file(path, &text, error);

    if (r == 0) {
        f.script.args = calloc(SCRIPT_ARGS_MAX, sizeof(const char *));
        if (f.script.args == NULL) {
            text_no_memory();
        }
        f.script.at = text.data;
        r = obey_all(&f);
        free((void *)f.script.args);
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
