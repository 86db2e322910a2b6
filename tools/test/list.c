/* list - which tests there are, shown and not run. */
#include <string.h>

#include "json.h"
#include "run/terminal.h"
#include "test/testing.h"

#define NS_PER_MS INT64_C(1000000)

static void add_words(struct text *out,
                      const char *name,
                      const struct suite_words *words)
{
    text_add_format(out, ",\"%s\":[", name);
    for (size_t i = 0; i < words->n; i++) {
        text_add_string(out, i > 0 ? "," : "");
        json_add_lossy(out, words->items[i], strlen(words->items[i]));
    }
    text_add_char(out, ']');
}

static void add_json(struct text *out, struct testing *t, size_t index)
{
    static const char *const last[] = {
        [STORE_KNOWN_NOT] = "null",
        [STORE_KNOWN_OK] = "\"ok\"",
        [STORE_KNOWN_FAILED] = "\"failed\"",
    };
    const struct suite_test *test = &t->suite.tests[index];
    struct test_case c = { .test = test };

    test_history_look(t, &c);
    text_add_format(out, "{\"number\":%zu,", index + 1);
    json_add_text(out, "name", test->name, strlen(test->name));
    add_words(out, "command", &test->argv);
    if (test->dir != NULL) {
        text_add_char(out, ',');
        json_add_text(out, "dir", test->dir, strlen(test->dir));
    }
    add_words(out, "labels", &test->labels);
    text_add_format(out, ",\"disabled\":%s",
                    test->is_disabled ? "true" : "false");
    if (test->timeout_ms >= 0) {
        json_add_seconds(out, "timeout", test->timeout_ms * NS_PER_MS);
    }
    if (c.usual_ns > 0) {
        json_add_seconds(out, "usual", c.usual_ns);
    }
    text_add_format(out, ",\"last\":%s}\n",
                    c.known < 0 ? "null" : last[c.known]);
}

static void add_line(struct text *out, const struct testing *t, size_t index)
{
    const struct suite_test *test = &t->suite.tests[index];

    text_add_format(out, "%6zu  ", index + 1);
    terminal_add_plain(out, test->name);
    text_add_string(out, test->is_disabled ? "  (disabled)\n" : "\n");
}

void test_list(struct testing *t)
{
    struct text out = { 0 };

    for (size_t i = 0; i < t->suite.n; i++) {
        if (!t->suite.tests[i].is_chosen) {
            continue;
        }
        if (t->options.json) {
            add_json(&out, t, i);
        } else {
            add_line(&out, t, i);
        }
    }
    writer_put(&t->writer, WRITER_OUT, out.data, out.size);
    text_clear(&out);
}
