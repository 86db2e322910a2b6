#include "run/quote.h"

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
           c == '+' || c == '/';
}

/* Leave the quotes if we are in them. */
static void close_quotes(struct text *out, bool *in_quotes)
{
    if (*in_quotes) {
        text_add_char(out, '\'');
        *in_quotes = false;
    }
}

void quote_add(struct text *out, const char *data, size_t size, bool for_csh)
{
    bool in_quotes = false;
    size_t bare = 0;

    while (bare < size && is_bare(data[bare])) {
        bare++;
    }
    if (bare == size && size > 0) {
        text_add(out, data, size);
        return;
    }
    if (size == 0) {
        text_add_string(out, "''");
        return;
    }
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\'') {
            close_quotes(out, &in_quotes);
            /* As everything stood in quotes, with those at the ends left out:
             * a pair is left between two single quotes. */
            text_add_string(out,
                            i > 0 && data[i - 1] == '\'' ? "''\"'\"" : "\"'\"");
            continue;
        }
        if (!in_quotes) {
            text_add_char(out, '\'');
            in_quotes = true;
        }
        if (for_csh && (data[i] == '!' || data[i] == '\n')) {
            text_add_char(out, '\\');
        }
        text_add_char(out, data[i]);
    }
    close_quotes(out, &in_quotes);
}
