/* programs - programs that are tests themselves, and directories of them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brood.h>

#include "test/suite.h"

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

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int suite_from_tap_dir(struct suite *suite, const char *dir, struct text *error)
{
    DIR *stream = opendir(dir);
    const char **names = NULL;
    struct dirent *entry;
    size_t n = 0;
    int r = 0;

    if (stream == NULL) {
        text_add_format(error, "cannot read '%s': %s", dir,
                        brood_strerror(-errno));
        return -1;
    }
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.' || !ends_with(entry->d_name, ".t")) {
            continue;
        }
        names = reallocarray((void *)names, n + 1, sizeof(const char *));
        if (names == NULL) {
            text_no_memory();
        }
        names[n++] = suite_copy(suite, entry->d_name);
    }
    (void)closedir(stream);
    if (n > 0) {
        qsort((void *)names, n, sizeof(const char *), compare);
    }
    for (size_t i = 0; i < n && r == 0; i++) {
        struct text path = { 0 };

        text_add_format(&path, "%s/%s", dir, names[i]);
        r = suite_from_program(suite, text_string(&path), true, error);
        text_clear(&path);
    }
    free((void *)names);
    return r;
}
