/* The outcomes of the record: their names, and which of them are failures. */
#include "store/outcome.h"

#include <string.h>

#include <sqlite3.h>

#include "support/check.h"

static void names_are_found_again(void **state)
{
    (void)state;
    for (int i = 0; i < STORE_OUTCOMES; i++) {
        assert_int_equal(store_outcome_find(store_outcome_name(i)), i);
    }
    assert_string_equal(store_outcome_name(STORE_TIMED_OUT), "timed out");
    assert_int_equal(store_outcome_find("timed"), STORE_OUTCOMES);
    assert_int_equal(store_outcome_find(NULL), STORE_OUTCOMES);
}

static void what_has_not_run_to_its_end_is_no_failure(void **state)
{
    (void)state;
    assert_true(store_outcome_is_failure(STORE_FAILED));
    assert_true(store_outcome_is_failure(STORE_LOST));
    assert_false(store_outcome_is_failure(STORE_OK));
    assert_false(store_outcome_is_failure(STORE_SKIPPED));
    assert_false(store_outcome_is_failure(STORE_CANCELLED));
}

/* The condition asked of SQLite, with each name in turn. */
static void sql_says_the_same(void **state)
{
    struct text sql = { 0 };
    sqlite3_stmt *row = NULL;
    sqlite3 *db = NULL;

    (void)state;
    text_add_string(&sql, "SELECT ");
    store_outcome_add_failures(&sql);
    text_add_string(&sql, " FROM (SELECT ?1 AS outcome)");
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text_string(&sql), -1, &row, NULL),
                     SQLITE_OK);
    for (int i = 0; i < STORE_OUTCOMES; i++) {
        (void)sqlite3_bind_text(row, 1, store_outcome_name(i), -1,
                                SQLITE_STATIC);
        assert_int_equal(sqlite3_step(row), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int(row, 0),
                         store_outcome_is_failure(i));
        (void)sqlite3_reset(row);
    }
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
    text_clear(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_again),
        cmocka_unit_test(what_has_not_run_to_its_end_is_no_failure),
        cmocka_unit_test(sql_says_the_same),
    };

    return cmocka_run_group_tests_name("tools.outcome", tests, NULL, NULL);
}
