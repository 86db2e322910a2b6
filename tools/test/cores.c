/*
 * cores - where the core of a test that crashed is.
 *
 * By the kernel's pattern the name may be without the process id: "core". Then
 * all tests of a directory dump to one file, and the next that crashes writes
 * over what gdb still reads. So the file is renamed to NAME.PID, by the id that
 * stands in it, until gdb has answered; then it gets its name back, unless
 * that has been taken. What is overwritten before it is renamed is lost, and
 * that is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "test/core_file.h"
#include "test/testing.h"

enum {
    PATTERN_SIZE = 256,
    /* Instead of a process id. */
    ANY_FILE = 0,
    ANY_PID = -1,
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

/* The pattern of core(5) as one of glob(7). Returns: whether the process id is
 * in it. */
static bool add_pattern(struct text *out,
                        const char *pattern,
                        const struct suite_test *test,
                        int pid)
{
    char uses_pid[8];

    if (*pattern != '/') {
        file_add_literal(out, test->dir == NULL ? "." : test->dir);
        text_add_char(out, '/');
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
    if (strstr(pattern, "%p") != NULL) {
        return true;
    }
    if (read_line("/proc/sys/kernel/core_uses_pid", uses_pid,
                  sizeof(uses_pid)) > 0 &&
        *uses_pid == '1') {
        text_add_format(out, ".%d", pid);
        return true;
    }
    return false;
}

static bool is_of(const char *path, int pid)
{
    int owner = pid == ANY_FILE ? 0 : core_file_pid(path);

    return pid == ANY_PID ? owner > 0 : owner == pid;
}

/* The newest file of a pattern that is not older than the test, and is of that
 * process. Returns: whether there is one. */
static bool find(const char *pattern,
                 int64_t start_ns,
                 int pid,
                 struct text *ret)
{
    time_t newest = (time_t)(start_ns / NS_PER_S);
    glob_t found = { 0 };
    bool any = false;

    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct stat st;

            if (stat(found.gl_pathv[i], &st) == 0 && st.st_mtime >= newest &&
                is_of(found.gl_pathv[i], pid)) {
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

/* @pid  0: that is not known. */
static void add_overwritten(struct test_case *c, int pid)
{
    text_add_string(&c->output, "core: overwritten");
    if (pid > 0) {
        text_add_format(&c->output, " by that of process %d", pid);
    }
    text_add_char(&c->output, '\n');
}

static bool rename_if_free(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

static bool is_running(const struct testing *t, int pid)
{
    for (const struct test_case *c = t->running; c != NULL; c = c->next) {
        if (c->pid == pid) {
            return true;
        }
    }
    return false;
}

/* Put a case's own aside, so that the next one makes a new file. It may have
 * been put aside already: on its behalf, or when its process had just opened
 * the file of another's. */
static void put_aside(struct test_case *c, int pid, bool is_aside)
{
    struct text found = c->core;
    char suffix[16];
    size_t size;

    (void)snprintf(suffix, sizeof(suffix), ".%d", pid);
    size = strlen(suffix);
    c->core = (struct text){ 0 };
    text_add(&c->core_name, found.data, found.size);
    if (found.size > size &&
        strcmp(found.data + found.size - size, suffix) == 0) {
        is_aside = true;
    }
    if (is_aside) {
        c->core_name.size =
            (size_t)(strrchr(c->core_name.data, '.') - c->core_name.data);
        c->core_name.data[c->core_name.size] = '\0';
    }
    text_add_format(&c->core, "%s%s", c->core_name.data, suffix);
    if (strcmp(found.data, c->core.data) != 0 &&
        !rename_if_free(found.data, c->core.data)) {
        text_reset(&c->core);
        text_add(&c->core, found.data, found.size);
    }
    text_add_format(&c->output, "core: %s\n", c->core_name.data);
    text_clear(&found);
}

/* What is there under its name is not its own. If it is another's that still
 * has to ask for it, it is put aside for that one. */
static void look_at_other(const struct testing *t,
                          struct test_case *c,
                          const char *name)
{
    int owner = core_file_pid(name);
    struct text aside = { 0 };

    if (owner <= 0) {
        text_add_format(&c->output, "core: %s, incomplete\n", name);
        return;
    }
    if (is_running(t, owner)) {
        text_add_format(&aside, "%s.%d", name, owner);
        (void)rename_if_free(name, aside.data);
    }
    add_overwritten(c, owner);
    text_clear(&aside);
}

/* A name that other tests have too. */
static void take_shared(const struct testing *t,
                        struct test_case *c,
                        const char *pattern,
                        const struct brood_result *result)
{
    int64_t start_ns = result->start_ns;
    struct text aside = { 0 };

    text_add_format(&aside, "%s.*", pattern);
    if (find(pattern, start_ns, result->pid, &c->core)) {
        put_aside(c, result->pid, false);
    } else if (find(aside.data, start_ns, result->pid, &c->core)) {
        put_aside(c, result->pid, true);
    } else if (find(pattern, start_ns, ANY_FILE, &c->core)) {
        look_at_other(t, c, c->core.data);
        text_reset(&c->core);
    } else if (find(aside.data, start_ns, ANY_PID, &c->core)) {
        add_overwritten(c, core_file_pid(c->core.data));
        text_reset(&c->core);
    } else {
        text_add_string(&c->output, "core: not found\n");
    }
    text_clear(&aside);
}

void test_core_add(const struct testing *t,
                   struct test_case *c,
                   const struct brood_result *result)
{
    char pattern[PATTERN_SIZE];
    struct text glob_pattern = { 0 };

    text_reset(&c->core);
    text_reset(&c->core_name);
    if (!result->core_dumped || read_line("/proc/sys/kernel/core_pattern",
                                          pattern, sizeof(pattern)) == 0) {
        return;
    }
    if (*pattern == '|') {
        pattern[strcspn(pattern, " ")] = '\0';
        text_add_format(&c->output, "the core was given to %s\n", pattern + 1);
        return;
    }
    if (!add_pattern(&glob_pattern, pattern, c->test, result->pid)) {
        take_shared(t, c, glob_pattern.data, result);
    } else if (find(glob_pattern.data, result->start_ns, ANY_FILE, &c->core)) {
        text_add_format(&c->output, "core: %s\n", c->core.data);
    }
    text_clear(&glob_pattern);
}

bool test_core_is_kept(struct test_case *c, int pid)
{
    int owner = c->core_name.size > 0 ? core_file_pid(c->core.data) : pid;

    if (owner != pid) {
        add_overwritten(c, owner);
    }
    return owner == pid;
}

void test_core_give_back(struct test_case *c)
{
    const char *name = text_string(&c->core_name);

    if (c->core_name.size > 0 && strcmp(name, c->core.data) != 0 &&
        !rename_if_free(c->core.data, name) && errno == EEXIST) {
        /* What is there is not replaced: it may be of a test that has not been
         * judged yet, and a process that is about to write to it would find
         * that it has no name, and dump nothing. */
        (void)unlink(c->core.data);
        text_add_format(&c->output, "core: %s is now another's\n", name);
    }
    text_reset(&c->core_name);
}

void test_core_leave(const struct testing *t,
                     struct test_case *c,
                     const struct brood_result *result)
{
    text_reset(&c->core);
    if (result->core_dumped) {
        /* It may have been put aside on its behalf. */
        test_core_add(t, c, result);
        test_core_give_back(c);
        text_reset(&c->core);
        text_clear(&c->output);
    }
}
