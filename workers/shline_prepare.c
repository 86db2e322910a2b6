#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "proto/decode.h"
#include "workers/shline.h"
#include "workers/shline_names.h"

/*
 * Everything here answers 1 (so it is), 0 (the line needs the shell) or
 * -ENOMEM. Texts grow in one buffer, so they are named by where they begin
 * until the last of them is there.
 */

enum {
    LINK_SIZE = 32,
};

/* Where texts begin in words->text, from 1; 0: there is none. */
struct texts {
    size_t pwd;
    size_t underscore;
};

/* How old the knowledge of a directory may be: a shell's own is older when its
 * command starts. */
#define SIGHT_NS (20 * CLOCK_NS_PER_MS)

static const char pwd_name[] = "PWD=";
static const char underscore_name[] = "_=";

static int add_text(struct buf *b,
                    const char *name,
                    const char *value,
                    size_t *ret_start)
{
    size_t start = b->size + 1;
    int r = buf_add(b, name, strlen(name));

    if (r == 0) {
        r = buf_add(b, value, strlen(value) + 1);
    }
    if (r < 0) {
        return r;
    }
    *ret_start = start;
    return 1;
}

static bool is_plain_list(const struct shline_shell *shell,
                          const struct message_texts *added)
{
    const char *text = NULL;

    while (added != NULL && (text = texts_next(added, text)) != NULL) {
        if (shline_variable_of(shell->kind, text) != SHLINE_PASSED) {
            return false;
        }
        if (shell->kind == SHLINE_BASH &&
            (strncmp(text, "BASH", 4) == 0 || strncmp(text, "LC_", 3) == 0 ||
             strncmp(text, "LANG", 4) == 0 || strncmp(text, "SSH", 3) == 0 ||
             strncmp(text, "SHLVL", 5) == 0)) {
            return false;
        }
    }
    return true;
}

/* stat(2), but for what was seen a moment ago. */
static bool look(struct shline_sight *sight, const char *path)
{
    int64_t now_ns = clock_mono_ns();
    size_t size = strlen(path) + 1;

    if (now_ns < sight->until_ns && sight->path.size == size &&
        memcmp(sight->path.data, path, size) == 0) {
        return sight->found;
    }
    sight->found = stat(path, &sight->st) == 0;
    sight->path.size = 0;
    sight->until_ns =
        buf_add(&sight->path, path, size) == 0 ? now_ns + SIGHT_NS : 0;
    return sight->found;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The physical path of a directory, as getcwd(3) in it would say. */
static bool find_physical(const char *dir, const struct stat *st, char *path)
{
    char link[LINK_SIZE];
    struct stat found;
    ssize_t size;
    int fd;

    if (*dir == '\0') {
        if (getcwd(path, PATH_MAX) == NULL) {
            return false;
        }
    } else {
        fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
            return false;
        }
        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        size = readlink(link, path, PATH_MAX);
        (void)close(fd);
        if (size < 0 || size >= PATH_MAX) {
            return false;
        }
        path[size] = '\0';
    }
    /* A directory that was removed has a path that leads nowhere. */
    return path[0] == '/' && stat(path, &found) == 0 &&
           is_same_file(&found, st);
}

/* What shells do: believe PWD if it leads to where they are. */
static int prepare_pwd(const char *dir,
                       const char *pwd,
                       struct shline_words *words,
                       struct texts *texts)
{
    char path[PATH_MAX];
    struct stat is;

    if (stat(*dir == '\0' ? "." : dir, &is) < 0) {
        return 0;
    }
    if (pwd != NULL && pwd[0] == '/' && look(&words->pwd, pwd) &&
        is_same_file(&words->pwd.st, &is)) {
        return 1;
    }
    if (!find_physical(dir, &is, path)) {
        return 0;
    }
    return add_text(&words->text, pwd_name, path, &texts->pwd);
}

static int set_program(struct shline_words *words,
                       const char *dir,
                       size_t dir_size,
                       struct texts *texts)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%.*s%s%s", (int)dir_size, dir,
                     dir_size > 0 && dir[dir_size - 1] != '/' ? "/" : "",
                     words->argv[0]);

    if (n < 0 || (size_t)n >= sizeof(path) || access(path, X_OK) < 0) {
        return 0;
    }
    return add_text(&words->text, underscore_name, path, &texts->underscore);
}

