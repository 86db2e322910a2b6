#include "run/shell.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

bool shell_is_known(const char *path)
{
    static const char *const known[] = {
        "sh",   "bash", "dash",  "zsh",  "ksh",   "ksh93",
        "mksh", "oksh", "pdksh", "lksh", "ash",   "fish",
        "tcsh", "csh",  "yash",  "posh", "rbash", "static-sh",
    };
    const char *name = base_name(path);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(name, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool shell_is_csh(const char *path)
{
    const char *name = base_name(path);

    return strcmp(name, "csh") == 0 || strcmp(name, "tcsh") == 0;
}

/* Read a file of /proc/PPID up to its first newline; false if there is none. */
static bool read_parent(const char *name, char *line, size_t room)
{
    char path[64];
    int n;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)getppid(), name);
    n = file_read_start(path, line, room);
    line[strcspn(line, "\n")] = '\0';
    return n > 0;
}

/* The parent's program, when that is a shell. */
static bool parent_shell(struct text *ret)
{
    char link[64];
    char exe[PATH_MAX];
    char comm[32];
    ssize_t n;

    (void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)getppid());
    n = readlink(link, exe, sizeof(exe) - 1);
    if (n > 0) {
        exe[n] = '\0';
        if (shell_is_known(exe)) {
            text_add_string(ret, exe);
            return true;
        }
        if (strcmp(base_name(exe), "busybox") != 0 &&
            strstr(exe, " (deleted)") == NULL) {
            return false;
        }
    }
    /* One program with many names, or one that we may not look at: the name
     * that it was called by has to do. */
    if (!read_parent("comm", comm, sizeof(comm)) || !shell_is_known(comm)) {
        return false;
    }
    text_add_string(ret, "/bin/");
    text_add_string(ret, comm);
    return access(text_string(ret), X_OK) == 0;
}

void shell_find(struct text *ret)
{
    const char *wanted = getenv("PARALLEL_SHELL");

    text_reset(ret);
    if (wanted != NULL && wanted[0] != '\0') {
        text_add_string(ret, wanted);
        return;
    }
    if (parent_shell(ret)) {
        return;
    }
    text_reset(ret);
    wanted = getenv("SHELL");
    text_add_string(ret,
                    wanted != NULL && wanted[0] != '\0' ? wanted : "/bin/sh");
}
