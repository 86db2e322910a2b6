#include "test/pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MESSAGE_SIZE = 200,
    /* Of numbers; a match needs few. */
    WORKSPACE_FIRST = 1000,
    WORKSPACE_MAX = 16000000,
};

struct pattern {
    pcre2_code *code;
    pcre2_match_data *match;
};

static void add_plain(struct text *out, char c)
{
    if (strchr("\\^$.[]|()?*+{}#-", c) != NULL) {
        text_add_char(out, '\\');
    }
    text_add_char(out, c);
}

/* A set in brackets: in CMake a backslash in it is a character as any other.
 * Returns: what comes behind it. */
static const char *add_set(const char *p, struct text *out)
{
    text_add_char(out, *p++);
    if (*p == '^') {
        text_add_char(out, *p++);
    }
    if (*p == ']' || *p == '-') {
        text_add_char(out, '\\');
        text_add_char(out, *p++);
    }
    while (*p != '\0' && *p != ']') {
        if (*p == '\\' || *p == '[') {
            text_add_char(out, '\\');
        }
        text_add_char(out, *p++);
    }
    if (*p == ']') {
        text_add_char(out, *p++);
    }
    return p;
}

void pattern_translate(const char *expression, struct text *out)
{
    const char *p = expression;

    while (*p != '\0') {
        if (*p == '[') {
            p = add_set(p, out);
        } else if (*p == '\\' && p[1] != '\0') {
            add_plain(out, p[1]);
            p += 2;
        } else if (*p == '(' && p[1] == '?') {
            /* An error for CMake; (?...) means a lot to PCRE2. */
            text_add_string(out, "(*");
            p += 2;
        } else if (strchr("{}", *p) != NULL) {
            add_plain(out, *p++);
        } else {
            text_add_char(out, *p++);
        }
    }
}

struct pattern *pattern_new(const char *expression, struct text *error)
{
    struct pattern *pattern = calloc(1, sizeof(*pattern));
    struct text text = { 0 };
    PCRE2_SIZE at = 0;
    int code = 0;

    if (pattern == NULL) {
        text_no_memory();
    }
    pattern_translate(expression, &text);
    pattern->code = pcre2_compile((PCRE2_SPTR)text_string(&text), text.size,
                                  PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |
                                      PCRE2_NO_AUTO_CAPTURE,
                                  &code, &at, NULL);
    text_clear(&text);
    if (pattern->code == NULL) {
        PCRE2_UCHAR message[MESSAGE_SIZE] = "";

        (void)pcre2_get_error_message(code, message, sizeof(message));
        text_add_format(error, "expected a regular expression, not '%s': %s",
                        expression, (const char *)message);
        free(pattern);
        return NULL;
    }
    /* Without a compiler at run time, it interprets. */
    (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    pattern->match = pcre2_match_data_create(1, NULL);
    if (pattern->match == NULL) {
        text_no_memory();
    }
    return pattern;
}

struct pattern *pattern_free(struct pattern *pattern)
{
    if (pattern != NULL) {
        pcre2_match_data_free(pattern->match);
        pcre2_code_free(pattern->code);
        free(pattern);
    }
    return NULL;
}

/* Without going back, so that no text is too long for it: these expressions
 * ask for nothing more. It takes more time. */
static int match_straight(const struct pattern *pattern,
                          PCRE2_SPTR data,
                          size_t size)
{
    int r = PCRE2_ERROR_DFA_WSSIZE;

    for (size_t room = WORKSPACE_FIRST;
         r == PCRE2_ERROR_DFA_WSSIZE && room <= WORKSPACE_MAX; room *= 4) {
        int *workspace = calloc(room, sizeof(*workspace));

        if (workspace == NULL) {
            text_no_memory();
        }
        r = pcre2_dfa_match(pattern->code, data, size, 0, PCRE2_DFA_SHORTEST,
                            pattern->match, NULL, workspace, room);
        free(workspace);
    }
    return r;
}

bool pattern_matches(const struct pattern *pattern,
                     const char *data,
                     size_t size)
{
    PCRE2_SPTR text = (PCRE2_SPTR)(data == NULL ? "" : data);
    int r = pcre2_match(pattern->code, text, size, 0, 0, pattern->match, NULL);

    if (r < 0 && r != PCRE2_ERROR_NOMATCH) {
        /* Too much to go back to: (.|\n)* of some KB is enough. */
        r = match_straight(pattern, text, size);
    }
    return r >= 0;
}
