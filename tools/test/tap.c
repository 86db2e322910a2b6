#include "test/tap.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LINE_SIZE = 512,
};

static void set_why(struct tap *tap, const char *text)
{
    text += strspn(text, " \t:-");
    (void)snprintf(tap->why, sizeof(tap->why), "%s", text);
}

/* The directive behind a # that no backslash is before, or NULL. */
static const char *directive(const char *line)
{
    for (const char *p = line; *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0') {
            p++;
        } else if (*p == '#') {
            return p + 1 + strspn(p + 1, " \t");
        }
    }
    return NULL;
}

static bool starts(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0;
}

static void read_plan(struct tap *tap, const char *line)
{
    const char *what = directive(line);

    tap->has_two_plans = tap->plan >= 0;
    tap->plan = strtol(line + 3, NULL, 10);
    if (tap->plan == 0 && what != NULL && starts(what, "skip")) {
        what += strcspn(what, " \t");
        set_why(tap, what);
    }
}

static void read_test(struct tap *tap, const char *line, bool is_ok)
{
    const char *what = directive(line);
    char *end;
    long number = strtol(line, &end, 10);
    bool is_todo = what != NULL && starts(what, "todo");
    bool is_skipped = what != NULL && starts(what, "skip");

    tap->n++;
    if (end != line && number != (long)tap->n && tap->out_of_order < 0) {
        tap->out_of_order = number;
    }
    tap->n_todo += is_todo;
    tap->n_todo_ok += is_todo && is_ok;
    tap->n_skipped += is_skipped;
    if (!is_ok && !is_todo) {
        if (tap->n_bad < TAP_NAMED_MAX) {
            tap->bad[tap->n_bad] = tap->n;
        }
        tap->n_bad++;
    }
}

/* Whether a word is followed by a blank or the end. */
static bool is_word(const char *line, const char *word)
{
    size_t size = strlen(word);

    return strncmp(line, word, size) == 0 &&
           (line[size] == '\0' || isspace((unsigned char)line[size]));
}

static void read_line(struct tap *tap, const char *line)
{
    if (starts(line, "Bail out!")) {
        tap->has_bailed_out = true;
        set_why(tap, line + strlen("Bail out!"));
    } else if (strncmp(line, "1..", 3) == 0 &&
               isdigit((unsigned char)line[3])) {
        read_plan(tap, line);
    } else if (is_word(line, "ok")) {
        read_test(tap, line + 2, true);
    } else if (is_word(line, "not ok")) {
        read_test(tap, line + strlen("not ok"), false);
    }
}

void tap_read(const char *data, size_t size, struct tap *ret)
{
    size_t at = 0;

    *ret = (struct tap){ .plan = -1, .out_of_order = -1 };
    while (at < size && !ret->has_bailed_out) {
        const char *newline = memchr(data + at, '\n', size - at);
        size_t end = newline == NULL ? size : (size_t)(newline - data);
        size_t n = end - at < LINE_SIZE - 1 ? end - at : LINE_SIZE - 1;
        char line[LINE_SIZE];

        memcpy(line, data + at, n);
        line[n] = '\0';
        line[strcspn(line, "\r")] = '\0';
        read_line(ret, line);
        at = end + 1;
    }
}

bool tap_is_skipped(const struct tap *tap)
{
    return tap->plan == 0 && tap->n == 0 && !tap->has_bailed_out;
}

/* "2 of 9 not ok: 4, 7" */
static void add_bad(const struct tap *tap, struct text *out)
{
    text_add_format(out, "%u of %u not ok: ", tap->n_bad, tap->n);
    for (unsigned i = 0; i < tap->n_bad && i < TAP_NAMED_MAX; i++) {
        text_add_format(out, "%s%u", i > 0 ? ", " : "", tap->bad[i]);
    }
    if (tap->n_bad > TAP_NAMED_MAX) {
        text_add_string(out, ", ...");
    }
}

bool tap_is_good(const struct tap *tap, struct text *reason)
{
    if (tap->has_bailed_out) {
        text_add_format(reason, "bailed out: %s", tap->why);
    } else if (tap->n_bad > 0) {
        add_bad(tap, reason);
    } else if (tap->plan < 0) {
        text_add_string(reason, "no plan (1..N)");
    } else if (tap->has_two_plans) {
        text_add_string(reason, "more than one plan (1..N)");
    } else if (tap->plan != (long)tap->n) {
        text_add_format(reason, "%u of %ld tests have been run", tap->n,
                        tap->plan);
    } else if (tap->out_of_order >= 0) {
        text_add_format(reason, "a test with number %ld out of order",
                        tap->out_of_order);
    } else {
        return true;
    }
    return false;
}
