/* annotation - a failure that GitHub shows with the change (workflow commands).
 */
#include <stdlib.h>
#include <string.h>

#include "run/terminal.h"
#include "test/testing.h"

enum {
    LINES_MAX = 10,
    LINES_MAX_BYTES = 4096,
};

/* What would end a message or a property stands as its number. */
static void add_escaped(struct text *out, const char *string, const char *what)
{
    for (const char *p = string; *p != '\0'; p++) {
        if (strchr(what, *p) != NULL) {
            text_add_format(out, "%%%02X", (unsigned)(unsigned char)*p);
        } else {
            text_add_char(out, *p);
        }
    }
}

/* Its last lines. Returns: where they begin. */
static const char *last_lines(const struct text *output)
{
    const char *data = text_string(output);
    const char *at = data + output->size;
    const char *least =
        output->size > LINES_MAX_BYTES ? at - LINES_MAX_BYTES : data;
    int lines = 0;

    while (at > least) {
        if (at[-1] == '\n' && ++lines == LINES_MAX) {
            return at;
        }
        at--;
    }
    return at;
}

void test_annotation_add(const struct testing *t,
                         const struct test_case *c,
                         struct text *out)
{
    struct text name = { 0 };
    struct text output = { 0 };

    if (getenv("GITHUB_ACTIONS") == NULL) {
        return;
    }
    test_show_add_name(t, c, &name);
    text_add_string(out, "::error title=");
    add_escaped(out, text_string(&name), "%\r\n:,");
    text_add_format(out, "::%s", verdict_word(c->verdict));
    if (c->reason.size > 0) {
        text_add_char(out, ' ');
        add_escaped(out, text_string(&c->reason), "%\r\n");
    }
    terminal_strip(&output, text_string(&c->output), c->output.size);
    if (output.size > 0) {
        text_add_string(out, "%0A");
        if (output.data[output.size - 1] == '\n') {
            output.data[--output.size] = '\0';
        }
        add_escaped(out, last_lines(&output), "%\r\n");
    }
    text_add_char(out, '\n');
    text_clear(&name);
    text_clear(&output);
}
