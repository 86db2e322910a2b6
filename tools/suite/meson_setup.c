#include "suite/meson_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "file.h"

enum {
    TIME_MS = 60000,
    OUTPUT_MAX = 1 << 28,
    LINE_SIZE = 512,
    WORDS_MAX = 8,
};

/* Runs with the directory's file as its argument. Fields have come and gone
 * with Meson's versions. */
static const char program[] =
    "import json, os, pickle, sys\n"
    "with open(sys.argv[1], 'rb') as file:\n"
    "    tests = pickle.load(file)\n"
    "ours = dict(os.environ)\n"
    "found = []\n"
    "for t in tests:\n"
    "    env = getattr(t, 'env', {})\n"
    "    env = env.get_env(dict(ours)) if hasattr(env, 'get_env') else\\\n"
    "        {**ours, **env}\n"
    "    wrapper = []\n"
    "    if getattr(t, 'is_cross_built', False) and\\\n"
    "            getattr(t, 'needs_exe_wrapper', False) and\\\n"
    "            getattr(t, 'cmd_is_exe', True) and t.exe_wrapper is not "
    "None:\n"
    "        wrapper = t.exe_wrapper.get_command()\n"
    "    fails = getattr(t, 'should_fail', False) or\\\n"
    "        getattr(t, 'expected_fail', False)\n"
    "    found.append({\n"
    "        'name': t.name, 'should_fail': bool(fails),\n"
    "        'exit_status': getattr(t, 'expected_exitcode', None) or 0,\n"
    "        'env': {k: v for k, v in env.items() if ours.get(k) != v},\n"
    "        'unset': [k for k in ours if k not in env],\n"
    "        'wrapper': wrapper})\n"
    "json.dump(found, sys.stdout)\n";

/* What meson is run by: the words of its first line, "#!/usr/bin/python3";
 * else python3. Words are in @line. Returns: how many. */
static size_t find_python(char line[LINE_SIZE], const char *words[WORDS_MAX])
{
    struct text meson = { 0 };
    FILE *file = file_find_program("meson", &meson)
                     ? fopen(text_string(&meson), "re")
                     : NULL;
    char *rest = line + 2;
    size_t n = 0;

    if (file == NULL || fgets(line, LINE_SIZE, file) == NULL ||
        strncmp(line, "#!", 2) != 0 || strstr(line, "python") == NULL) {
        (void)snprintf(line, LINE_SIZE, "#!python3");
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    text_clear(&meson);
    while (n < WORDS_MAX) {
        const char *word = strtok_r(NULL, " \t\n", &rest);

        if (word == NULL) {
            break;
        }
        words[n++] = word;
    }
    return n;
}

/* The last line of what Python says on standard error tells what is wrong. */
static void add_last_line(struct text *out, const struct brood_text *err)
{
    size_t end = err->size_bytes;
    size_t start;

    while (end > 0 && err->data[end - 1] == '\n') {
        end--;
    }
    start = end;
    while (start > 0 && err->data[start - 1] != '\n') {
        start--;
    }
    text_add(out, err->data + start, end - start);
}

static int ask(const char *file, yajl_val *ret, struct text *error)
{
    char line[LINE_SIZE];
    const char *args[WORDS_MAX + 4] = { NULL };
    const struct brood_exec_options options = {
        .job.timeout_ms = TIME_MS,
        .max_bytes = OUTPUT_MAX,
    };
    struct brood_completion done;
    size_t n = find_python(line, args);
    int r;

    args[n] = "-c";
    args[n + 1] = program;
    args[n + 2] = file;
    r = brood_exec_file_wait(NULL, args[0], args + 1, &options, &done);
    if (r < 0) {
        text_add_format(error, "cannot run %s: %s", args[0], brood_strerror(r));
        return -1;
    }
    if (done.error == 0) {
        *ret = json_tree_parse(done.out.data, error);
    } else if (done.err.size_bytes > 0) {
        add_last_line(error, &done.err);
    } else {
        text_add_format(error, "%s: %s", args[0], brood_strerror(done.error));
    }
    brood_completion_clear(&done);
    return *ret == NULL ? -1 : 0;
}

int meson_setup_read(const char *dir, yajl_val *ret, struct text *error)
{
    struct text path = { 0 };
    int r = 0;

    *ret = NULL;
    text_add_format(&path, "%s/meson-private/meson_test_setup.dat", dir);
    if (access(text_string(&path), R_OK) == 0) {
        r = ask(text_string(&path), ret, error);
    }
    text_clear(&path);
    return r;
}

struct suite_words meson_env(struct suite *suite, yajl_val env)
{
    size_t n = YAJL_IS_OBJECT(env) ? env->u.object.len : 0;
    struct suite_words words = {
        .items = arena_take(&suite->arena, (n + 1) * sizeof(const char *))
    };
    struct text text = { 0 };

    for (size_t i = 0; i < n; i++) {
        if (YAJL_IS_STRING(env->u.object.values[i])) {
            text_reset(&text);
            text_add_format(&text, "%s=%s", env->u.object.keys[i],
                            env->u.object.values[i]->u.string);
            words.items[words.n++] = suite_copy(suite, text_string(&text));
        }
    }
    words.items[words.n] = NULL;
    text_clear(&text);
    return words;
}

static bool is_true(yajl_val json, const char *name)
{
    return YAJL_IS_TRUE(json_tree_get(json, name));
}

void meson_set_expected(struct suite *suite,
                        struct suite_test *test,
                        yajl_val json,
                        const char *exit_name)
{
    yajl_val status = json_tree_get(json, exit_name);
    long long code = YAJL_IS_INTEGER(status) ? status->u.number.i : 0;
    uint64_t *codes;

    test->will_fail = test->will_fail || is_true(json, "should_fail") ||
                      is_true(json, "expected_fail");
    if (code > 0 && code <= UINT8_MAX) {
        codes = arena_take(&suite->arena, 4 * sizeof(*codes));
        memset(codes, 0, 4 * sizeof(*codes));
        codes[code / 64] = UINT64_C(1) << (code % 64);
        test->ok_codes = codes;
    }
}

static void wrap(struct suite *suite,
                 struct suite_test *test,
                 const struct suite_words *wrapper)
{
    size_t n = wrapper->n + test->argv.n;
    const char **items =
        arena_take(&suite->arena, (n + 1) * sizeof(const char *));

    memcpy((void *)items, (const void *)wrapper->items,
           wrapper->n * sizeof(const char *));
    memcpy((void *)(items + wrapper->n), (const void *)test->argv.items,
           (test->argv.n + 1) * sizeof(const char *));
    test->argv = (struct suite_words){ .items = items, .n = n };
}

static void unset(struct suite *suite,
                  struct suite_test *test,
                  const struct suite_words *names)
{
    struct text text = { 0 };

    for (size_t i = 0; i < names->n; i++) {
        text_reset(&text);
        text_add_format(&text, "%s=unset:", names->items[i]);
        names->items[i] = suite_copy(suite, text_string(&text));
    }
    test->env_changes = *names;
    text_clear(&text);
}

void meson_setup_apply(struct suite *suite,
                       struct suite_test *test,
                       yajl_val setup)
{
    struct suite_words wrapper =
        json_tree_words(suite, json_tree_get(setup, "wrapper"));
    struct suite_words names =
        json_tree_words(suite, json_tree_get(setup, "unset"));

    meson_set_expected(suite, test, setup, "exit_status");
    test->env = meson_env(suite, json_tree_get(setup, "env"));
    if (wrapper.n > 0) {
        wrap(suite, test, &wrapper);
    }
    if (names.n > 0) {
        unset(suite, test, &names);
    }
}
