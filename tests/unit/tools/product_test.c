#include "run/product.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/check.h"

enum {
    GOT_SIZE = 256,
    PATH_SIZE = 64
};

static const char *const one_two[] = { "1", "2" };
static const char *const letters[] = { "a", "b", "c" };

static void add_args(struct product *product, const char *const *args, size_t n)
{
    source_from_args(product_add(product), args, n);
}

/* All combinations so far: "1a,1b,". */
static int drain(struct product *product, char *got)
{
    size_t at = 0;
    int r;

    got[0] = '\0';
    while ((r = product_next(product)) == 1) {
        for (size_t i = 0; i < product->n_sources; i++) {
            at += (size_t)snprintf(got + at, GOT_SIZE - at, "%.*s",
                                   (int)product->values[i].size,
                                   product->values[i].data);
        }
        at += (size_t)snprintf(got + at, GOT_SIZE - at, ",");
    }
    return r;
}

static void the_last_source_varies_fastest(void **state)
{
    struct product product;
    char got[GOT_SIZE];

    (void)state;
    for (int keep_all = 0; keep_all < 2; keep_all++) {
        product_init(&product);
        product.keep_all = keep_all != 0;
        add_args(&product, one_two, 2);
        add_args(&product, letters, 3);
        add_args(&product, one_two, 2);
        assert_int_equal(product_total(&product), 12);
        assert_int_equal(drain(&product, got), 0);
        assert_string_equal(got,
                            "1a1,1a2,1b1,1b2,1c1,1c2,2a1,2a2,2b1,2b2,2c1,2c2,");
        assert_int_equal(product_total(&product), 12);
        assert_int_equal(product_next(&product), 0);
        product_clear(&product);
    }
}

static void a_source_without_inputs_counts_as_an_empty_one(void **state)
{
    struct product product;
    char got[GOT_SIZE];

    (void)state;
    for (int first = 0; first < 2; first++) {
        product_init(&product);
        add_args(&product, letters, first ? 0 : 3);
        add_args(&product, letters, first ? 3 : 0);
        assert_int_equal(product_total(&product), 3);
        assert_int_equal(drain(&product, got), 0);
        assert_string_equal(got, "a,b,c,");
        product_clear(&product);
    }
}

static void but_not_when_it_is_alone(void **state)
{
    struct product product;
    char got[GOT_SIZE];

    (void)state;
    for (int keep_all = 0; keep_all < 2; keep_all++) {
        product_init(&product);
        product.keep_all = keep_all != 0;
        add_args(&product, letters, 0);
        assert_int_equal(product_total(&product), 0);
        assert_int_equal(drain(&product, got), 0);
        assert_string_equal(got, "");
        product_clear(&product);
    }
}

static void the_first_source_is_read_as_it_goes(void **state)
{
    struct product product;
    char got[GOT_SIZE];
    char path[PATH_SIZE];
    int ends[2];

    (void)state;
    assert_ok(pipe2(ends, O_CLOEXEC));
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    product_init(&product);
    assert_ok(source_from_file(product_add(&product), path, '\n'));
    add_args(&product, one_two, 2);
    assert_int_equal(product_total(&product), -1);
    assert_int_equal(write(ends[1], "x\ny\n", 4), 4);
    assert_err(drain(&product, got), -EAGAIN);
    assert_string_equal(got, "x1,x2,y1,y2,");
    assert_ptr_equal(product.stuck, &product.sources[0]);
    assert_int_equal(write(ends[1], "z", 1), 1);
    (void)close(ends[1]);
    assert_int_equal(drain(&product, got), 0);
    assert_string_equal(got, "z1,z2,");
    assert_int_equal(product_total(&product), 6);
    product_clear(&product);
    (void)close(ends[0]);
}

static void the_other_sources_are_waited_for(void **state)
{
    struct product product;
    char got[GOT_SIZE];
    char path[PATH_SIZE];
    int ends[2];

    (void)state;
    assert_ok(pipe2(ends, O_CLOEXEC));
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    product_init(&product);
    add_args(&product, one_two, 2);
    assert_ok(source_from_file(product_add(&product), path, '\n'));
    assert_int_equal(write(ends[1], "x\n", 2), 2);
    assert_err(drain(&product, got), -EAGAIN);
    assert_string_equal(got, "");
    assert_ptr_equal(product.stuck, &product.sources[1]);
    assert_int_equal(write(ends[1], "y\n", 2), 2);
    (void)close(ends[1]);
    assert_int_equal(drain(&product, got), 0);
    assert_string_equal(got, "1x,1y,2x,2y,");
    product_clear(&product);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_source_varies_fastest),
        cmocka_unit_test(a_source_without_inputs_counts_as_an_empty_one),
        cmocka_unit_test(but_not_when_it_is_alone),
        cmocka_unit_test(the_first_source_is_read_as_it_goes),
        cmocka_unit_test(the_other_sources_are_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
