/* cores - where the core of a test that crashed is. */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "test/testing.h"

enum {
    PATTERN_SIZE = 256,
};

#define NS_PER_S INT64_C(1000000000)

/* The first line of a small file. Returns: its size. */
static size_t read_line(const char *path, char *line, size_t size)
{
    if (file_read_start(path, line, size) < 0) {
        *line = '\0';
    }
    line[strcspn(line, "\n")] = '\0';
    return strlen(line);
}

/* The pattern of core(5) as one of glob(7). */
static void add_pattern(struct text *out,
                        const char *pattern,
                        const struct suite_test *test,
                        int pid)
{
    char uses_pid[8];

    if (*pattern != '/') {
        text_add_format(out, "%s/", test->dir == NULL ? "." : test->dir);
    }
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p != '%') {
            text_add(out, p, 1);
        } else if (*++p == 'p') {
            text_add_format(out, "%d", pid);
        } else if (*p == '\0') {
            break;
        } else {
            text_add_char(out, '*');
        }
    }
    if (strstr(pattern, "%p") == NULL &&
        read_line("/proc/sys/kernel/core_uses_pid", uses_pid,
                  sizeof(uses_pid)) > 0 &&
        *uses_pid == '1') {
        text_add_format(out, ".%d", pid);
    }
}

/* The newest file of a pattern that is not older than the test. Returns:
 * whether there is one. */
static bool find(const char *pattern, int64_t start_ns, struct text *ret)
{
    time_t newest = (time_t)(start_ns / NS_PER_S);
    glob_t found = { 0 };
    bool any = false;

    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct stat st;

            if (stat(found.gl_pathv[i], &st) == 0 && st.st_mtime >= newest) {
                newest = st.st_mtime;
                text_reset(ret);
                text_add_string(ret, found.gl_pathv[i]);
                any = true;
            }
        }
    }
    globfree(&found);
    return any;
}

void test_core_add(struct test_case *c, const struct brood_result *result)
{
    char pattern[PATTERN_SIZE];
    struct text glob_pattern = { 0 };
    struct text core = { 0 };

    text_reset(&c->core);
    if (!result->core_dumped || read_line("/proc/sys/kernel/core_pattern",
                                          pattern, sizeof(pattern)) == 0) {
        return;
    }
    if (*pattern == '|') {
        pattern[strcspn(pattern, " ")] = '\0';
        text_add_format(&c->output, "the core was given to %s\n", pattern + 1);
        return;
    }
    add_pattern(&glob_pattern, pattern, c->test, result->pid);
    if (find(text_string(&glob_pattern), result->start_ns, &core)) {
        text_add_format(&c->output, "core: %s\n", core.data);
        text_add(&c->core, core.data, core.size);
    }
    text_clear(&glob_pattern);
    text_clear(&core);
}
