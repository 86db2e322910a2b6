/* tap_fuzz - read any bytes as TAP: it is good, or told why not. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "test/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in a release too. */
static void must(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text reason = { 0 };
    struct tap tap;

    tap_read((const char *)data, size, &tap);
    must(tap.n_bad <= tap.n && tap.n_todo <= tap.n && tap.n_skipped <= tap.n);
    must(memchr(tap.why, '\0', sizeof(tap.why)) != NULL);
    must(tap.n_todo_ok <= tap.n_todo);
    for (unsigned i = 0; i < tap.n_bad && i < TAP_NAMED_MAX; i++) {
        must(tap.bad[i] > (i > 0 ? tap.bad[i - 1] : 0) && tap.bad[i] <= tap.n);
    }
    must(tap_is_good(&tap, &reason) == (reason.size == 0));
    must(!tap_is_skipped(&tap) || tap.n == 0);
    text_clear(&reason);
    return 0;
}
