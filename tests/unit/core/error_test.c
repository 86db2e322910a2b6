#include <brood.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "support/check.h"

static void known_errors_are_named_with_either_sign(void **state)
{
    (void)state;
    assert_string_equal(brood_strerror(-ENOENT), "no such file or directory");
    assert_string_equal(brood_strerror(ENOENT), "no such file or directory");
    assert_string_equal(brood_strerror(0), "success");
}

static void every_error_of_the_headers_is_known(void **state)
{
    static const int errors[] = {
        EINVAL,  EAGAIN, EBADF,   ECANCELED, E2BIG,        ENOMEM,
        EMFILE,  ESRCH,  EINTR,   ETIMEDOUT, EDEADLK,      ENOSPC,
        EIO,     EPIPE,  ENOENT,  EACCES,    EPERM,        ENFILE,
        ENOTDIR, ELOOP,  ETXTBSY, ENOEXEC,   ENAMETOOLONG,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_string_not_equal(brood_strerror(-errors[i]), "unknown error");
    }
}

static void any_number_has_a_text(void **state)
{
    static const int odd[] = { INT_MIN, INT_MIN + 1, INT_MAX, -100000 };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        assert_string_equal(brood_strerror(odd[i]), "unknown error");
    }
}

static void texts_fit_behind_a_colon(void **state)
{
    (void)state;
    for (int error = 0; error < 200; error++) {
        const char *text = brood_strerror(-error);

        assert_non_null(text);
        assert_false(isupper((unsigned char)text[0]));
        assert_true(text[0] != '\0' && text[strlen(text) - 1] != '.');
    }
}

static void the_version_is_that_of_the_headers(void **state)
{
    int major = -1;
    int minor = -1;
    int patch = -1;
    char rest;

    (void)state;
    assert_string_equal(brood_version(), BROOD_VERSION);
    /* NOLINTNEXTLINE(cert-err34-c): three small numbers */
    assert_int_equal(
        sscanf(brood_version(), "%d.%d.%d%c", &major, &minor, &patch, &rest),
        3);
    assert_true(major >= 0 && minor >= 0 && patch >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_errors_are_named_with_either_sign),
        cmocka_unit_test(every_error_of_the_headers_is_known),
        cmocka_unit_test(any_number_has_a_text),
        cmocka_unit_test(texts_fit_behind_a_colon),
        cmocka_unit_test(the_version_is_that_of_the_headers),
    };

    return cmocka_run_group_tests_name("core.error", tests, NULL, NULL);
}
