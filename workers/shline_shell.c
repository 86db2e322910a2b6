#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "workers/path.h"
#include "workers/shline.h"
#include "workers/shline_names.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* The kind of a shell file, by its names: how it is called matters too (rbash
 * is bash with restrictions). */
static enum shline_kind kind_of_file(const char *path)
{
    char real[PATH_MAX];
    const char *called = base_name(path);
    const char *is;

    if (realpath(path, real) == NULL) {
        return SHLINE_OTHER;
    }
    is = base_name(real);
    if (strcmp(called, "sh") != 0 && strcmp(called, is) != 0) {
        return SHLINE_OTHER;
    }
    if (strcmp(is, "dash") == 0) {
        return SHLINE_DASH;
    }
    return strcmp(is, "bash") == 0 ? SHLINE_BASH : SHLINE_OTHER;
}

/* Returns: 0 or -ENOMEM. */
static int find_kind(struct shline_shell *shell)
{
    const char *search = environ_table_get(shell->table, "PATH");
    struct buf candidates = { 0 };
    const char *path;
    int r;

    /* A shell gives up rights that it should not have. */
    if (getuid() != geteuid() || getgid() != getegid()) {
        return 0;
    }
    r = path_candidates(shell->path, search, &candidates);
    path = (const char *)candidates.data;
    while (r == 0 && *path != '\0') {
        if (access(path, X_OK) == 0) {
            shell->kind = kind_of_file(path);
            break;
        }
        path += strlen(path) + 1;
    }
    buf_clear(&candidates);
    return r == -ENOMEM ? r : 0;
}

/* Returns: 0 or -ENOMEM. */
static int read_variables(struct shline_shell *shell)
{
    const size_t prefix = strlen(SHLINE_FUNCTION_PREFIX);
    const struct environ_table *t = shell->table;

    for (size_t i = 0; i < t->count && shell->kind != SHLINE_OTHER; i++) {
        int r = 0;

        if (shell->kind == SHLINE_BASH &&
            strncmp(t->entries[i], SHLINE_FUNCTION_PREFIX, prefix) == 0) {
            shell->has_functions = true;
        }
        switch (shline_variable_of(shell->kind, t->entries[i])) {
        case SHLINE_PASSED:
            break;
        case SHLINE_DROPPED:
            r = buf_add(&shell->dropped, &i, sizeof(i));
            break;
        default:
            shell->kind = SHLINE_OTHER;
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static const char *get(const struct shline_shell *shell, const char *name)
{
    const char *value = environ_table_get(shell->table, name);

    return value != NULL && *value != '\0' ? value : NULL;
}

/* No byte from 0x80 on is a blank, or the first of two of which the second
 * looks like a quote. */
static bool is_plain_charset(const char *locale)
{
    const char *charset = strchr(locale, '.');

    if (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0) {
        return true;
    }
    return charset != NULL && (strncasecmp(charset, ".utf-8", 6) == 0 ||
                               strncasecmp(charset, ".utf8", 5) == 0);
}

static void read_locale(struct shline_shell *shell)
{
    const char *all = get(shell, "LC_ALL");
    const char *type = all != NULL ? all : get(shell, "LC_CTYPE");
    const char *name = type != NULL ? type : get(shell, "LANG");
    locale_t locale;

    shell->bytes_are_plain = name == NULL || is_plain_charset(name);
    if (all != NULL) {
        locale = newlocale(LC_ALL_MASK, all, (locale_t)0);
        if (locale == (locale_t)0) {
            /* bash prints a warning. */
            shell->kind = SHLINE_OTHER;
            return;
        }
        freelocale(locale);
    }
}

/* A shell started by ssh or a network server reads ~/.bashrc, unless another
 * shell is above it. */
static void read_level(struct shline_shell *shell)
{
    const char *level = environ_table_get(shell->table, "SHLVL");

    if (level == NULL || strcmp(level, "0") == 0) {
        shell->socket_matters = true;
        if (environ_table_get(shell->table, "SSH_CLIENT") != NULL ||
            environ_table_get(shell->table, "SSH2_CLIENT") != NULL) {
            shell->kind = SHLINE_OTHER;
        }
    } else if (level[0] < '1' || level[0] > '9' ||
               level[strspn(level, "0123456789")] != '\0' ||
               strlen(level) > 3 || strcmp(level, "999") == 0) {
        /* bash corrects it. */
        shell->kind = SHLINE_OTHER;
    }
}

static const char *find_builtin_dir(void)
{
    if (access("/usr/bin/echo", X_OK) == 0 &&
        access("/usr/bin/true", X_OK) == 0 &&
        access("/usr/bin/false", X_OK) == 0) {
        return "/usr/bin/";
    }
    if (access("/bin/echo", X_OK) == 0 && access("/bin/true", X_OK) == 0 &&
        access("/bin/false", X_OK) == 0) {
        return "/bin/";
    }
    return NULL;
}

int shline_shell_set(struct shline_shell *shell,
                     const char *path,
                     const struct environ_table *table)
{
    int r;

    if (shell->path != NULL && shell->table == table &&
        strcmp(shell->path, path) == 0) {
        return 0;
    }
    shline_shell_clear(shell);
    shell->path = brood_strdup(path);
    shell->table = table;
    shell->bytes_are_plain = true;
    r = shell->path == NULL ? -ENOMEM : find_kind(shell);
    if (r == 0) {
        r = read_variables(shell);
    }
    if (r < 0) {
        shline_shell_clear(shell);
        return r;
    }
    if (shell->kind == SHLINE_BASH) {
        read_locale(shell);
    }
    if (shell->kind == SHLINE_BASH) {
        read_level(shell);
        /* dash starts as fast as a program: there its own builtins win. */
        shell->builtin_dir = find_builtin_dir();
    }
    return 0;
}

void shline_shell_clear(struct shline_shell *shell)
{
    free(shell->path);
    buf_clear(&shell->dropped);
    *shell = (struct shline_shell){ 0 };
}
