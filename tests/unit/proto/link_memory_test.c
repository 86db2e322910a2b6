/* Each allocation of an exchange fails in turn: what failed is done again, and
 * nothing is lost or comes twice. */

#include "unit/proto/link_ends.h"

#include "base/fault.h"

static void new_again(struct link **ret)
{
    const struct link_options narrow = { .window_bytes = 1 };
    int r = link_new(&narrow, ret);

    if (r == -ENOMEM) {
        assert_null(*ret);
        r = link_new(&narrow, ret);
    }
    assert_ok(r);
}

static void send_again(struct link_end *end, size_t size, uint64_t number)
{
    uint64_t before = link_undelivered(end->link);
    int r = end_send(end, size, number);

    if (r == -ENOMEM) {
        assert_true(link_undelivered(end->link) == before);
        r = end_send(end, size, number);
    }
    assert_ok(r);
    assert_true(link_undelivered(end->link) == before + 1);
}

static void carry_again(struct link_end *from, struct link_end *to)
{
    struct buf frame = { 0 };
    int r;

    while ((r = link_take_frame(from->link, true, &frame)) != 0) {
        if (r == -ENOMEM) {
            assert_true(frame.data == NULL && frame.size == 0);
            continue;
        }
        assert_ok(r);
        assert_ok(end_receive(to, frame.data, frame.size));
        buf_clear(&frame);
    }
}

static const size_t sizes[] = { 10, 300, 0, 40000, 5, 3000, 100000, 1, 31000 };

enum {
    N_SIZES = sizeof(sizes) / sizeof(sizes[0]),
    N_MESSAGES = 3 * N_SIZES,
};

static void exchange(struct link_ends *e)
{
    *e = (struct link_ends){ 0 };
    new_again(&e->a.link);
    new_again(&e->b.link);
    for (size_t i = 0; i < N_MESSAGES; i++) {
        send_again(&e->a, sizes[i % N_SIZES], i);
        send_again(&e->b, sizes[(i + 1) % N_SIZES], i);
        if (i % N_SIZES == 4) {
            carry_again(&e->a, &e->b);
            carry_again(&e->b, &e->a);
        }
    }
    assert_ok(link_bye(e->a.link));
    assert_ok(link_bye(e->b.link));
    while (!link_is_over(e->a.link) || !link_is_over(e->b.link) ||
           link_undelivered(e->a.link) + link_undelivered(e->b.link) > 0) {
        carry_again(&e->a, &e->b);
        carry_again(&e->b, &e->a);
    }
}

static void check_exchange(const struct link_ends *e)
{
    assert_int_equal(e->a.n, N_MESSAGES);
    assert_int_equal(e->b.n, N_MESSAGES);
    for (size_t i = 0; i < N_MESSAGES; i++) {
        check_sent(&e->b, i, sizes[i % N_SIZES], i);
        check_sent(&e->a, i, sizes[(i + 1) % N_SIZES], i);
    }
}

static void each_allocation_may_fail_once(void **state)
{
    int n = 0;
    int fired;

    (void)state;
    do {
        struct link_ends e;

        n++;
        brood_fault_arm("mem", n);
        exchange(&e);
        fired = brood_fault_fired();
        brood_fault_arm("mem", 0);
        check_exchange(&e);
        ends_close(&e);
    } while (fired);
    assert_true(n > 20);
}

/* A message of its own for each frame, none of which is ever sent. */
static void what_waits_is_freed_with_its_link(void **state)
{
    struct link_ends e;

    (void)state;
    ends_open(&e, NULL, NULL);
    for (uint64_t i = 0; i < 10; i++) {
        assert_ok(end_send(&e.a, 1 << 20, i));
    }
    assert_true(carry(&e.a, &e.b, true) > 0);
    brood_fault_arm("mem", 1);
    assert_err(end_send(&e.a, 1 << 20, 11), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_true(link_undelivered(e.a.link) == 10);
    ends_close(&e);
}

static void receiving_allocates_nothing(void **state)
{
    struct link_ends e;
    struct buf frame = { 0 };

    (void)state;
    ends_open(&e, NULL, NULL);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_ok(end_send(&e.a, 100, i));
    }
    assert_int_equal(link_take_frame(e.a.link, true, &frame), 1);
    brood_fault_arm("mem", 1);
    assert_ok(end_receive(&e.b, frame.data, frame.size));
    assert_false(brood_fault_fired());
    brood_fault_arm("mem", 0);
    buf_clear(&frame);
    ends_close(&e);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail_once),
        cmocka_unit_test(what_waits_is_freed_with_its_link),
        cmocka_unit_test(receiving_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
