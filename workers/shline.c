#include "workers/shline.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "workers/shline_names.h"

/*
 * Each function takes what it knows from the line and returns where it
 * stopped, or NULL when the rest is for the shell. Words are written behind
 * the vector in one piece of memory that is large enough from the start: each
 * byte of a word comes from a byte of the line, and each NUL stands for the
 * blank or the end behind its word.
 */

enum {
    /* The kernel takes no longer argument (MAX_ARG_STRLEN), so the shell
     * could not be given a longer line. */
    LINE_SIZE_MAX = 128 * 1024,
    FIRST_HIGH_BYTE = 0x80,
};

enum byte_class {
    BYTE_PLAIN,
    BYTE_BLANK,
    BYTE_END,
    BYTE_SINGLE,
    BYTE_DOUBLE,
    BYTE_ESCAPE,
    /* Plain, but a tilde behind it is not. */
    BYTE_JOINT,
    /* Plain inside of a word. */
    BYTE_INNER,
    BYTE_SHELL,
};

/* Outside of quotes. */
static const unsigned char class_of[256] = {
    ['\0'] = BYTE_END,    [' '] = BYTE_BLANK,  ['\t'] = BYTE_BLANK,
    ['\''] = BYTE_SINGLE, ['"'] = BYTE_DOUBLE, ['\\'] = BYTE_ESCAPE,
    ['='] = BYTE_JOINT,   [':'] = BYTE_JOINT,  ['~'] = BYTE_INNER,
    ['#'] = BYTE_INNER,   ['\n'] = BYTE_SHELL, ['|'] = BYTE_SHELL,
    ['&'] = BYTE_SHELL,   [';'] = BYTE_SHELL,  ['<'] = BYTE_SHELL,
    ['>'] = BYTE_SHELL,   ['('] = BYTE_SHELL,  [')'] = BYTE_SHELL,
    ['$'] = BYTE_SHELL,   ['`'] = BYTE_SHELL,  ['*'] = BYTE_SHELL,
    ['?'] = BYTE_SHELL,   ['['] = BYTE_SHELL,  ['{'] = BYTE_SHELL,
    ['}'] = BYTE_SHELL,
};

struct splitter {
    char **argv;
    size_t count;
    /* Where the next byte of a word goes. */
    char *out;
};

static const char *take_single(struct splitter *s, const char *p)
{
    const char *end = strchr(p, '\'');
    size_t size;

    if (end == NULL) {
        return NULL;
    }
    size = (size_t)(end - p);
    memcpy(s->out, p, size);
    s->out += size;
    return end + 1;
}

static const char *take_double(struct splitter *s, const char *p)
{
    while (*p != '"') {
        if (*p == '\0' || *p == '$' || *p == '`') {
            return NULL;
        }
        if (*p == '\\') {
            if (p[1] == '\n' || p[1] == '\0') {
                return NULL;
            }
            /* The backslash stays before what it has no meaning for. */
            p += strchr("$`\"\\", p[1]) != NULL;
        }
        *s->out = *p;
        s->out++;
        p++;
    }
    return p + 1;
}

static const char *take_byte(struct splitter *s, const char *p)
{
    if (*p == '\0' || *p == '\n') {
        return NULL;
    }
    *s->out = *p;
    s->out++;
    return p + 1;
}

/* One word without its NUL; ends at a blank or the end. */
static const char *take_word(struct splitter *s, const char *p)
{
    enum byte_class before = BYTE_BLANK;

    while (p != NULL) {
        enum byte_class now = class_of[(unsigned char)*p];

        switch (now) {
        case BYTE_BLANK:
        case BYTE_END:
            return p;
        case BYTE_SINGLE:
            p = take_single(s, p + 1);
            break;
        case BYTE_DOUBLE:
            p = take_double(s, p + 1);
            break;
        case BYTE_ESCAPE:
            p = take_byte(s, p + 1);
            break;
        case BYTE_INNER:
            if (before != BYTE_PLAIN) {
                return NULL;
            }
            now = BYTE_PLAIN;
            p = take_byte(s, p);
            break;
        case BYTE_JOINT:
        case BYTE_PLAIN:
            p = take_byte(s, p);
            break;
        default:
            return NULL;
        }
        before = now;
    }
    return NULL;
}

