/*
 * submit - what a job tells the batch that it belongs to, as text.
 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "brood_child.h"

enum {
    NUMBER_SIZE = 40,
};

/* With a point, whatever the locale of the program has. */
static int print_number(double value, char ret[NUMBER_SIZE])
{
    locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    locale_t before;

    if (c == (locale_t)0) {
        return -ENOMEM;
    }
    before = uselocale(c);
    (void)snprintf(ret, NUMBER_SIZE, "%.17g", value);
    (void)uselocale(before);
    freelocale(c);
    return 0;
}

static int add_string(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

/* A word, and two more with blanks before them. */
static int send_words(struct brood_parent *parent,
                      const char *word,
                      const char *second,
                      const char *third)
{
    struct buf message = { 0 };
    int r = add_string(&message, word);

    if (r == 0) {
        r = add_string(&message, " ");
    }
    if (r == 0) {
        r = add_string(&message, second);
    }
    if (r == 0 && third != NULL) {
        r = add_string(&message, " ");
    }
    if (r == 0 && third != NULL) {
        r = add_string(&message, third);
    }
    if (r == 0) {
        r = brood_parent_send(parent, message.data, message.size);
    }
    buf_clear(&message);
    return r;
}

int brood_child_progress(struct brood_parent *parent,
                         double fraction,
                         const char *text)
{
    char number[NUMBER_SIZE];
    int r;

    if (!(fraction >= 0 && fraction <= 1)) {
        return -EINVAL;
    }
    r = print_number(fraction, number);
    return r < 0 ? r : send_words(parent, "progress", number, text);
}

int brood_child_metric(struct brood_parent *parent,
                       const char *name,
                       double value)
{
    char number[NUMBER_SIZE];
    int r;

    if (name == NULL || *name == '\0' || strpbrk(name, " \n") != NULL ||
        !isfinite(value)) {
        return -EINVAL;
    }
    r = print_number(value, number);
    return r < 0 ? r : send_words(parent, "metric", name, number);
}

int brood_child_submit(struct brood_parent *parent,
                       const char *lines,
                       void (*on_reply)(int status,
                                        const void *data,
                                        size_t size_bytes,
                                        void *user),
                       void *user)
{
    struct brood_call call = { .on_reply = on_reply, .user = user };
    struct buf request = { 0 };
    int r;

    if (lines == NULL || *lines == '\0') {
        return -EINVAL;
    }
    r = add_string(&request, "submit\n");
    if (r == 0) {
        r = add_string(&request, lines);
    }
    if (r == 0) {
        call.data = request.data;
        call.size_bytes = request.size;
        r = brood_parent_call(parent, &call, NULL);
    }
    buf_clear(&request);
    return r;
}
