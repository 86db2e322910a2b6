#include "run/template.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "run/path_part.h"
#include "run/quote.h"

enum piece_kind {
    PIECE_TEXT,
    PIECE_INPUT,
    PIECE_SEQ,
    PIECE_SLOT,
    /* What follows, up to the end mark, becomes one quoted word. */
    PIECE_WORD,
    PIECE_WORD_END,
};

struct template_piece {
    enum piece_kind kind;
    /* Of a text: where it is. */
    size_t at;
    size_t size;
    /* Of an input: 1, 2 ... from the first, -1 ... from the last, 0 all. */
    int which;
    enum path_part part;
};

/* A replacement string and what it stands for. */
struct replacement {
    const char *name;
    enum piece_kind kind;
    enum path_part part;
};

enum {
    REPLACEMENTS = 7,
    DIGITS_MAX = 6
};

const struct template_names template_default_names = {
    .value = "{}",
    .no_extension = "{.}",
    .base = "{/}",
    .directory = "{//}",
    .base_no_extension = "{/.}",
    .seq = "{#}",
    .slot = "{%}",
};

void template_init(struct template *t, enum template_style style)
{
    *t = (struct template){ .style = style };
}

void template_clear(struct template *t)
{
    free(t->pieces);
    text_clear(&t->text);
    text_clear(&t->scratch);
    template_init(t, t->style);
}

/* Whether what is there so far is the beginning of one word, and no
 * assignment. */
static bool in_first_word(const struct template *t)
{
    return t->n_pieces == 0 ||
           (t->n_pieces == 1 && t->pieces[0].kind == PIECE_TEXT &&
            strpbrk(text_string(&t->text), " \t\n\r\f\v=") == NULL);
}

static void add_piece(struct template *t, struct template_piece piece)
{
    if (t->n_pieces == t->room) {
        size_t room = t->room == 0 ? 8 : t->room * 2;

        t->pieces = reallocarray(t->pieces, room, sizeof(piece));
        if (t->pieces == NULL) {
            text_no_memory();
        }
        t->room = room;
    }
    if (piece.kind == PIECE_INPUT || piece.kind == PIECE_SEQ ||
        piece.kind == PIECE_SLOT) {
        t->bare |= in_first_word(t);
        t->has_replacement = true;
        t->has_slot |= piece.kind == PIECE_SLOT;
    }
    assert(t->pieces != NULL);
    t->pieces[t->n_pieces++] = piece;
}

static void add_text(struct template *t, const char *data, size_t size)
{
    struct template_piece *last =
        t->n_pieces > 0 ? &t->pieces[t->n_pieces - 1] : NULL;

    if (size == 0) {
        return;
    }
    if (last != NULL && last->kind == PIECE_TEXT) {
        last->size += size;
    } else {
        add_piece(t, (struct template_piece){ .kind = PIECE_TEXT,
                                              .at = t->text.size,
                                              .size = size });
    }
    text_add(&t->text, data, size);
}

/* Read the number in "{-12/}", where @name is "{/}": the number goes behind
 * the brace. How long it is, or 0. */
static size_t match_numbered(const char *p, const char *name, int *ret_which)
{
    const char *start = p;
    size_t rest;
    bool negative;
    int which = 0;
    int digits = 0;

    if (name[0] != '{' || *p != '{') {
        return 0;
    }
    p++;
    negative = *p == '-';
    p += negative;
    for (; *p >= '0' && *p <= '9' && digits < DIGITS_MAX; p++, digits++) {
        which = which * 10 + (*p - '0');
    }
    rest = strlen(name + 1);
    if (digits == 0 || strlen(p) < rest || memcmp(p, name + 1, rest) != 0) {
        return 0;
    }
    *ret_which = negative ? -which : which;
    return (size_t)(p - start) + rest;
}

/* The longest replacement string at @p: its length, or 0. */
static size_t match(const struct replacement *table,
                    const char *p,
                    struct template_piece *ret)
{
    size_t longest = 0;

    for (int i = 0; i < REPLACEMENTS; i++) {
        const struct replacement *r = &table[i];
        size_t size = strlen(r->name);
        int which = 0;

        if (strncmp(p, r->name, size) != 0) {
            size =
                r->kind == PIECE_INPUT ? match_numbered(p, r->name, &which) : 0;
        }
        if (size > longest) {
            longest = size;
            *ret = (struct template_piece){ .kind = r->kind,
                                            .part = r->part,
                                            .which = which };
        }
    }
    return longest;
}

static void add_word(struct template *t,
                     const char *word,
                     const struct replacement *table)
{
    const char *start = word;
    const char *p = word;

    while (*p != '\0') {
        struct template_piece piece;
        size_t size = match(table, p, &piece);

        if (size == 0) {
            p++;
            continue;
        }
        add_text(t, start, (size_t)(p - start));
        add_piece(t, piece);
        p += size;
        start = p;
    }
    add_text(t, start, (size_t)(p - start));
}

