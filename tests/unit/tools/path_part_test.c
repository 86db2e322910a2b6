#include "run/path_part.h"

#include <stdio.h>

#include "support/check.h"

static void parts_are_found(void **state)
{
    /* the path; without extension, base, directory, base without extension */
    static const char *const rows[][5] = {
        { "foo", "foo", "foo", ".", "foo" },
        { "/foo", "/foo", "foo", "/", "foo" },
        { "a/b.c", "a/b", "b.c", "a", "b" },
        { "a.b.c", "a.b", "a.b.c", ".", "a.b" },
        { "a.b/c", "a.b/c", "c", "a.b", "c" },
        { "a/b.c/", "a/b.c/", "", "a", "" },
        { ".bashrc", "", ".bashrc", ".", "" },
        { "x/.y", "x/", ".y", "x", "" },
        { "a.", "a", "a.", ".", "a" },
        { "a//b", "a//b", "b", "a", "b" },
        { "/", "/", "", "/", "" },
        { "//", "//", "", "/", "" },
        { "a/b//", "a/b//", "", "a", "" },
        { "", "", "", ".", "" },
        { ".", "", ".", ".", "" },
        { "..", ".", "..", ".", "." },
        { "a/..", "a/.", "..", "a", "." },
    };
    static const enum path_part parts[] = { PATH_WHOLE, PATH_NO_EXTENSION,
                                            PATH_BASE, PATH_DIRECTORY,
                                            PATH_BASE_NO_EXTENSION };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int k = 0; k < 5; k++) {
            char got[32];
            size_t size;
            const char *part =
                path_part(rows[i][0], strlen(rows[i][0]), parts[k], &size);

            (void)snprintf(got, sizeof(got), "%.*s", (int)size, part);
            assert_string_equal(got, rows[i][k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
