/*
 * block - what is shown of a test below its line: how it is called, and what it
 * has written.
 *
 *       FAIL      0.012 s  parser  (exit status 1)
 *         cd /b/sub && ./parser --all
 *         first lines
 *         ... 112800 lines left out: brood log --run 3 --seq 7 --output RECORD
 *         last lines
 */
#include <stdlib.h>
#include <string.h>

#include "run/quote.h"
#include "run/terminal.h"
#include "test/testing.h"

enum {
    /* One of so many of the lines that are shown is of the beginning. */
    HEAD_PART = 6,
    /* More of a line is not shown, unless all is asked for. */
    LINE_MAX_BYTES = 8192,
};

static const char indent[] = "    ";

static void add_word(struct text *out, const char *word)
{
    quote_add(out, word, strlen(word), false);
}

static void add_words(struct text *out, char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add_word(out, words[i]);
        text_add_char(out, ' ');
    }
}

/* Lines of a script stay lines, which a shell takes; nothing steers the
 * terminal. */
static void add_typed(struct text *out, const struct text *command)
{
    const char *at = text_string(command);

    while (*at != '\0') {
        size_t size = strcspn(at, "\n");
        char *line = strndup(at, size);

        if (line == NULL) {
            text_no_memory();
        }
        terminal_add_plain(out, line);
        free(line);
        text_add_char(out, '\n');
        at += size + (at[size] == '\n');
    }
}

/* As one could type it. */
static void add_command(struct text *out,
                        const struct testing *t,
                        const struct suite_test *test)
{
    const wordexp_t *wrap = &t->options.wrap;
    struct text line = { 0 };

    if (test->dir != NULL) {
        text_add_string(&line, "cd ");
        add_word(&line, test->dir);
        text_add_string(&line, " && ");
    }
    add_words(&line, wrap->we_wordv, wrap->we_wordc);
    for (size_t i = 0; i < test->argv.n; i++) {
        text_add_string(&line, i > 0 ? " " : "");
        add_word(&line, test->argv.items[i]);
    }
    text_add_string(out, indent);
    add_typed(out, &line);
    text_clear(&line);
}

static void add_log_command(struct text *out,
                            const struct testing *t,
                            const struct test_case *c)
{
    text_add_format(out, ": brood log --run %lld --seq %zu --output ",
                    (long long)store_run_number(t->store),
                    (size_t)(c->test - t->suite.tests) + 1);
    add_word(out, text_string(&t->store_path));
}

static size_t count_lines(const struct text *output)
{
    const char *at = text_string(output);
    const char *end = at + output->size;
    size_t n = 0;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        at = newline == NULL ? end : newline + 1;
        n++;
    }
    return n;
}

/* A line of any length, as far as it is of use. */
static void add_line(struct text *out,
                     const char *line,
                     size_t size,
                     bool whole)
{
    size_t shown = !whole && size > LINE_MAX_BYTES ? LINE_MAX_BYTES : size;

    /* Not in the middle of a character. */
    while (shown < size && shown > 0 &&
           ((unsigned char)line[shown] & 0xc0) == 0x80) {
        shown--;
    }
    text_add(out, line, shown);
    if (shown < size) {
        text_add_format(out, " ... %zu bytes left out", size - shown);
    }
    text_add_char(out, '\n');
}

/* Add lines from @at on, up to so many. Returns: where the next one begins. */
static const char *add_lines(struct text *out,
                             const char *at,
                             const char *end,
                             size_t n,
                             bool whole)
{
    while (at < end && n-- > 0) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline == NULL ? end : newline;

        text_add_string(out, indent);
        add_line(out, at, (size_t)(stop - at), whole);
        at = stop + 1;
    }
    return at;
}

static const char *skip_lines(const char *at, const char *end, size_t n)
{
    while (at < end && n-- > 0) {
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    }
    return at;
}

/* What there is of an output, without the middle of a long one. */
static void add_output(struct text *out,
                       const struct testing *t,
                       const struct test_case *c,
                       const struct text *output,
                       bool is_recorded)
{
    size_t max = t->options.output_lines;
    size_t n = count_lines(output);
    const char *at = text_string(output);
    const char *end = at + output->size;
    bool has_escapes = memchr(at, '\033', output->size) != NULL;

    if (max > 0 && n > max) {
        at = add_lines(out, at, end, max / HEAD_PART, false);
        at = skip_lines(at, end, n - max);
        text_add_format(out, "%s%s... %zu line%s left out",
                        has_escapes ? "\033[0m" : "", indent, n - max,
                        n - max == 1 ? "" : "s");
        if (is_recorded) {
            add_log_command(out, t, c);
        }
        text_add_char(out, '\n');
    }
    (void)add_lines(out, at, end, n, max == 0);
    if (has_escapes) {
        text_add_string(out, "\033[0m");
    }
}

/* The same, with colours only where they are wanted, and nothing else that steers
 * the terminal. */
static void add_shown(struct text *out,
                      const struct testing *t,
                      const struct test_case *c,
                      const struct text *output,
                      bool is_recorded)
{
    struct text plain = { 0 };

    if (t->has_colors) {
        terminal_keep_colors(&plain, text_string(output), output->size);
    } else {
        terminal_strip(&plain, text_string(output), output->size);
    }
    add_output(out, t, c, &plain, is_recorded);
    text_clear(&plain);
}

/* Of one that has passed at last: why it had not. */
static void add_failure(struct text *out,
                        const struct testing *t,
                        const struct test_case *c)
{
    const struct test_attempt *last = &c->failures[c->n_failures - 1];

    text_add_format(out, "%sattempt %u: %s", indent, c->attempts - 1,
                    verdict_word(last->verdict));
    if (last->reason.size > 0) {
        text_add_string(out, ", ");
        terminal_add_plain(out, last->reason.data);
    }
    text_add_char(out, '\n');
    add_shown(out, t, c, &last->output, false);
}

void test_block_add(const struct testing *t,
                    const struct test_case *c,
                    struct text *out)
{
    bool is_flaky = c->verdict == VERDICT_FLAKY;
    bool is_apart = is_flaky || verdict_is_bad(c->verdict);

    if (is_apart && c->attempts > 0) {
        add_command(out, t, c->test);
    }
    if (is_flaky) {
        add_failure(out, t, c);
    }
    /* What is followed while it runs is not recorded. */
    add_shown(out, t, c, &c->output,
              t->store != NULL && c->test->timeout_match.n == 0);
    if (is_apart && (c->attempts > 0 || c->output.size > 0)) {
        text_add_char(out, '\n');
    }
}
