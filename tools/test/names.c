#include "test/names.h"

#include <stdlib.h>
#include <string.h>

#include <brood.h>

#include "file.h"

enum {
    ROOM_FIRST = 64,
};

static int by_text(const void *a, const void *b)
{
    const struct name *x = a;
    const struct name *y = b;

    return strcmp(x->text, y->text);
}

static void add(struct names *names,
                size_t *room,
                const char *text,
                size_t file)
{
    if (names->n == *room) {
        *room = 2 * *room + ROOM_FIRST;
        names->items = reallocarray(names->items, *room, sizeof(*names->items));
        if (names->items == NULL) {
            text_no_memory();
        }
    }
    names->items[names->n++] = (struct name){ .text = text, .file = file };
}

/* Cut a text into lines. */
static void split(struct names *names, size_t *room, size_t file)
{
    char *at = names->texts[file].data;

    while (at != NULL && *at != '\0') {
        char *end = strchr(at, '\n');

        if (end != NULL) {
            *end = '\0';
            if (end > at && end[-1] == '\r') {
                end[-1] = '\0';
            }
        }
        if (*at != '\0' && *at != '#') {
            add(names, room, at, file);
        }
        at = end == NULL ? NULL : end + 1;
    }
}

int names_read(struct names *names,
               const char *const *files,
               size_t n_files,
               struct text *error)
{
    size_t room = 0;

    names->texts = calloc(n_files + 1, sizeof(*names->texts));
    if (names->texts == NULL) {
        text_no_memory();
    }
    for (; names->n_texts < n_files; names->n_texts++) {
        const char *path = files[names->n_texts];
        int r = file_read(path, &names->texts[names->n_texts]);

        if (r < 0) {
            text_add_format(error, "cannot read '%s': %s", path,
                            brood_strerror(r));
            names->n_texts++;
            return -1;
        }
        text_add_char(&names->texts[names->n_texts], '\0');
        split(names, &room, names->n_texts);
    }
    if (names->n > 0) {
        qsort(names->items, names->n, sizeof(*names->items), by_text);
    }
    return 0;
}

void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->n_texts; i++) {
        text_clear(&names->texts[i]);
    }
    free(names->texts);
    free(names->items);
    *names = (struct names){ 0 };
}

bool names_have(struct names *names, const char *name)
{
    const struct name wanted = { .text = name };
    struct name *found;

    if (names->n == 0) {
        return false;
    }
    found = bsearch(&wanted, names->items, names->n, sizeof(*names->items),
                    by_text);
    if (found == NULL) {
        return false;
    }
    /* It may stand there more than once. */
    while (found > names->items && strcmp(found[-1].text, name) == 0) {
        found--;
    }
    for (; found < names->items + names->n && strcmp(found->text, name) == 0;
         found++) {
        found->is_known = true;
    }
    return true;
}
