#ifndef BROOD_TESTS_UNIT_WORKERS_PREPARED_H
#define BROOD_TESTS_UNIT_WORKERS_PREPARED_H

/* prepared - a shell line after shline_prepare(), and all that belongs to it. */

#include <stdbool.h>

#include "base/buf.h"
#include "workers/shline.h"

/* A line prepared: everything that belongs to it. */
struct prepared {
    struct buf texts;
    struct environ_table table;
    struct message_texts added;
    struct shline_shell shell;
    struct environ_vector env;
    struct shline_words words;
    int answer;
};

struct scene {
    const char *line;
    const char *dir;
    const char *const *base;
    const char *const *added;
};

void prepared_make(struct prepared *p,
                   const char *shell,
                   const struct scene *scene);
void prepared_clear(struct prepared *p);

/** Not every machine has all shells. */
bool shell_is_missing(const char *shell);

#endif /* BROOD_TESTS_UNIT_WORKERS_PREPARED_H */