static const char *take_words(struct splitter *s, const char *p)
{
    for (;;) {
        p += strspn(p, " \t");
        if (*p == '\0') {
            s->argv[s->count] = NULL;
            return p;
        }
        s->argv[s->count] = s->out;
        s->count++;
        p = take_word(s, p);
        if (p == NULL) {
            return NULL;
        }
        *s->out = '\0';
        s->out++;
    }
}

static bool has_high_bytes(const char *line)
{
    for (; *line != '\0'; line++) {
        if ((unsigned char)*line >= FIRST_HIGH_BYTE) {
            return true;
        }
    }
    return false;
}

static bool is_function(const struct shline_shell *shell, const char *word)
{
    const size_t prefix = strlen(SHLINE_FUNCTION_PREFIX);
    size_t size = strlen(word);

    if (!shell->has_functions) {
        return false;
    }
    for (size_t i = 0; i < shell->table->count; i++) {
        const char *entry = shell->table->entries[i];

        if (strncmp(entry, SHLINE_FUNCTION_PREFIX, prefix) == 0 &&
            strncmp(entry + prefix, word, size) == 0 &&
            entry[prefix + size] == '%') {
            return true;
        }
    }
    return false;
}

static bool has_backslash(char *const *words)
{
    for (; *words != NULL; words++) {
        if (strchr(*words, '\\') != NULL) {
            return true;
        }
    }
    return false;
}

/* The first word as it is in the line, the words as they will be. */
static bool is_program(const struct shline_shell *shell,
                       const char *first,
                       char *const *argv)
{
    size_t size = strcspn(first, " \t=");

    /* An assignment; a job for bash; nothing at all. */
    if (first[size] == '=' || argv[0][0] == '%' || argv[0][0] == '\0' ||
        is_function(shell, argv[0])) {
        return false;
    }
    switch (shline_builtin_of(argv[0])) {
    case SHLINE_NONE:
        return true;
    case SHLINE_ECHO:
        return shell->builtin_dir != NULL &&
               (argv[1] == NULL || argv[1][0] != '-') &&
               !has_backslash(argv + 1);
    case SHLINE_STATUS:
        /* Operands mean nothing to either, but --help does to the program. */
        return shell->builtin_dir != NULL &&
               (argv[1] == NULL || argv[1][0] != '-');
    default:
        return false;
    }
}

/* Returns: 0 or -ENOMEM. */
static int prepare(struct splitter *s, size_t size, struct shline_words *ret)
{
    /* Words have a blank between them, so every other byte may begin one. */
    size_t words = size / 2 + 2;
    int r;

    ret->store.size = 0;
    r = buf_reserve(&ret->store, words * sizeof(char *) + size + 1);
    if (r < 0) {
        return r;
    }
    *s = (struct splitter){ .argv = (char **)(void *)ret->store.data };
    s->out = (char *)(s->argv + words);
    return 0;
}

int shline_split(const char *line,
                 const struct shline_shell *shell,
                 struct shline_words *ret)
{
    size_t size = strlen(line);
    struct splitter s;
    int r;

    ret->argv = NULL;
    ret->count = 0;
    ret->program = NULL;
    /* A line that begins like an option would be taken for one. */
    if (shell->kind == SHLINE_OTHER || size >= LINE_SIZE_MAX || *line == '-' ||
        *line == '+' || (!shell->bytes_are_plain && has_high_bytes(line))) {
        return 0;
    }
    r = prepare(&s, size, ret);
    if (r < 0) {
        return r;
    }
    if (take_words(&s, line) == NULL || s.count == 0 ||
        !is_program(shell, line + strspn(line, " \t"), s.argv)) {
        return 0;
    }
    ret->argv = s.argv;
    ret->count = s.count;
    return 1;
}

void shline_words_clear(struct shline_words *words)
{
    buf_clear(&words->store);
    buf_clear(&words->text);
    buf_clear(&words->pwd.path);
    buf_clear(&words->old_pwd.path);
    *words = (struct shline_words){ 0 };
}
