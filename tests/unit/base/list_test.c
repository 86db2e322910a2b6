#include "support/check.h"

#include "base/list.h"

struct item {
    int number;
    struct list link;
};

static struct item *item_at(struct list *link)
{
    return LIST_ENTRY(link, struct item, link);
}

/* The list holds exactly these numbers, seen from both sides. */
static void check_list(const struct list *head, const int *want, size_t n)
{
    struct list *l = head->next;

    for (size_t i = 0; i < n; i++) {
        assert_ptr_not_equal(l, head);
        assert_int_equal(item_at(l)->number, want[i]);
        assert_ptr_equal(l->next->prev, l);
        assert_ptr_equal(l->prev->next, l);
        l = l->next;
    }
    assert_ptr_equal(l, head);
}

#define CHECK_LIST(head, ...)                        \
    check_list((head), (const int[]){ __VA_ARGS__ }, \
               sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

static void new_list_is_empty(void **state)
{
    struct list head;

    (void)state;
    list_init(&head);
    assert_true(list_is_empty(&head));
    assert_null(list_first(&head));
}

static void items_stand_where_they_were_put(void **state)
{
    struct item items[4] = {
        { .number = 1 }, { .number = 2 }, { .number = 3 }, { .number = 4 }
    };
    struct list head;

    (void)state;
    list_init(&head);
    list_append(&head, &items[1].link);
    CHECK_LIST(&head, 2);
    list_append(&head, &items[3].link);
    list_prepend(&head, &items[0].link);
    list_add_before(&items[3].link, &items[2].link);
    CHECK_LIST(&head, 1, 2, 3, 4);
    assert_ptr_equal(list_first(&head), &items[0].link);
    assert_false(list_is_empty(&head));
}

static void removed_item_leaves_the_others_in_order(void **state)
{
    struct item items[3] = { { .number = 1 },
                             { .number = 2 },
                             { .number = 3 } };
    struct list head;

    (void)state;
    list_init(&head);
    for (size_t i = 0; i < 3; i++) {
        list_append(&head, &items[i].link);
    }
    list_remove(&items[1].link);
    CHECK_LIST(&head, 1, 3);
    list_remove(&items[0].link);
    CHECK_LIST(&head, 3);
    list_remove(&items[2].link);
    assert_true(list_is_empty(&head));
}

static void removing_twice_does_no_harm(void **state)
{
    struct item items[2] = { { .number = 1 }, { .number = 2 } };
    struct list head;

    (void)state;
    list_init(&head);
    list_append(&head, &items[0].link);
    list_append(&head, &items[1].link);
    list_remove(&items[0].link);
    list_remove(&items[0].link);
    CHECK_LIST(&head, 2);
    assert_true(list_is_empty(&items[0].link));
    list_append(&head, &items[0].link);
    CHECK_LIST(&head, 2, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_list_is_empty),
        cmocka_unit_test(items_stand_where_they_were_put),
        cmocka_unit_test(removed_item_leaves_the_others_in_order),
        cmocka_unit_test(removing_twice_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
