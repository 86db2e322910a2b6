/*
 * leaks - processes that tests leave behind.
 *
 * Of a test that has just ended, its process group tells at once whether there
 * are any. Those that have gone into a group of their own, and hold no output,
 * are looked for once, at the end of the run.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "strays.h"
#include "test/testing.h"

enum {
    GRACE_MS = 500,
};

void test_id_add(const struct testing *t,
                 const struct test_case *c,
                 struct text *out)
{
    const char *slash = strrchr(t->tmp_dir, '/');

    text_add_format(out, "BROOD_TEST_ID=%s.%zu", slash + 1,
                    (size_t)(c - t->cases) + 1);
}

/* The process group of a test that has ended, if something is left in it. As
 * long as that is so, no process gets the number: if there is one with it, the
 * group was empty and is now another's. Returns: 0: none. */
static int group_of(const struct brood_result *result)
{
    int pid = result->pid;

    if (pid <= 0 || (kill(-pid, 0) < 0 && errno != EPERM)) {
        return 0;
    }
    return kill(pid, 0) < 0 && errno == ESRCH ? pid : 0;
}

/* Returns: whether there were some. */
static bool end_of(struct testing *t, struct test_case *c, int group)
{
    struct strays strays = { 0 };
    struct text variable = { 0 };
    bool any;

    test_id_add(t, c, &variable);
    strays_find(&strays, text_string(&variable), group);
    any = strays.n > 0;
    if (any) {
        text_reset(&c->left);
        strays_add_names(&strays, &c->left);
        strays_end(&strays, GRACE_MS);
    }
    strays_clear(&strays);
    text_clear(&variable);
    return any;
}

void test_leaks_end(struct testing *t,
                    struct test_case *c,
                    const struct brood_result *result)
{
    int group = group_of(result);

    c->leaked = result->leaked != 0;
    if (c->leaked || group > 0) {
        c->leaked = end_of(t, c, group) || c->leaked;
    }
}

void test_leaks_end_all(struct testing *t)
{
    const char *slash = strrchr(t->tmp_dir, '/');
    struct strays strays = { 0 };
    struct text variable = { 0 };
    struct text names = { 0 };

    text_add_format(&variable, "BROOD_TEST_RUN=%s", slash + 1);
    strays_find(&strays, text_string(&variable), 0);
    if (strays.n > 0) {
        strays_add_names(&strays, &names);
        test_say(t, "ending what tests have left behind: %s",
                 text_string(&names));
        strays_end(&strays, GRACE_MS);
    }
    strays_clear(&strays);
    text_clear(&variable);
    text_clear(&names);
}
