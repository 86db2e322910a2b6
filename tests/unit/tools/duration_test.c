#include "run/duration.h"

#include <errno.h>

#include "support/check.h"

static void assert_ms(const char *text, int64_t want)
{
    int64_t ms = -1;

    assert_ok(duration_parse(text, &ms));
    assert_true(ms == want);
}

static void a_number_is_seconds(void **state)
{
    (void)state;
    assert_ms("0", 0);
    assert_ms("5", 5000);
    assert_ms("1.5", 1500);
    assert_ms(".5", 500);
    assert_ms("2.", 2000);
    assert_ms("0.1", 100);
    assert_ms("0.001", 1);
}

static void units_add_up(void **state)
{
    (void)state;
    assert_ms("90s", 90000);
    assert_ms("1m30s", 90000);
    assert_ms("1m30", 90000);
    assert_ms("2h", 7200000);
    assert_ms("1H", 3600000);
    assert_ms("1.5m", 90000);
    assert_ms("1d2h3m4s", 93784000);
    assert_ms("1d3.5h16.6m4s", 100000000);
}

static void what_is_not_zero_stays_so(void **state)
{
    (void)state;
    assert_ms("0.0001", 1);
    assert_ms("0.0015", 2);
}

static void other_text_is_refused(void **state)
{
    static const char *const bad[] = { "",    "abc", "-1",  "5x", "1 s", "s",
                                       "1ss", ".",   "1m.", "+1", "1e3" };
    int64_t ms = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_err(duration_parse(bad[i], &ms), -EINVAL);
    }
    assert_err(duration_parse("99999999999", &ms), -ERANGE);
    assert_true(ms == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_seconds),
        cmocka_unit_test(units_add_up),
        cmocka_unit_test(what_is_not_zero_stays_so),
        cmocka_unit_test(other_text_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
