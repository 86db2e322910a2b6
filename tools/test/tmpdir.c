/*
 * tmpdir - a private directory for each test that runs, as its TMPDIR.
 *
 * A directory that a test has left as it was is renamed for the next one: on
 * ext4 a new one costs some twenty times that, and more the more there were in
 * the last seconds. Its time is set back a little when it is made, so that
 * whatever happens in it later shows, however coarse the clock of the file
 * system is.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "test/testing.h"

enum {
    BACK_S = 2,
    NEW_S = 2,
    /* How long to try to remove one while tests run, and at the end. */
    REMOVE_MS = 2000,
    END_MS = 60000,
};

struct test_tmpdir {
    struct test_tmpdir *next;
    struct text path;
    /** As it was made. */
    struct stat made;
};

static struct test_tmpdir *tmpdir_free(struct test_tmpdir *d)
{
    text_clear(&d->path);
    free(d);
    return NULL;
}

/* Returns: 0, or a negative error. */
static int make(struct test_tmpdir *d)
{
    const char *path = text_string(&d->path);
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

    if (mkdir(path, 0700) < 0 || lstat(path, &d->made) < 0) {
        return -errno;
    }
    times[1] = d->made.st_mtim;
    times[1].tv_sec -= BACK_S;
    if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0 ||
        lstat(path, &d->made) < 0) {
        return -errno;
    }
    return 0;
}

static bool is_as_made(const struct test_tmpdir *d)
{
    const struct stat *made = &d->made;
    struct stat now;

    return lstat(text_string(&d->path), &now) == 0 &&
           now.st_dev == made->st_dev && now.st_ino == made->st_ino &&
           now.st_mode == made->st_mode && now.st_uid == made->st_uid &&
           now.st_gid == made->st_gid &&
           now.st_mtim.tv_sec == made->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == made->st_mtim.tv_nsec;
}

/* Give an unused directory a new name. Returns: it; NULL if there is none. */
static struct test_tmpdir *rename_unused(struct testing *t, struct text *path)
{
    struct test_tmpdir *d = t->unused_tmpdirs;
    struct text old;

    if (d == NULL) {
        return NULL;
    }
    t->unused_tmpdirs = d->next;
    if (rename(text_string(&d->path), text_string(path)) < 0) {
        (void)file_remove_tree(text_string(&d->path), REMOVE_MS);
        return tmpdir_free(d);
    }
    old = d->path;
    d->path = *path;
    *path = old;
    return d;
}

int test_tmpdir_take(struct testing *t, struct test_case *c)
{
    struct text path = { 0 };
    int r = 0;

    text_add_format(&path, "%s/%zu", t->tmp_dir, ++t->n_tmpdirs);
    c->tmpdir = rename_unused(t, &path);
    if (c->tmpdir == NULL) {
        c->tmpdir = calloc(1, sizeof(*c->tmpdir));
        if (c->tmpdir == NULL) {
            text_no_memory();
        }
        text_add(&c->tmpdir->path, path.data, path.size);
        r = make(c->tmpdir);
    }
    text_clear(&path);
    if (r < 0) {
        test_tmpdir_give_back(t, c);
    }
    return r;
}

const char *test_tmpdir_path(const struct test_case *c)
{
    return text_string(&c->tmpdir->path);
}

void test_tmpdir_give_back(struct testing *t, struct test_case *c)
{
    struct test_tmpdir *d = c->tmpdir;

    c->tmpdir = NULL;
    if (d == NULL) {
        return;
    }
    if (is_as_made(d)) {
        d->next = t->unused_tmpdirs;
        t->unused_tmpdirs = d;
        return;
    }
    /* Else it is removed at the end of the run. */
    (void)file_remove_tree(text_string(&d->path), REMOVE_MS);
    (void)tmpdir_free(d);
}

/* A run holds a lock on its directory. Returns: the descriptor; -1 if another
 * has it, or there is none. */
static int lock(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* Remove what a run has left that was killed: ours, with no lock, and not made
 * just now, since the lock comes a moment after the directory. */
static void remove_if_left(const char *path)
{
    struct stat st;
    int fd;

    if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) ||
        st.st_uid != geteuid() || st.st_ctim.tv_sec + NEW_S > time(NULL)) {
        return;
    }
    fd = lock(path);
    if (fd >= 0) {
        (void)file_remove_tree(path, END_MS);
        (void)close(fd);
    }
}

static void remove_left(const char *tmp)
{
    struct text pattern = { 0 };
    glob_t found = { 0 };

    file_add_literal(&pattern, tmp);
    text_add_string(&pattern, "/brood-test-??????");
    if (glob(text_string(&pattern), GLOB_NOSORT, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            remove_if_left(found.gl_pathv[i]);
        }
    }
    globfree(&found);
    text_clear(&pattern);
}

int test_tmpdirs_open(struct testing *t)
{
    const char *tmp = getenv("TMPDIR");
    struct text path = { 0 };

    tmp = tmp == NULL || *tmp != '/' ? "/tmp" : tmp;
    remove_left(tmp);
    text_add_format(&path, "%s/brood-test-XXXXXX", tmp);
    t->tmp_dir = strdup(text_string(&path));
    text_clear(&path);
    if (t->tmp_dir == NULL) {
        text_no_memory();
    }
    if (mkdtemp(t->tmp_dir) == NULL) {
        test_fail(t, TEST_STATUS_OURS, "cannot make '%s': %s", t->tmp_dir,
                  brood_strerror(-errno));
        free(t->tmp_dir);
        t->tmp_dir = NULL;
        return -1;
    }
    t->tmp_lock = lock(t->tmp_dir);
    return 0;
}

void test_tmpdirs_close(struct testing *t)
{
    while (t->unused_tmpdirs != NULL) {
        struct test_tmpdir *d = t->unused_tmpdirs;

        t->unused_tmpdirs = d->next;
        (void)tmpdir_free(d);
    }
    for (size_t i = 0; i < t->n_cases; i++) {
        if (t->cases[i].tmpdir != NULL) {
            t->cases[i].tmpdir = tmpdir_free(t->cases[i].tmpdir);
        }
    }
    if (t->tmp_dir != NULL) {
        (void)file_remove_tree(t->tmp_dir, END_MS);
        free(t->tmp_dir);
        t->tmp_dir = NULL;
        if (t->tmp_lock >= 0) {
            (void)close(t->tmp_lock);
        }
    }
}
