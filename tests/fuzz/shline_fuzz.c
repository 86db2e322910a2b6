/*
 * shline_fuzz - split any line.
 *
 * The first byte chooses the shell, the rest is the line. The words must lie
 * in their store, one behind the other, and be no longer than the line.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "workers/shline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in a release too. */
static void must(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_words(const struct shline_words *words, size_t line_size)
{
    const char *end = (const char *)words->store.data + words->store.room;
    const char *next = words->argv[0];
    size_t total = 0;

    must(words->count > 0 && words->count <= line_size / 2 + 1);
    must((const char *)(words->argv + words->count + 1) <= next);
    must(words->argv[words->count] == NULL);
    for (size_t i = 0; i < words->count; i++) {
        size_t size = strlen(words->argv[i]);

        must(words->argv[i] == next);
        next += size + 1;
        total += size;
        must(next <= end);
    }
    must(total <= line_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char function[] = "BASH_FUNC_f%%=() {  :\n}";
    static char *entries[] = { function, NULL };
    static const struct environ_table table = { .entries = entries,
                                                .count = 1 };
    static struct shline_words words; /* used again, as a worker does */
    uint8_t choice = size > 0 ? data[0] : 0;
    const struct shline_shell shell = {
        .kind = (choice & 1) != 0 ? SHLINE_BASH : SHLINE_DASH,
        .bytes_are_plain = (choice & 2) != 0,
        .has_functions = (choice & 4) != 0,
        .builtin_dir = (choice & 8) != 0 ? "/bin/" : NULL,
        .table = &table,
    };
    char *line;
    int r;

    if (size == 0) {
        return 0;
    }
    line = strndup((const char *)data + 1, size - 1);
    must(line != NULL);
    r = shline_split(line, &shell, &words);
    must(r == 0 || r == 1);
    if (r == 1) {
        check_words(&words, strlen(line));
    } else {
        must(words.argv == NULL && words.count == 0);
    }
    /* A store of its own size shows a write past it. */
    if ((choice & 16) != 0) {
        shline_words_clear(&words);
    }
    free(line);
    return 0;
}
