/* programs - programs that are tests themselves, and directories of them. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brood.h>

#include "suite/suite.h"

enum {
    LINE_SIZE = 256,
};

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t n = strlen(end);

    return size >= n && strcmp(text + size - n, end) == 0;
}

/* What prove does with a file that is not executable: it is one of Perl's, or
 * its first line says what runs it. */
static struct suite_words command_of(struct suite *suite, const char *path)
{
    const char *words[3] = { "perl", path, NULL };
    char line[LINE_SIZE] = "";
    FILE *file;
    char *at = line;

    if (access(path, X_OK) == 0) {
        return suite_copy_words(suite, &path, 1);
    }
    file = fopen(path, "re");
    if (file != NULL && fgets(line, sizeof(line), file) != NULL &&
        strncmp(line, "#!", 2) == 0) {
        at += 2 + strspn(line + 2, " \t");
        at[strcspn(at, " \t\r\n")] = '\0';
        /* "#!/usr/bin/env python3" is run as it stands when executable. */
        words[0] = ends_with(at, "/env") ? "sh" : at;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return suite_copy_words(suite, words, 2);
}

int suite_from_program(struct suite *suite,
                       const char *path,
                       bool tap,
                       struct text *error)
{
    bool is_t = ends_with(path, ".t");
    struct suite_test *test;
    struct text local = { 0 };

    if (access(path, R_OK) < 0) {
        text_add_format(error, "cannot read '%s': %s", path,
                        brood_strerror(-errno));
        return -1;
    }
    if (!is_t && !tap && access(path, X_OK) < 0) {
        text_add_format(error, "'%s' is no program: it is not executable",
                        path);
        return -1;
    }
    /* A name without a slash would be looked for in PATH. */
    if (strchr(path, '/') == NULL) {
        text_add_string(&local, "./");
    }
    text_add_string(&local, path);
    test = suite_add(suite, path);
    test->argv = command_of(suite, suite_copy(suite, text_string(&local)));
    test->protocol = tap || is_t ? SUITE_TAP : SUITE_EXIT;
    text_clear(&local);
    return 0;
}

static int compare(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A directory below that cannot be read: its tests are missing. */
static void warn(struct suite *suite, const FTSENT *entry)
{
    struct text line = { 0 };

    text_add_format(&line, "passing over '%s': %s", entry->fts_path,
                    brood_strerror(-entry->fts_errno));
    suite->warning = suite_copy(suite, text_string(&line));
    text_clear(&line);
}

/* Add an entry, if it is a *.t. Returns: 0, or -1 and why. */
static int add_entry(struct suite *suite,
                     FTS *walk,
                     FTSENT *entry,
                     bool recurse,
                     struct text *error)
{
    bool is_hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';

    switch (entry->fts_info) {
    case FTS_D:
        if (is_hidden || (entry->fts_level > 0 && !recurse)) {
            (void)fts_set(walk, entry, FTS_SKIP);
        }
        return 0;
    case FTS_DNR:
        if (entry->fts_level > 0) {
            warn(suite, entry);
            return 0;
        }
        /* fall through */
    case FTS_ERR:
    case FTS_NS:
        text_add_format(error, "cannot read '%s': %s", entry->fts_path,
                        brood_strerror(-entry->fts_errno));
        return -1;
    case FTS_SL:
        if (access(entry->fts_path, F_OK) < 0) {
            return 0; /* it leads nowhere */
        }
        /* fall through */
    case FTS_F:
        return is_hidden || !ends_with(entry->fts_name, ".t")
                   ? 0
                   : suite_from_program(suite, entry->fts_path, true, error);
    default:
        return 0;
    }
}

int suite_from_tap_dir(struct suite *suite,
                       const char *dir,
                       bool recurse,
                       struct text *error)
{
    char *const paths[] = { (char *)(uintptr_t)dir, NULL };
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, compare);
    FTSENT *entry;
    int r = 0;

    if (walk == NULL) {
        text_add_format(error, "cannot read '%s': %s", dir,
                        brood_strerror(-errno));
        return -1;
    }
    while (r == 0 && (entry = fts_read(walk)) != NULL) {
        r = add_entry(suite, walk, entry, recurse, error);
    }
    (void)fts_close(walk);
    return r;
}
