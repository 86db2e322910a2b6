#ifndef BROOD_TESTS_PAIR_H
#define BROOD_TESTS_PAIR_H

/* pair - both ends of one channel in one thread, for each test anew. */

#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/channel.h"

struct pair {
    struct channel_context *context;
    struct channel *a;
    struct channel *b;
};

static inline int open_pair(void **state)
{
    struct pair *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    assert_ok(channel_context_new(1, &p->context));
    assert_ok(channel_bind(p->context, "pair", &p->a));
    assert_ok(channel_connect(p->context, "pair", &p->b));
    *state = p;
    return 0;
}

static inline int close_pair(void **state)
{
    struct pair *p = *state;

    assert_null(channel_close(p->a));
    assert_null(channel_close(p->b));
    assert_null(channel_context_free(p->context));
    free(p);
    return 0;
}

static inline void send_text(struct channel *c, const char *text)
{
    struct buf b = { 0 };

    assert_ok(buf_add(&b, text, strlen(text)));
    assert_ok(channel_send(c, &b));
    assert_null(b.data);
    assert_int_equal(b.size, 0);
}

static inline void receive_text(struct channel *c, const char *want)
{
    struct frame *f = NULL;

    assert_ok(channel_receive(c, &f));
    assert_int_equal(frame_size(f), strlen(want));
    assert_memory_equal(frame_data(f), want, strlen(want));
    assert_null(frame_unref(f));
}

static inline void receive_nothing(struct channel *c)
{
    struct frame *f = NULL;

    assert_err(channel_receive(c, &f), -EAGAIN);
    assert_null(f);
}

#define PAIR_TEST(test) \
    cmocka_unit_test_setup_teardown(test, open_pair, close_pair)

#endif /* BROOD_TESTS_PAIR_H */
