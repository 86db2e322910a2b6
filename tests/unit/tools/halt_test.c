#include "run/halt.h"

#include <errno.h>

#include "support/check.h"

/* Count jobs with these statuses, up to the end or to where the run stops:
 * how many were counted. */
static int play(const char *when,
                uint64_t total,
                const int *statuses,
                int n,
                struct halt *halt)
{
    int i = 0;

    assert_ok(halt_parse(when, halt));
    halt->total = total;
    while (i < n) {
        if (halt_count(halt, statuses[i++]) != HALT_NEVER) {
            break;
        }
    }
    return i;
}

struct row {
    const char *when;
    int statuses[6];
    int n;
    int counted;
    int status;
};

static void a_run_stops_when_asked_and_says_why(void **state)
{
    static const struct row rows[] = {
        { "never", { 3, 0, 4 }, 3, 3, 2 },
        { "0", { 3, 0, 4 }, 3, 3, 2 },
        { "now,fail=1", { 0, 7, 0, 5 }, 4, 2, 7 },
        { "soon,fail=1", { 0, 137 }, 2, 2, 137 },
        { "soon,fail=2", { 1, 0, 2, 0, 3 }, 5, 3, 2 },
        { "now,fail=2", { 0, 1, 0, 0 }, 4, 4, 1 },
        { "now,success=1", { 3, 0, 2 }, 3, 2, 0 },
        { "now,success=2", { 3, 4 }, 2, 2, 2 },
        { "now,success=2", { 3, 0, 4, 0, 5 }, 5, 4, 0 },
        { "now,done=1", { 3, 0 }, 2, 1, 3 },
        { "soon,done=1", { 0, 1 }, 2, 1, 0 },
        { "now,done=3", { 3, 0, 4, 0, 5 }, 5, 3, 2 },
        { "1", { 0, 4, 0 }, 3, 2, 4 },
        { "2", { 0, 4, 0 }, 3, 2, 4 },
        { "-1", { 4, 0, 0 }, 3, 2, 0 },
        { "-2", { 4, 0, 0 }, 3, 2, 0 },
        { "now,fail=50%", { 0, 1, 2, 0, 5, 5 }, 6, 5, 50 },
        { "5%", { 3, 0, 4, 0, 5 }, 5, 1, 20 },
        { "now,fail=20%", { 7, 0, 0, 0, 0 }, 5, 1, 7 },
        { "now,fail=100%", { 1, 2, 0 }, 3, 3, 66 },
        { "now,done=40%", { 7, 0, 0, 0, 0 }, 5, 2, 20 },
        { "now,success=60%", { 0, 1, 1, 1 }, 4, 4, 75 },
        { "now,success=20%", { 1, 0, 0, 0, 0 }, 5, 2, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct halt halt;
        int counted =
            play(row->when, (uint64_t)row->n, row->statuses, row->n, &halt);

        if (counted != row->counted || halt_status(&halt) != row->status) {
            print_error("row %zu, %s: counted %d, status %d\n", i, row->when,
                        counted, halt_status(&halt));
        }
        assert_int_equal(counted, row->counted);
        assert_int_equal(halt_status(&halt), row->status);
    }
}

static void the_kind_of_stop_is_told(void **state)
{
    struct halt halt;

    (void)state;
    assert_ok(halt_parse("soon,fail=1", &halt));
    assert_int_equal(halt_count(&halt, 1), HALT_SOON);
    assert_int_equal(halt_count(&halt, 1), HALT_NEVER);
    assert_ok(halt_parse("now,fail=1", &halt));
    assert_int_equal(halt_count(&halt, 1), HALT_NOW);
}

static void many_failures_are_one_more_than_a_hundred(void **state)
{
    struct halt halt;

    (void)state;
    assert_ok(halt_parse("never", &halt));
    for (int i = 0; i < 100; i++) {
        (void)halt_count(&halt, 1);
    }
    assert_int_equal(halt_status(&halt), 100);
    (void)halt_count(&halt, 1);
    (void)halt_count(&halt, 1);
    assert_int_equal(halt_status(&halt), 101);
}

static void one_of_many_is_not_no_percent(void **state)
{
    struct halt halt;

    (void)state;
    assert_ok(halt_parse("now,fail=50%", &halt));
    halt.total = 1000;
    (void)halt_count(&halt, 1);
    assert_int_equal(halt_status(&halt), 1);
}

static void other_text_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "3",
        "now",
        "now,",
        "now,fail",
        "now,fail=",
        "now,fail=x",
        "now,fail=1.5",
        "fail=1",
        "later,fail=1",
        "now,fail=0",
        "now,fail=-1",
        "now,fail=1%x",
        "0%",
        "sometimes",
        "now,fail=99999999999999999999",
    };
    struct halt halt = { .limit = 7 };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_err(halt_parse(bad[i], &halt), -EINVAL);
    }
    assert_int_equal(halt.limit, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_stops_when_asked_and_says_why),
        cmocka_unit_test(the_kind_of_stop_is_told),
        cmocka_unit_test(many_failures_are_one_more_than_a_hundred),
        cmocka_unit_test(one_of_many_is_not_no_percent),
        cmocka_unit_test(other_text_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