/* Only what all shells read alike: whole paths, without their own signs. */
static bool is_plain_path(const char *search)
{
    const char *element = search;

    if (search == NULL || strpbrk(search, "%~") != NULL) {
        return false;
    }
    for (;;) {
        if (*element != '/') {
            return false;
        }
        element = strchr(element, ':');
        if (element == NULL) {
            return true;
        }
        element++;
    }
}

/*
 * Shells, unlike execvp(3), look for a file that they may execute and then
 * execute that. If it is a directory, or cannot be executed after all, the
 * caller will run the shell, which knows what it does then.
 */
static int search_program(struct shline_words *words,
                          const char *search,
                          struct texts *texts)
{
    if (!is_plain_path(search)) {
        return 0;
    }
    for (;;) {
        size_t size = strcspn(search, ":");
        int r = size < PATH_MAX ? set_program(words, search, size, texts) : 0;

        if (r != 0 || search[size] == '\0') {
            return r;
        }
        search += size + 1;
    }
}

static int find_program(const struct shline_shell *shell,
                        const char *search,
                        struct shline_words *words,
                        struct texts *texts)
{
    const char *name = words->argv[0];

    if (shline_builtin_of(name) != SHLINE_NONE) {
        return set_program(words, shell->builtin_dir,
                           strlen(shell->builtin_dir), texts);
    }
    if (strchr(name, '/') != NULL) {
        /* Relative to where the child will be: it will find out. */
        return add_text(&words->text, underscore_name, name,
                        &texts->underscore);
    }
    return search_program(words, search, texts);
}

/* bash drops an OLDPWD that is no directory. */
static bool is_dropped(struct shline_words *words, const char *entry)
{
    return strncmp(entry, "OLDPWD=", 7) == 0 &&
           (!look(&words->old_pwd, entry + 7) ||
            !S_ISDIR(words->old_pwd.st.st_mode));
}

static void drop_entries(const struct shline_shell *shell,
                         struct shline_words *words,
                         struct environ_vector *env)
{
    const size_t *dropped = (const void *)shell->dropped.data;

    for (size_t i = shell->dropped.size / sizeof(*dropped); i > 0; i--) {
        environ_drop(env, dropped[i - 1]);
    }
    for (size_t i = env->count; shell->kind == SHLINE_BASH && i > 0; i--) {
        if (is_dropped(words, env->entries[i - 1])) {
            environ_drop(env, i - 1);
        }
    }
}

static int change_environment(const struct shline_shell *shell,
                              struct shline_words *words,
                              const struct texts *texts,
                              struct environ_vector *env)
{
    static char level[] = "SHLVL=0";
    char *text = (char *)words->text.data;
    int r = 0;

    if (texts->pwd != 0) {
        r = environ_put(env, text + texts->pwd - 1);
    }
    if (r == 0 && shell->kind == SHLINE_BASH) {
        r = environ_put(env, text + texts->underscore - 1);
    }
    if (r == 0 && shell->kind == SHLINE_BASH &&
        environ_get(env->entries, "SHLVL") == NULL) {
        r = environ_put(env, level);
    }
    if (r == 0) {
        drop_entries(shell, words, env);
    }
    return r < 0 ? r : 1;
}

int shline_prepare(const struct shline_shell *shell,
                   const struct message_texts *added,
                   const char *line,
                   const char *dir,
                   struct environ_vector *env,
                   struct shline_words *ret)
{
    const char *old_pwd = environ_get(env->entries, "OLDPWD");
    struct texts texts = { 0 };
    int r;

    if (shell->kind == SHLINE_OTHER || !is_plain_list(shell, added)) {
        return 0;
    }
    /* A relative one is for the shell, which is in the directory already. */
    if (shell->kind == SHLINE_BASH && old_pwd != NULL && *old_pwd != '\0' &&
        *old_pwd != '/') {
        return 0;
    }
    ret->text.size = 0;
    r = shline_split(line, shell, ret);
    if (r == 1) {
        r = find_program(shell, environ_get(env->entries, "PATH"), ret, &texts);
    }
    if (r == 1) {
        r = prepare_pwd(dir, environ_get(env->entries, "PWD"), ret, &texts);
    }
    if (r == 1) {
        r = change_environment(shell, ret, &texts, env);
    }
    if (r == 1) {
        ret->program = (const char *)ret->text.data + texts.underscore - 1 +
                       strlen(underscore_name);
    }
    return r;
}