static void make_table(const struct template_names *names,
                       struct replacement *table)
{
    const struct replacement made[REPLACEMENTS] = {
        { names->value, PIECE_INPUT, PATH_WHOLE },
        { names->no_extension, PIECE_INPUT, PATH_NO_EXTENSION },
        { names->base, PIECE_INPUT, PATH_BASE },
        { names->directory, PIECE_INPUT, PATH_DIRECTORY },
        { names->base_no_extension, PIECE_INPUT, PATH_BASE_NO_EXTENSION },
        { names->seq, PIECE_SEQ, PATH_WHOLE },
        { names->slot, PIECE_SLOT, PATH_WHOLE },
    };

    memcpy(table, made, sizeof(made));
}

void template_add(struct template *t,
                  const char *const *words,
                  size_t n_words,
                  const struct template_names *names)
{
    struct replacement table[REPLACEMENTS];

    make_table(names, table);
    for (size_t i = 0; i < n_words; i++) {
        add_text(t, " ", i > 0 || t->n_pieces > 0);
        add_word(t, words[i], table);
    }
}

void template_add_quoted(struct template *t,
                         const char *const *words,
                         size_t n_words,
                         const struct template_names *names)
{
    struct replacement table[REPLACEMENTS];

    make_table(names, table);
    for (size_t i = 0; i < n_words; i++) {
        add_text(t, " ", i > 0 || t->n_pieces > 0);
        add_piece(t, (struct template_piece){ .kind = PIECE_WORD });
        add_word(t, words[i], table);
        add_piece(t, (struct template_piece){ .kind = PIECE_WORD_END });
    }
}

void template_add_inputs(struct template *t)
{
    add_text(t, " ", t->n_pieces > 0);
    add_piece(t, (struct template_piece){ .kind = PIECE_INPUT });
}

void template_add_inputs_quoted(struct template *t)
{
    add_text(t, " ", t->n_pieces > 0);
    add_piece(t, (struct template_piece){ .kind = PIECE_WORD });
    add_piece(t, (struct template_piece){ .kind = PIECE_INPUT });
    add_piece(t, (struct template_piece){ .kind = PIECE_WORD_END });
}

/* Where expanded text goes: to the end of @out, or into a word that is quoted
 * when it is whole. */
struct expansion {
    struct template *t;
    const struct template_values *with;
    struct text *out;
    bool in_word;
};

static void end_word(struct expansion *e)
{
    struct text *word = &e->t->scratch;

    quote_add(e->out, text_string(word), word->size,
              e->t->style == TEMPLATE_QUOTED_FOR_CSH);
    text_reset(word);
}

static void add_value(struct expansion *e,
                      const struct value *value,
                      enum path_part part)
{
    enum template_style style = e->t->bare ? TEMPLATE_RAW : e->t->style;
    size_t size;
    const char *data = path_part(value->data, value->size, part, &size);

    if (e->in_word) {
        text_add(&e->t->scratch, data, size);
    } else if (style == TEMPLATE_RAW) {
        text_add(e->out, data, size);
    } else {
        quote_add(e->out, data, size, style == TEMPLATE_QUOTED_FOR_CSH);
    }
}

static void add_inputs(struct expansion *e, const struct template_piece *piece)
{
    size_t first = 0;
    size_t end = e->with->n_values;

    if (piece->which != 0) {
        size_t n = (size_t)abs(piece->which);

        if (n > e->with->n_values) {
            return;
        }
        first = piece->which > 0 ? n - 1 : e->with->n_values - n;
        end = first + 1;
    }
    for (size_t i = first; i < end; i++) {
        if (i > first && e->in_word) {
            end_word(e);
        }
        if (i > first) {
            text_add_char(e->out, ' ');
        }
        add_value(e, &e->with->values[i], piece->part);
    }
}

static void expand_piece(struct expansion *e,
                         const struct template_piece *piece)
{
    struct text *to = e->in_word ? &e->t->scratch : e->out;

    switch (piece->kind) {
    case PIECE_TEXT:
        text_add(to, e->t->text.data + piece->at, piece->size);
        break;
    case PIECE_INPUT:
        add_inputs(e, piece);
        break;
    case PIECE_SEQ:
        text_add_number(to, e->with->seq);
        break;
    case PIECE_SLOT:
        text_add_string(to, e->with->slot);
        break;
    case PIECE_WORD:
        e->in_word = true;
        break;
    case PIECE_WORD_END:
        end_word(e);
        e->in_word = false;
        break;
    }
}

void template_expand(struct template *t,
                     const struct template_values *values,
                     struct text *out)
{
    struct expansion e = { .t = t, .with = values, .out = out };

    for (size_t i = 0; i < t->n_pieces; i++) {
        expand_piece(&e, &t->pieces[i]);
    }
}
