#include "unit/workers/prepared.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"
#include "unit/workers/texts.h"

void prepared_make(struct prepared *p,
                   const char *shell,
                   const struct scene *scene)
{
    static const char *const nothing[] = { NULL };
    struct message_texts texts;

    *p = (struct prepared){ 0 };
    texts = texts_of(&p->texts, scene->base);
    assert_ok(environ_table_make(&texts, &p->table));
    p->texts.size = 0;
    p->added =
        texts_of(&p->texts, scene->added == NULL ? nothing : scene->added);
    assert_ok(shline_shell_set(&p->shell, shell, &p->table));
    assert_ok(environ_make(&p->env, &p->table, &p->added));
    p->answer = shline_prepare(&p->shell, &p->added, scene->line,
                               scene->dir == NULL ? "" : scene->dir, &p->env,
                               &p->words);
    assert_ok(p->answer);
}

void prepared_clear(struct prepared *p)
{
    shline_words_clear(&p->words);
    environ_vector_clear(&p->env);
    shline_shell_clear(&p->shell);
    environ_table_clear(&p->table);
    buf_clear(&p->texts);
}

bool shell_is_missing(const char *shell)
{
    const char *base = strrchr(shell, '/');
    char *path;
    bool missing;

    assert_true(asprintf(&path, "/bin/%s", base == NULL ? shell : base + 1) >
                0);
    missing = access(shell, X_OK) < 0 && access(path, X_OK) < 0;
    free(path);
    return missing;
}
