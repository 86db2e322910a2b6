#include "suite/json_tree.h"

#include <string.h>

#include <brood.h>

#include "file.h"

enum {
    ERROR_SIZE = 300,
};

yajl_val json_tree_parse(const char *text, struct text *error)
{
    char why[ERROR_SIZE] = "";
    yajl_val tree = yajl_tree_parse(text, why, sizeof(why));

    if (tree == NULL) {
        why[strcspn(why, "\n")] = '\0';
        text_add_string(error, *why == '\0' ? "no JSON" : why);
    }
    return tree;
}

yajl_val json_tree_read(const char *path, struct text *error)
{
    struct text text = { 0 };
    struct text why = { 0 };
    yajl_val tree = NULL;
    int r = file_read(path, &text);

    if (r < 0) {
        text_add_format(error, "cannot read '%s': %s", path, brood_strerror(r));
    } else {
        text_add_char(&text, '\0');
        tree = json_tree_parse(text.data, &why);
        if (tree == NULL) {
            text_add_format(error, "%s: %s", path, text_string(&why));
        }
    }
    text_clear(&why);
    text_clear(&text);
    return tree;
}

yajl_val json_tree_get(yajl_val object, const char *name)
{
    if (!YAJL_IS_OBJECT(object)) {
        return NULL;
    }
    for (size_t i = 0; i < object->u.object.len; i++) {
        if (strcmp(object->u.object.keys[i], name) == 0) {
            return object->u.object.values[i];
        }
    }
    return NULL;
}

const char *json_tree_string(yajl_val object, const char *name)
{
    yajl_val value = json_tree_get(object, name);

    return YAJL_IS_STRING(value) ? value->u.string : NULL;
}

struct suite_words json_tree_words(struct suite *suite, yajl_val array)
{
    struct suite_words words = { 0 };
    size_t n = YAJL_IS_ARRAY(array) ? array->u.array.len : 0;

    words.items = arena_take(&suite->arena, (n + 1) * sizeof(const char *));
    for (size_t i = 0; i < n; i++) {
        if (YAJL_IS_STRING(array->u.array.values[i])) {
            words.items[words.n++] =
                suite_copy(suite, array->u.array.values[i]->u.string);
        }
    }
    words.items[words.n] = NULL;
    return words;
}
