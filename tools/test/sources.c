/* sources - from what the user names to tests of a suite. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "suite/cmake_cache.h"
#include "test/testing.h"

enum {
    LINE_SIZE = 256,
    MS_PER_S = 1000,
};

/* "TimeOut: 1500" of DartConfiguration.tcl: what ctest gives tests that say
 * nothing of it. */
static int64_t read_default_limit(const char *dir)
{
    struct text path = { 0 };
    char line[LINE_SIZE];
    int64_t ms = 0;
    FILE *file;

    text_add_format(&path, "%s/DartConfiguration.tcl", dir);
    file = fopen(text_string(&path), "re");
    text_clear(&path);
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "TimeOut:", strlen("TimeOut:")) == 0) {
            long seconds = strtol(line + strlen("TimeOut:"), NULL, 10);

            ms = seconds > 0 && seconds < INT32_MAX ? seconds * MS_PER_S : 0;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return ms;
}

static int load_cmake(struct testing *t, const char *dir, struct text *error)
{
    const char *config = t->options.config;
    struct text names = { 0 };
    size_t first = t->suite.n;
    int64_t limit_ms = read_default_limit(dir);
    int r = cmake_cache_check(dir, &config, &names, error);

    if (r == 0) {
        r = suite_from_ctest(&t->suite, dir, config, error);
    }
    for (size_t i = first; i < t->suite.n; i++) {
        t->suite.tests[i].default_timeout_ms = limit_ms;
    }
    text_clear(&names);
    return r;
}

static int load_dir(struct testing *t, const char *dir, struct text *error)
{
    struct suite *suite = &t->suite;

    if (suite->dir == NULL) {
        suite->dir = dir;
    }
    if (file_is_in(dir, "CTestTestfile.cmake", R_OK)) {
        return load_cmake(t, dir, error);
    }
    if (file_is_in(dir, "meson-info/intro-tests.json", R_OK)) {
        return suite_from_meson(suite, dir, error);
    }
    return suite_from_tap_dir(suite, dir, t->options.recurse, error);
}

/* Lines of a job file are commands: no other file may be taken for one by
 * mistake. */
static bool has_job_ending(const char *path)
{
    static const char *const ends[] = { ".jobs", ".jsonl" };
    size_t size = strlen(path);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end = strlen(ends[i]);

        if (size > end && strcmp(path + size - end, ends[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int load(struct testing *t, const char *source, struct text *error)
{
    size_t size = strlen(source);
    struct stat st;

    if (stat(source, &st) < 0) {
        text_add_format(error, "cannot read '%s': %s", source,
                        brood_strerror(-errno));
        return -1;
    }
    if (S_ISDIR(st.st_mode)) {
        return load_dir(t, source, error);
    }
    if (has_job_ending(source)) {
        return suite_from_jobs(&t->suite, source, error);
    }
    if ((st.st_mode & 0111) != 0 || t->options.tap_programs ||
        (size > 2 && strcmp(source + size - 2, ".t") == 0)) {
        return suite_from_program(&t->suite, source, t->options.tap_programs,
                                  error);
    }
    if (t->options.from_jobs) {
        return suite_from_jobs(&t->suite, source, error);
    }
    text_add_format(error,
                    "'%s' is no directory, program or job file (*.jobs, "
                    "*.jsonl; --from-jobs takes it for one)",
                    source);
    return -1;
}

int test_load(struct testing *t)
{
    struct text error = { 0 };
    int r = 0;

    for (size_t i = 0; i < t->options.sources.n && r == 0; i++) {
        r = load(t, t->options.sources.items[i], &error);
    }
    if (r < 0) {
        test_fail(t, TEST_STATUS_USAGE, "%s", text_string(&error));
    }
    if (r == 0 && t->suite.warning != NULL) {
        test_say(t, "%s", t->suite.warning);
    }
    text_clear(&error);
    return r;
}
