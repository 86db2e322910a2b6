#ifndef BROOD_TOOLS_RUN_TEMPLATE_H
#define BROOD_TOOLS_RUN_TEMPLATE_H

/*
 * template - a command (or a tag, or a directory) with replacement strings.
 *
 * It is parsed once into pieces and then expanded for each job:
 *
 *     {}   the input            {.}  without its extension
 *     {/}  its base name        {//} its directory
 *     {/.} base name without extension
 *     {#}  the job's number     {%}  its slot
 *     {2}, {-1}, {2.}, {2/}, {2//}, {2/.}: the same of one input source, from
 *     the first or, negative, from the last. {0} is {}.
 *
 * Without a number all inputs are meant, with a blank between them. A number
 * with no input stands for nothing. What is not listed here stays as it is,
 * and so does whatever comes from an input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/** Bytes of an input; not NUL-terminated. */
struct value {
    const char *data;
    size_t size;
};

/** The replacement strings as the user wants them. */
struct template_names {
    const char *value;
    const char *no_extension;
    const char *base;
    const char *directory;
    const char *base_no_extension;
    const char *seq;
    const char *slot;
};

/** {} {.} {/} {//} {/.} {#} {%} */
extern const struct template_names template_default_names;

/** How inputs become text. */
enum template_style {
    /** As they are. */
    TEMPLATE_RAW,
    /** Each as a word for the shell. */
    TEMPLATE_QUOTED,
    TEMPLATE_QUOTED_FOR_CSH,
};

struct template_piece;

struct template
{
    struct template_piece *pieces;
    size_t n_pieces;
    size_t room;
    /** The text between the replacement strings. */
    struct text text;
    /** One word while it is being put together. */
    struct text scratch;
    enum template_style style;
    bool has_replacement;
    /** Inputs stay as they are, whatever @style is: there is a replacement
     * string in the first word, without a "=" before it. */
    bool bare;
    bool has_slot;
};

/** What a template is expanded with. */
struct template_values {
    const struct value *values;
    size_t n_values;
    uint64_t seq;
    /** What stands for the slot. */
    const char *slot;
};

/** Begin an empty template. */
void template_init(struct template *t, enum template_style style);
void template_clear(struct template *t);

/** Add words, with a blank between each two. */
void template_add(struct template *t,
                  const char *const *words,
                  size_t n_words,
                  const struct template_names *names);

/** Add words, each of which becomes one word for the shell, whatever it and
 * the inputs in it hold; but all inputs of several sources stay several words. */
void template_add_quoted(struct template *t,
                         const char *const *words,
                         size_t n_words,
                         const struct template_names *names);

/** Add all inputs, with a blank before them if there is text already. */
void template_add_inputs(struct template *t);

/** The same, as words that do not depend on @style. */
void template_add_inputs_quoted(struct template *t);

/** Add what comes of the template to @out. */
void template_expand(struct template *t,
                     const struct template_values *values,
                     struct text *out);

#endif /* BROOD_TOOLS_RUN_TEMPLATE_H */
