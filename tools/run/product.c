#include "run/product.h"

#include <assert.h>
#include <stdlib.h>

void product_init(struct product *product)
{
    *product = (struct product){ 0 };
}

struct source *product_add(struct product *product)
{
    size_t n = product->n_sources + 1;

    assert(!product->started && product->kept == NULL);
    product->sources =
        reallocarray(product->sources, n, sizeof(*product->sources));
    if (product->sources == NULL) {
        text_no_memory();
    }
    product->n_sources = n;
    return &product->sources[n - 1];
}

void product_clear(struct product *product)
{
    for (size_t i = 0; i < product->n_sources; i++) {
        source_close(&product->sources[i]);
        if (product->kept != NULL) {
            text_clear(&product->kept[i].bytes);
            free(product->kept[i].at);
        }
    }
    free(product->sources);
    free(product->kept);
    free(product->values);
    free(product->places);
    product_init(product);
}

static void keep(struct product_kept *kept, const struct value *value)
{
    if (kept->n == kept->room) {
        kept->room = kept->room == 0 ? 16 : kept->room * 2;
        kept->at = reallocarray(kept->at, kept->room, sizeof(*kept->at));
        if (kept->at == NULL) {
            text_no_memory();
        }
    }
    kept->at[kept->n++] = kept->bytes.size;
    text_add(&kept->bytes, value->data, value->size);
    text_add_char(&kept->bytes, '\0');
}

static struct value kept_value(const struct product_kept *kept, size_t i)
{
    size_t end = i + 1 < kept->n ? kept->at[i + 1] : kept->bytes.size;

    return (struct value){ .data = kept->bytes.data + kept->at[i],
                           .size = end - kept->at[i] - 1 };
}

static int keep_source(struct product *product, size_t i)
{
    static const struct value nothing = { "", 0 };
    struct product_kept *kept = &product->kept[i];
    struct source *source = &product->sources[i];
    struct value value;
    int r;

    while ((r = source_next(source, &value)) == 1) {
        keep(kept, &value);
    }
    if (r < 0) {
        product->stuck = source;
        return r;
    }
    if (kept->n == 0 && product->n_sources > 1) {
        keep(kept, &nothing);
    }
    return 0;
}

static void make_room(struct product *product)
{
    size_t n = product->n_sources;

    product->kept = calloc(n, sizeof(*product->kept));
    product->values = calloc(n, sizeof(*product->values));
    product->places = calloc(n, sizeof(*product->places));
    if (product->kept == NULL || product->values == NULL ||
        product->places == NULL) {
        text_no_memory();
    }
    product->n_unread = n;
}

int product_prepare(struct product *product)
{
    size_t streamed = product->keep_all ? 0 : 1;

    if (product->kept == NULL) {
        make_room(product);
    }
    while (product->n_unread > streamed) {
        int r = keep_source(product, product->n_unread - 1);

        if (r < 0) {
            return r;
        }
        product->n_unread--;
    }
    return 0;
}

/* Put the first of each kept source, from @first on, in its place. */
static bool rewind_from(struct product *product, size_t first)
{
    for (size_t i = first; i < product->n_sources; i++) {
        if (product->kept[i].n == 0) {
            return false;
        }
        product->places[i] = 0;
        product->values[i] = kept_value(&product->kept[i], 0);
    }
    return true;
}

/* Count up, the last source first, down to source @first. */
static bool advance(struct product *product, size_t first)
{
    for (size_t i = product->n_sources; i-- > first;) {
        const struct product_kept *kept = &product->kept[i];

        if (product->places[i] + 1 < kept->n) {
            product->places[i]++;
            product->values[i] = kept_value(kept, product->places[i]);
            return rewind_from(product, i + 1);
        }
    }
    return false;
}

/* The next input of the first source, and the first ones of the others. */
static int advance_first(struct product *product)
{
    struct source *source = &product->sources[0];
    int r = source_next(source, &product->values[0]);

    if (r < 0) {
        product->stuck = source;
        return r;
    }
    if (r == 0) {
        if (product->started || product->n_sources == 1) {
            return 0;
        }
        product->values[0] = (struct value){ "", 0 };
    }
    (void)rewind_from(product, 1);
    product->started = true;
    return 1;
}

int product_next(struct product *product)
{
    int r = product_prepare(product);

    if (r < 0) {
        return r;
    }
    if (product->keep_all) {
        if (product->started) {
            return advance(product, 0);
        }
        product->started = true;
        return rewind_from(product, 0);
    }
    if (product->started && advance(product, 1)) {
        return 1;
    }
    return advance_first(product);
}

/* The number of a source's inputs, or -1. */
static int64_t source_total(const struct product *product, size_t i)
{
    const struct source *source = &product->sources[i];

    if (product->kept != NULL && i >= product->n_unread) {
        return (int64_t)product->kept[i].n;
    }
    if (source->args != NULL && !source->skip_blank) {
        if (source->n_args == 0 && product->n_sources > 1) {
            return 1;
        }
        return (int64_t)source->n_args;
    }
    if (i == 0 && source->args == NULL && source->at_end &&
        source->at == source->buffer.size && !source->skip_blank) {
        return source->n_taken == 0 && product->n_sources > 1
                   ? 1
                   : (int64_t)source->n_taken;
    }
    return -1;
}

int64_t product_total(const struct product *product)
{
    int64_t total = 1;

    for (size_t i = 0; i < product->n_sources; i++) {
        int64_t n = source_total(product, i);

        if (n < 0 || (n > 0 && total > INT64_MAX / n)) {
            return -1;
        }
        total *= n;
    }
    return total;
}
